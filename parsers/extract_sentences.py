"""Reads a filled form of sentences: each printed sentence finds its text, wherever rows
were moved, merged or split, and both are aligned; narratives stand beside their labels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from parsers.align import Cut, align
from parsers.fold import Folded, fold, folded
from parsers.found import missing, value_of
from parsers.matched import Matched, literals_of
from parsers.pieces import Piece
from parsers.reorder import bare_list, in_order
from parsers.types import BlankCell, Field, Form, Value

_VALUES = re.compile(r"[0-9()_□☑√\s]")
_CLAUSE_HEAD = re.compile(r"[^,;。、:]*$")
_SAME_CELL, _PART_OF = 82.0, 80.0
_SHARED_GRAMS = 0.6
_FEW_CHARACTERS = 6
_FEW_WORDS, _FEWEST_LETTERS = 4, 2
_HELD = {"narrative", "list"}


@dataclass(frozen=True, slots=True)
class Sentences:
    """One or more printed cells and the written pieces that hold their text."""

    cells: tuple[BlankCell, ...]
    pieces: tuple[Piece, ...]


def is_sentence(form_fields: dict[str, Field], cell: BlankCell) -> bool:
    """Whether a printed cell holds words with slots between them, in the form's body."""
    return (
        bool(cell.slots)
        and bool(cell.text.strip())
        and all(
            s.field in form_fields and form_fields[s.field].kind not in _HELD for s in cell.slots
        )
    )


def read_sentences(form: Form, pieces: Sequence[Piece], paper: Matched) -> dict[str, Value]:
    """The values of all slots that stand within sentences, by field key."""
    fields = {f.key: f for f in form.fields}
    cells = [c for c in form.cells if is_sentence(fields, c)]
    values: dict[str, Value] = {}
    printed = {p.order for p in paper.found.values()}
    groups = _groups(cells, [p for p in pieces if p.order not in printed])
    for group in groups:
        values.update(_read_group(group, fields))
    grouped = {_address(c) for g in groups for c in g.cells}
    for cell in cells:
        if _address(cell) not in grouped:
            values.update(_without_words(paper, cell, fields, pieces))
    return values


def _without_words(
    paper: Matched, cell: BlankCell, fields: dict[str, Field], pieces: Sequence[Piece]
) -> dict[str, Value]:
    """A cell whose printed words are gone: what stands where it stood, as a bare list."""
    piece = paper.at(cell, pieces)
    if piece is None:
        return {}
    asked = [fields[s.field] for s in cell.slots]
    return bare_list(asked, piece.text, piece.place)


def _groups(cells: Sequence[BlankCell], pieces: Sequence[Piece]) -> list[Sentences]:
    """Printed cells and written pieces that belong together: one to one where they are
    alike, else whatever holds parts of one another."""
    printed = {i: _VALUES.sub("", folded(cell.text)) for i, cell in enumerate(cells)}
    written = {p.order: _VALUES.sub("", p.folded.text) for p in pieces}
    written = {o: w for o, w in written.items() if len(w) >= _FEW_CHARACTERS}
    by_order = {p.order: p for p in pieces}
    pairs = {**_alike(printed, written), **_labelled(printed, pieces)}
    groups = [Sentences((cells[i],), (by_order[o],)) for i, o in pairs.items()]
    rest = {i: w for i, w in printed.items() if i not in pairs}
    free = {o: w for o, w in written.items() if o not in pairs.values()}
    for members, orders in _connected(rest, free):
        group = Sentences(
            tuple(cells[i] for i in sorted(members)), tuple(by_order[o] for o in sorted(orders))
        )
        groups.append(group)
    return groups


def _address(cell: BlankCell) -> tuple[int, int, int]:
    return (cell.block, cell.row, cell.col)


def _alike(printed: dict[int, str], written: dict[int, str]) -> dict[int, int]:
    """Pairs that are each other's best and leave little unexplained."""
    best: dict[int, int] = {}
    for i, words in printed.items():
        scored = {o: fuzz.ratio(words, w, score_cutoff=_SAME_CELL) for o, w in written.items()}
        top = sorted(scored.items(), key=lambda item: -item[1])[:2]
        if top and top[0][1] and (len(top) == 1 or top[0][1] > top[1][1]):
            best[i] = top[0][0]
    orders = list(best.values())
    return {i: o for i, o in best.items() if orders.count(o) == 1}


def _labelled(printed: dict[int, str], pieces: Sequence[Piece]) -> dict[int, int]:
    """Short cells found by their words alone: `联系人：____` by what begins with 联系人：, and
    `□是□否` by its options; only where one cell and one piece have them."""
    short = {i: w for i, w in printed.items() if w and len(w) < _FEW_CHARACTERS}
    pairs: dict[int, int] = {}
    for i, words in short.items():
        fits = [p.order for p in pieces if _begins(words, _VALUES.sub("", p.folded.text))]
        if len(fits) == 1 and list(printed.values()).count(words) == 1:
            pairs[i] = fits[0]
    return pairs


def _begins(words: str, written: str) -> bool:
    return written.startswith(words) if words.endswith(":") else written == words


def _connected(printed: dict[int, str], written: dict[int, str]) -> list[tuple[set[int], set[int]]]:
    """Connected groups of cells and pieces, one containing parts of the other."""
    grams = {o: _grams(w) for o, w in written.items()}
    groups: list[tuple[set[int], set[int]]] = []
    for i, words in printed.items():
        mine = _grams(words)
        for o, w in written.items():
            if not _share(words, mine, w, grams[o]):
                continue
            joined = [g for g in groups if i in g[0] or o in g[1]]
            groups = [g for g in groups if g not in joined]
            members = {i}.union(*(g[0] for g in joined))
            groups.append((members, {o}.union(*(g[1] for g in joined))))
    return groups


def _share(words: str, mine: set[str], other: str, theirs: set[str]) -> bool:
    """Whether one text holds much of the other: in order, or clause by clause."""
    if len(mine & theirs) >= _SHARED_GRAMS * min(len(mine), len(theirs)):
        return True
    return bool(fuzz.partial_ratio(words, other, score_cutoff=_PART_OF))


def _grams(words: str) -> set[str]:
    return {words[i : i + 3] for i in range(len(words) - 2)}


def _read_group(group: Sentences, fields: dict[str, Field]) -> dict[str, Value]:
    literals, keys = literals_of(group.cells)
    written = fold("\n".join(piece.text for piece in group.pieces))
    cuts = align(literals, written.text)
    if _doubtful(cuts) and (ordered := in_order(literals, written)):
        again = align(literals, ordered.text)
        if _doubtful(again) < _doubtful(cuts):
            written, cuts = ordered, again
    twice = _written_twice(literals, written.text)
    cuts = tuple(
        replace(c, why=c.why or "written_twice") if c and i in twice else c
        for i, c in enumerate(cuts)
    )
    place = group.pieces[0].place if len(group.pieces) == 1 else ""
    values = {
        key: cut_value(fields[key], cut, written, place)
        for key, cut in zip(keys, cuts, strict=True)
    }
    return _not_surely_blank(values, cuts)


def _written_twice(literals: Sequence[str], text: str) -> set[int]:
    """The slots whose printed words stand there more often than in the blank: all of them
    where the answer was written below the blank, or two weeks side by side; else those of a
    clause that was copied with another number."""
    printed = "".join(literals)
    words = {w for w in literals if len(w) >= _FEW_WORDS}
    twice = [w for w in words if text.count(w) > printed.count(w)]
    if len(twice) > 1 and 2 * len(twice) >= len(words):
        return set(range(len(literals) - 1))
    return {i for i, literal in enumerate(literals[:-1]) if _is_copied(literal, printed, text)}


def _is_copied(literal: str, printed: str, text: str) -> bool:
    """Whether the words right before a slot, which no other slot bears, head two answers."""
    found = _CLAUSE_HEAD.search(literal)
    head = found[0] if found else ""
    if len(head) < _FEWEST_LETTERS or printed.count(head) > 1:
        return False
    return len(re.findall(re.escape(head) + r"[(_0-9]", text)) > 1


def _not_surely_blank(values: dict[str, Value], cuts: Sequence[Cut | None]) -> dict[str, Value]:
    """Where a number stands behind the sentence, as in a text box laid over it, it may be
    the answer of any slot that looks empty; where most places are lost, so may be theirs."""
    has_tail = bool(cuts) and cuts[-1] is not None and cuts[-1].why == "unread_beside"
    why = "unread_beside" if has_tail else "place_disputed"
    if not has_tail and 2 * _doubtful(cuts) <= len(cuts):
        return values
    return {
        key: replace(v, state="unsure", why=why) if v.state == "blank" else v
        for key, v in values.items()
    }


def _doubtful(cuts: Sequence[Cut | None]) -> int:
    return sum(cut is None or bool(cut.why) for cut in cuts)


def cut_value(field: Field, cut: Cut | None, written: Folded, place: str) -> Value:
    """The value of one aligned slot."""
    if cut is None:
        return missing(field)
    content = written.raw(cut.start, cut.end)
    return value_of(field, content, place, cut.margin, cut.why)
