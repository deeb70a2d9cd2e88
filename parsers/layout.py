"""How a document's blocks lie on the page: running lines, and tables with their rows.

A sheet keeps title, header line and notes as rows of one grid; here they become lines, as
in Word. Addresses stay those of the document, so whatever is found can be shown and filled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.labels import is_header_label
from parsers.types import Cell, Document, Grid

_LINE_HEAD = re.compile(
    r"^\s*(附\s*[件表]|表\s*\d|注\s*[:：]|备\s*注\s*[:：]|说\s*明\s*[:：]|填[报表]说明)"
)
_LINE_TAIL = re.compile(r"([表册单账]|情况)\s*([（(].{0,20}[）)])?\s*$")
_LINE_BLANK = re.compile(r"[:：]\s*[_＿]{2,}|[:：].*[:：]")
_TITLE_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """Running text outside any table: a paragraph, or a lone row of a sheet."""

    block: int
    row: int
    col: int
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Consecutive rows of one grid, from its row `top` on, that make a table."""

    block: int
    top: int
    rows: tuple[tuple[Cell, ...], ...]
    name: str | None = None

    def corners(self) -> Iterator[Cell]:
        """Each cell once, in reading order; addresses are the grid's."""
        for r, row in enumerate(self.rows, self.top):
            for c, cell in enumerate(row):
                if cell.col == c and (cell.row == r or (r == self.top and cell.row < r)):
                    yield cell


def lay_out(document: Document) -> tuple[Line | Table, ...]:
    """The document's blocks as lines and tables, in reading order."""
    laid: list[Line | Table] = []
    for index, block in enumerate(document.blocks):
        if isinstance(block, Grid):
            laid.extend(_from_grid(index, block))
        else:
            laid.extend(Line(index, -1, -1, text) for text in block.text.split("\n"))
    return tuple(laid)


def _from_grid(index: int, grid: Grid) -> Iterator[Line | Table]:
    rows = grid.rows
    last_full = max((r for r, row in enumerate(rows) if _written(row) > 1), default=len(rows))
    start = 0
    for r, row in enumerate(rows):
        cell = _lone(r, row)
        if cell is None or not _parts(cell, r, start, last_full, grid):
            continue
        if start < r:
            yield Table(index, start, rows[start:r], grid.name)
        yield Line(index, r, cell.col, cell.text)
        start = r + 1
    if start < len(rows):
        yield Table(index, start, rows[start:], grid.name)


def _parts(cell: Cell, r: int, start: int, last_full: int, grid: Grid) -> bool:
    """Whether a lone row parts the grid: always above the first full row; below it only
    a row that reads as a line, after the table or between the tables of one sheet."""
    if r == start and r < last_full:
        return True
    return _reads_as_line(cell.text) and (r > last_full or grid.name is not None)


def _written(row: tuple[Cell, ...]) -> int:
    return len({(cell.row, cell.col) for cell in row if cell.text.strip()})


def _lone(r: int, row: tuple[Cell, ...]) -> Cell | None:
    """The only written cell of a row, where it spans the row or reads as a line of its own."""
    distinct = {(cell.row, cell.col): cell for cell in row}
    if any(cell.row != r or cell.rowspan > 1 for cell in distinct.values()):
        return None
    written = [cell for cell in distinct.values() if cell.text.strip()]
    if len(written) != 1:
        return None
    cell = written[0]
    if len(distinct) == 1:
        return cell if len(row) > 1 else None
    reads = _reads_as_line(cell.text) or (r == 0 and _is_title(cell.text))
    return cell if cell.col == 0 and reads else None


def _is_title(text: str) -> bool:
    """Whether a sheet's first row, not merged across, is its title all the same."""
    return bool(_LINE_TAIL.search(text)) or (
        len(text.strip()) >= _TITLE_CHARACTERS and not is_header_label(text)
    )


def _reads_as_line(text: str) -> bool:
    if _LINE_HEAD.match(text) or _LINE_BLANK.search(text):
        return True
    return len(text.strip()) >= _TITLE_CHARACTERS and bool(_LINE_TAIL.search(text))
