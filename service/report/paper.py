"""A Word document in the manner of office papers (公文): lines in styles, and tables.

The styles, footer and package stand in templates/desk/paper (fonts and sizes after
GB/T 9704-2012); this writes word/document.xml and packs it all.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from string import Template
from typing import Literal
from xml.sax.saxutils import escape

from service import words
from service.report import plain
from service.report.sealed import seal

Style = Literal["Heading", "Addressee", "Text", "First", "Second", "Signature", "Gap", "Remark"]
MARKS: dict[str, Style] = {
    "题": "Heading",
    "送": "Addressee",
    "文": "Text",
    "一": "First",
    "二": "Second",
    "署": "Signature",
    "空": "Gap",
    "注": "Remark",
}
_TWIPS_A_MM = 56.7
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph in one of the styles."""

    style: Style
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading row that is repeated on every page; widths in millimetres."""

    columns: tuple[tuple[str, float], ...]
    rows: tuple[tuple[str, ...], ...]


Block = Line | Table


def marked(lines: Iterable[str]) -> Iterator[Line]:
    """Lines of a template, each beginning with the mark of its style: `文|…`."""
    for line in lines:
        mark, _, text = line.partition("|")
        yield Line(MARKS[mark.strip()], text)


def write(
    title: str,
    blocks: Iterable[Block],
    now: datetime,
    *,
    landscape: bool = False,
    on_one_page: bool = False,
) -> bytes:
    """The .docx; the same bytes for the same blocks and `now`.

    `on_one_page` sets it closer and leaves the page number out.
    """
    out = BytesIO()
    skeleton = words.TEMPLATES / "desk" / "paper"
    # half-points and twentieths of a point: 三号 on 27 points, or 小三 on 23
    type_size = {"size": 30, "line": 460} if on_one_page else {"size": 32, "line": 540}
    with zipfile.ZipFile(out, "w") as package:
        for path in sorted(p for p in skeleton.rglob("*") if p.is_file()):
            part = Template(path.read_text("utf-8")).substitute(type_size)
            package.writestr(path.relative_to(skeleton).as_posix(), part)
        package.writestr("docProps/core.xml", _core(title, now))
        package.writestr("word/document.xml", _document(blocks, landscape, not on_one_page))
    return seal(out.getvalue(), now)


def _document(blocks: Iterable[Block], landscape: bool, numbered: bool) -> str:
    every = tuple(blocks)
    following = (*every[1:], None)
    body = "".join(
        _table(b) if isinstance(b, Table) else _line(b, after)
        for b, after in zip(every, following, strict=True)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>{body}'
        f"{_section(landscape, numbered)}</w:body></w:document>"
    )


def _section(landscape: bool, numbered: bool) -> str:
    """A4 with the margins of an office paper, narrower where a wide table lies across."""
    footer = '<w:footerReference w:type="default" r:id="rId2"/>' if numbered else ""
    if landscape:
        size = '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
        sides = (1134, 1134, 1134, 1134)
    else:
        size = '<w:pgSz w:w="11906" w:h="16838"/>'
        sides = (1701, 1474, 1417, 1588)
    top, right, bottom, left = sides
    margins = (
        f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" '
        'w:header="851" w:footer="680" w:gutter="0"/>'
    )
    return f"<w:sectPr>{footer}{size}{margins}</w:sectPr>"


def _line(line: Line, after: Block | None) -> str:
    """A signature never stands alone on a page (GB/T 9704-2012, 7.3.5.4)."""
    keeps = isinstance(after, Line) and after.style in ("Gap", "Signature")
    return _paragraph(line.style, line.text, keeps=keeps)


def _paragraph(style: str, text: str, *, keeps: bool = False) -> str:
    parts = plain.text(text, len(text)).split("\n")
    runs = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(p)}</w:t>' for p in parts)
    kept = "<w:keepNext/>" if keeps else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{kept}</w:pPr><w:r>{runs}</w:r></w:p>'


def _table(table: Table) -> str:
    widths = [round(mm * _TWIPS_A_MM) for _, mm in table.columns]
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    heading = _row([h for h, _ in table.columns], widths, heading=True)
    rows = "".join(_row(r, widths) for r in table.rows)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{_BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{heading}{rows}</w:tbl>"
    )


def _row(texts: Sequence[str], widths: Sequence[int], *, heading: bool = False) -> str:
    style = "TableHeading" if heading else "TableText"
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{w}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{_paragraph(style, text)}</w:tc>"
        for text, w in zip(texts, widths, strict=True)
    )
    repeated = "<w:tblHeader/>" if heading else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{cells}</w:tr>"


def _core(title: str, now: datetime) -> str:
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    when = "".join(
        f'<dcterms:{what} xsi:type="dcterms:W3CDTF">{stamp}</dcterms:{what}>'
        for what in ("created", "modified")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(plain.line(title))}</dc:title><dc:creator>Baosong</dc:creator>"
        f"{when}</cp:coreProperties>"
    )
