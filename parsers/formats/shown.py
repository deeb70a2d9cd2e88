"""A workbook's cells as the sheet shows them, where calamine gives the bare values.

85% and not 0.85; nothing where the font is struck out; #REF! where it stands. The readers of
.xlsx and .xls say which cells have such looks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from parsers.formats.told import told
from parsers.types import Cell, Document, Grid, Paragraph

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
Words = tuple[str, str]
"""What is left of a text, and what is struck out of it."""


@dataclass(slots=True)
class Looks:
    """Of one sheet, by address (B3): cells shown as a percentage, cells struck out whole,
    cells of which some words are struck out, and what the sheet shows (#REF!) or would
    reckon out in cells that calamine gives as empty."""

    percent: set[str] = field(default_factory=set)
    struck: set[str] = field(default_factory=set)
    partly: dict[str, Words] = field(default_factory=dict)
    unsaid: dict[str, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    """Both from 0. What stands there is read, for it may be printed words that were hidden to
    save paper; a doubt names it."""


def shown(document: Document, looks: Mapping[str, Looks]) -> Document:
    """The document with these looks (by sheet name) applied, and a doubt for what is struck
    out or hidden."""
    if not looks:
        return document
    sheets = [(b, looks[b.name or ""]) for b in document.grids if (b.name or "") in looks]
    gone = [_struck(cell, look) for grid, look in sheets for cell in grid.corners()]
    unseen = [c.text for grid, look in sheets for c in grid.corners() if _is_hidden(c, look)]
    return replace(
        document,
        blocks=tuple(_block(block, looks) for block in document.blocks),
        doubts=(*document.doubts, *told("struck_out", gone), *told("hidden_cells", unseen)),
    )


def _block(block: Paragraph | Grid, sheets: Mapping[str, Looks]) -> Paragraph | Grid:
    looks = sheets.get(block.name or "") if isinstance(block, Grid) else None
    if not isinstance(block, Grid) or looks is None:
        return block
    return replace(block, rows=tuple(tuple(_cell(c, looks) for c in row) for row in block.rows))


def _struck(cell: Cell, looks: Looks) -> str:
    place = address(cell.row, cell.col)
    if place in looks.partly:
        return looks.partly[place][1]
    return cell.text if place in looks.struck else ""


def _is_hidden(cell: Cell, looks: Looks) -> bool:
    """Whether none of the rows, or none of the columns, that the cell covers can be seen."""
    rows, columns = looks.hidden_rows, looks.hidden_columns
    return all(r in rows for r in range(cell.row, cell.row + cell.rowspan)) or all(
        c in columns for c in range(cell.col, cell.col + cell.colspan)
    )


def _cell(cell: Cell, looks: Looks) -> Cell:
    place = address(cell.row, cell.col)
    if place in looks.partly:
        return replace(cell, text=looks.partly[place][0])
    if place in looks.struck:
        return replace(cell, text="")
    if not cell.text and place in looks.unsaid:
        return replace(cell, text=looks.unsaid[place])
    if place in looks.percent and _NUMBER.fullmatch(cell.text):
        return replace(cell, text=format((Decimal(cell.text) * 100).normalize(), "f") + "%")
    return cell


def address(row: int, col: int) -> str:
    """The name of a cell: row 2, column 1 (both from 0) is B3."""
    letters, column = "", col + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
