"""Extracts a form's values from the pieces of a document in which it was recognised.

Each layout has its own reader; here they are put together in the form's order, and every
value that waits for a person gets its doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from parsers.extract_grid import read_grid
from parsers.extract_header import read_header
from parsers.extract_lines import read_lines
from parsers.extract_list import read_lists
from parsers.extract_narratives import read_cells
from parsers.extract_roster import read_roster
from parsers.extract_sentences import read_sentences
from parsers.fold import folded
from parsers.found import missing
from parsers.labels import is_total
from parsers.matched import Matched
from parsers.pieces import Piece
from parsers.split import split_printed
from parsers.types import Doubt, Field, Form, Reading, Value
from parsers.values import characters

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Extracted:
    """One filled form with the pieces it was read from, and what no field took up."""

    reading: Reading
    pieces: tuple[Piece, ...]
    unread: str = ""


def extract(
    form: Form, pieces: Sequence[Piece], score: float, margin: float
) -> tuple[Extracted, ...]:
    """The filled form as read: header, every field of the schema, and the doubts. Several
    where a form of labels was filled as a list."""
    header, doubts = read_header(form, pieces)
    parts = split_printed(form, pieces)
    paper = Matched.of(form, parts)
    if rows := read_roster(form, parts, paper):
        return tuple(
            Extracted(_reading(form, values, header, doubts, (score, margin)), row)
            for values, row in rows
        )
    values = {
        **read_grid(form, parts, paper),
        **read_lists(form, parts, paper),
        **read_cells(form, parts, paper),
        **read_sentences(form, parts, paper),
        **read_lines(form, parts),
    }
    unread = _unread(form, parts, paper, values, header)
    astray = unread or _crowded(form, values)
    if astray and form.layout in ("labels", "grid"):
        values = {key: _not_surely_blank(value, astray) for key, value in values.items()}
    reading = _reading(form, values, header, doubts, (score, margin))
    return (Extracted(reading, tuple(pieces), unread),)


def _reading(
    form: Form,
    values: Mapping[str, Value],
    header: tuple[tuple[str, str], ...],
    doubts: tuple[Doubt, ...],
    fit: tuple[float, float],
) -> Reading:
    ordered = tuple(values.get(f.key) or missing(f) for f in form.fields)
    said = [d for f, v in zip(form.fields, ordered, strict=True) for d in _doubts(f, v)]
    return Reading(form.key, *fit, header, ordered, (*doubts, *said))


def _unread(
    form: Form,
    parts: Sequence[Piece],
    paper: Matched,
    values: Mapping[str, Value],
    header: Sequence[tuple[str, str]],
) -> str:
    """The first text in the form's tables that is neither printed nor anybody's answer."""
    if any(f.kind == "list" for f in form.fields):
        return ""
    used = {v.place for v in values.values()}
    raw = {folded(v.raw) for v in values.values() if v.raw}
    raw |= {folded(text) for _, text in header if text}
    sums = _sums(parts)
    for piece in parts:
        words = piece.folded.text
        is_known = piece.order in paper.orders or piece.place in used or words.isdigit()
        is_known = is_known or (piece.block, piece.row, -1) in sums
        is_known = is_known or (piece.block, -1, piece.col) in sums
        if piece.table >= 0 and not is_known and not any(words in said for said in raw):
            return piece.text[:_SHOWN]
    return ""


def _crowded(form: Form, values: Mapping[str, Value]) -> str:
    """Lines of which nobody can tell whose they are: answers below their labels, say, all of
    them taken up by one field."""
    known = {folded(v.raw) for v in values.values() if v.state != "unsure"}
    known |= {folded(f.label) for f in form.fields}
    for value in values.values():
        lines = value.raw.split("\n") if value.why == "place_disputed" else []
        if len(lines) > 1 and any(folded(line) not in known for line in lines):
            return value.raw[:_SHOWN]
    return ""


def _sums(parts: Sequence[Piece]) -> set[tuple[int, int, int]]:
    """Rows and columns of sums: (block, row, -1) where a row's words name one, (block, -1,
    column) where they stand above others. No field asks for them."""
    found = set()
    for piece in parts:
        if piece.table >= 0 and is_total(piece.text):
            found |= {(piece.block, piece.row + r, -1) for r in range(piece.rowspan)}
            if piece.col:
                found |= {(piece.block, -1, piece.col + c) for c in range(piece.colspan)}
    return found


def _not_surely_blank(value: Value, unread: str) -> Value:
    """An answer may stand where nobody looked: then no field is surely blank."""
    if value.state != "blank":
        return value
    return replace(value, state="unsure", raw=unread, why="unread_elsewhere")


def _doubts(field: Field, value: Value) -> list[Doubt]:
    """Why a value waits for a person; and soft doubts that leave it as it is."""
    if value.state == "unsure":
        facts = {"label": field.label, "raw": value.raw}
        if value.guess is not None:
            facts["guess"] = str(value.guess)
        return [Doubt.of(value.why or "unclear", field.key, **facts)]
    if value.why:
        return [Doubt.of(value.why, field.key, label=field.label)]
    if field.limit and isinstance(value.value, str):
        count = characters(value.value)
        if count > field.limit:
            return [
                Doubt.of("too_long", field.key, label=field.label, count=count, limit=field.limit)
            ]
    return []
