"""What stands on a PDF page: letters with their places, ruling lines, pictures.

Speaks to pdfium (pypdfium2's raw calls: one wrapper object a letter would cost more than
the reading). Places are points from the top left corner of the page as it is shown.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from parsers import limits
from parsers.formats import symbols
from parsers.types import OverLimit

_TEXT, _PATH, _IMAGE, _FORM = 1, 2, 3, 5
_THIN = 3.0
"""Points: a filled box this thin is a ruling line (Word draws its borders so)."""
_INVISIBLE = 3
_DEEPEST_FORM = 5

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
_Matrix = tuple[float, float, float, float, float, float]
_SAME: _Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(slots=True)
class Glyph:
    """A letter: left and right edge, baseline, height of its font."""

    char: str
    x0: float
    x1: float
    y: float
    size: float


@dataclass(slots=True)
class Rule:
    """A ruling line: at `at`, from `low` to `high` (x for a level rule, y for an upright)."""

    at: float
    low: float
    high: float


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


@dataclass(slots=True)
class _Drawn:
    """What was met while walking a page's objects, in drawing order."""

    boxes: list[Box]
    pictures: list[Box]
    texts: int = 0
    unseen: int = 0
    covered: int = 0
    """Text objects drawn before a picture that covers the page."""


def view(page: pdfium.PdfPage) -> PageView:
    """Reads one page; raises OverLimit for more objects or letters than we read."""
    textpage = page.get_textpage()
    try:
        turn = _Turn.of(page, _quarter_turns(textpage))
        drawn = _drawn(page, turn)
        glyphs = list(_glyphs(textpage, turn))
    finally:
        textpage.close()
    unseen = drawn.texts and drawn.texts in (drawn.unseen, drawn.covered)
    if unseen or _is_gibberish(glyphs):
        # a scanner's own guess at the text is no text: it errs without saying so
        glyphs = []
    glyphs.extend(_written_over(page, turn))
    level, upright = _rules(drawn.boxes)
    is_picture = not glyphs and bool(drawn.pictures or unseen)
    return PageView(
        turn.width, turn.height, glyphs, level, upright, len(drawn.pictures), is_picture
    )


@dataclass(frozen=True, slots=True)
class _Turn:
    """From pdfium's page space (upwards, before rotation) to the page held so that its
    text is upright, which is not always as the page shows itself."""

    rotation: int
    width: float
    height: float
    left: float
    bottom: float

    @classmethod
    def of(cls, page: pdfium.PdfPage, rotation: int) -> _Turn:
        left, bottom, right, top = page.get_cropbox()
        width, height = right - left, top - bottom
        if rotation % 2:
            width, height = height, width
        return cls(rotation, width, height, left, bottom)

    def point(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self.left, y - self.bottom
        if self.rotation == 0:
            return x, self.height - y
        if self.rotation == 1:
            return y, x
        if self.rotation == 2:
            return self.width - x, y
        return self.width - y, self.height - x

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        (a, b), (c, d) = self.point(x0, y0), self.point(x1, y1)
        return min(a, c), min(b, d), max(a, c), max(b, d)


def _quarter_turns(textpage: pdfium.PdfTextPage) -> int:
    """How the page must be turned for most of its letters to stand upright."""
    sample = range(0, count := textpage.count_chars(), max(1, count // 60))
    angles = [raw.FPDFText_GetCharAngle(textpage, i) for i in sample]
    turns = [round(-angle / (math.pi / 2)) % 4 for angle in angles if angle >= 0]
    return max(set(turns), key=turns.count) if turns else 0


def _glyphs(textpage: pdfium.PdfTextPage, turn: _Turn) -> Iterator[Glyph]:
    count = textpage.count_chars()
    if count > limits.DOCUMENT_CHARACTERS // 10:
        raise OverLimit("too_many_characters", limit=limits.DOCUMENT_CHARACTERS // 10)
    rect = raw.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    half = ""
    for i in range(count):
        code = raw.FPDFText_GetUnicode(textpage, i)
        if code in (9, 10, 13) or (code == 32 and raw.FPDFText_IsGenerated(textpage, i) == 1):
            continue
        if 0xD800 <= code < 0xDC00:
            half = chr(code)
            continue
        raw.FPDFText_GetLooseCharBox(textpage, i, rect)
        raw.FPDFText_GetCharOrigin(textpage, i, x, y)
        if turn.rotation == 0:  # nearly always: spares half the time of a page
            left, right = rect.left - turn.left, rect.right - turn.left
            top, bottom = -rect.top, -rect.bottom
            baseline = turn.height - y.value + turn.bottom
        else:
            left, top, right, bottom = turn.box(rect.left, rect.bottom, rect.right, rect.top)
            baseline = turn.point(x.value, y.value)[1]
        char = _letter(textpage, i, code, half)
        half = ""
        if char:
            yield Glyph(char, left, right, baseline, max(bottom - top, 1.0))


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
    lost = sum(g.char == "\ufffd" for g in glyphs)
    return lost > 5 and lost * 5 > len(glyphs)


def _drawn(page: pdfium.PdfPage, turn: _Turn) -> _Drawn:
    drawn = _Drawn([], [])
    _walk(page, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, _SAME, turn, drawn, 0)
    return drawn


def _walk(
    parent: object,
    count: ctypes._CFuncPtr,  # type: ignore[name-defined]
    get: ctypes._CFuncPtr,  # type: ignore[name-defined]
    matrix: _Matrix,
    turn: _Turn,
    drawn: _Drawn,
    depth: int,
) -> None:
    for i in range(min(count(parent), limits.PDF_OBJECTS + 1)):
        if len(drawn.boxes) + drawn.texts > limits.PDF_OBJECTS:
            raise OverLimit("too_many_objects", limit=limits.PDF_OBJECTS)
        thing = get(parent, i)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == _TEXT:
            drawn.texts += 1
            drawn.unseen += raw.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE
        elif kind == _PATH:
            drawn.boxes.extend(_path(thing, matrix, turn))
        elif kind == _IMAGE:
            box = _bounds(thing, matrix, turn)
            drawn.pictures.append(box)
            if (box[2] - box[0]) * (box[3] - box[1]) > 0.8 * turn.width * turn.height:
                drawn.covered = drawn.texts
        elif kind == _FORM and depth < _DEEPEST_FORM:
            inner = _times(_matrix(thing), matrix)
            _walk(
                thing,
                raw.FPDFFormObj_CountObjects,
                raw.FPDFFormObj_GetObject,
                inner,
                turn,
                drawn,
                depth + 1,
            )


def _bounds(thing: object, matrix: _Matrix, turn: _Turn) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(thing, left, bottom, right, top)
    corner = _apply(matrix, left.value, bottom.value)
    return turn.box(*corner, *_apply(matrix, right.value, top.value))


def _path(thing: object, matrix: _Matrix, turn: _Turn) -> Iterator[Box]:
    """The boxes that a path's strokes and fills cover: one for each side of a frame."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(thing, fill, stroke)
    if not fill.value and not stroke.value:
        return
    count = raw.FPDFPath_CountSegments(thing)
    if count <= 2:
        yield _bounds(thing, matrix, turn)
        return
    inner = _times(_matrix(thing), matrix)
    for points in _subpaths(thing, min(count, 1000), inner, turn):
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        box = (min(xs), min(ys), max(xs), max(ys))
        if min(box[2] - box[0], box[3] - box[1]) <= _THIN:
            yield box
        elif stroke.value:
            for (ax, ay), (bx, by) in pairwise(points):
                yield min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _subpaths(
    thing: object, count: int, matrix: _Matrix, turn: _Turn
) -> Iterator[list[tuple[float, float]]]:
    points: list[tuple[float, float]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for i in range(count):
        segment = raw.FPDFPath_GetPathSegment(thing, i)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = turn.point(*_apply(matrix, x.value, y.value))
        if raw.FPDFPathSegment_GetType(segment) == 2 and points:
            yield points
            points = []
        points.append(point)
        if raw.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if points:
        yield points


def _matrix(thing: object) -> _Matrix:
    m = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(thing, m)
    return m.a, m.b, m.c, m.d, m.e, m.f


def _times(m: _Matrix, n: _Matrix) -> _Matrix:
    """First `m`, then `n`."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def _apply(m: _Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def _rules(boxes: list[Box]) -> tuple[list[Rule], list[Rule]]:
    level, upright = [], []
    for x0, y0, x1, y1 in boxes:
        if y1 - y0 <= _THIN < x1 - x0:
            level.append(Rule((y0 + y1) / 2, x0, x1))
        elif x1 - x0 <= _THIN < y1 - y0:
            upright.append(Rule((x0 + x1) / 2, y0, y1))
    return level, upright


def _written_over(page: pdfium.PdfPage, turn: _Turn) -> Iterator[Glyph]:
    """Text that was typed onto the page (FreeText) or into a form's field (Widget)."""
    for i in range(min(raw.FPDFPage_GetAnnotCount(page), 2000)):
        annotation = raw.FPDFPage_GetAnnot(page, i)
        if not annotation:
            continue
        try:
            text = _annotation_text(annotation)
            rect = raw.FS_RECTF()
            raw.FPDFAnnot_GetRect(annotation, rect)
            box = turn.box(rect.left, rect.bottom, rect.right, rect.top)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
        yield from _spread(text, box)


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
