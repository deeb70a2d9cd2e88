"""Finds the printed words of a blank again in a filled document: which piece repeats which
cell, and where each table has moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from parsers.fold import folded
from parsers.labels import NUMBERED, label_of
from parsers.pieces import Piece
from parsers.types import BlankCell, Form

_SAME_LABEL, _PART_OF = 80.0, 85.0
_SHORT_LABEL = 4
_LONG = 20
_LITTLE_MORE = 1.2
Address = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Matched:
    """Printed cells found again: the piece of each address, and where each block moved."""

    found: dict[Address, Piece]
    orders: frozenset[int]
    shift: dict[int, Address]

    @classmethod
    def of(cls, form: Form, pieces: Sequence[Piece]) -> Matched:
        found = match_printed(form, pieces)
        shift = _shift(found)
        found |= _numbers(form, pieces, shift)
        taken = {p.order for p in found.values()}
        rest = [p for p in pieces if p.order not in taken]
        words = _sentence_pieces(form, rest) | _headed_pieces(form, rest)
        return cls(found, frozenset(taken | words), shift)

    def piece(self, cell: BlankCell) -> Piece | None:
        """The piece that repeats a printed cell."""
        return self.found.get((cell.block, cell.row, cell.col))

    def address(self, cell: BlankCell) -> Address | None:
        """Where a cell of the blank stands now, if its table was found."""
        move = self.shift.get(cell.block)
        return None if move is None else (move[0], cell.row + move[1], cell.col + move[2])

    def at(self, cell: BlankCell, pieces: Sequence[Piece]) -> Piece | None:
        """The unprinted piece at a cell's address, if its row's label stands beside it."""
        address = self.address(cell)
        if address is None or cell.row < 0:
            return None
        row = [p for (b, r, _), p in self.found.items() if (b, r) == (cell.block, cell.row)]
        if not any((p.block, p.row) == address[:2] for p in row):
            return None
        here = [p for p in pieces if (p.block, p.row, p.col) == address]
        return here[0] if here and here[0].order not in self.orders else None


def match_printed(form: Form, pieces: Sequence[Piece]) -> dict[Address, Piece]:
    """Printed cells without slots, by address, and the piece that repeats each."""
    by_text: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_text.setdefault(_name(piece.text), []).append(piece)
    matched: dict[Address, Piece] = {}
    loose: list[BlankCell] = []
    for cell in form.paper:
        if cell.slots or NUMBERED.match(cell.text):
            continue
        same = by_text.get(_name(cell.text), [])
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


def _numbers(
    form: Form, pieces: Sequence[Piece], shift: dict[int, Address]
) -> dict[Address, Piece]:
    """Printed serial numbers: one counts as print only where it stood, for an answer may be
    the same number."""
    by_address = {(p.block, p.row, p.col): p for p in pieces}
    found: dict[Address, Piece] = {}
    for cell in form.paper:
        move = shift.get(cell.block)
        if cell.slots or move is None or cell.row < 0 or not cell.text.strip():
            continue
        piece = by_address.get((move[0], cell.row + move[1], cell.col + move[2]))
        if piece and NUMBERED.match(cell.text) and piece.folded.text == folded(cell.text):
            found[(cell.block, cell.row, cell.col)] = piece
    return found


def _headed_pieces(form: Form, pieces: Sequence[Piece]) -> set[int]:
    """The pieces that begin with a head line's label (联系电话：): another's answer ends there."""
    heads = tuple(
        head
        for cell in form.cells
        if (head := folded(cell.text[: cell.slots[0].start])).endswith(":")
    )
    return {p.order for p in pieces if heads and p.folded.text.startswith(heads)}


def _name(text: str) -> str:
    return folded(label_of(text) if len(text) < _LONG else text)


def _nearest(words: str, pieces: Sequence[Piece]) -> Piece | None:
    """The piece that is these words with a few changes, and holds little besides."""
    if len(words) < _SHORT_LABEL:
        return None
    fits = [p for p in pieces if len(p.folded.text) <= _LITTLE_MORE * len(words)]
    scored = [(fuzz.ratio(words, p.folded.text, score_cutoff=_SAME_LABEL), p) for p in fits]
    score, best = max(scored, key=lambda item: item[0], default=(0.0, None))
    return best if score else None


def _sentence_pieces(form: Form, pieces: Sequence[Piece]) -> set[int]:
    """The pieces that hold the words of printed sentences: no answer goes beyond them."""
    sentences = [folded(c.text) for c in form.cells if len(c.slots) > 1 or len(c.text) > _LONG]
    prompts = {folded(c.text) for c in form.cells if c.slots and c.slots[0].end == len(c.text)}
    return {
        p.order
        for p in pieces
        if len(p.folded.text) >= _LONG
        and any(s not in prompts and _part(s, p.folded.text) for s in sentences)
    }


def _part(printed: str, written: str) -> float:
    return fuzz.partial_ratio(printed, written, score_cutoff=_PART_OF)


def _shift(matched: dict[Address, Piece]) -> dict[int, Address]:
    """By block of the blank: where most of its printed cells have moved to (block, rows, columns)."""
    moves: dict[int, Counter[Address]] = {}
    for (block, row, col), piece in matched.items():
        if row >= 0 and piece.row >= 0:
            move = (piece.block, piece.row - row, piece.col - col)
            moves.setdefault(block, Counter())[move] += 1
    return {block: counted.most_common(1)[0][0] for block, counted in moves.items()}


def literals_of(cells: Sequence[BlankCell]) -> tuple[list[str], list[str]]:
    """The folded words between the slots of these cells, and the slots' field keys."""
    literals, keys = [""], []
    for cell in cells:
        at = 0
        for slot in cell.slots:
            literals[-1] += folded(cell.text[at : slot.start])
            literals.append("")
            keys.append(slot.field)
            at = slot.end
        literals[-1] += folded(cell.text[at:])
    return literals, keys
