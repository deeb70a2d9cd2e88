"""Reads the cells of a filled grid (表格数字): each stands under its heading and beside its
row label, wherever the rows and columns are now.

Voters: row label with heading, row label with where the columns moved, heading with where
the rows moved. Two must meet in the same cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parsers.extract_narratives import is_filled_whole
from parsers.found import missing, value_of
from parsers.matched import Matched
from parsers.pieces import Piece
from parsers.types import BlankCell, Field, Form, Value

Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell to be filled, the printed labels of its row and the headings of its column."""

    cell: BlankCell
    field: Field
    labels: tuple[BlankCell, ...]
    headings: tuple[BlankCell, ...]


def grid_cells(form: Form) -> list[GridCell]:
    """The cells of the blank that stand under a heading beside a label, none else."""
    fields = {f.key: f for f in form.fields}
    found: list[GridCell] = []
    seen: list[BlankCell] = []
    for cell in form.paper:
        if is_filled_whole(cell, fields) and _is_grid_cell(cell, seen):
            row = [c for c in seen if (c.block, c.row) == (cell.block, cell.row)]
            labels = tuple(c for c in row if c.text.strip() and not c.slots)
            field = fields[cell.slots[0].field]
            found.append(GridCell(cell, field, labels, _headings(cell, seen)))
        seen.append(cell)
    return found


def _is_grid_cell(cell: BlankCell, seen: Sequence[BlankCell]) -> bool:
    if cell.layout == "grid":
        return True
    before = seen[-1] if seen else None
    same_row = before is not None and (before.block, before.row) == (cell.block, cell.row)
    return cell.layout == "sentences" and same_row and before is not None and bool(before.slots)


def _headings(cell: BlankCell, seen: Sequence[BlankCell]) -> tuple[BlankCell, ...]:
    """The printed cells above, one a row: the nearest that begins at or left of the column."""
    above: dict[int, BlankCell] = {}
    for c in seen:
        is_above = c.block == cell.block and c.row < cell.row and c.col <= cell.col
        if is_above and c.layout == cell.layout and c.text.strip():
            nearest = above.get(c.row)
            if not c.slots and (nearest is None or c.col > nearest.col):
                above[c.row] = c
    return tuple(c for c in above.values() if c.col == cell.col)


def read_grid(form: Form, pieces: Sequence[Piece], paper: Matched) -> dict[str, Value]:
    """The values of a grid's cells, by field key."""
    cells = grid_cells(form)
    places = {g.field.key: _places(g, paper, cells) for g in cells}
    agreed = {key: _agreed(votes) for key, votes in places.items()}
    owners = Counter(
        p.order for at in agreed.values() if at and (p := _piece(at, pieces)) is not None
    )
    return {g.field.key: _value(g.field, agreed[g.field.key], pieces, paper, owners) for g in cells}


def _places(grid: GridCell, paper: Matched, cells: Sequence[GridCell]) -> list[Place]:
    label = _row_label(grid, paper, cells)
    heading = next((p for c in reversed(grid.headings) if (p := paper.piece(c))), None)
    moved = paper.address(grid.cell)
    places: list[Place] = []
    if label and heading and label.block == heading.block:
        places.append((label.block, label.row, heading.col))
    if label and moved and label.block == moved[0]:
        places.append((label.block, label.row, moved[2]))
    if heading and moved and heading.block == moved[0]:
        places.append((heading.block, moved[1], heading.col))
    return places


def _row_label(grid: GridCell, paper: Matched, cells: Sequence[GridCell]) -> Piece | None:
    """The row's own label; one that other rows share says nothing about where the row is."""
    for label in reversed(grid.labels):
        rows = {g.cell.row for g in cells for c in g.labels if c.text.strip() == label.text.strip()}
        if len(rows) == 1 and (piece := paper.piece(label)):
            return piece
    return None


def _agreed(places: Sequence[Place]) -> Place | None:
    counted = Counter(places).most_common()
    if not counted or counted[0][1] < 2:
        return None
    return counted[0][0]


def _piece(place: Place, pieces: Sequence[Piece]) -> Piece | None:
    return next((p for p in pieces if p.covers(*place)), None)


def _value(
    field: Field,
    place: Place | None,
    pieces: Sequence[Piece],
    paper: Matched,
    owners: Mapping[int, int],
) -> Value:
    if place is None:
        return missing(field)
    piece = _piece(place, pieces)
    if piece is None:
        return value_of(field, "", "/".join(map(str, place)))
    if piece.order in paper.orders:
        return missing(field, "place_disputed", piece.text)
    against = "cell_shared" if owners.get(piece.order, 0) > 1 else ""
    return value_of(field, piece.text, piece.place, against=against)
