"""Reads a label form that a unit filled as a list (一表多人): the labels became headings,
and each row below is one filled form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from parsers.found import missing, value_of
from parsers.labels import SERIAL, TOTAL, label_of
from parsers.matched import Matched
from parsers.pieces import Piece
from parsers.types import Field, Form, Value

_MOST_LABELS, _FEWEST = 0.6, 3


def read_roster(
    form: Form, pieces: Sequence[Piece], paper: Matched
) -> list[tuple[dict[str, Value], tuple[Piece, ...]]]:
    """The values and pieces of each row, where most of the form's labels stand in one row
    with answers below them; else nothing."""
    if form.layout != "labels":
        return []
    columns = _columns(form, paper)
    if len(columns) < max(_FEWEST, _MOST_LABELS * len(form.fields)):
        return []
    head = next(iter(columns.values()))
    below = [p for p in pieces if p.block == head.block and p.row > head.row]
    if any(p.block == head.block and p.row == head.row and _is_answer(p, paper) for p in pieces):
        return []
    rows = []
    for r in sorted({p.row for p in below}):
        row = tuple(p for p in below if p.row == r)
        if any(p.order in paper.orders or TOTAL.match(label_of(p.text)) for p in row):
            break
        rows.append((_row(form, row, columns), row))
    return rows


def _is_answer(piece: Piece, paper: Matched) -> bool:
    return piece.order not in paper.orders and not SERIAL.match(label_of(piece.text))


def _columns(form: Form, paper: Matched) -> dict[str, Piece]:
    """The labels that stand in the one row where most of them stand, by field key."""
    found: dict[str, Piece] = {}
    label: Piece | None = None
    keys = {f.key for f in form.fields}
    for cell in form.paper:
        if not cell.slots:
            label = paper.piece(cell)
        elif label is not None and cell.slots[0].field in keys:
            found[cell.slots[0].field] = label
    rows = Counter((p.block, p.row) for p in found.values() if p.row >= 0)
    if not rows:
        return {}
    best = rows.most_common(1)[0][0]
    return {key: p for key, p in found.items() if (p.block, p.row) == best}


def _row(form: Form, row: Sequence[Piece], columns: dict[str, Piece]) -> dict[str, Value]:
    """One row's answers; a cell that stands below no heading makes the whole row unsure."""
    heads = {p.col for p in columns.values()}
    first = min(heads)
    stray = [p for p in row if p.col not in heads and not (p.col < first and p.text.isdigit())]
    against = "place_disputed" if stray else ""
    return {f.key: _cell(f, row, columns.get(f.key), against) for f in form.fields}


def _cell(field: Field, row: Sequence[Piece], head: Piece | None, against: str) -> Value:
    if head is None:
        return missing(field)
    piece = next((p for p in row if p.col == head.col), None)
    if piece is None:
        return value_of(field, "", margin=0.67, against=against)
    shared = "cell_shared" if piece.colspan > 1 and head.colspan == 1 else ""
    return value_of(field, piece.text, piece.place, 0.67, against or shared)
