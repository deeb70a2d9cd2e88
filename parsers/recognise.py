"""Recognises which forms stand in a document (认表), and where each begins and ends.

The score is the share of the blank's printed words that the document repeats; what other
forms print too counts less. Words are compared in fours, so lost grids, broken lines and
scattered mistakes lower a score without losing it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from parsers.fold import folded
from parsers.labels import label_of
from parsers.pieces import Piece
from parsers.types import BlankCell, Form

_VALUES = re.compile(r"[0-9()_□☑√:]")
_GRAM = 4
_ENOUGH, _ENOUGH_LABELS = 0.4, 0.6
_TITLE_FITS = 85.0
_SHORT = 6
_SHARED = 0.3
_ANNEX = re.compile(r"^附(件|表)[0-9一二三四五六]{0,2}:?$")


@dataclass(frozen=True, slots=True)
class Found:
    """A form found in a run of pieces; `margin` is its lead over the runner-up."""

    form: Form | None
    pieces: tuple[Piece, ...]
    score: float
    margin: float


@dataclass(frozen=True, slots=True)
class _Print:
    """A blank's printed words: word groups of its long texts, its short labels, its title."""

    grams: frozenset[str]
    asked: frozenset[str]
    labels: frozenset[str]
    title: str


@lru_cache(maxsize=64)
def _print(form: Form) -> _Print:
    grams: set[str] = set()
    asked: set[str] = set()
    labels: set[str] = set()
    header = {f.key for f in form.header}
    for cell in form.paper:
        if any(slot.field in header for slot in cell.slots):
            continue
        for text in _between_slots(cell):
            words = _words(text)
            if cell.slots:
                asked.update(_grams(words) if len(words) >= _GRAM else ())
            elif len(words) < _SHORT:
                labels.add(words)
            else:
                grams.update(_grams(words))
    labels.update(_words(column) for field in form.fields for column in field.columns)
    return _Print(frozenset(grams), frozenset(asked), frozenset(labels - {""}), _words(form.title))


def _between_slots(cell: BlankCell) -> list[str]:
    parts, at = [], 0
    for slot in cell.slots:
        parts.append(cell.text[at : slot.start])
        at = slot.end
    return [*parts, cell.text[at:]]


def _words(text: str) -> str:
    return _VALUES.sub("", folded(label_of(text) if len(text) < _SHORT + 4 else text))


def _grams(words: str) -> set[str]:
    return {words[i : i + _GRAM] for i in range(max(1, len(words) - _GRAM + 1))}


def recognise(pieces: Sequence[Piece], forms: Sequence[Form]) -> tuple[Found, ...]:
    """The forms that stand among these pieces, in reading order; none if it holds no form."""
    runs = _runs(pieces, forms)
    found: list[Found] = []
    for run in runs:
        best = _best(run, forms)
        if best.form is not None:
            found.append(best)
        elif found:
            last = found[-1]
            found[-1] = Found(last.form, last.pieces + tuple(run), last.score, last.margin)
    if len(runs) > 1 and not found:
        whole = _best(pieces, forms)
        found.extend([whole] if whole.form else [])
    return tuple(found)


def best_score(pieces: Sequence[Piece], forms: Sequence[Form]) -> float:
    """The best score of any form, however low."""
    return _best(pieces, forms).score


def _best(pieces: Sequence[Piece], forms: Sequence[Form]) -> Found:
    scores = sorted(
        ((score(pieces, form, forms), n) for n, form in enumerate(forms)),
        key=lambda item: (-item[0], item[1]),
    )
    if not scores:
        return Found(None, tuple(pieces), 0.0, 0.0)
    best, n = scores[0]
    margin = best - (scores[1][0] if len(scores) > 1 else 0.0)
    enough = _ENOUGH if _print(forms[n]).asked else _ENOUGH_LABELS
    form = forms[n] if best >= enough else None
    return Found(form, tuple(pieces), round(best, 3), round(margin, 3))


def score(pieces: Sequence[Piece], form: Form, forms: Sequence[Form] = ()) -> float:
    """How much of the blank's print the pieces repeat, from 0 to 1. Words around slots
    weigh half: a notice may quote the rest of its own form."""
    mine = _print(form)
    others = [_print(f) for f in forms if f is not form]
    text = "".join(_VALUES.sub("", p.folded.text) for p in pieces)
    grams = _grams(text)
    short = {_words(p.text) for p in pieces if len(p.folded.text) < 2 * _SHORT + 4}
    parts = []
    if mine.asked:
        parts.append((_share(mine.asked, grams, [o.asked for o in others]), 2.0))
    if mine.grams:
        parts.append((_share(mine.grams, grams, [o.grams | o.asked for o in others]), 1.0))
    if len(mine.labels) > 2:
        heads = short | {w for p in pieces if (w := _words(re.split("[:：]", p.text)[0]))}
        parts.append((_share(mine.labels, heads, [o.labels for o in others]), 2.0))
    total = sum(weight for _, weight in parts)
    return sum(value * weight for value, weight in parts) / total if total else 0.0


def _share(wanted: frozenset[str], seen: set[str], others: Sequence[frozenset[str]]) -> float:
    shared = frozenset().union(*others) if others else frozenset()
    weights = {w: _SHARED if w in shared else 1.0 for w in wanted}
    return sum(weights[w] for w in wanted if w in seen) / sum(weights.values())


def _runs(pieces: Sequence[Piece], forms: Sequence[Form]) -> list[Sequence[Piece]]:
    """The pieces, cut where a form's title stands above a table, or a new sheet begins."""
    titles = [t for form in forms if len(t := _print(form).title) >= _SHORT]
    starts = {0}
    for i, piece in enumerate(pieces):
        if i and piece.block != pieces[i - 1].block and _is_new_sheet(pieces, i):
            starts.add(i)
        if _is_title(piece, titles) and _leads_to_table(pieces, i, titles):
            back = i
            while back and _ANNEX.match(pieces[back - 1].folded.text):
                back -= 1
            starts.add(back)
    ordered = sorted(starts)
    return [pieces[a:b] for a, b in zip(ordered, [*ordered[1:], len(pieces)], strict=True) if a < b]


def _is_new_sheet(pieces: Sequence[Piece], i: int) -> bool:
    return pieces[i].row == 0 and pieces[i - 1].row >= 0


def _is_title(piece: Piece, titles: Sequence[str]) -> bool:
    words = _VALUES.sub("", piece.folded.text)
    return any(
        abs(len(words) - len(t)) <= len(t) // 3 and fuzz.ratio(words, t) >= _TITLE_FITS
        for t in titles
    )


def _leads_to_table(pieces: Sequence[Piece], i: int, titles: Sequence[str]) -> bool:
    """Whether a table's cell follows before the next title: a list of annexes has none."""
    for piece in pieces[i + 1 : i + 6]:
        if _is_title(piece, titles):
            return False
        if piece.table >= 0:
            return True
    return not any(p.table >= 0 for p in pieces)
