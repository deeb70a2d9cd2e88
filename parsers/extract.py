"""Extracts a form's values from the pieces of a document in which it was recognised.

Each layout has its own reader; here they are put together in the form's order, and every
value that waits for a person gets its doubt.
"""

from __future__ import annotations

from collections.abc import Sequence

from parsers.extract_grid import read_grid
from parsers.extract_header import read_header
from parsers.extract_list import read_lists
from parsers.extract_narratives import read_cells
from parsers.extract_sentences import read_sentences
from parsers.found import missing
from parsers.matched import Matched
from parsers.pieces import Piece
from parsers.split import split_printed
from parsers.types import Doubt, Field, Form, Reading, Value
from parsers.values import characters


def extract(form: Form, pieces: Sequence[Piece], score: float, margin: float) -> Reading:
    """The filled form as read: header, every field of the schema, and the doubts."""
    header, doubts = read_header(form, pieces)
    parts = split_printed(form, pieces)
    paper = Matched.of(form, parts)
    values = {
        **read_grid(form, parts, paper),
        **read_lists(form, parts, paper),
        **read_cells(form, parts, paper),
        **read_sentences(form, parts, paper),
    }
    ordered = tuple(values.get(f.key) or missing(f) for f in form.fields)
    said = [d for f, v in zip(form.fields, ordered, strict=True) for d in _doubts(f, v)]
    return Reading(form.key, score, margin, header, ordered, (*doubts, *said))


def _doubts(field: Field, value: Value) -> list[Doubt]:
    """Why a value waits for a person; and soft doubts that leave it as it is."""
    if value.state == "unsure":
        facts = {"label": field.label, "raw": value.raw}
        if value.guess is not None:
            facts["guess"] = str(value.guess)
        return [Doubt.of(value.why or "unclear", field.key, **facts)]
    if field.limit and isinstance(value.value, str):
        count = characters(value.value)
        if count > field.limit:
            return [
                Doubt.of("too_long", field.key, label=field.label, count=count, limit=field.limit)
            ]
    return []
