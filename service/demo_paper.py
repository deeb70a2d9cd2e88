"""Made-up forms and mails for the demo and the tests: filled from the campaign's own blanks.

All names and figures are invented; the same seed gives the same paper.
"""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from email import encoders
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from xml.sax.saxutils import escape

import openpyxl
from PIL import Image

from parsers import fill, formats
from parsers.types import BlankCell, Field, Form, Grid, Slot
from service.types import BlankForm

_SENTENCES = (
    "召开专题学习会，传达学习重要论述",
    "制定责任清单并逐条销号",
    "开展风险辨识，更新“一图、两单、三卡”",
    "组织“三项岗位”人员培训",
    "开展夜间检查，整改隐患",
)


def numbers(form: Form, seed: str, most: int = 30) -> dict[str, str]:
    """Texts for every field of a form: figures up to `most`, ticks, short narratives. With the
    same seed and a greater `most` no figure is smaller, as cumulative returns are."""
    dice = random.Random(seed)
    slots = {s.field: (cell, s) for cell in form.cells for s in cell.slots}
    out: dict[str, str] = {}
    events = 0
    for field in form.fields:
        if field.kind == "number":
            figure = _figure(dice, field, events, most)
            events = events if field.unit == "人次" else figure
            out[field.key] = str(figure)
        elif field.kind == "choice":
            out[field.key] = tick(field, *slots[field.key], dice.choice(field.options))
        elif field.kind == "narrative":
            picked = dice.sample(_SENTENCES, 2)
            out[field.key] = "".join(
                f"{i}.{s}{dice.randint(2, 9)}次；" for i, s in enumerate(picked, 1)
            )
    return out


def _figure(dice: random.Random, field: Field, events: int, most: int) -> int:
    """Attendance goes with its sessions: none where there was none."""
    if field.unit == "人次":
        return events * dice.randint(8, 40)
    return int(dice.random() * (most + 1))


def tick(field: Field, cell: BlankCell, slot: Slot, chosen: str) -> str:
    """The choice as its blank wants it: ☑是□否, or 是（√）、否（）."""
    text = cell.text[slot.start : slot.end]
    if "□" in text:
        return "".join(("☑" if o == chosen else "□") + o for o in field.options)
    return "、".join(f"{o}（{'√' if o == chosen else ''}）" for o in field.options)


def form(
    blank: BlankForm, header: Mapping[str, str], values: Mapping[str, str], style: str = "docx"
) -> bytes:
    """The blank, filled; as .docx, or typed over into .xlsx as some units do."""
    labels = {f.key for f in blank.form.header}
    heads = {k: v for k, v in header.items() if k in labels}
    fields = {**values, **{k: v for k, v in header.items() if k not in labels}}
    filled = fill.fill(blank.content, blank.form, heads, fields)
    return as_workbook(filled) if style == "xlsx" else filled


def as_workbook(content: bytes) -> bytes:
    """A Word document's lines and tables as one sheet, merged as they were."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    row = 1
    for block in formats.read(content).blocks:
        if isinstance(block, Grid):
            for cell in block.corners():
                sheet.cell(row + cell.row, 1 + cell.col).value = cell.text
                if cell.rowspan > 1 or cell.colspan > 1:
                    sheet.merge_cells(
                        start_row=row + cell.row,
                        start_column=1 + cell.col,
                        end_row=row + cell.row + cell.rowspan - 1,
                        end_column=cell.col + cell.colspan,
                    )
            row += len(block.rows)
        else:
            sheet.cell(row, 1).value = block.text
            row += 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def photo(seed: str) -> bytes:
    """A picture that no two units share: coloured noise as JPEG."""
    dice = random.Random(seed)
    small = Image.frombytes("RGB", (32, 24), dice.randbytes(32 * 24 * 3))
    out = io.BytesIO()
    small.resize((640, 480)).save(out, "JPEG", quality=80)
    return out.getvalue()


_DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w='
    '"http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
)
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns='
    '"http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
    'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
    '.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns='
    '"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def document(lines: Sequence[str]) -> bytes:
    """A plain Word document of these lines (ECMA-376: the three parts that it needs)."""
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in lines)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", _DOCUMENT.format(body)),
        ):
            z.writestr(zipfile.ZipInfo(name, (2021, 6, 1, 0, 0, 0)), content)
    return out.getvalue()


def mail(
    sender: tuple[str, str],
    to: str,
    subject: str,
    when: datetime,
    text: str = "",
    files: Sequence[tuple[str, bytes]] = (),
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A mail as QQ's web page writes it: gb18030 words, attachments as octet-stream."""
    out = MIMEMultipart("mixed")
    out["From"] = formataddr(sender, "gb18030")
    out["To"] = to
    out["Subject"] = Header(subject, "gb18030").encode()
    out["Date"] = format_datetime(when)
    out["Message-ID"] = f"<{_mark(sender[1], subject, when)}@mail.example>"
    out["X-Mailer"] = "QQMail 2.x"
    for name, value in (headers or {}).items():
        out[name] = value
    out.attach(MIMEText(text or "请查收。", "plain", "gb18030"))
    for name, content in files:
        part = MIMEBase("application", "octet-stream", charset="gb18030")
        part.set_payload(content)
        encoders.encode_base64(part)
        part.add_header(
            "Content-Disposition", f'attachment; filename="{Header(name, "gb18030").encode()}"'
        )
        out.attach(part)
    return out.as_bytes()


def _mark(address: str, subject: str, when: datetime) -> str:
    return hashlib.sha256(f"{address} {subject} {when}".encode()).hexdigest()[:24]


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
