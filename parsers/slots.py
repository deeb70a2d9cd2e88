"""Finds the places of a blank's text that wait for an answer (填空): `（  ）`, `____`,
`□是□否`, `是（）、否（）`, `    年  月  日`, and prompts such as `（字数200字以内）`.

Knows paper only: which field a slot becomes is decided in parsers/blank.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsers.types import Kind

_BOX = "□☐◻▢"
_RULE = "_＿ˍ﹍"
_WORD = rf"[^{_BOX}\s；;，,。、:：（()）{_RULE}]"
_GAP = r"[\s、，,/]*"
_DATE = re.compile(
    rf"[\s{_RULE}]*年[\s{_RULE}]+月[\s{_RULE}]+日|[\s{_RULE}]{{2,}}年[\s{_RULE}]+月(?=\s*$)"
)
_PREFIX_BOXES = re.compile(rf"(?:[{_BOX}]\s*{_WORD}{{1,12}}{_GAP}){{2,}}")
_SUFFIX_BOXES = re.compile(rf"{_WORD}{{1,8}}\s*[{_BOX}](?:{_GAP}{_WORD}{{1,8}}\s*[{_BOX}])+")
_PAIR = re.compile(
    r"(是|有|已|合格|完成|完好|通过|达标)\s*[（(]\s*[）)]\s*[、，,/；;]?\s*"
    r"(否|无|未|没有|[不未]合格|未完成|不完好|[未不]通过|[未不]达标)\s*[（(]\s*[）)]"
)
_BRACKETS = re.compile(rf"[（(\[【〔][\s{_RULE}]*[）)\]】〕]")
_RULED = re.compile(rf"[{_RULE}]{{2,}}(?:[ \u3000]+[{_RULE}]{{2,}})*")
_PROMPT = re.compile(
    r"(字数|不超过|不少于|控制在|限)?\s*(\d{2,5})\s*字\s*(以内|之内|以下|左右|内)?|条目式|"
    r"^\s*[（(]?\s*请(简要|填写|简述|说明|概述|描述|列出)"
)
_LIMIT = re.compile(r"(\d{2,5})\s*字")
_SEVERAL = re.compile(r"可多选|可以多选|多选")
_OPPOSITE = {"是": "否", "有": "无", "已": "未", "男": "女"}


@dataclass(frozen=True, slots=True)
class Place:
    """A span of text that waits for an answer, and what kind of answer."""

    start: int
    end: int
    kind: Kind | None
    options: tuple[str, ...] = ()
    limit: int | None = None
    several: bool = False


def places(text: str) -> tuple[Place, ...]:
    """Every place in the text, left to right; the kind is None where the words around
    it decide."""
    found: list[Place] = []
    for find in (_dates, _boxes, _pairs, _brackets, _rules):
        for place in find(text):
            if all(place.end <= f.start or place.start >= f.end for f in found):
                found.append(place)
    return tuple(sorted(found, key=lambda place: place.start))


def prompt(text: str) -> Place | None:
    """The whole text as one narrative, if it is a prompt to write some lines."""
    if not _PROMPT.search(text) or places(text):
        return None
    limit = _LIMIT.search(text)
    return Place(0, len(text), "narrative", limit=int(limit[1]) if limit else None)


def says_several(text: str) -> bool:
    """Whether a label or sentence allows several ticks (可多选)."""
    return bool(_SEVERAL.search(text))


def _dates(text: str) -> list[Place]:
    return [Place(m.start(), m.end(), "date") for m in _DATE.finditer(text)]


def _brackets(text: str) -> list[Place]:
    return [Place(m.start(), m.end(), None) for m in _BRACKETS.finditer(text)]


def _rules(text: str) -> list[Place]:
    return [Place(m.start(), m.end(), None) for m in _RULED.finditer(text)]


def _pairs(text: str) -> list[Place]:
    return [Place(m.start(), m.end(), "choice", (m[1], m[2])) for m in _PAIR.finditer(text)]


def _boxes(text: str) -> list[Place]:
    several = says_several(text)
    found = []
    for m in _SUFFIX_BOXES.finditer(text):
        if _closes(text, m.end()):
            start, words = _first_option(m.group())
            found.append(Place(m.start() + start, m.end(), "choice", words, several=several))
    for m in _PREFIX_BOXES.finditer(text):
        words = tuple(re.findall(rf"[{_BOX}]\s*({_WORD}+)", m.group()))
        last = _last_option(words)
        end = m.start() + m.group().rindex(words[-1]) + len(last)
        found.append(Place(m.start(), end, "choice", (*words[:-1], last), several=several))
    return found


def _closes(text: str, end: int) -> bool:
    """Whether a box is the last of its group, so that boxes stand behind their words."""
    return not re.match(rf"\s*{_WORD}", text[end:])


def _first_option(group: str) -> tuple[int, tuple[str, ...]]:
    """Where the first option begins: the text before the first box may hold more words."""
    words = re.findall(rf"({_WORD}+)\s*[{_BOX}]", group)
    first = words[0]
    for short, opposite in _OPPOSITE.items():
        if words[1] == opposite and first.endswith(short):
            first = short
    if len(first) > len(words[1]) + 2:
        first = first[-len(words[1]) :]
    return len(words[0]) - len(first), (first, *words[1:])


def _last_option(words: tuple[str, ...]) -> str:
    """The last option ends where the sentence goes on: `□是□否开展` ends with 否."""
    last, opposite = words[-1], _OPPOSITE.get(words[0])
    if len(words) == 2 and opposite and last.startswith(opposite):
        return opposite
    longest = max(len(word) for word in words[:-1])
    return last if len(last) <= longest + 2 else last[:longest]
