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
_SEPARATORS = (r"\n\r", "；;", "、", "，,", r"\s\u3000")
_NUMBERED = re.compile(r"[（(]?(\d{1,2})[、.．)）]\s*(?=\S)")
_FEWEST, _MOSTLY = 3, 0.7


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
    """The values of a list of answers: exactly as many as slots, counted in two ways, most
    of them plain answers for their own slots. Else nothing."""
    if len(fields) < _FEWEST:
        return {}
    for separator in _SEPARATORS:
        tokens = _without_numbering([t.strip(" 。") for t in _tokens(text, separator)])
        if len(tokens) == len(fields) == len(_tokens(text, "".join(_SEPARATORS))):
            values = {
                f.key: value_of(f, t, place, 0.67) for f, t in zip(fields, tokens, strict=True)
            }
            plain = sum(v.state != "unsure" for v in values.values())
            return values if plain >= _MOSTLY * len(fields) else {}
    return {}


def _without_numbering(tokens: list[str]) -> list[str]:
    """1.2次 2.311人次 … are numbered answers only if the numbers run from one to the last."""
    heads = [_NUMBERED.match(t) for t in tokens]
    if [int(m[1]) for m in heads if m] != list(range(1, len(tokens) + 1)):
        return tokens
    return [t[m.end() :] for t, m in zip(tokens, heads, strict=True) if m]


def _tokens(text: str, separators: str) -> list[str]:
    """What stands between separators; those within brackets part nothing."""
    return re.findall(rf"(?:[（(【][^（）()【】]*[）)】]|[^{separators}])+", text)
