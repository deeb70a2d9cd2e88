"""What a printed slot becomes when it is answered (填空后的文字)."""

from __future__ import annotations

import re
import unicodedata

from parsers.types import Field

_OPEN = "（(【[〔"
_BOXES = "□☐◻▢"


def slot_text(printed: str, answer: str, field: Field) -> str:
    """What a slot becomes: brackets stay around the answer, a chosen option is ticked."""
    if field.kind == "choice" and answer in field.options:
        return _ticked(printed, answer)
    if printed and printed[0] in _OPEN and field.kind not in ("choice", "narrative"):
        return f"{printed[0]}{answer}{printed[-1]}"
    return answer


def padded(text: str, gap: str) -> str:
    """The answer in a gap of white space: as wide as the gap was, and two spaces at least."""
    return text + " " * max(2, _width(gap) - _width(text))


def _width(text: str) -> int:
    """In half-width columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _ticked(printed: str, option: str) -> str:
    word = re.escape(option)
    box_first = (rf"[{_BOXES}](\s*){word}", rf"☑\g<1>{option}")
    word_first = (rf"{word}(\s*)[{_BOXES}]", rf"{option}\g<1>☑")
    brackets = (rf"{word}(\s*)([（(])\s*([）)])", rf"{option}\g<1>\g<2>√\g<3>")
    boxes = box_first if printed.lstrip()[:1] in _BOXES else word_first
    for pattern, ticked in (boxes, brackets):
        text, count = re.subn(pattern, ticked, printed, count=1)
        if count:
            return text
    return option
