"""A person's name, phone and address taken out of texts (删除个人信息). Pure.

A phone number is known however it is grouped, a name also with spaces between its characters,
an address in any case. JSON is walked, so that it stays JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

GONE = "〔已删除〕"
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_SHORTEST_NAME = 2
_SHORTEST_PHONE = 7
_PHONE = re.compile(r"[\d\s()+＋（）－—–-]+")


class TooShort(ValueError):
    """What was given would match half of everything."""


@dataclass(frozen=True, slots=True)
class Redactor:
    """Finds and removes what was given; `renamed` are plain replacements beside it."""

    pattern: re.Pattern[str]
    renamed: Mapping[str, str]

    @classmethod
    def of(cls, texts: Iterable[str], renamed: Mapping[str, str] | None = None) -> Redactor:
        """For names, phone numbers and addresses; TooShort if one is none of them."""
        found = "|".join(f"(?:{p})" for p in map(_pattern, texts))
        return cls(re.compile(found or r"(?!)", re.I), renamed or {})

    def hits(self, text: str) -> bool:
        """Whether the person stands in this text, as it is or with its digits made plain."""
        return self.pattern.search(text.translate(_DIGITS)) is not None

    def redacted(self, text: str) -> str:
        """The text, or the JSON, without the person."""
        if not self.hits(text) and not any(old in text for old in self.renamed):
            return text
        if text[:1] in ("{", "["):
            try:
                return json.dumps(
                    self.walk(json.loads(text)), ensure_ascii=False, separators=(",", ":")
                )
            except ValueError:
                pass
        return self._plain(text)

    def walk(self, thing: Any) -> Any:
        if isinstance(thing, str):
            return self._plain(thing)
        if isinstance(thing, list):
            return [self.walk(x) for x in thing]
        if isinstance(thing, dict):
            return {self._plain(k): self.walk(v) for k, v in thing.items()}
        if isinstance(thing, int) and not isinstance(thing, bool) and self.hits(str(thing)):
            return GONE
        return thing

    def _plain(self, text: str) -> str:
        for old, new in self.renamed.items():
            text = text.replace(old, new)
        spans = list(_spans(self.pattern, text.translate(_DIGITS)))
        for start, end in reversed(spans):
            text = text[:start] + GONE + text[end:]
        return text


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    for found in pattern.finditer(text):
        yield found.span()


def _pattern(text: str) -> str:
    text = text.strip().translate(_DIGITS)
    digits = re.sub(r"\D", "", text)
    if _PHONE.fullmatch(text):
        if len(digits) < _SHORTEST_PHONE:
            raise TooShort(text)
        # a number that goes on is another number
        start = r"(?<!\d)(?:\+?(?:00)?86[\s-]*)?[(（]?"
        return start + r"[\s()（）－—–-]*".join(digits) + r"(?!\d)"
    if "@" in text:
        return r"(?<![\w.+-])" + re.escape(text) + r"(?![\w-])"
    if len(text) < _SHORTEST_NAME:
        raise TooShort(text)
    return r"\s*".join(map(re.escape, re.sub(r"\s", "", text)))
