"""Letters with places to lines and paragraphs.

A PDF knows no paragraphs: whether a line goes on in the next is told by whether the next
line's first word would still have fitted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.formats.pdf_page import Glyph

_ITEM = re.compile(r"\s*(?:[（(]?[\d一二三四五六七八九十]{1,3}[、)）]|\d{1,2}[.．](?!\d))")
_ENDS = "。；;：:！？"
_NO_LINE_START = "，。、；：！？）》」』】〕”’…—,.;:!?)]}"
_OPENING = "（《「『【〔([{"
_QUOTES = "“”‘’\"'"


@dataclass(slots=True)
class TextLine:
    """One visual line."""

    glyphs: list[Glyph]
    text: str
    x0: float
    x1: float
    y: float
    size: float


def lines(glyphs: Sequence[Glyph]) -> list[TextLine]:
    """Groups letters by their baselines, top to bottom, left to right."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: (g.y, g.x0)):
        if rows and abs(glyph.y - rows[-1][0].y) < 0.4 * min(glyph.size, rows[-1][0].size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [_line(row) for row in rows]


def _line(row: list[Glyph]) -> TextLine:
    row.sort(key=lambda g: g.x0)
    said: list[str] = []
    kept: list[Glyph] = []
    for glyph in row:
        last = kept[-1] if kept else None
        if last and glyph.char == last.char and abs(glyph.x0 - last.x0) < 0.1 * glyph.size:
            continue  # bold print drawn twice
        if last and glyph.x0 > last.x1 and _is_gap(last, glyph):
            said.append(" ")
        said.append("" if glyph.struck else glyph.char)
        kept.append(glyph)
    visible = [g for g in kept if not g.char.isspace()] or kept
    return TextLine(
        kept,
        "".join(said),
        visible[0].x0,
        max(g.x1 for g in visible),
        visible[0].y,
        max(g.size for g in visible),
    )


def _is_gap(left: Glyph, right: Glyph) -> bool:
    gap = right.x0 - left.x1
    if left.char.isspace() or right.char.isspace():
        return False
    narrow = left.char.isascii() and right.char.isascii()
    return gap > (0.25 if narrow else 0.8) * min(left.size, right.size)


def goes_on(line: TextLine, following: TextLine, left: float, right: float) -> bool:
    """Whether `following` continues the paragraph of `line` in a column [left, right]."""
    if _ITEM.match(following.text) and line.text.rstrip()[-1:] in _ENDS:
        return False
    if following.y - line.y > 2.6 * max(line.size, following.size):
        return False
    middle = abs((line.x0 + line.x1) - (following.x0 + following.x1)) / 2
    if following.x0 - left > 1.2 * following.size and middle > 0.5 * following.size:
        return False
    return line.x1 + _first_word(following) > right - 0.35 * line.size


def _first_word(line: TextLine) -> float:
    """Width of what a typesetter must take over as a whole: a word, or a letter with the
    marks that may not be parted from it."""
    visible = (g for g in line.glyphs if not g.char.isspace())
    first = last = next(visible, None)
    for glyph in visible:
        if last is None or not _holds(last, glyph):
            break
        last = glyph
    return last.x1 - first.x0 if first and last else 0.0


def _holds(glyph: Glyph, following: Glyph) -> bool:
    both = glyph.char + following.char
    if following.char in _NO_LINE_START or glyph.char in _OPENING:
        return True
    if set(both) & set(_QUOTES):  # no break beside a quotation mark (UAX #14, LB19)
        return True
    return both.isascii() and both[0].isalnum() and (both[1].isalnum() or both[1] in "%.,-")


def paragraphs(found: Sequence[TextLine], left: float, right: float) -> list[str]:
    """Lines joined to paragraphs; `left` and `right` bound the column they stand in."""
    if not found:
        return []
    margin = min(max(min(line.x0 for line in found) - left, 0.0), 12.0)
    base = min(line.x0 for line in found)
    edge = max(right - margin, max(line.x1 for line in found))
    said = [found[0].text]
    for line, following in pairwise(found):
        if goes_on(line, following, base, edge):
            said[-1] += _seam(said[-1], following.text) + following.text
        else:
            said.append(following.text)
    return [text.rstrip() for text in said]


def _seam(before: str, after: str) -> str:
    """Between two words of Latin letters a line's end stands for a space."""
    both = before[-1:] + after[:1]
    return " " if len(both) == 2 and both.isascii() and both.isalpha() else ""
