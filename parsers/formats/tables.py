"""Turns placed cells into a Grid: the one shape of a table, whatever the format says.

Two ways in: cells with their address and spans (HTML, OpenDocument), and cells with a
left and a right edge (Word, RTF), whose columns follow from all edges of the table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from parsers import limits
from parsers.types import Cell, Grid, OverLimit

_SAME_EDGE = 40
"""Twips (0.7 mm): Word draws rows with edges this far apart as one line."""


@dataclass(frozen=True, slots=True)
class EdgeCell:
    """A cell as Word and RTF keep it: between two edges, in twips."""

    text: str
    left: int
    right: int
    joins_left: bool = False
    joins_above: bool = False


def bound(rows: int, columns: int, limit: int = limits.DOCUMENT_CELLS) -> None:
    """Raises OverLimit where a table of this size would be more than we read."""
    if rows * columns > limit:
        raise OverLimit("too_many_cells", cells=rows * columns, limit=limit)


def lay(cells: Iterable[Cell], name: str | None = None) -> Grid:
    """A rectangle over all cells; where two claim an address the earlier keeps it."""
    placed = list(cells)
    height = max((c.row + c.rowspan for c in placed), default=0)
    width = max((c.col + c.colspan for c in placed), default=0)
    bound(height, width)
    rows: list[list[Cell | None]] = [[None] * width for _ in range(height)]
    for cell in placed:
        for r in range(cell.row, cell.row + cell.rowspan):
            for c in range(cell.col, cell.col + cell.colspan):
                if rows[r][c] is None:
                    rows[r][c] = cell
    return Grid(tuple(_filled(r, row) for r, row in enumerate(rows)), name)


def _filled(r: int, row: Sequence[Cell | None]) -> tuple[Cell, ...]:
    return tuple(Cell("", r, c) if cell is None else cell for c, cell in enumerate(row))


def lay_edges(rows: Sequence[Sequence[EdgeCell]]) -> Grid:
    """A grid from rows of cells that know their edges only."""
    columns = _columns(rows)
    placed: list[list[Cell]] = []
    for r, row in enumerate(rows):
        placed.append([])
        end = 0
        for cell in row:
            start = max(end, _column(columns, cell.left))
            end = max(start + 1, _column(columns, cell.right))
            _place(placed, Cell(cell.text, r, start, 1, end - start), cell)
        bound(r + 1, max(end, len(columns) - 1))
    return lay(cell for line in placed for cell in line)


def _columns(rows: Sequence[Sequence[EdgeCell]]) -> list[int]:
    columns: list[int] = []
    for edge in sorted({e for row in rows for cell in row for e in (cell.left, cell.right)}):
        if not columns or edge - columns[-1] > _SAME_EDGE:
            columns.append(edge)
    return columns


def _column(columns: Sequence[int], edge: int) -> int:
    return max(0, bisect_right(columns, edge) - 1)


def _place(placed: list[list[Cell]], cell: Cell, how: EdgeCell) -> None:
    """Files a cell, or lengthens the one it is merged with; no text is lost on the way."""
    line = placed[-1]
    if how.joins_left and line:
        line[-1] = replace(
            line[-1],
            text=_joined(line[-1].text, cell.text),
            colspan=cell.col + cell.colspan - line[-1].col,
        )
        return
    if how.joins_above:
        for above in reversed(placed[:-1]):
            for i, upper in enumerate(above):
                if upper.col == cell.col and upper.row + upper.rowspan == cell.row:
                    above[i] = replace(
                        upper, text=_joined(upper.text, cell.text), rowspan=upper.rowspan + 1
                    )
                    return
            if any(c.col <= cell.col < c.col + c.colspan for c in above):
                break
    line.append(cell)


def _joined(first: str, second: str) -> str:
    return "\n".join(text for text in (first, second) if text)
