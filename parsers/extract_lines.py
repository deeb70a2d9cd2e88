"""Reads the answers that a form without a table asks for in lines of their own
(`四、存在困难（100字以内）：`): what is written behind the printed words, up to the next ones.

Voters: cutting at the printed words wherever they stand, and aligning the whole text. Two
must agree.
"""

from __future__ import annotations

from collections.abc import Sequence

from parsers.align_text import by_edits
from parsers.fold import fold, folded
from parsers.found import missing, value_of
from parsers.matched import literals_of
from parsers.pieces import Piece
from parsers.types import BlankCell, Field, Form, Value

_FEW = 3


def read_lines(form: Form, pieces: Sequence[Piece]) -> dict[str, Value]:
    """The values of all narratives that stand behind a printed line, by field key."""
    fields = {f.key: f for f in form.fields}
    asked = [c for c in form.cells if _asks_for_lines(c, fields)]
    if not asked:
        return {}
    written = fold("\n".join(p.text for p in pieces))
    literals, keys = literals_of(form.paper)
    spans = dict(zip(keys, by_edits(literals, written.text), strict=True))
    heads = [h for c in form.paper if len(h := _head(c)) >= _FEW]
    values = {}
    for cell in asked:
        field = fields[cell.slots[0].field]
        cut = _cut(folded(cell.text), heads, pieces)
        span = spans[field.key]
        aligned = None if span is None else written.raw(*span)
        values[field.key] = _value(field, cut, aligned)
    return values


def _asks_for_lines(cell: BlankCell, fields: dict[str, Field]) -> bool:
    if cell.row >= 0 or len(cell.slots) != 1 or cell.slots[0].start != len(cell.text):
        return False
    field = fields.get(cell.slots[0].field)
    return field is not None and field.kind == "narrative"


def _head(cell: BlankCell) -> str:
    """The printed words a line begins with, up to its first place."""
    return folded(cell.text[: cell.slots[0].start] if cell.slots else cell.text)


def _cut(label: str, heads: Sequence[str], pieces: Sequence[Piece]) -> str | None:
    """What stands behind the label, in its line and below, up to the next printed words."""
    at = [i for i, p in enumerate(pieces) if p.folded.text.startswith(label)]
    if len(at) != 1:
        return None
    first = pieces[at[0]]
    lines = [first.folded.raw(len(label), len(first.folded.text))]
    for piece in pieces[at[0] + 1 :]:
        if any(piece.folded.text.startswith(h) for h in heads):
            break
        lines.append(piece.text)
    return "\n".join(line.strip() for line in lines if line.strip())


def _value(field: Field, cut: str | None, aligned: str | None) -> Value:
    if cut is None:
        return missing(field)
    against = "" if folded(aligned or "") == folded(cut) else "place_disputed"
    return value_of(field, cut, margin=0.0 if against else 1.0, against=against)
