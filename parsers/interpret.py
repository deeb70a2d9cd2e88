"""Interprets a document against the forms that may stand in it: one part read for each
form found, or one that says why there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from parsers import limits
from parsers.extract import extract
from parsers.fold import folded
from parsers.layout import lay_out
from parsers.pieces import Piece, pieces_of
from parsers.recognise import Found, best_score, recognise
from parsers.types import Document, Doubt, Form, Outcome, PartRead, Reading

_TITLE_LINES, _LIKE_A_TITLE, _SAME_TITLE = 6, 75.0, 90.0
_DIGITS = re.compile(r"\d+")


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
        doubts = (*document.doubts, *_own_layout(pieces, forms, name))
        return (PartRead(name, "material", score=score, doubts=doubts, text=text),)
    return tuple(part for f in found for part in _parts(f, document, name))


def _parts(found: Found, document: Document, name: str | None) -> Iterator[PartRead]:
    if found.form is None:
        return
    for said in extract(found.form, found.pieces, found.score, found.margin):
        is_form = bool(said.unread) or is_filled(said.reading)
        doubts = (*document.doubts, *_title_doubts(found, name))
        if said.unread:
            doubts = (*doubts, Doubt.of("unread_text", name or "", raw=said.unread))
        yield PartRead(
            name,
            "form" if is_form else "blank_form",
            said.reading,
            found.form,
            found.score,
            found.margin,
            doubts,
            text=_text(said.pieces),
        )


def _own_layout(
    pieces: Sequence[Piece], forms: Sequence[Form], name: str | None
) -> Iterator[Doubt]:
    """A paper that bears a form's title, but none of its words: filled in a layout of its
    own, it may be the return all the same."""
    heads = [_DIGITS.sub("", p.folded.text) for p in pieces[:_TITLE_LINES]]
    for form in forms:
        title = _DIGITS.sub("", folded(form.title))
        if title and any(fuzz.ratio(head, title) >= _SAME_TITLE for head in heads):
            yield Doubt.of("own_layout", name or "", title=form.title)


def _title_doubts(found: Found, name: str | None) -> Iterator[Doubt]:
    """A form whose title names another year or another table than the blank's."""
    title = folded(found.form.title) if found.form else ""
    lines = [p for p in found.pieces[:_TITLE_LINES] if p.table < 0 or p.row < 0]
    close = [p for p in lines if fuzz.ratio(p.folded.text, title) >= _LIKE_A_TITLE]
    if (
        title
        and close
        and all(_DIGITS.findall(p.folded.text) != _DIGITS.findall(title) for p in close)
    ):
        yield Doubt.of(
            "other_title",
            name or "",
            raw=close[0].text.strip(),
            title=found.form.title if found.form else "",
        )


def is_filled(reading: Reading) -> bool:
    """Whether anything may have been answered: a pre-filled header alone is an unfilled
    template, a field that cannot be found is not surely blank."""
    return any(value.state != "blank" for value in reading.values)


def _text(pieces: Sequence[Piece]) -> str:
    return "\n".join(p.text for p in pieces)[: limits.TEXT_KEPT]
