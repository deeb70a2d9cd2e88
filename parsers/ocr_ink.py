"""What the ink itself says, without reading: ticked boxes, and print that nobody read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.ocr_engine import Letter, Quad
from parsers.ocr_page import Gray

_DARK, _FAINT = 150, 190
_EMPTY, _TICKED = 0.035, 0.09
_SQUARE = (0.7, 1.45)
_BOX_HEIGHTS = (0.4, 1.1)
_INNER = 0.24
_LETTER_HEIGHT = 0.4
_SPECKS = 0.02
_BRACKET = 0.35
"""Of a line's height: a bracket is narrower, unless a slash runs into it."""
_COVERED = 0.58
"""Of a line's height: a sign farther than this from every letter read is none of them."""
_NEAR = 0.1
"""Of a line's height: how far a bracket's ink may lie outside the place it was read at."""
_OPEN, _CLOSE = "(（", ")）"
_STROKE, _DASHES = 1.2, "一—–―-_─"


def box_sense(line: Gray, x: float) -> str:
    """□ for an empty box around `x` in the line's picture, ☑ for one with ink in it, nothing
    where no box is plain or the ink is between."""
    height = line.shape[0]
    ink = _ink(line)
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink)
    nearest = min(
        (
            (abs(middle[0] - x), tuple(box))
            for middle, box in zip(middles[1:], stats[1:].tolist(), strict=True)
            if _BOX_HEIGHTS[0] * height <= box[3] <= _BOX_HEIGHTS[1] * height
            and _SQUARE[0] <= box[2] / box[3] <= _SQUARE[1]
        ),
        default=None,
    )
    if nearest is None or nearest[0] > 0.5 * height:
        return ""
    left, top, width, tall, _ = nearest[1]
    dx, dy = max(2, round(_INNER * width)), max(2, round(_INNER * tall))
    inner = ink[top + dy : top + tall - dy, left + dx : left + width - dx]
    share = float(inner.mean()) if inner.size else 0.5
    if share < _EMPTY:
        return "□"
    return "☑" if share > _TICKED else ""


def _ink(gray: Gray) -> NDArray[np.uint8]:
    return (gray < _DARK).astype(np.uint8)


def unread_beside(line: Gray, letters: Sequence[Letter]) -> Iterator[float]:
    """Places (0 to 1 along the line) where a sign as high as letters stands and none was read."""
    height, width = line.shape
    middles = np.array([_middle(letter) * width for letter in letters])
    for start, end in _runs(_ink(line)):
        place = (start + end) / 2
        if middles.size and np.abs(middles - place).min() > _COVERED * height:
            yield place / width


def unread_between(line: Gray, letters: Sequence[Letter]) -> Iterator[float]:
    """Places (0 to 1 along the line) between brackets where more signs stand than were read:
    beside the brackets themselves, one for each figure or tick, and none where nothing was
    read, however faint."""
    height, width = line.shape
    runs = list(_runs(_ink(line)))
    for opened, closed in _pairs(letters):
        low, high = (_middle(letters[i]) * width for i in (opened, closed))
        reach = _NEAR * height
        signs = [r for r in runs if low - reach < (r[0] + r[1]) / 2 < high + reach]
        read = letters[opened + 1 : closed]
        is_plain = all(letter.char.isdigit() or letter.char == "√" for letter in read)
        if is_plain and (len(signs) > len(read) + 2 or not (read or _is_bare(line, signs))):
            yield (low + high) / 2 / width


def _is_bare(line: Gray, signs: Sequence[tuple[int, int]]) -> bool:
    """Whether two brackets stand here and nothing else: no stroke may touch them either."""
    widest = max((end - start for start, end in signs), default=0)
    if len(signs) != 2 or widest > _BRACKET * line.shape[0]:
        return False
    inner = line[:, signs[0][1] + 1 : signs[1][0] - 1]
    return not inner.size or bool((inner < _FAINT).mean() < _SPECKS)


def _middle(letter: Letter) -> float:
    return (letter.start + letter.end) / 2


def _pairs(letters: Sequence[Letter]) -> Iterator[tuple[int, int]]:
    opened = None
    for i, letter in enumerate(letters):
        if letter.char in _OPEN:
            opened = i
        elif letter.char in _CLOSE and opened is not None:
            yield opened, i
            opened = None


def _runs(ink: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    """Where columns of ink as high as letters start and end."""
    height = ink.shape[0]
    filled = np.concatenate(([0], (ink.sum(axis=0) > 0).astype(np.int8), [0]))
    starts, ends = np.flatnonzero(np.diff(filled) == 1), np.flatnonzero(np.diff(filled) == -1)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        rows = np.flatnonzero(ink[:, start:end].any(axis=1))
        if rows[-1] - rows[0] + 1 >= _LETTER_HEIGHT * height:
            yield start, end


def struck(line: Gray, letters: Sequence[Letter]) -> Iterator[int]:
    """Which letters a stroke runs through: dark along the middle for more than a letter's
    width, and no dash."""
    height, width = line.shape
    middle = _ink(line)[round(0.35 * height) : round(0.65 * height)]
    bar = cv2.getStructuringElement(cv2.MORPH_RECT, (round(_STROKE * height), 1))
    through = cv2.morphologyEx(middle, cv2.MORPH_OPEN, bar).any(axis=0)
    for i, letter in enumerate(letters):
        at = min(max(round(_middle(letter) * width), 0), width - 1)
        if through[at] and letter.char not in _DASHES:
            yield i


def unread_places(gray: Gray, quads: Sequence[Quad]) -> Iterator[tuple[float, float, float]]:
    """Signs of a letter's height (x, y, size in pixels) that stand in none of these lines."""
    heights = [float(np.linalg.norm(quad[3] - quad[0])) for quad in quads]
    if not heights:
        return
    size = float(np.median(heights)) * 0.75
    ink = _ink(gray)
    for quad in quads:
        cv2.fillPoly(ink, [np.round(quad).astype(np.int32)], 0)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    for x, y, width, height, area in stats[1:].tolist():
        tall = 0.5 * size <= height <= 2 * size and width <= 4 * size
        if tall and area >= 0.12 * size * size:
            yield x + width / 2, y + height / 2, size
