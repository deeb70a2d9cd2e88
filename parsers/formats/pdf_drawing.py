"""What is drawn on a PDF page: ruling lines, pictures, and whether its text can be seen.

Places are points from the top left corner of the page, held so that its text is upright.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from parsers import limits
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
_Count = Callable[[object], int]
_Get = Callable[[object, int], object]


@dataclass(slots=True)
class Rule:
    """A ruling line: at `at`, from `low` to `high` (x for a level rule, y for an upright)."""

    at: float
    low: float
    high: float


@dataclass(slots=True)
class Drawn:
    """What was met while walking a page's objects, in drawing order."""

    boxes: list[Box]
    pictures: list[Box]
    texts: int = 0
    unseen: int = 0
    covered: int = 0
    """Text objects drawn before a picture that covers the page."""

    def rules(self) -> tuple[list[Rule], list[Rule]]:
        """The level and the upright ruling lines among the boxes."""
        level, upright = [], []
        for x0, y0, x1, y1 in self.boxes:
            if y1 - y0 <= _THIN < x1 - x0:
                level.append(Rule((y0 + y1) / 2, x0, x1))
            elif x1 - x0 <= _THIN < y1 - y0:
                upright.append(Rule((x0 + x1) / 2, y0, y1))
        return level, upright


@dataclass(frozen=True, slots=True)
class Turn:
    """From pdfium's page space (upwards, before rotation) to the page held so that its
    text is upright, which is not always as the page shows itself."""

    rotation: int
    width: float
    height: float
    left: float
    bottom: float

    @classmethod
    def of(cls, page: pdfium.PdfPage, rotation: int) -> Turn:
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


def draw(page: pdfium.PdfPage, turn: Turn) -> Drawn:
    """What is drawn on the page; raises OverLimit for more objects than we read."""
    drawn = Drawn([], [])
    walker = _Walker(turn, drawn)
    walker.walk(page, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, _SAME)
    return drawn


@dataclass(slots=True)
class _Walker:
    """Goes through a page's objects, and through those of the forms (XObject) on it."""

    turn: Turn
    drawn: Drawn
    depth: int = 0

    def walk(self, parent: object, count: _Count, get: _Get, matrix: _Matrix) -> None:
        for i in range(min(count(parent), limits.PDF_OBJECTS + 1)):
            if len(self.drawn.boxes) + self.drawn.texts > limits.PDF_OBJECTS:
                raise OverLimit("too_many_objects", limit=limits.PDF_OBJECTS)
            self.take(get(parent, i), matrix)

    def take(self, thing: object, matrix: _Matrix) -> None:
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == _TEXT:
            self.drawn.texts += 1
            self.drawn.unseen += raw.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE
        elif kind == _PATH:
            self.drawn.boxes.extend(_path(thing, matrix, self.turn))
        elif kind == _IMAGE:
            self.picture(_bounds(thing, matrix, self.turn))
        elif kind == _FORM and self.depth < _DEEPEST_FORM:
            inner = _times(_matrix(thing), matrix)
            self.depth += 1
            self.walk(thing, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner)
            self.depth -= 1

    def picture(self, box: Box) -> None:
        self.drawn.pictures.append(box)
        covered = (box[2] - box[0]) * (box[3] - box[1])
        if covered > 0.8 * self.turn.width * self.turn.height:
            self.drawn.covered = self.drawn.texts


def _bounds(thing: object, matrix: _Matrix, turn: Turn) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(thing, left, bottom, right, top)
    corner = _apply(matrix, left.value, bottom.value)
    return turn.box(*corner, *_apply(matrix, right.value, top.value))


def _path(thing: object, matrix: _Matrix, turn: Turn) -> Iterator[Box]:
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
    thing: object, count: int, matrix: _Matrix, turn: Turn
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
