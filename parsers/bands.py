"""Cuts a blank's table into bands (分段): consecutive rows that share one layout.

Real tables mix them: labels on top, a grid below its headings, a remark across the page,
signatures at the foot. A band of sentences or of a grid or list begins with its headings;
what stands outside such a band is label and value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from parsers.blank_lines import label_before, line_places
from parsers.labels import NUMBERED, is_header_label, is_total
from parsers.layout import Table
from parsers.slots import places, prompt
from parsers.types import Cell, Layout

_COLON = re.compile(r"[:：]\s*$")
_LIST_HEADINGS = 3


@dataclass(frozen=True, slots=True)
class Band:
    """Consecutive rows of one layout; the first `headings` of them name the columns."""

    table: Table
    headings: int
    layout: Layout


def bands(table: Table) -> tuple[Band, ...]:
    """The table's bands, top to bottom; together they hold every row."""
    return tuple(_cut(table))


def corners(table: Table, r: int) -> list[Cell]:
    """The distinct cells that cover row r, left to right."""
    return list({(c.row, c.col): c for c in table.rows[r]}.values())


def slotted(table: Table, r: int) -> list[Cell]:
    """The cells of row r whose own text holds a place for an answer, or asks for some lines
    where no empty cell stands beside it for them."""
    cells = corners(table, r)
    return [
        cell
        for cell, following in zip(cells, [*cells[1:], None], strict=True)
        if places(cell.text)
        or (prompt(cell.text) and (following is None or following.text.strip()))
    ]


def has_slots(table: Table) -> bool:
    """Whether any cell of the table holds a place for an answer."""
    return any(slotted(table, r) for r in range(len(table.rows)))


def _cut(table: Table) -> Iterator[Band]:
    start = r = 0
    while r < len(table.rows):
        depth = _heading_rows(_part(table, r, len(table.rows)))
        if not depth:
            r += 1
            continue
        if start < r:
            yield _labels(_part(table, start, r))
        end = _end(table, r, depth)
        body = _part(table, r, end)
        yield Band(body, depth, _layout(body, depth))
        start = r = end
    if start < len(table.rows):
        yield _labels(_part(table, start, len(table.rows)))


def _part(table: Table, start: int, end: int) -> Table:
    return replace(table, top=table.top + start, rows=table.rows[start:end])


def _labels(table: Table) -> Band:
    """Rows without headings: label and value, or sentences where they hold slots."""
    cells = [c for r in range(len(table.rows)) for c in slotted(table, r)]
    in_words = any(not is_heading_line(c.text) for c in cells)
    return Band(table, 0, "sentences" if in_words else "labels")


def is_heading_line(text: str) -> bool:
    """Whether all its places belong to a form's head: a date, or behind 填报单位： and the like."""
    return bool(found := line_places(text)) and all(
        p.kind == "date" or is_header_label(label_before(text, p)) for p in found
    )


def _heading_rows(table: Table) -> int:
    """How many rows at the top are headings: written in every cell, without a slot,
    while the row below waits for something. A total that a sheet works out (合计 | 0 | 0)
    is written in every cell too."""
    depth = 0
    for r in range(len(table.rows)):
        cells = corners(table, r)
        if is_total(cells[0].text):
            break
        if not cells[0].text.strip() and _has_empty_corner(table, r):
            cells = cells[1:]
        if len(cells) < 2 or any(not c.text.strip() for c in cells) or slotted(table, r):
            break
        depth = r + 1
    if depth == len(table.rows):
        return depth if depth == 1 and len(corners(table, 0)) >= _LIST_HEADINGS else 0
    return 0 if _is_signature(table, depth) else depth


def _has_empty_corner(table: Table, r: int) -> bool:
    """Whether an empty first cell heads the row labels: a written one stands below it."""
    below = table.rows[r + 1][0].text if r + 1 < len(table.rows) else ""
    return bool(below.strip()) and not NUMBERED.match(below)


def _end(table: Table, start: int, depth: int) -> int:
    """The row behind the last one that stands under the headings."""
    answered = _answered(table, start + depth)
    for r in range(start + depth, len(table.rows)):
        if _is_signature(table, r):
            return r
        if slotted(table, r):
            continue
        if _is_across(table, r, start, depth) or _asks_beside(table, r, answered):
            return r
        if _heading_rows(_part(table, r, len(table.rows))) and _is_new_heading(table, r, start):
            return r
    return len(table.rows)


def _answered(table: Table, first: int) -> frozenset[int]:
    """The columns where at least half of the rows that begin a cell there leave it empty."""
    empty: Counter[int] = Counter()
    all_: Counter[int] = Counter()
    for r in range(first, len(table.rows)):
        for cell in corners(table, r):
            if cell.row == r + table.top:
                all_[cell.col] += 1
                empty[cell.col] += not cell.text.strip()
    return frozenset(col for col, n in empty.items() if 2 * n >= all_[col])


def _is_signature(table: Table, r: int) -> bool:
    """`填表人：| |审核人：| `: labels with a colon, as they head or close a page."""
    written = [c for c in corners(table, r) if c.text.strip()]
    labels = [c for c in written if _COLON.search(c.text)]
    return bool(labels) and all(is_header_label(c.text) for c in labels) and written[0] in labels


def _is_across(table: Table, r: int, start: int, depth: int) -> bool:
    """A label and one empty cell across several columns that have headings of their own."""
    written = [c for c in corners(table, r) if c.text.strip()]
    empty = [c for c in corners(table, r) if not c.text.strip()]
    if len(empty) != 1 or len(written) != 1 or written[0].col > empty[0].col:
        return False
    if is_total(written[0].text):
        return False
    span = [col for col, cell in enumerate(table.rows[r]) if cell is empty[0]]
    return len({c.col for c in corners(table, start + depth - 1) if c.col in span}) > 1


def _asks_beside(table: Table, r: int, answered: frozenset[int]) -> bool:
    """A label stands where other rows are answered, and its own answer goes beside it."""
    cells = corners(table, r)
    labels = [c for c in cells if c.text.strip() and c.col in answered]
    last_empty = max((c.col for c in cells if not c.text.strip()), default=-1)
    return any(is_header_label(c.text) and c.col < last_empty for c in labels)


def _is_new_heading(table: Table, r: int, start: int) -> bool:
    """Whether a full row heads a table of its own and is no row that was printed full."""
    first = corners(table, r)[0]
    return first.row == r + table.top and not NUMBERED.match(first.text) and r > start + 1


def _layout(table: Table, headings: int) -> Layout:
    if has_slots(table):
        return "sentences"
    for r in range(headings, len(table.rows)):
        written = [c for c in corners(table, r) if c.text.strip()]
        named = [c for c in written if not NUMBERED.match(c.text)]
        if named and not is_total(written[0].text):
            return "grid"
    return "list"
