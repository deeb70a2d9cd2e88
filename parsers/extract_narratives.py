"""Finds the answers that fill a whole cell beside a printed label (整格填写): narratives
below a prompt, and the values of a label-and-value form.

Voters: the cell right of the label, the cell at the blank's own address, all that stands
between this label and the next printed words, and the alignment of the whole text. Two
must agree, and nothing may be left unread between the label and the next printed words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from parsers.align_dp import by_cost
from parsers.align_text import by_edits
from parsers.fold import fold, folded
from parsers.found import missing, value_of, without_prompt
from parsers.matched import Matched, literals_of
from parsers.pieces import Piece
from parsers.types import BlankCell, Field, Form, Value

_MOST_TEXT, _MOST_CELLS = 12_000, 500_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A printed cell to be filled whole, and the printed label it belongs to."""

    cell: BlankCell
    label: BlankCell
    field: Field
    bridge: tuple[BlankCell, ...] = ()
    """Printed cells that stand between the label and the cell."""
    nexts: tuple[BlankCell, ...] = ()
    """The row's cells behind it that hold other places."""


def asked_cells(form: Form) -> list[Asked]:
    """The cells of the blank that are filled whole, each with the label left of it: among
    sentences the row's first words, else the nearest."""
    fields = {f.key: f for f in form.fields}
    found: list[Asked] = []
    row: list[BlankCell] = []
    before: BlankCell | None = None
    for cell in form.paper:
        if before is None or (before.block, before.row) != (cell.block, cell.row):
            row, before = [], None
        if not cell.slots and cell.row >= 0:
            row.extend([cell] if cell.text.strip() else [])
        elif row and is_filled_whole(cell, fields) and _is_beside(cell, before):
            at = 0 if cell.layout == "sentences" else len(row) - 1
            field, bridge = fields[cell.slots[0].field], tuple(row[at + 1 :])
            found.append(Asked(cell, row[at], field, bridge, _nexts(form, cell)))
        before = cell
    return found


def _nexts(form: Form, cell: BlankCell) -> tuple[BlankCell, ...]:
    return tuple(
        c for c in form.cells if (c.block, c.row) == (cell.block, cell.row) and c.col > cell.col
    )


def _is_beside(cell: BlankCell, before: BlankCell | None) -> bool:
    """Whether printed words and no other answer stand before it; a grid has its own reader."""
    return cell.layout != "grid" and (before is None or not before.slots)


def is_filled_whole(cell: BlankCell, fields: Mapping[str, Field]) -> bool:
    """Whether the answer is the whole cell and not a place between printed words."""
    if cell.row < 0 or len(cell.slots) != 1:
        return False
    slot = cell.slots[0]
    field = fields.get(slot.field)
    return field is not None and field.kind != "list" and slot.end - slot.start == len(cell.text)


def read_cells(form: Form, pieces: Sequence[Piece], paper: Matched) -> dict[str, Value]:
    """The values of all cells that are filled whole, by field key."""
    asked = asked_cells(form)
    if not asked:
        return {}
    votes = {a.field.key: _votes(a, pieces, paper) for a in asked}
    if any(not _agreed(v) for v in votes.values()):
        for key, vote in _whole_text(form, pieces):
            if key in votes:
                votes[key].append(vote)
    claims = Counter(o for v in votes.values() if (best := _agreed(v)) for o in best.orders)
    return {a.field.key: _settled(a, votes[a.field.key], claims) for a in asked}


@dataclass(frozen=True, slots=True)
class Vote:
    """What one voter takes for an answer: its text and the pieces it is made of."""

    text: str
    orders: tuple[int, ...] = ()
    place: str = ""
    is_near: bool = False
    """Whether it looked right beside or right behind the label: such a voter is not
    outvoted by those that look at the whole."""


def _votes(asked: Asked, pieces: Sequence[Piece], paper: Matched) -> list[Vote]:
    """What each voter takes for the answer; a voter that cannot say does not vote."""
    votes: list[Vote] = []
    label = paper.piece(asked.label)
    if label is not None:
        bridge = {p.order for b in asked.bridge if (p := paper.piece(b))}
        rest = [p for p in pieces if p.order > label.order and p.order not in bridge]
        rest = _up_to_next(rest, label, asked, paper)
        votes.append(_run(rest, paper.orders))
        if label.row >= 0:
            votes.append(_beside(label, rest, paper.orders))
    address = paper.address(asked.cell)
    if address is not None:
        at = [p for p in pieces if (p.block, p.row, p.col) == address]
        if at and at[0].order not in paper.orders and (label is None or label.row == address[1]):
            votes.append(_vote(at))
        elif not at and label is not None and label.row == address[1]:
            votes.append(Vote(""))
    return votes


def _up_to_next(rest: list[Piece], label: Piece, asked: Asked, paper: Matched) -> list[Piece]:
    """The pieces before the one that stands in the row's next place for another answer."""
    nexts = {paper.address(cell) for cell in asked.nexts}
    for i, piece in enumerate(rest):
        if piece.row == label.row and (piece.block, piece.row, piece.col) in nexts:
            return rest[:i]
    return rest


def _vote(pieces: Sequence[Piece], is_near: bool = False) -> Vote:
    text = "\n".join(p.text.strip() for p in pieces)
    place = pieces[0].place if len(pieces) == 1 else ""
    return Vote(text, tuple(p.order for p in pieces), place, is_near)


def _run(rest: Sequence[Piece], printed: frozenset[int]) -> Vote:
    """All pieces up to the next printed one."""
    run: list[Piece] = []
    for piece in rest:
        if piece.order in printed:
            break
        run.append(piece)
    return _vote(run, is_near=True)


def _beside(label: Piece, rest: Sequence[Piece], printed: frozenset[int]) -> Vote:
    """The nearest cell right of the label, with the rows below it that have no label."""
    row = [p for p in rest if (p.block, p.row) == (label.block, label.row) and p.col >= label.col]
    if not row or row[0].order in printed:
        return Vote("", is_near=True)
    found = [row[0]]
    for piece in rest[rest.index(row[0]) + 1 :]:
        if (piece.block, piece.col) != (row[0].block, row[0].col) or piece.order in printed:
            break
        found.append(piece)
    return _vote(found, is_near=True)


def _whole_text(form: Form, pieces: Sequence[Piece]) -> Iterator[tuple[str, Vote]]:
    """The votes of aligning the whole blank with the whole text, for lost or merged cells:
    by edits, and in a short text by cost too."""
    literals, keys = literals_of(form.paper)
    written = fold("\n".join(p.text for p in pieces))
    size = len(written.text)
    voters = [by_edits] if size <= _MOST_TEXT else []
    voters += [by_cost] if size * sum(map(len, literals)) <= _MOST_CELLS else []
    for voter in voters:
        for key, span in zip(keys, voter(literals, written.text), strict=True):
            if span is not None:
                yield key, Vote(written.raw(*span).strip(" :：\n"))


def _agreed(votes: Sequence[Vote]) -> Vote | None:
    """The answer that two voters share, unless one that looked beside the label saw other
    or more words there."""
    if len(votes) < 2:
        return None
    counted = Counter(folded(v.text) for v in votes)
    (best, count), *others = counted.most_common()
    if count < 2 or (others and others[0][1] == count):
        return None
    if any(v.is_near and folded(v.text) != best for v in votes):
        return None
    return max((v for v in votes if folded(v.text) == best), key=lambda v: len(v.orders))


def _settled(asked: Asked, votes: list[Vote], claims: Counter[int]) -> Value:
    agreed = _agreed(votes)
    if agreed is None:
        shown = max(votes, key=lambda v: len(v.text), default=None)
        if shown is None or not shown.text:
            return missing(asked.field)
        content = without_prompt(shown.text, asked.cell.text)
        return value_of(asked.field, content, shown.place, 0.0, "place_disputed")
    same = sum(folded(v.text) == folded(agreed.text) for v in votes)
    content = without_prompt(agreed.text, asked.cell.text)
    against = "cell_shared" if any(claims[o] > 1 for o in agreed.orders) else ""
    return value_of(asked.field, content, agreed.place, round(same / len(votes), 3), against)
