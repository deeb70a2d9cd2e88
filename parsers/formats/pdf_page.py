"""What stands on a PDF page: letters with their places, rules, text typed over it.

Speaks to pdfium (pypdfium2's raw calls: one wrapper object a letter would cost more than
the reading). Places are points from the top left corner of the page, held so that
its text is upright.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from parsers import limits
from parsers.formats import symbols
from parsers.formats.pdf_drawing import Box, Rule, Turn, draw
from parsers.formats.pdf_glyph import Glyph, strike_out, struck_words
from parsers.types import OverLimit

__all__ = ["Glyph", "PageView", "Rule", "view"]


@dataclass(slots=True)
class PageView:
    """One page, read. `is_picture`: nothing but a picture can be seen on it."""

    width: float
    height: float
    glyphs: list[Glyph]
    level: list[Rule]
    upright: list[Rule]
    pictures: int
    is_picture: bool
    struck: list[str] = field(default_factory=list)
    """Words with a line drawn through them; their letters are marked."""


def view(page: pdfium.PdfPage) -> PageView:
    """Reads one page; raises OverLimit for more objects or letters than we read."""
    textpage = page.get_textpage()
    try:
        turn = Turn.of(page, _quarter_turns(textpage))
        drawn = draw(page, turn)
        glyphs = list(_glyphs(textpage, turn))
    finally:
        textpage.close()
    unseen = drawn.texts and drawn.texts in (drawn.unseen, drawn.covered)
    if unseen or _is_gibberish(glyphs):
        # a scanner's own guess at the text is no text: it errs without saying so
        glyphs = []
    level, upright = drawn.rules()
    level = strike_out(glyphs, [*level, *_marked_out(page, turn)], upright)
    struck = struck_words(glyphs)
    # what is typed over the page stands on the page's lines, not under a strike
    glyphs.extend(_written_over(page, turn))
    pictures = len(drawn.pictures)
    is_picture = not glyphs and bool(pictures or unseen)
    return PageView(turn.width, turn.height, glyphs, level, upright, pictures, is_picture, struck)


def _quarter_turns(textpage: pdfium.PdfTextPage) -> int:
    """How the page must be turned for most of its letters to stand upright."""
    sample = range(0, count := textpage.count_chars(), max(1, count // 60))
    angles = [raw.FPDFText_GetCharAngle(textpage, i) for i in sample]
    turns = [round(-angle / (math.pi / 2)) % 4 for angle in angles if angle >= 0]
    return max(set(turns), key=turns.count) if turns else 0


def _glyphs(textpage: pdfium.PdfTextPage, turn: Turn) -> Iterator[Glyph]:
    # a wrapper or a pointer made for each letter would cost as much as asking for it
    handle = textpage.raw
    unicode_of, box_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    origin_of = raw.FPDFText_GetCharOrigin
    rect = raw.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    to_rect, to_x, to_y = ctypes.byref(rect), ctypes.byref(x), ctypes.byref(y)
    upright = turn.rotation == 0
    half = ""
    for i in range(_count(textpage)):
        code = unicode_of(handle, i)
        if code in (9, 10, 13) or (code == 32 and raw.FPDFText_IsGenerated(handle, i) == 1):
            continue
        if 0xD800 <= code < 0xDC00:
            half = chr(code)
            continue
        box_of(handle, i, to_rect)
        origin_of(handle, i, to_x, to_y)
        if upright:  # nearly always: spares half the time of a page
            left, right = rect.left - turn.left, rect.right - turn.left
            top, bottom = -rect.top, -rect.bottom
            baseline = turn.height - y.value + turn.bottom
        else:
            left, top, right, bottom = turn.box(rect.left, rect.bottom, rect.right, rect.top)
            baseline = turn.point(x.value, y.value)[1]
        is_plain = 32 <= code < 0xD800 and not half
        char = chr(code) if is_plain else _letter(textpage, i, code, half)
        half = ""
        if char:
            yield Glyph(char, left, right, baseline, max(bottom - top, 1.0))


def _count(textpage: pdfium.PdfTextPage) -> int:
    count: int = textpage.count_chars()
    if count > limits.DOCUMENT_CHARACTERS // 10:
        raise OverLimit("too_many_characters", limit=limits.DOCUMENT_CHARACTERS // 10)
    return count


def _letter(textpage: pdfium.PdfTextPage, i: int, code: int, half: str) -> str:
    if half:
        pair = half.encode("utf-16-le", "surrogatepass") + code.to_bytes(4, "little")[:2]
        return pair.decode("utf-16-le", "replace")
    if code == 0:
        return "\ufffd"
    if 0xF000 <= code <= 0xF0FF:
        return _symbol(_font(textpage, i), code)
    if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return "\ufffd"
    return chr(code) if code >= 32 else ""


def _symbol(font: str, code: int) -> str:
    """A letter of the private area; where a printer put another font in Wingdings' place,
    the code alone tells, for the boxes of the two Wingdings do not share codes."""
    if symbols.is_symbol_font(font):
        return symbols.seen(font, code) or "\ufffd"
    boxes = symbols.seen("Wingdings", code) or symbols.seen("Wingdings 2", code)
    return boxes or "\ufffd"


def _font(textpage: pdfium.PdfTextPage, i: int) -> str:
    buffer = ctypes.create_string_buffer(128)
    size = raw.FPDFText_GetFontInfo(textpage, i, buffer, 128, None)
    return buffer.raw[: max(size - 1, 0)].decode("utf-8", "replace")


def _is_gibberish(glyphs: list[Glyph]) -> bool:
    """A font without a map to Unicode gives letters that mean nothing."""
    lost = [g.char for g in glyphs].count("\ufffd")
    return lost > 5 and lost * 5 > len(glyphs)


def _annotations(page: pdfium.PdfPage) -> Iterator[object]:
    for i in range(min(raw.FPDFPage_GetAnnotCount(page), 2000)):
        annotation = raw.FPDFPage_GetAnnot(page, i)
        if not annotation:
            continue
        try:
            yield annotation
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _written_over(page: pdfium.PdfPage, turn: Turn) -> Iterator[Glyph]:
    """Text that was typed onto the page (FreeText) or into a form's field (Widget)."""
    for annotation in _annotations(page):
        text = _annotation_text(annotation)
        rect = raw.FS_RECTF()
        raw.FPDFAnnot_GetRect(annotation, rect)
        yield from _spread(text, turn.box(rect.left, rect.bottom, rect.right, rect.top))


def _marked_out(page: pdfium.PdfPage, turn: Turn) -> Iterator[Rule]:
    """The lines of words that a PDF program marked as struck out (StrikeOut)."""
    quad = raw.FS_QUADPOINTSF()
    for annotation in _annotations(page):
        if raw.FPDFAnnot_GetSubtype(annotation) != raw.FPDF_ANNOT_STRIKEOUT:
            continue
        for i in range(min(raw.FPDFAnnot_CountAttachmentPoints(annotation), 500)):
            if raw.FPDFAnnot_GetAttachmentPoints(annotation, i, quad):
                x0, y0, x1, y1 = turn.box(quad.x1, quad.y1, quad.x4, quad.y4)
                yield Rule((y0 + y1) / 2, x0, x1)


def _annotation_text(annotation: object) -> str:
    kind = raw.FPDFAnnot_GetSubtype(annotation)
    if raw.FPDFAnnot_GetFlags(annotation) & raw.FPDF_ANNOT_FLAG_HIDDEN:
        return ""
    if kind == raw.FPDF_ANNOT_FREETEXT:
        return _entry(annotation, b"Contents")
    if kind != raw.FPDF_ANNOT_WIDGET:
        return ""
    state = _entry(annotation, b"AS")
    if state:
        return "□" if state == "Off" else "☑"
    return _entry(annotation, b"V")


def _entry(annotation: object, key: bytes) -> str:
    size = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    raw.FPDFAnnot_GetStringValue(annotation, key, buffer, size)
    return bytes(buffer)[: max(size - 2, 0)].decode("utf-16-le", "replace")


def _spread(text: str, box: Box) -> Iterator[Glyph]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    pitch = (box[3] - box[1]) / len(lines)
    size = min(12.0, 0.8 * pitch)
    for n, line in enumerate(lines):
        x = box[0]
        for char in line:
            width = size if ord(char) > 0x2E7F else size / 2
            yield Glyph(char, x, x + width, box[1] + (n + 0.5) * pitch + 0.3 * size, size)
            x += width
