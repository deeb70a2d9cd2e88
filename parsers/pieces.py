"""Pieces (文字块): everything written in a document, cell by cell and line by line.

What recognition counts and extraction aligns; addresses stay those of the document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from parsers.fold import Folded, fold
from parsers.layout import Line, Table


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

    @property
    def place(self) -> str:
        """Where it stands, as the document counts: block, row, column."""
        return f"{self.block}" if self.row < 0 else f"{self.block}/{self.row}/{self.col}"


def pieces_of(laid: Iterable[Line | Table]) -> tuple[Piece, ...]:
    """The written pieces in reading order."""
    found: list[Piece] = []
    tables = -1
    for part in laid:
        is_table = isinstance(part, Table)
        tables += is_table
        cells = part.corners() if isinstance(part, Table) else (part,)
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
                )
                found.append(piece)
    return tuple(found)
