"""Finds the answers that fill a whole cell beside a printed label (整格填写): narratives
below a prompt, and the values of a label-and-value form.

Three voters: the cell right of the label, the cell at the blank's own address, and what
stands between this label and the next printed words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from parsers.fold import folded
from parsers.found import missing, value_of, without_prompt
from parsers.labels import label_of
from parsers.pieces import Piece
from parsers.types import BlankCell, Field, Form, Value

_SAME_LABEL = 80.0
_SHORT_LABEL = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A printed cell to be filled whole, and the printed label it belongs to."""

    cell: BlankCell
    label: BlankCell
    field: Field
    bridge: tuple[BlankCell, ...] = ()
    """Printed cells that stand between the label and the cell."""


def asked_cells(form: Form) -> list[Asked]:
    """The cells of the blank that are filled whole, each with the label left of it: in a
    form of sentences the row's first words, else the nearest."""
    fields = {f.key: f for f in form.fields}
    found: list[Asked] = []
    row: list[BlankCell] = []
    for cell in form.paper:
        if cell.row < 0 or (row and (row[0].block, row[0].row) != (cell.block, cell.row)):
            row = []
        if cell.row < 0:
            continue
        if not cell.slots:
            row.extend([cell] if cell.text.strip() else [])
        elif row and (field := fields.get(cell.slots[0].field)) and field.kind != "list":
            slot = cell.slots[0]
            if slot.end - slot.start == len(cell.text):
                at = 0 if form.layout == "sentences" else len(row) - 1
                found.append(Asked(cell, row[at], field, tuple(row[at + 1 :])))
    return found


def read_cells(form: Form, pieces: Sequence[Piece]) -> dict[str, Value]:
    """The values of all cells that are filled whole, by field key."""
    asked = asked_cells(form)
    matched = match_printed(form, pieces)
    shift = _shift(form, matched)
    votes = {a.field.key: _votes(a, pieces, matched, shift) for a in asked}
    claims = Counter(p.order for v in votes.values() for p in set(v) if p is not None)
    return {a.field.key: _settled(a, votes[a.field.key], claims) for a in asked}


def match_printed(form: Form, pieces: Sequence[Piece]) -> dict[tuple[int, int, int], Piece]:
    """Printed cells without slots, by address, and the piece that repeats each."""
    by_text: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_text.setdefault(folded(label_of(piece.text)), []).append(piece)
    matched: dict[tuple[int, int, int], Piece] = {}
    loose: list[BlankCell] = []
    for cell in form.paper:
        if cell.slots or not cell.text.strip():
            continue
        same = by_text.get(folded(label_of(cell.text)), [])
        if same:
            matched[(cell.block, cell.row, cell.col)] = same.pop(0)
        else:
            loose.append(cell)
    free = {p.order for p in pieces} - {p.order for p in matched.values()}
    for cell in loose:
        near = _nearest(folded(cell.text), [p for p in pieces if p.order in free])
        if near is not None:
            matched[(cell.block, cell.row, cell.col)] = near
            free.discard(near.order)
    return matched


def _nearest(words: str, pieces: Sequence[Piece]) -> Piece | None:
    if len(words) < _SHORT_LABEL:
        return None
    scored = [(fuzz.ratio(words, p.folded.text, score_cutoff=_SAME_LABEL), p) for p in pieces]
    score, best = max(scored, key=lambda item: item[0], default=(0.0, None))
    return best if score else None


def _shift(
    form: Form, matched: dict[tuple[int, int, int], Piece]
) -> dict[int, tuple[int, int, int]]:
    """By block of the blank: where most of its printed cells have moved to (block, rows, columns)."""
    moves: dict[int, Counter[tuple[int, int, int]]] = {}
    for (block, row, col), piece in matched.items():
        if row >= 0 and piece.row >= 0:
            move = (piece.block, piece.row - row, piece.col - col)
            moves.setdefault(block, Counter())[move] += 1
    return {block: counted.most_common(1)[0][0] for block, counted in moves.items()}


def _votes(
    asked: Asked,
    pieces: Sequence[Piece],
    matched: dict[tuple[int, int, int], Piece],
    shift: dict[int, tuple[int, int, int]],
) -> list[Piece | None]:
    """What each voter takes for the answer: a piece, or None for an empty cell. A voter
    that cannot say does not vote."""
    votes: list[Piece | None] = []
    label = matched.get(_address(asked.label))
    if label is not None:
        bridge = {p.order for b in asked.bridge if (p := matched.get(_address(b)))}
        printed = {p.order for p in matched.values()} - bridge
        rest = [p for p in pieces if p.order > label.order and p.order not in bridge]
        votes.append(_beside(label, rest, printed))
        votes.append(rest[0] if rest and rest[0].order not in printed else None)
    move = shift.get(asked.cell.block)
    if move is not None:
        address = (move[0], asked.cell.row + move[1], asked.cell.col + move[2])
        if label is None or label.row == address[1]:
            at = [p for p in pieces if (p.block, p.row, p.col) == address]
            votes.append(at[0] if at else None)
    return votes


def _address(cell: BlankCell) -> tuple[int, int, int]:
    return (cell.block, cell.row, cell.col)


def _beside(label: Piece, pieces: Sequence[Piece], printed: set[int]) -> Piece | None:
    """The nearest piece right of the label in its row, unless that is printed too."""
    row = [p for p in pieces if p.block == label.block and p.row == label.row and p.col > label.col]
    return row[0] if row and row[0].order not in printed else None


def _settled(asked: Asked, votes: list[Piece | None], claims: Counter[int]) -> Value:
    counted = Counter(None if v is None else v.order for v in votes)
    if not counted:
        return missing(asked.field)
    (best, count), *_ = counted.most_common()
    piece = next((v for v in votes if v is not None and v.order == best), None)
    if count < 2:
        shown = piece or next((v for v in votes if v is not None), None)
        if shown is None:
            return missing(asked.field)
        content = without_prompt(shown.text, asked.cell.text)
        return value_of(asked.field, content, shown.place, 0.0, "place_disputed")
    if piece is None:
        return value_of(asked.field, "", margin=count / len(votes))
    against = "cell_shared" if claims[piece.order] > 1 else ""
    content = without_prompt(piece.text, asked.cell.text)
    return value_of(asked.field, content, piece.place, count / len(votes), against)
