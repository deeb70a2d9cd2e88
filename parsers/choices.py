"""Ticks (勾选): which option of a group is chosen, in every way that people tick on paper.

☑是□否, □是√否, 是√ 否□, □是（√）□否, 是（√）、否（×）, a bare 是 … Two ticks, or one tick
that may belong to either neighbour, are left for a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.numerals import NA, Said, unsure

_EMPTY = "□☐▢◻○◯〇£¨❑❏◇▯"
_STRONG = "☑☒✓✔√✅■◼●◆Rþ✕✖▣⊠vVP☓"
_CROSS = "×✗✘xXＸý"
_MARKS = re.compile(rf"[{_EMPTY}{_STRONG}{_CROSS}]")
# a printed word that was changed beside the group; 不, 未 and the like would turn its sense
_WORDS = r"(?:(?![不未没非无否])[\u4e00-\u9fff]){1,2}"
_JUNK_BEFORE, _JUNK_BEHIND = re.compile(rf"^\s*{_WORDS}"), re.compile(rf"{_WORDS}\s*$")
_SOFT = " \t\n\u3000\u00a0、，,/／;；_＿。.:："


@dataclass(frozen=True, slots=True)
class _Mark:
    """One sign beside an option: its sense, and whether it stands in brackets."""

    sense: str
    bracketed: bool
    close_before: bool
    close_behind: bool


def choice(text: str, options: Sequence[str], several: bool = False) -> Said:
    """Read a group of options; `text` is what stands in place of the blank's group."""
    plain = _plain(text)
    if plain.strip("() \t\n").lower() in NA:
        return Said(None, "na")
    if not plain.strip(_SOFT + "()"):
        return Said(None, "blank")
    found = _split(plain, options)
    if found is None:
        return unsure("choice_unclear")
    words, gaps = found
    if not words:
        return unsure("choice_unclear")
    if len(words) == len(options):
        gaps[0], gaps[-1] = _JUNK_BEFORE.sub("", gaps[0]), _JUNK_BEHIND.sub("", gaps[-1])
    marks = [_marks(g, options, w) for g, w in zip(gaps, ["", *words], strict=True)]
    if any(m is None for m in marks):
        return unsure("choice_unclear")
    signs = [m or [] for m in marks]
    if not any(signs):
        return _without_marks(words, options)
    owners = _owners(words, signs)
    if owners is None or _lost_a_word(owners, options):
        return unsure("choice_unclear")
    return _chosen(owners, options, several)


def _plain(text: str) -> str:
    marks = _EMPTY + _STRONG + _CROSS
    plain = "".join(c if c in marks else unicodedata.normalize("NFKC", c) for c in text)
    return re.sub(r"[【\[〔]", "(", re.sub(r"[】\]〕]", ")", plain))


def _split(plain: str, options: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """The option words in order and the gaps around them; a word alone in brackets
    behind an option is no option but a tick: 是（是）."""
    longest = sorted(options, key=len, reverse=True)
    words: list[str] = []
    gaps: list[str] = []
    at = 0
    for m in re.finditer("|".join(re.escape(o) for o in longest), plain):
        before, behind = plain[: m.start()].rstrip(), plain[m.end() :].lstrip()
        if before.endswith("(") and behind.startswith(")"):
            continue
        if m.group() in words:
            return None
        words.append(m.group())
        gaps.append(plain[at : m.start()])
        at = m.end()
    gaps.append(plain[at:])
    return words, gaps


def _marks(gap: str, options: Sequence[str], before: str) -> list[_Mark] | None:
    """The marks of the gap behind the option `before`; None if anything else stands there,
    another option's name in brackets too: □是□否（是）."""
    marks: list[_Mark] = []
    i = 0
    while i < len(gap):
        c = gap[i]
        if c == "(":
            end = gap.find(")", i)
            if end < 0:
                return None
            inner = gap[i + 1 : end].strip(_SOFT)
            if inner:
                sense = "tick" if inner == before else _sense(inner)
                if not sense:
                    return None
                if sense != "empty":
                    marks.append(_Mark(sense, True, True, True))
            i = end
        elif _MARKS.match(c):
            marks.append(_Mark(_sense(c), False, i == 0, i == len(gap) - 1))
        elif c not in _SOFT:
            return None
        i += 1
    return marks


def _sense(sign: str) -> str:
    if len(sign) != 1:
        return ""
    if sign in _EMPTY:
        return "empty"
    if sign in _STRONG:
        return "tick"
    return "cross" if sign in _CROSS else ""


def _without_marks(words: list[str], options: Sequence[str]) -> Said:
    """A lone option is the answer; the untouched options are a blank."""
    if len(words) == 1:
        return Said(words[0], "filled")
    return Said(None, "blank") if len(words) == len(options) else unsure("choice_unclear")


def _owners(words: list[str], signs: list[list[_Mark]]) -> dict[str, list[_Mark]] | None:
    """Which option each mark belongs to: brackets to the word before them; bare marks to
    the word behind them if the group begins with a mark, else to the word before."""
    owners: dict[str, list[_Mark]] = {word: [] for word in words}
    bare = [[m for m in gap if not m.bracketed] for gap in signs]
    for i, gap in enumerate(signs):
        held = [m for m in gap if m.bracketed]
        if held and i == 0:
            return None
        if held:
            owners[words[i - 1]].extend(held)
    if bare[0] and bare[-1]:
        return None
    if bare[0]:
        for i, word in enumerate(words):
            owners[word].extend(bare[i])
        return owners
    if bare[-1]:
        for i, word in enumerate(words):
            owners[word].extend(bare[i + 1])
        return owners
    return _between(words, bare, owners)


def _lost_a_word(owners: dict[str, list[_Mark]], options: Sequence[str]) -> bool:
    """Two boxes at one option while another option is gone: ☑□否, where 是 was struck out."""
    boxes = [sum(not m.bracketed for m in marks) for marks in owners.values()]
    return len(owners) < len(options) and max(boxes, default=0) > 1


def _between(
    words: list[str], bare: list[list[_Mark]], owners: dict[str, list[_Mark]]
) -> dict[str, list[_Mark]] | None:
    """Marks stand only between the words: each belongs to the word it touches."""
    for i, gap in enumerate(bare):
        if len(gap) == 2:
            owners[words[i - 1]].append(gap[0])
            owners[words[i]].append(gap[1])
        elif len(gap) == 1:
            if gap[0].close_before == gap[0].close_behind:
                return None
            owners[words[i - 1 if gap[0].close_before else i]].append(gap[0])
        elif gap:
            return None
    return owners


def _chosen(owners: dict[str, list[_Mark]], options: Sequence[str], several: bool) -> Said:
    ticked = [w for w, marks in owners.items() if any(m.sense == "tick" for m in marks)]
    crossed = [w for w, marks in owners.items() if any(m.sense == "cross" for m in marks)]
    if set(ticked) & set(crossed):
        return unsure("choice_unclear")
    if several and ticked and not crossed:
        return Said(tuple(o for o in options if o in ticked), "filled")
    if len(ticked) == 1:
        return Said(ticked[0], "filled")
    if len(ticked) > 1:
        return unsure("both_ticked")
    is_whole = len(owners) == len(options)
    return Said(None, "blank") if is_whole and not crossed else unsure("choice_unclear")
