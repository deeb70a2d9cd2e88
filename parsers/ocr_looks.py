"""Two looks at a picture of a page, as independent as one recogniser allows.

The first reads each line without the ruling lines; the second reads whatever could be an
answer again, wider and with the rules left in, and asks the ink itself: a box is ticked
where ink stands in it, and ink that nobody read, or a letter hardly recognised, is put down
as a mark no value can hold. Only what both looks say alike may count (parsers/scans.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz.distance import Levenshtein

from parsers import ocr_engine, ocr_page
from parsers.formats.pdf_page import Glyph, PageView, Rule
from parsers.looks import Looks
from parsers.ocr_engine import Letter, Quad
from parsers.ocr_ink import box_sense, struck, unread_beside, unread_between, unread_places
from parsers.ocr_page import Gray, Page, Rules

UNREAD, BLURRED = "☒", "〓"
"""Stand in the second look for ink or figures not read, which no number and no name can
hold, and for words not read, which leave the numbers beside them alone."""
_ANSWER = re.compile(r"[0-9A-Za-z()（）\[\]_/／×√☑☒□☐■-]")
_SHORT_LINE = 14
_SURE, _SURE_FIGURE = 0.6, 0.85
_TALL_SHARE = 0.6
_TALL = 1.5
_POINTS = 842.0
"""An A4 page's longer side: rules and letters are measured as on a PDF page."""
_FIRST_MARGIN, _SECOND_MARGIN, _STRETCH = 0.0, 2.0, 1.35
_LOOKED_UPSIDE_DOWN, _PLAINLY_UPRIGHT = 6, 0.9
_FAINT, _PLAIN = 10, 20
"""How much darker than the paper a ruling line is for the first and the second look."""
_FEW_RULES, _FEW_LINES, _FEW_LETTERS = 3, 8, 40


@dataclass(frozen=True, slots=True)
class _Line:
    quad: Quad
    letters: tuple[Letter, ...]

    @property
    def text(self) -> str:
        return "".join(letter.char for letter in self.letters)


def look_twice(picture: bytes) -> Looks:
    """Reads a picture; raises Damaged or OverLimit."""
    rgb = ocr_page.decode(picture)
    with ocr_engine.border():
        gray = ocr_page.cleaned(ocr_page.flatten(rgb))
        page, quads = _held_upright(ocr_page.level_out(ocr_page.at_reading_size(gray)))
        first = [_Line(quad, tuple(_read(page.bare, quad))) for quad in quads]
        first = [_boxed(page.bare, line) for line in first if line.letters]
        second = [_again(page, line) for line in first]
        loose = list(unread_places(page.bare, [line.quad for line in first]))
        keen, strict = (
            ocr_page.rules(page.gray, [line.quad for line in first], contrast)
            for contrast in (_FAINT, _PLAIN)
        )
    return Looks(
        _view(page, keen, first, []),
        _view(page, strict, second, loose),
        _is_page(strict, first),
    )


def _is_page(rules: Rules, lines: Sequence[_Line]) -> bool:
    """Whether more stands here than a banner or a sign: a table, or some lines of print."""
    is_table = min(len(rules.level), len(rules.upright)) >= _FEW_RULES
    letters = sum(len(line.letters) for line in lines)
    return is_table or len(lines) >= _FEW_LINES or letters >= _FEW_LETTERS


def _held_upright(gray: Gray) -> tuple[Page, list[Quad]]:
    """The page and its lines of print, turned so that the print can be read."""
    page = ocr_page.without_rules(gray)
    quads = ocr_engine.find_lines(page.bare)
    if quads and sum(_is_tall(q) for q in quads) > _TALL_SHARE * len(quads):
        page = ocr_page.without_rules(ocr_page.level_out(np.rot90(gray).copy()))
        quads = ocr_engine.find_lines(page.bare)
    if quads and _is_upside_down(page, quads):
        page = ocr_page.without_rules(np.rot90(page.gray, 2).copy())
        quads = ocr_engine.find_lines(page.bare)
    return page, quads


def _is_tall(quad: Quad) -> bool:
    width, height = _size(quad)
    return height > _TALL * width


def _size(quad: Quad) -> tuple[float, float]:
    a, b, c, d = quad
    return (
        float(np.linalg.norm(b - a) + np.linalg.norm(c - d)) / 2,
        float(np.linalg.norm(d - a) + np.linalg.norm(c - b)) / 2,
    )


def _is_upside_down(page: Page, quads: Sequence[Quad]) -> bool:
    """Whether the longest lines are read badly, and better the other way up."""
    longest = sorted(quads, key=lambda q: -_size(q)[0])[:_LOOKED_UPSIDE_DOWN]
    cuts = [ocr_engine.cut(page.bare, quad) for quad in longest]
    upright = sum(map(_confidence, cuts))
    if upright > _PLAINLY_UPRIGHT * len(cuts):
        return False
    return sum(_confidence(np.rot90(c, 2).copy()) for c in cuts) > upright


def _confidence(line: Gray) -> float:
    scores = [letter.score for letter in ocr_engine.recognise(line)]
    return float(np.mean(scores)) if scores else 0.0


def _read(
    gray: Gray, quad: Quad, margin: float = _FIRST_MARGIN, stretch: float = 1
) -> list[Letter]:
    return ocr_engine.recognise(ocr_engine.cut(gray, quad, margin, stretch))


def _boxed(gray: Gray, line: _Line) -> _Line:
    """The line with its boxes as the ink shows them, where that is plain, whether they were
    read as boxes, as letters or not at all."""
    letters = list(line.letters)
    for i, sense in _senses(gray, line):
        if sense:
            letters[i] = replace(letters[i], char=sense)
    letters += [
        Letter(x.char, x.start, x.end, 1.0) for x in _unread(gray, line) if x.char != UNREAD
    ]
    return replace(line, letters=_in_order(letters))


def _unread(gray: Gray, line: _Line) -> Iterator[Letter]:
    """What stands beside the letters read: boxes, else the mark of the unread."""
    picture = ocr_engine.cut(gray, line.quad)
    height, width = picture.shape
    half = 0.4 * height / width
    for place in unread_beside(picture, line.letters):
        sense = box_sense(picture, place * width)
        yield Letter(sense or UNREAD, place - half, place + half, 1.0)


def _in_order(letters: Iterable[Letter]) -> tuple[Letter, ...]:
    return tuple(sorted(letters, key=lambda letter: letter.start + letter.end))


def _senses(gray: Gray, line: _Line) -> Iterator[tuple[int, str]]:
    """For each letter that is or may be a box: □ or ☑ by its ink, or nothing if unclear."""
    picture = ocr_engine.cut(gray, line.quad)
    for i in box_places(line.text):
        letter = line.letters[i]
        yield i, box_sense(picture, (letter.start + letter.end) / 2 * picture.shape[1])


_BOXES, _TICKED = "□☐▢囗", "☑☒■"
_MAYBE = "口日曰回区图田白国团"
_OPTIONS = "是否有无已未男女合完不"


def box_places(text: str) -> list[int]:
    """Where boxes to be ticked stand in a line, or characters that boxes are taken for."""
    return [
        i
        for i, c in enumerate(text)
        if c in _BOXES + _TICKED or (c in _MAYBE and text[i + 1 : i + 2] in tuple(_OPTIONS))
    ]


def _again(page: Page, line: _Line) -> _Line:
    """The second look at a line that may hold an answer."""
    is_sure = all(letter.score >= _SURE for letter in line.letters)
    if is_sure and len(line.letters) > _SHORT_LINE and not _ANSWER.search(line.text):
        return line
    said = _read(page.gray, line.quad, _SECOND_MARGIN, _STRETCH)
    again = _Line(line.quad, tuple(_placed(line.letters, said)))
    senses = dict(_senses(page.gray, again))
    through = set(struck(ocr_engine.cut(page.gray, line.quad), again.letters))
    letters = [
        _weighed(letter, senses[i]) if i in senses else _doubted(letter, i in through)
        for i, letter in enumerate(again.letters)
    ]
    beside = list(_unread(page.bare, again))
    between = _between(page.bare, replace(again, letters=tuple(letters)))
    return replace(again, letters=_in_order([*letters, *beside, *between]))


def _weighed(box: Letter, sense: str) -> Letter:
    """A box as its ink shows it; unread where the ink is unclear or the print says otherwise."""
    contradicts = box.score > _SURE_FIGURE and (box.char in _TICKED) != (sense == "☑")
    return replace(box, char=UNREAD if not sense or contradicts else sense)


def _doubted(letter: Letter, is_struck: bool) -> Letter:
    """The letter, or a mark where it is hardly recognised or struck out. Brackets and other
    punctuation are spared: whether they are wide or narrow is what makes them unsure."""
    char = letter.char
    if char.isascii() and char.isalnum():
        is_sure = letter.score >= _SURE_FIGURE and not is_struck
        return letter if is_sure else replace(letter, char=UNREAD)
    if char.isalnum() and (letter.score < _SURE or is_struck):
        return replace(letter, char=BLURRED)
    return letter


def _placed(first: Sequence[Letter], second: Sequence[Letter]) -> Iterator[Letter]:
    """The second look's letters, at the places of the first's where they are the same."""
    before, after = [x.char for x in first], [x.char for x in second]
    for step in Levenshtein.opcodes(before, after):
        for k, j in enumerate(range(step.dest_start, step.dest_end)):
            i = step.src_start + k
            if i < step.src_end:
                yield replace(second[j], start=first[i].start, end=first[i].end)
            else:
                yield second[j]


def _between(gray: Gray, line: _Line) -> Iterator[Letter]:
    """A mark wherever the ink within brackets is more than was read."""
    for place in unread_between(ocr_engine.cut(gray, line.quad), line.letters):
        yield Letter(UNREAD, place - 0.001, place + 0.001, 1.0)


def _view(
    page: Page,
    rules: Rules,
    lines: Sequence[_Line],
    loose: Sequence[tuple[float, float, float]],
) -> PageView:
    """The page as a PDF page would show it: letters with places, rules, in points."""
    height, width = page.gray.shape
    scale = _POINTS / max(height, width)
    glyphs = [g for line in lines for g in _glyphs(line, scale)]
    for x, y, size in loose:
        glyphs.append(_glyph(UNREAD, x - size / 2, x + size / 2, y, size, scale))
    return PageView(
        width * scale,
        height * scale,
        glyphs,
        [_scaled(rule, scale) for rule in rules.level],
        [_scaled(rule, scale) for rule in rules.upright],
        0,
        False,
    )


def _glyphs(line: _Line, scale: float) -> Iterator[Glyph]:
    """Letters along the middle of the line's box, gaps that are no spaces closed."""
    a, b, c, d = line.quad
    left, right = (a + d) / 2, (b + c) / 2
    size = 0.75 * _size(line.quad)[1]
    letters = line.letters
    for i, letter in enumerate(letters):
        end = letter.end
        if i + 1 < len(letters):
            gap = (letters[i + 1].start - end) * _size(line.quad)[0]
            end = letters[i + 1].start if gap < size else end
        start_point = left + letter.start * (right - left)
        end_point = left + end * (right - left)
        middle = float(start_point[1] + end_point[1]) / 2
        yield _glyph(letter.char, float(start_point[0]), float(end_point[0]), middle, size, scale)


def _glyph(char: str, x0: float, x1: float, middle: float, size: float, scale: float) -> Glyph:
    return Glyph(char, x0 * scale, x1 * scale, (middle + 0.3 * size) * scale, size * scale)


def _scaled(rule: Rule, scale: float) -> Rule:
    return Rule(rule.at * scale, rule.low * scale, rule.high * scale)
