"""Ruling lines and letters to tables, also where a page's end cuts a table in two.

Rules that touch one another make one table; two neighbouring squares between its rules
are one cell where no rule parts them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from parsers import limits
from parsers.formats import tables
from parsers.formats.pdf_drawing import Box, Rule
from parsers.formats.pdf_page import Glyph
from parsers.formats.pdf_text import goes_on, lines, paragraphs
from parsers.types import Cell, Grid, OverLimit

_NEAR = 3.5
"""Points: rules this near are one line (double borders, rounding)."""
_MOST_CROSSINGS = 4_000_000


@dataclass(slots=True)
class Ruled:
    """A table as it stands on paper: its rules, and the letters between them."""

    level: list[Rule]
    upright: list[Rule]
    glyphs: list[Glyph]

    @property
    def box(self) -> Box:
        return (
            min(rule.low for rule in self.level),
            min(rule.at for rule in self.level),
            max(rule.high for rule in self.level),
            max(rule.at for rule in self.level),
        )


def part(
    level: list[Rule], upright: list[Rule], glyphs: list[Glyph]
) -> tuple[list[Ruled], list[Glyph]]:
    """The tables of a page, top to bottom, and the letters that stand in none."""
    found = [r for r in _touching(_merged(level), _merged(upright)) if _is_table(r)]
    found = [r for r in found if not any(_within(r.box, o.box) for o in found if o is not r)]
    free = []
    boxes = [(ruled, ruled.box) for ruled in found]
    for glyph in glyphs:
        for ruled, (left, top, right, bottom) in boxes:
            middle = glyph.y - 0.3 * glyph.size
            if left <= (glyph.x0 + glyph.x1) / 2 <= right and top <= middle <= bottom:
                ruled.glyphs.append(glyph)
                break
        else:
            free.append(glyph)
    return sorted(found, key=lambda r: r.box[1]), free


def _merged(rules: list[Rule]) -> list[Rule]:
    """Pieces of one drawn line put together."""
    made: list[Rule] = []
    for at in _clusters([rule.at for rule in rules], 1.5):
        pieces = sorted((r for r in rules if at <= r.at <= at + 1.5), key=lambda r: r.low)
        start = len(made)
        for piece in pieces:
            if len(made) > start and piece.low <= made[-1].high + 2:
                made[-1].high = max(made[-1].high, piece.high)
            else:
                made.append(replace(piece))
    return made


def _clusters(values: list[float], reach: float) -> list[float]:
    """The first value of each group of values that lie within `reach` of it."""
    firsts: list[float] = []
    for value in sorted(values):
        if not firsts or value - firsts[-1] > reach:
            firsts.append(value)
    return firsts


def _touching(level: list[Rule], upright: list[Rule]) -> list[Ruled]:
    if len(level) * len(upright) > _MOST_CROSSINGS:
        raise OverLimit("too_many_objects", limit=limits.PDF_OBJECTS)
    group = list(range(len(level) + len(upright)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for i, row in enumerate(level):
        for j, column in enumerate(upright, start=len(level)):
            if (
                row.low - _NEAR <= column.at <= row.high + _NEAR
                and column.low - _NEAR <= row.at <= column.high + _NEAR
            ):
                group[root(i)] = root(j)
    found: dict[int, Ruled] = {}
    for i, rule in enumerate([*level, *upright]):
        ruled = found.setdefault(root(i), Ruled([], [], []))
        (ruled.level if i < len(level) else ruled.upright).append(rule)
    return list(found.values())


def _is_table(ruled: Ruled) -> bool:
    """Two level and two upright rules, and more than one cell: a frame is no table."""
    if len(ruled.level) < 2 or not ruled.upright:
        return False
    return (len(_rows(ruled)) - 1) * (len(_columns(ruled)) - 1) > 1


def _within(inner: Box, outer: Box) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[2] <= outer[2]
        and inner[3] <= outer[3]
        and inner != outer
    )


def _rows(ruled: Ruled) -> list[float]:
    return _clusters([rule.at for rule in ruled.level], _NEAR)


def _columns(ruled: Ruled) -> list[float]:
    """Columns lie between upright rules, and reach to the level rules' ends where a form
    is left open at its sides."""
    columns = _clusters([rule.at for rule in ruled.upright], _NEAR)
    left, _, right, _ = ruled.box
    if columns[0] - left > 3 * _NEAR:
        columns.insert(0, left)
    if right - columns[-1] > 3 * _NEAR:
        columns.append(right)
    return columns


def grid(ruled: Ruled) -> Grid:
    """The cells between the rules, each with its text."""
    rows, columns = _rows(ruled), _columns(ruled)
    tables.bound(len(rows) - 1, len(columns) - 1)
    spans = _spans(ruled, rows, columns)
    owner = {
        (r, c): i
        for i, (top, left, bottom, right) in enumerate(spans)
        for r in range(top, bottom)
        for c in range(left, right)
    }
    texts: list[list[Glyph]] = [[] for _ in spans]
    for glyph in ruled.glyphs:
        r = _between(rows, glyph.y - 0.3 * glyph.size)
        c = _between(columns, (glyph.x0 + glyph.x1) / 2)
        texts[owner[r, c]].append(glyph)
    return tables.lay(
        Cell(
            "\n".join(paragraphs(lines(glyphs), columns[left], columns[right])),
            top,
            left,
            bottom - top,
            right - left,
        )
        for (top, left, bottom, right), glyphs in zip(spans, texts, strict=True)
    )


def _between(edges: Sequence[float], value: float) -> int:
    """Which gap between edges holds the value; beyond the last edges the last gaps."""
    return bisect_right(edges, value, 1, len(edges) - 1) - 1


def _spans(
    ruled: Ruled, rows: list[float], columns: list[float]
) -> list[tuple[int, int, int, int]]:
    """Cells as (top, left, bottom, right): each grows right, then down, until a rule."""
    walls = _walls(ruled.upright, columns)
    floors = _walls(ruled.level, rows)
    middles_y = [(a + b) / 2 for a, b in pairwise(rows)]
    middles_x = [(a + b) / 2 for a, b in pairwise(columns)]
    taken: set[tuple[int, int]] = set()
    spans = []
    for r in range(len(middles_y)):
        for c in range(len(middles_x)):
            if (r, c) in taken:
                continue
            right = c + 1
            while right < len(middles_x) and (r, right) not in taken:
                if _stands(walls[right], middles_y[r]):
                    break
                right += 1
            bottom = r + 1
            while bottom < len(middles_y) and not any(
                _stands(floors[bottom], middles_x[k]) for k in range(c, right)
            ):
                bottom += 1
            taken.update((i, k) for i in range(r, bottom) for k in range(c, right))
            spans.append((r, c, bottom, right))
    return spans


def _walls(rules: list[Rule], edges: list[float]) -> list[list[Rule]]:
    return [[r for r in rules if edge - 0.1 <= r.at <= edge + _NEAR] for edge in edges]


def _stands(rules: list[Rule], at: float) -> bool:
    return any(rule.low - 1 <= at <= rule.high + 1 for rule in rules)


def joined(above: Ruled, below: Ruled) -> Ruled | None:
    """The table of two pages as one, or None where the second is another table.

    A heading row that is repeated is taken once; a row that the page's end cut in two is
    put together again.
    """
    a, b = above.box, below.box
    if abs(a[0] - b[0]) > 2 * _NEAR or abs(a[2] - b[2]) > 2 * _NEAR:
        return None
    below = _without_heading(above, below)
    shifted = _shifted(below, a[3] - below.box[1])
    together = Ruled(
        above.level + shifted.level, above.upright + shifted.upright, above.glyphs + shifted.glyphs
    )
    if _is_cut(above, below):
        together.level = [r for r in together.level if abs(r.at - a[3]) > _NEAR]
    return together


def _without_heading(above: Ruled, below: Ruled) -> Ruled:
    rows = _rows(below)
    heading = _first_row(above)
    if len(rows) < 3 or not heading or heading != _first_row(below):
        return below
    return Ruled(
        [rule for rule in below.level if rule.at > rows[0] + _NEAR],
        [replace(rule, low=max(rule.low, rows[1])) for rule in below.upright],
        [glyph for glyph in below.glyphs if glyph.y - 0.3 * glyph.size > rows[1]],
    )


def _first_row(ruled: Ruled) -> list[str]:
    end = _rows(ruled)[1]
    return [line.text for line in lines([g for g in ruled.glyphs if g.y - 0.3 * g.size < end])]


def _shifted(ruled: Ruled, by: float) -> Ruled:
    return Ruled(
        [replace(rule, at=rule.at + by) for rule in ruled.level],
        [replace(r, low=r.low + by, high=r.high + by) for r in ruled.upright],
        [Glyph(g.char, g.x0, g.x1, g.y + by, g.size, g.struck) for g in ruled.glyphs],
    )


def _is_cut(above: Ruled, below: Ruled) -> bool:
    """Whether the first row below goes on with the last one above.

    For it: a text that breaks off at the column's edge, or a column that is empty on one
    side only. Against it, and deciding: a text above that ends before the edge while
    another one begins below.
    """
    speaks_for = False
    for upper, lower, left, right in _columns_at_seam(above, below):
        if not upper or not lower:
            speaks_for = speaks_for or bool(upper) != bool(lower)
            continue
        first, second = lines(upper), lines(lower)
        base = min(line.x0 for line in first + second)
        margin = min(max(base - left, 0.0), 12.0)
        nearer = replace(second[0], y=first[-1].y + first[-1].size)
        if not goes_on(first[-1], nearer, base, right - margin):
            return False
        speaks_for = True
    return speaks_for


def _columns_at_seam(
    above: Ruled, below: Ruled
) -> Iterator[tuple[list[Glyph], list[Glyph], float, float]]:
    """The letters of the last row above and the first below, column by column."""
    edges = _columns(below)
    last, first = _rows(above)[-2], _rows(below)[1]
    upper = [g for g in above.glyphs if g.y - 0.3 * g.size > last]
    lower = [g for g in below.glyphs if g.y - 0.3 * g.size < first]
    for left, right in pairwise(edges):
        yield (
            [g for g in upper if left <= (g.x0 + g.x1) / 2 < right],
            [g for g in lower if left <= (g.x0 + g.x1) / 2 < right],
            left,
            right,
        )
