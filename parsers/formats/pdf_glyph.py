"""A letter on a PDF page, and whether a line is drawn through it.

A PDF knows no struck-out text: Word and LibreOffice print it (a tracked deletion too) as
ordinary letters with a thin line through their middle. Underlines lie below the baseline.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parsers import limits
from parsers.formats.pdf_drawing import Rule
from parsers.types import OverLimit

_LOWEST, _HIGHEST = 0.12, 0.65
"""Where a strike lies above the baseline, in heights of the letter: LibreOffice draws it
at 0.28, a double one at 0.19 and 0.31, Word near 0.26, a marking program in the middle."""
_COVERED = 0.7
"""Share of a strike that lies over letters: a blank's ruled line is longer than its answer."""
_FLUSH = 0.7
"""Points: a line this near to upright rules at both its ends is a table's."""
_MOST_LOOKS = 4_000_000


@dataclass(slots=True)
class Glyph:
    """A letter: left and right edge, baseline, height of its font."""

    char: str
    x0: float
    x1: float
    y: float
    size: float
    struck: bool = False
    """It keeps its place, for the lines were broken with it, but says nothing."""


def strike_out(
    glyphs: Sequence[Glyph], level: Sequence[Rule], upright: Sequence[Rule]
) -> list[Rule]:
    """Marks the letters that a level rule strikes out; gives the rules that strike none."""
    ordered = sorted(glyphs, key=lambda g: g.y)
    baselines = [g.y for g in ordered]
    tallest = max((g.size for g in glyphs), default=0.0)
    left, looks = [], 0
    for rule in level:
        first = bisect_left(baselines, rule.at)
        last = bisect_right(baselines, rule.at + _HIGHEST * tallest)
        looks += last - first + len(upright)
        if looks > _MOST_LOOKS:
            raise OverLimit("too_many_objects", limit=limits.PDF_OBJECTS)
        crossed = [g for g in ordered[first:last] if _crosses(rule, g)]
        if _is_strike(rule, crossed) and not _is_border(rule, upright):
            for glyph in crossed:
                glyph.struck = True
        else:
            left.append(rule)
    return left


def _crosses(rule: Rule, glyph: Glyph) -> bool:
    height = (glyph.y - rule.at) / glyph.size
    return _LOWEST < height < _HIGHEST and 2 * _shared(rule, glyph) > glyph.x1 - glyph.x0


def _shared(rule: Rule, glyph: Glyph) -> float:
    return min(rule.high, glyph.x1) - max(rule.low, glyph.x0)


def _is_strike(rule: Rule, crossed: Sequence[Glyph]) -> bool:
    covered = sum(_shared(rule, glyph) for glyph in crossed)
    return bool(crossed) and covered >= _COVERED * (rule.high - rule.low)


def _is_border(rule: Rule, upright: Iterable[Rule]) -> bool:
    ends = [side.at for side in upright if side.low - 1 <= rule.at <= side.high + 1]
    return any(abs(at - rule.low) < _FLUSH for at in ends) and any(
        abs(at - rule.high) < _FLUSH for at in ends
    )


def struck_words(glyphs: Iterable[Glyph]) -> list[str]:
    """What is struck out: letters that follow one another as one piece."""
    pieces, is_open = [""], False
    for glyph in glyphs:
        if glyph.struck:
            pieces[-1] += glyph.char
        elif is_open:
            pieces.append("")
        is_open = glyph.struck
    return pieces
