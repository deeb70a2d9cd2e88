"""A picture of what was read (读图): the page or table on the left, the values on the right.

Bytes in, PNG out. The font comes from the caller: parsers open no files.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from parsers import formats, limits, sniff
from parsers.foreign import border
from parsers.types import Grid, PartRead, Value

_SIZE = 18
_LINE = 26
_PAGE = 900
_VALUES = 760
_PAD = 12
_INK, _FAINT, _RULE = (30, 30, 30), (120, 120, 120), (190, 190, 190)
_TINTS = {
    "filled": (232, 245, 233),
    "nil": (232, 245, 233),
    "na": (238, 238, 238),
    "blank": (255, 243, 214),
    "unsure": (255, 224, 224),
}
_MOST_ROWS = 400


@dataclass(frozen=True, slots=True)
class _Pen:
    font: ImageFont.FreeTypeFont

    def wrapped(self, text: str, width: int) -> list[str]:
        lines = []
        # CJK fonts have □ and √ but not the ticked box
        for part in text.replace("☑", "√").replace("☐", "□").split("\n"):
            line = ""
            for char in part:
                if self.font.getlength(line + char) > width:
                    lines.append(line)
                    line = ""
                line += char
            lines.append(line)
        return lines


def draw(content: bytes, found: PartRead, font: bytes) -> bytes:
    """The PNG of one file with its reading; `font` is a TrueType font with Chinese."""
    pen = _Pen(ImageFont.truetype(io.BytesIO(font), _SIZE))
    left = _page(content, pen)
    right = _values(found, pen)
    height = max(left.height, right.height)
    sheet = Image.new("RGB", (left.width + right.width, height), "white")
    sheet.paste(left, (0, 0))
    sheet.paste(right, (left.width, 0))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _page(content: bytes, pen: _Pen) -> Image.Image:
    kind = sniff.kind(content)
    with border("broken_picture"):
        if kind == "image":
            return _fitted(Image.open(io.BytesIO(content)))
        if kind == "pdf":
            return _pdf(content)
    return _table(list(_rows(content)), pen)


def _fitted(image: Image.Image) -> Image.Image:
    image = image.convert("RGB")
    return image.resize((_PAGE, max(1, image.height * _PAGE // image.width)))


def _pdf(content: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(content)
    try:
        pages = [
            _fitted(document[i].render(scale=1.5).to_pil())
            for i in range(min(len(document), limits.PICTURE_PAGES))
        ]
    finally:
        document.close()
    whole = Image.new("RGB", (_PAGE, sum(p.height for p in pages)), "white")
    top = 0
    for page in pages:
        whole.paste(page, (0, top))
        top += page.height
    return whole


def _rows(content: bytes) -> Iterator[tuple[str, ...]]:
    """The document as rows of cells; a paragraph is a row of one."""
    for block in formats.read(content).blocks:
        if isinstance(block, Grid):
            for r, row in enumerate(block.rows):
                yield tuple(c.text for i, c in enumerate(row) if (c.row, c.col) == (r, i))
        elif block.text.strip():
            yield (block.text,)


def _table(rows: Sequence[tuple[str, ...]], pen: _Pen) -> Image.Image:
    laid = []
    for row in rows[:_MOST_ROWS]:
        total = sum(max(4, min(len(t), 60)) for t in row) or 1
        widths = [int((_PAGE - 2 * _PAD) * max(4, min(len(t), 60)) / total) for t in row]
        cells = [pen.wrapped(t, w - 8) for t, w in zip(row, widths, strict=True)]
        laid.append((widths, cells, max((len(c) for c in cells), default=1) * _LINE + 6))
    image = Image.new("RGB", (_PAGE, sum(h for _, _, h in laid) + 2 * _PAD), "white")
    pencil = ImageDraw.Draw(image)
    top = _PAD
    for widths, cells, height in laid:
        x = _PAD
        for width, lines in zip(widths, cells, strict=True):
            pencil.rectangle((x, top, x + width, top + height), outline=_RULE)
            for i, line in enumerate(lines):
                pencil.text((x + 4, top + 3 + i * _LINE), line, _INK, pen.font)
            x += width
        top += height
    return image


def _values(found: PartRead, pen: _Pen) -> Image.Image:
    lines = list(_told(found, pen))
    image = Image.new("RGB", (_VALUES, max(1, len(lines)) * _LINE + 2 * _PAD), "white")
    pencil = ImageDraw.Draw(image)
    for i, (text, tint) in enumerate(lines):
        y = _PAD + i * _LINE
        if tint:
            pencil.rectangle((4, y, _VALUES - 4, y + _LINE), fill=tint)
        pencil.text((_PAD, y + 2), text, _INK if tint else _FAINT, pen.font)
    return image


def _told(found: PartRead, pen: _Pen) -> Iterator[tuple[str, tuple[int, int, int] | None]]:
    for part in (found, *found.parts):
        yield f"{part.name or ''}  {part.outcome}  {part.form.key if part.form else ''}", None
        if part.form is None or part.reading is None:
            continue
        for label, text in part.reading.header:
            yield f"{label}: {text}", _TINTS["filled" if text else "blank"]
        labels = {f.key: f.label for f in part.form.fields}
        for value in part.reading.values:
            for line in pen.wrapped(_line(value, labels[value.field]), _VALUES - 2 * _PAD):
                yield line, _TINTS[value.state]


def _line(value: Value, label: str) -> str:
    shown = "" if value.value is None else str(value.value)
    guess = f" ?{value.guess}" if value.guess is not None else ""
    return f"{value.field} {label} = {shown}{guess}  [{value.state}] “{value.raw}”"
