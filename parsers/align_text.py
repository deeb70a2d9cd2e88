"""Two voters of the alignment that work on whole strings: edit operations, and clauses.

Each gives, for every slot of a template, the span of the filled text that stands in its
place, or None where it cannot say. They share no code with the dynamic programming.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

Span = tuple[int, int]
_SLOT = "\0"
_CLAUSE_END = re.compile(r"[;。]")
_FUZZY = 75.0
_WINDOW = 60


def by_edits(literals: Sequence[str], text: str) -> list[Span | None]:
    """Spans by the fewest edits that turn the blank's text into the filled one."""
    template = _SLOT.join(literals)
    places = [i for i, c in enumerate(template) if c == _SLOT]
    ends, starts = _neighbours(template, text)
    spans: list[Span | None] = []
    for place in places:
        start, end = ends[place], starts[place]
        spans.append((start, end) if start <= end else None)
    return spans


def _neighbours(template: str, text: str) -> tuple[list[int], list[int]]:
    """For each template position: the end in the text of what is matched before it, and
    the start of what is matched behind it."""
    matched = [-1] * len(template)
    for op in Levenshtein.opcodes(template, text):
        if op.tag == "equal":
            for k in range(op.src_end - op.src_start):
                matched[op.src_start + k] = op.dest_start + k
    ends, last = [0] * len(template), 0
    for i, at in enumerate(matched):
        ends[i] = last
        last = at + 1 if at >= 0 else last
    starts, following = [len(text)] * len(template), len(text)
    for i in range(len(template) - 1, -1, -1):
        starts[i] = following
        following = matched[i] if matched[i] >= 0 else following
    return ends, starts


def by_clauses(literals: Sequence[str], text: str) -> list[Span | None]:
    """Spans by finding each clause by its own words, wherever it stands, then its slots
    one by one between the words that part them."""
    spans: list[Span | None] = [None] * (len(literals) - 1)
    position = 0
    for first, last in _clauses(literals):
        head = _CLAUSE_END.split(literals[first])[-1]
        at = _locate(head, text, position) if head else position
        if at is None:
            continue
        position = _walk(literals, text, at, (first, last), spans)
    return spans


def _clauses(literals: Sequence[str]) -> list[tuple[int, int]]:
    """Runs of slots (first, last) between which no clause ends."""
    runs, first = [], 0
    for i in range(1, len(literals)):
        if i == len(literals) - 1 or _CLAUSE_END.search(literals[i]):
            runs.append((first, i - 1))
            first = i
    return runs


def _locate(words: str, text: str, position: int) -> int | None:
    """Where the words end in the text: from the position on, else anywhere."""
    at = text.find(words, position)
    if at < 0:
        at = text.find(words)
    if at >= 0:
        return at + len(words)
    if len(words) < 4:
        return None
    ahead = fuzz.partial_ratio_alignment(words, text[position:], score_cutoff=_FUZZY)
    if ahead is None:
        ahead = fuzz.partial_ratio_alignment(words, text, score_cutoff=_FUZZY)
        position = 0
    return None if ahead is None else position + ahead.dest_end


def _walk(literals: Sequence[str], text: str, at: int, run: Span, spans: list[Span | None]) -> int:
    for i in range(run[0], run[1] + 1):
        behind = literals[i + 1]
        if i == run[1]:
            end = _CLAUSE_END.search(behind)
            behind = behind[: end.end()] if end else behind
        span = _until(behind, text, at)
        if span is None:
            return at
        spans[i] = (at, span[0])
        at = span[1]
    return at


def _until(words: str, text: str, at: int) -> Span | None:
    """The next place from `at` on where these words stand."""
    if not words:
        return len(text), len(text)
    window = text[at : at + len(words) + _WINDOW]
    exact = window.find(words)
    if exact >= 0:
        return at + exact, at + exact + len(words)
    if len(words) < 3:
        return None
    near = fuzz.partial_ratio_alignment(words, window, score_cutoff=_FUZZY)
    return None if near is None else (at + near.dest_start, at + near.dest_end)
