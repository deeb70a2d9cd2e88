"""Folding (归一): two texts that a reader takes for the same become the same string.

Compatibility forms are unified, white space and invisible marks are dropped, quotation
marks and brackets become one kind; an index map leads back to the original text, so what
is cut out of a folded text is always quoted from the original.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_SAME = {
    "“": '"',
    "”": '"',
    "„": '"',
    "「": '"',
    "」": '"',
    "『": '"',
    "』": '"',
    "‘": "'",
    "’": "'",
    "〔": "(",
    "〕": ")",
    "【": "(",
    "】": ")",
    "［": "(",
    "］": ")",
    "[": "(",
    "]": ")",
    "•": "·",
    "‧": "·",
    "・": "·",
    "∙": "·",
    "¨": "□",
    "☐": "□",
    "▢": "□",
    "◻": "□",
    "﹙": "(",
    "﹚": ")",
    "—": "-",
    "–": "-",
    "―": "-",
    "─": "-",
    "━": "-",
    "‐": "-",
    "‑": "-",
    "−": "-",
    "～": "~",
    "〜": "~",
    "﹔": ";",
}
_KEPT = set("①②③④⑤⑥⑦⑧⑨⑩")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `origin[i]` is the index in the source of folded character i."""

    text: str
    origin: tuple[int, ...]
    source: str

    def raw(self, start: int, end: int) -> str:
        """The source text that stands at folded[start:end]."""
        if start >= end:
            return ""
        return self.source[self.origin[start] : self.origin[end - 1] + 1]


def _folded_character(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    if character.isspace() or unicodedata.category(character) in ("Cf", "Cc", "Zs"):
        return ""
    if character in _KEPT:
        return character
    return "".join(_SAME.get(c, c) for c in unicodedata.normalize("NFKC", character) if c != " ")


def fold(text: str) -> Folded:
    """Fold a text and remember where each character came from."""
    words: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        found = _TABLE[ord(character)]
        if found:
            words.append(found)
            origin.extend([index] * len(found))
    return Folded("".join(words), tuple(origin), text)


class _Table(dict[int, str]):
    """What str.translate looks up; each character is folded when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _folded_character(chr(code))
        return found


_TABLE = _Table()


def folded(text: str) -> str:
    """The folded text alone."""
    return text.translate(_TABLE)
