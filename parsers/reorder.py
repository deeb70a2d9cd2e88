"""Two habits that no alignment in order can follow: clauses written in another order, and
a bare list of answers without any of the printed words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from parsers.fold import Folded
from parsers.found import value_of
from parsers.types import Field, Value

_CLAUSE = re.compile(r"[^;。]+")
_VALUES = re.compile(r"[0-9()_□☑√]")
_SAME_CLAUSE, _LEAD = 72.0, 12.0
_SEPARATORS = (r"[\n\r]+", r"[；;]", r"[、]", r"[，,]", r"[\s\u3000]+")
_ENUMERATED = re.compile(r"^\s*[（(]?\d{1,2}[、.．)）]\s*(?=\S)")
_FEWEST = 3


def in_order(literals: Sequence[str], written: Folded) -> Folded | None:
    """The written clauses in the blank's order, where each is plainly one of its clauses;
    None where they are in that order already or cannot be told apart."""
    printed = [_VALUES.sub("", m.group()) for m in _CLAUSE.finditer("".join(literals))]
    found = list(_CLAUSE.finditer(written.text))
    if len(printed) != len(found) or len(printed) < 2:
        return None
    words = [_VALUES.sub("", m.group()) for m in found]
    order = [_only_match(clause, words) for clause in printed]
    if None in order or len(set(order)) != len(order) or order == sorted(order):  # type: ignore[type-var]
        return None
    text, origin = "", []
    for at in order:
        span = found[at or 0]
        text += span.group() + ";"
        origin += [*written.origin[span.start() : span.end()], written.origin[span.end() - 1]]
    return Folded(text, tuple(origin), written.source)


def _only_match(clause: str, words: Sequence[str]) -> int | None:
    scores = sorted(((fuzz.ratio(clause, w), n) for n, w in enumerate(words)), reverse=True)
    best, at = scores[0]
    runner_up = scores[1][0] if len(scores) > 1 else 0.0
    return at if best >= _SAME_CLAUSE and best - runner_up >= _LEAD else None


def bare_list(fields: Sequence[Field], text: str, place: str) -> dict[str, Value]:
    """The values of a list of answers: exactly as many as slots, counted in two ways, each
    a plain answer for its own slot. Else nothing."""
    if len(fields) < _FEWEST:
        return {}
    for separator in _SEPARATORS:
        tokens = [t for t in re.split(separator, text.strip(" 。.;；，,、\n")) if t.strip()]
        tokens = [_ENUMERATED.sub("", t).strip(" ，,、；;。") for t in tokens]
        if len(tokens) == len(fields) and _count(text) == len(fields):
            values = {
                f.key: value_of(f, t, place, 0.67) for f, t in zip(fields, tokens, strict=True)
            }
            plain = all(v.state != "unsure" and v.state != "blank" for v in values.values())
            return values if plain else {}
    return {}


def _count(text: str) -> int:
    """How many answers the text holds, counted without looking at what parts them."""
    answer = r"[□☑√■☒是否有无]{2,}|[（(][^（）()]*[）)]|\d+(?:\.\d+)?|[零一二三四五六七八九十百千万两廿]+|[是否无/—-]+"
    return len(re.findall(answer, text))
