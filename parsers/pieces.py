"""Pieces (文字块): everything written in a document, cell by cell and line by line.

What recognition counts and extraction aligns; addresses stay those of the document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from parsers.fold import Folded, fold
from parsers.layout import Line, Table
from parsers.types import Cell


@dataclass(frozen=True, slots=True)
class Piece:
    """One cell or line with something written in it; `table` counts the tables, -1 for a line."""

    order: int
    table: int
    block: int
    row: int
    col: int
    text: str
    folded: Folded
    rowspan: int = 1
    colspan: int = 1

    def covers(self, block: int, row: int, col: int) -> bool:
        """Whether the piece's cell stands at this address."""
        rows, cols = self.row + self.rowspan, self.col + self.colspan
        return self.block == block and self.row <= row < rows and self.col <= col < cols

    @property
    def place(self) -> str:
        """Where it stands, as the document counts: block, row, column."""
        return f"{self.block}" if self.row < 0 else f"{self.block}/{self.row}/{self.col}"


def _spans(part: Cell | Line) -> tuple[int, int]:
    return (part.rowspan, part.colspan) if isinstance(part, Cell) else (1, 1)


def pieces_of(laid: Iterable[Line | Table]) -> tuple[Piece, ...]:
    """The written pieces in reading order."""
    found: list[Piece] = []
    tables = -1
    for part in laid:
        is_table = isinstance(part, Table)
        tables += is_table
        cells: Iterable[Cell | Line] = part.corners() if isinstance(part, Table) else (part,)
        for cell in cells:
            if cell.text.strip():
                piece = Piece(
                    len(found),
                    tables if is_table else -1,
                    part.block,
                    cell.row,
                    cell.col,
                    cell.text,
                    fold(cell.text),
                    *_spans(cell),
                )
                found.append(piece)
    return tuple(found)
