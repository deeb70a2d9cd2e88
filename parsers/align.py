"""Aligns a filled text with its blank (比对): which words stand in which slot, by vote.

Three voters that share no code place every slot; a place counts where two agree, the
words around it are the blank's, they fit this slot better than any other, and nothing
that could be a value is left unread beside it. Otherwise it is a doubt, never a guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from parsers.align_dp import by_cost
from parsers.align_text import Span, by_clauses, by_edits
from parsers.counters import unit_of
from parsers.numerals import number

_VALUES = re.compile(r"[0-9()_]")
_MEANT = re.compile(
    r"[0-9零一二三四五六七八九十百千万亿两〇半几数约近超逾余多不未无没左右上下至到和第增减累计其中新总较本+±~%①-⑩□☑√■☒×/-]"
)
_EXTRA = re.compile(r"[0-9①-⑩☑√■☒✓✔]")
_STOP = re.compile(r"[,;。、]")
_LEFT_CHARACTERS, _RIGHT_CHARACTERS = 20, 4
_LEFT_FITS, _RIGHT_FITS, _BOTH_FIT = 65.0, 45.0, 145.0
_LEFT_ALONE = 95.0
_SCALE = re.compile(r"[十百千万亿余多几半]|左右|以上|以下|上下|%")
_RIVAL_MARGIN = 3.0
_JUNK = 2
_STRANGERS = 5.0


@dataclass(frozen=True, slots=True)
class Cut:
    """What stands in a slot: a span of the folded text, how many voters found it, how
    well the words around it are the blank's (0-100), and what speaks against it."""

    start: int
    end: int
    votes: int
    left: float
    right: float
    why: str = ""

    @property
    def margin(self) -> float:
        """0 to 1: how far the place is from being another."""
        return round(min(self.left, self.right) / 100 * min(self.votes, 3) / 3, 3)


def align(literals: Sequence[str], text: str) -> tuple[Cut | None, ...]:
    """Place each slot of `literals[0] ⟨slot⟩ literals[1] …` in the filled text; both folded."""
    votes = _vote(literals, text)
    befores = _befores(text, votes)
    cuts = [_judged(literals, text, i, vote, befores[i]) for i, vote in enumerate(votes)]
    return _without_leftovers(literals, text, cuts)


def _vote(literals: Sequence[str], text: str) -> list[tuple[Span, int] | None]:
    """The span that most voters give each slot, and how many: the third voter is asked
    only where the two quick ones differ or the printed words were touched."""
    ballots = [by_edits(literals, text), by_clauses(literals, text)]
    spans = [[_narrowed(text, span) for span in ballot] for ballot in ballots]
    if spans[0] != spans[1] or not _untouched(literals, text, spans[0]):
        spans.append([_narrowed(text, span) for span in by_cost(literals, text)])
    return [_majority([ballot[i] for ballot in spans]) for i in range(len(literals) - 1)]


def _untouched(literals: Sequence[str], text: str, spans: Sequence[Span | None]) -> bool:
    """Whether the text is the blank's word for word around these spans."""
    at = 0
    for literal, span in zip(literals, [*spans, (len(text), len(text))], strict=True):
        if span is None or text[at : span[0]] != literal:
            return False
        at = span[1]
    return True


def _majority(spans: Sequence[Span | None]) -> tuple[Span, int] | None:
    counted = Counter(span for span in spans if span is not None)
    if not counted:
        return None
    (best, count), *others = counted.most_common()
    return (best, 0) if others and others[0][1] == count else (best, count)


def _narrowed(text: str, span: Span | None) -> Span | None:
    """The span with its brackets whole, and without a strange character or two outside
    its one pair of brackets."""
    if span is None:
        return None
    start, end = _whole_brackets(text, *span)
    found = re.fullmatch(r"([^()]*)(\([^()]*\))([^()]*)", text[start:end])
    if found is None or not found[2].strip("()_"):
        return start, end
    before, behind = found[1], found[3]
    if max(len(before), len(behind)) > _JUNK or _MEANT.search(before + behind):
        return start, end
    return start + len(before), end - len(behind)


def _whole_brackets(text: str, start: int, end: int) -> Span:
    """（3次）次 cut behind the first 次 gets its bracket back; so does one cut before 次）."""
    content = text[start:end]
    if content.count("(") == content.count(")") + 1:
        close = re.match(r"[^0-9(),;。]{0,3}\)", text[end:])
        return (start, end + close.end()) if close else (start, end)
    if content.count(")") == content.count("(") + 1 and text[start - 1 : start] == "(":
        return start - 1, end
    return start, end


def _befores(text: str, votes: Sequence[tuple[Span, int] | None]) -> list[str]:
    """The written words before each slot, without what stands in earlier slots."""
    befores, words, at = [], "", 0
    for vote in votes:
        if vote is not None and vote[0][0] >= at:
            words += text[at : vote[0][0]]
            at = vote[0][1]
        befores.append(_VALUES.sub("", words)[-2 * _LEFT_CHARACTERS :])
    return befores


def _judged(
    literals: Sequence[str], text: str, i: int, vote: tuple[Span, int] | None, before: str
) -> Cut | None:
    if vote is None:
        return None
    (start, end), votes = vote
    left = _left_fit(_words_before(literals, i), before)
    right = _right_fit(literals[i + 1], text, end)
    cut = Cut(start, end, votes, left, right)
    if votes < 2:
        return replace(cut, why="place_disputed")
    if _SCALE.match(text[end:]) and not _SCALE.match(literals[i + 1]):
        return replace(cut, why="unit_differs")
    if not _fits(cut, text):
        return replace(cut, why="words_changed")
    if left < 99 and _has_rival(literals, before, i, left):
        return replace(cut, why="place_ambiguous")
    return cut


def _fits(cut: Cut, text: str) -> bool:
    """Whether enough of the print stands around the place; where the words before it are
    the blank's own and brackets hold the answer, the words behind may have changed."""
    content = text[cut.start : cut.end]
    if cut.left >= _LEFT_ALONE and content.startswith("(") and content.endswith(")"):
        return True
    both = cut.left + cut.right
    return cut.left >= _LEFT_FITS and cut.right >= _RIGHT_FITS and both >= _BOTH_FIT


def _words_before(literals: Sequence[str], i: int) -> str:
    """The printed words before slot i, back over earlier slots as far as they tell it apart."""
    words = ""
    for literal in reversed(literals[: i + 1]):
        words = _VALUES.sub("", literal) + words
        if len(words) >= _LEFT_CHARACTERS:
            break
    return words[-_LEFT_CHARACTERS:]


def _left_fit(words: str, before: str) -> float:
    """How much of the printed words stands right before the place: letter by letter, or
    in order with strangers between them."""
    close = _close_fit(words, before)
    window = before[-len(words) * 3 // 2 :]
    if close == 100.0 or not window:
        return close
    return max(close, 100.0 * LCSseq.similarity(words, window) / len(words) - _STRANGERS)


def _close_fit(words: str, before: str) -> float:
    if not words or before.endswith(words):
        return 100.0
    return fuzz.ratio(words, before[-len(words) :])


def _right_fit(literal: str, text: str, end: int) -> float:
    words = literal[:_RIGHT_CHARACTERS]
    behind = text[end : end + len(words)]
    if words == behind:
        return 100.0
    return fuzz.ratio(words, behind)


def _has_rival(literals: Sequence[str], before: str, i: int, left: float) -> bool:
    """Whether the words before the place are as near to those of another slot."""
    own = _words_before(literals, i)
    for k in range(len(literals) - 1):
        other = _words_before(literals, k)
        length = min(len(own), len(other))
        if k == i or other == own or not length:
            continue
        fit = min(left, _close_fit(own[-length:], before)) if length < len(own) else left
        if _close_fit(other[-length:], before) > fit - _RIVAL_MARGIN:
            return True
    return False


def _without_leftovers(
    literals: Sequence[str], text: str, cuts: list[Cut | None]
) -> tuple[Cut | None, ...]:
    """Doubts the slots beside which something is left that could be a value."""
    for i in range(-1, len(cuts)):
        before = cuts[i] if i >= 0 else None
        behind = cuts[i + 1] if i + 1 < len(cuts) else None
        start = before.end if before else (0 if i < 0 else None)
        end = behind.start if behind else (len(text) if i + 1 == len(cuts) else None)
        if start is None or end is None:
            continue
        if start > end:
            _mark(cuts, (i, i + 1), "place_disputed")
            continue
        between, literal = text[start:end], literals[i + 1]
        if between == literal:
            continue
        if before and (moved := _behind_unit(literal, between, text, before)):
            cuts[i] = moved
            start = max(start, moved.end)
            between = text[start:end] if not moved.why else between
        if Counter(_EXTRA.findall(between)) - Counter(_EXTRA.findall(literal)):
            _mark(cuts, (i, i + 1), "unread_beside")
    return tuple(cuts)


def _mark(cuts: list[Cut | None], places: tuple[int, ...], why: str) -> None:
    for i in places:
        cut = cuts[i] if 0 <= i < len(cuts) else None
        if cut is not None and not cut.why:
            cuts[i] = replace(cut, why=why)


def _behind_unit(literal: str, between: str, text: str, cut: Cut) -> Cut | None:
    """The cut with a value that was written behind the unit: 学习（ ）次3，"""
    unit = unit_of(literal)
    if not unit or not between.startswith(unit):
        return None
    stop = _STOP.search(between)
    if stop is None:
        return None
    expected = literal[len(unit) : (_STOP.search(literal) or stop).start()]
    tail = between[len(unit) : stop.start()].removeprefix(expected)
    said = number(tail.strip("()_"))
    if said.state == "blank" or (said.why == "not_a_number" and not _EXTRA.search(tail)):
        return None
    if text[cut.start : cut.end].strip("()_"):
        return replace(cut, why=cut.why or "unread_beside")
    start = cut.end + len(unit) + len(expected)
    return replace(cut, start=start, end=start + len(tail))
