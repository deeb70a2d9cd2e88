"""Interprets a document against the forms that may stand in it: one part read for each
form found, or one that says why there is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from parsers import limits
from parsers.extract import extract
from parsers.layout import lay_out
from parsers.pieces import Piece, pieces_of
from parsers.recognise import Found, best_score, recognise
from parsers.types import Document, Form, Outcome, PartRead, Reading


def interpret(document: Document, forms: Sequence[Form], name: str | None) -> tuple[PartRead, ...]:
    """What the document holds: its filled forms, else material, an unread scan, or nothing."""
    pieces = pieces_of(lay_out(document))
    text = _text(pieces)
    if not pieces:
        outcome: Outcome = "scan_unread" if document.images else "empty"
        return (PartRead(name, outcome, doubts=document.doubts),)
    found = recognise(pieces, forms)
    if not found:
        score = best_score(pieces, forms)
        return (PartRead(name, "material", score=score, doubts=document.doubts, text=text),)
    return tuple(_part(f, document, name) for f in found)


def _part(found: Found, document: Document, name: str | None) -> PartRead:
    if found.form is None:
        raise ValueError("a found form is a form")
    reading = extract(found.form, found.pieces, found.score, found.margin)
    return PartRead(
        name,
        "form" if is_filled(reading) else "blank_form",
        reading,
        found.form,
        found.score,
        found.margin,
        document.doubts,
        text=_text(found.pieces),
    )


def is_filled(reading: Reading) -> bool:
    """Whether any field was answered: a pre-filled header alone is an unfilled template."""
    return any(v.state not in ("blank",) and v.why != "not_found" for v in reading.values)


def _text(pieces: Sequence[Piece]) -> str:
    return "\n".join(p.text for p in pieces)[: limits.TEXT_KEPT]
