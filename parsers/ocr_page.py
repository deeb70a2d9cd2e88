"""A picture of a page made fit for reading by classical means: outline, seal, light, skew,
ruling lines. Needs OpenCV (extra `ocr`); reads no letters.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from parsers import images, stamp
from parsers.foreign import border
from parsers.formats.pdf_page import Rule

PAGE_SIDE = 1754
"""Pixels of the longer side while reading: A4 at 150 dpi, where letters are 20 pixels high."""
_DECODED_SIDE = 3508
_SHORTEST_RULE, _THICKEST_RULE, _WINDOW = 60, 9, 61
_DENSE, _STRAIGHT = 0.7, 0.2
_CUT_SHORT = 25
"""What the window takes off both ends of a line: 0.2 of its length each."""
_PAPER = 255
_LEAST_PAPER, _MOST_PAPER = 0.15, 0.97
_SHADES = (1.0, 0.85, 0.7, 0.6)
"""Parts of the threshold between paper and desk to try: a sheet may lie half in shadow."""
_EDGE = 25
_A4_LIKE = (1.2, 1.65)
_STEEPEST = 6.0
_SEAL_REACH = 1.06

Gray = NDArray[np.uint8]
Colour = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Rules:
    """Ruling lines, in pixels."""

    level: tuple[Rule, ...]
    upright: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page held upright: dark print on white, and itself without its plain ruling lines."""

    gray: Gray
    bare: Gray


def decode(picture: bytes) -> Colour:
    """The picture as red, green, blue; raises Damaged or OverLimit before decoding."""
    images.size(picture)
    with border("broken_image"), Image.open(io.BytesIO(picture)) as opened:
        opened.draft("RGB", (_DECODED_SIDE, _DECODED_SIDE))
        rgb = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
    return _at_most(rgb, _DECODED_SIDE)


def _at_most(image: Colour, side: int) -> Colour:
    scale = side / max(image.shape[:2])
    return _resized(image, scale) if scale < 1 else image


def _resized(image: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return _bytes(cv2.resize(image, None, fx=scale, fy=scale, interpolation=how))


def _bytes(image: Any) -> NDArray[np.uint8]:
    return np.asarray(image, dtype=np.uint8)


def flatten(rgb: Colour) -> Colour:
    """The sheet of paper alone, its corners pulled square, where one lies on a darker desk."""
    small = _at_most(rgb, 800)
    gray = _bytes(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (7, 7), 0))
    between, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    sheets = [_sheet(gray, share * between) for share in _SHADES]
    corners = max((s for s in sheets if s is not None), key=_area, default=None)
    if corners is None:
        return rgb
    return _squared(rgb, corners * (max(rgb.shape[:2]) / max(small.shape[:2])))


def _area(corners: NDArray[np.float32]) -> float:
    return float(cv2.contourArea(corners))


def _sheet(gray: Gray, threshold: float) -> NDArray[np.float32] | None:
    """The corners of what is brighter than the threshold, if that is plainly a sheet."""
    mask = (gray > threshold).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea, default=None)
    if outline is None or not _LEAST_PAPER < cv2.contourArea(outline) / mask.size < _MOST_PAPER:
        return None
    corners = _corners(outline)
    return corners if corners is not None and _is_edged(gray, corners) else None


def _is_edged(gray: Gray, corners: NDArray[np.float32]) -> bool:
    """Whether all along all four sides it is darker outside than inside."""
    centre = corners.mean(axis=0)
    inner, outer = (centre + share * (corners - centre) for share in (0.96, 1.04))
    for i in range(4):
        steps = np.linspace(0.1, 0.9, 9)[:, None]
        inside, outside = (
            _sampled(gray, c[i] + steps * (c[(i + 1) % 4] - c[i])) for c in (inner, outer)
        )
        if np.median(inside - outside) < _EDGE:
            return False
    return True


def _sampled(gray: Gray, points: NDArray[np.float32]) -> NDArray[np.float32]:
    x = np.clip(np.round(points[:, 0]).astype(int), 0, gray.shape[1] - 1)
    y = np.clip(np.round(points[:, 1]).astype(int), 0, gray.shape[0] - 1)
    return np.asarray(gray[y, x], dtype=np.float32)


def _corners(outline: Any) -> NDArray[np.float32] | None:
    """The four corners of an outline, clockwise from top left; None if it has others."""
    hull = cv2.convexHull(outline)
    for slack in (0.01, 0.02, 0.03, 0.05):
        found = cv2.approxPolyDP(hull, slack * cv2.arcLength(hull, True), True).reshape(-1, 2)
        if len(found) == 4 and cv2.contourArea(found) > 0.9 * cv2.contourArea(hull):
            ordered = sorted(found.tolist(), key=lambda p: p[0] + p[1])
            first, last = ordered[0], ordered[-1]
            right, left = sorted(ordered[1:3], key=lambda p: p[1] - p[0])
            return np.array([first, right, last, left], dtype=np.float32)
    return None


def _squared(rgb: Colour, corners: NDArray[np.float32]) -> Colour:
    a, b, c, d = corners
    width = round(float(max(np.hypot(*(b - a)), np.hypot(*(c - d)))))
    height = round(float(max(np.hypot(*(d - a)), np.hypot(*(c - b)))))
    if _A4_LIKE[0] < height / width < _A4_LIKE[1]:
        height = round(width * 2**0.5)
    elif _A4_LIKE[0] < width / height < _A4_LIKE[1]:
        width = round(height * 2**0.5)
    goal = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(corners, goal)
    return _bytes(cv2.warpPerspective(rgb, turn, (width, height), flags=cv2.INTER_CUBIC))


def cleaned(rgb: Colour) -> Gray:
    """Dark print on even white. Within a seal's ring only what is dark in the red channel
    counts as ink; elsewhere red stays, for somebody may have filled the form in red."""
    gray = _even(_bytes(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)))
    seals = stamp.seals_on(rgb)
    if not seals:
        return gray
    within = np.zeros(gray.shape, np.uint8)
    for seal in seals:
        centre = (round(seal.x), round(seal.y))
        cv2.circle(within, centre, round(_SEAL_REACH * seal.radius) + 3, 1, -1)
    return np.where(within > 0, _without_red(rgb, within), gray).astype(np.uint8)


def _without_red(rgb: Colour, within: NDArray[np.uint8]) -> Gray:
    """The red channel, with the seal's ink lifted to the paper's white by the factor that
    its own brightness tells: print under it stays as dark as it is beside it."""
    channel = _even(np.ascontiguousarray(rgb[..., 0]))
    ink = stamp.red(rgb)
    level = max(float(np.percentile(channel[ink & (within > 0)], 60)), 100.0)
    lifted = np.where(ink, channel * (_PAPER / level), channel)
    return np.minimum(lifted, _PAPER).astype(np.uint8)


def _even(gray: Gray) -> Gray:
    """Divides by the light that fell on the paper: shadows and lamps go."""
    side = max(31, (max(gray.shape) // 40) | 1)
    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    light = cv2.dilate(small, np.ones((9, 9), np.uint8))
    light = cv2.blur(light, (side // 4 | 1, side // 4 | 1))
    light = cv2.resize(light, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return _bytes(np.minimum(gray.astype(np.float32) / np.maximum(light, 1) * 255, 255))


def at_reading_size(gray: Gray) -> Gray:
    """The page at the size at which letters are read best."""
    return _resized(gray, PAGE_SIDE / max(gray.shape))


def level_out(gray: Gray) -> Gray:
    """The page turned by the few degrees that make its lines level."""
    small = _resized(gray, 800 / max(gray.shape))
    ink = (small < 160).astype(np.uint8) * 255
    angle = 0.0
    for reach, step in ((_STEEPEST, 1.0), (0.9, 0.3), (0.25, 0.05)):
        tries = np.arange(angle - reach, angle + reach + step / 2, step)
        angle = float(max(tries, key=lambda a: _sharpness(_turned(ink, float(a), 0))))
    return _turned(gray, angle, _PAPER) if abs(angle) > 0.04 else gray


def _turned(image: Gray, degrees: float, fill: int) -> Gray:
    height, width = image.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    how = cv2.INTER_CUBIC
    return _bytes(cv2.warpAffine(image, turn, (width, height), flags=how, borderValue=fill))


def _sharpness(ink: Gray) -> float:
    """How sharply rows of ink and rows of paper alternate."""
    rows = ink.sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(rows)).sum())


def without_rules(gray: Gray) -> Page:
    """The page and what is left of it without dark runs longer than any stroke of a letter."""
    ink = cv2.adaptiveThreshold(gray, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 18)
    level, upright = (
        cv2.morphologyEx(
            cv2.dilate(ink, _bar(3, not across)), cv2.MORPH_OPEN, _bar(_SHORTEST_RULE, across)
        )
        for across in (True, False)
    )
    cover = cv2.dilate(level | upright, np.ones((3, 3), np.uint8))
    return Page(gray, np.where(cover > 0, _PAPER, gray).astype(np.uint8))


def rules(gray: Gray, lines: Sequence[NDArray[np.float32]], contrast: int) -> Rules:
    """Ruling lines, also broken ones: what is thin and long, and darker than its sides by
    `contrast`, where no line of print stands (each given by its four corners)."""
    found = []
    for across in (True, False):
        thin = cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, _bar(_THICKEST_RULE, not across))
        dark = (thin > contrast).astype(np.uint8)
        for corners in lines:
            cv2.fillPoly(dark, [_core(corners)], 0)
        dark = cv2.dilate(dark, _bar(3, not across))
        share = cv2.blur(dark.astype(np.float32), (_WINDOW, 1) if across else (1, _WINDOW))
        long = cv2.dilate((share > _DENSE).astype(np.uint8), _bar(_CUT_SHORT, across))
        found.append(_pieced(long, across))
    return Rules(*found)


def _core(corners: NDArray[np.float32]) -> NDArray[np.int32]:
    """The middle of a line of print: a rule may touch its edge."""
    middle = np.stack([corners[[0, 3]].mean(axis=0), corners[[1, 2]].mean(axis=0)])
    core = middle[[0, 1, 1, 0]] + 0.6 * (corners - middle[[0, 1, 1, 0]])
    return np.asarray(np.round(core), dtype=np.int32)


def _bar(length: int, across: bool, width: int = 1) -> Any:
    size = (length, width) if across else (width, length)
    return cv2.getStructuringElement(cv2.MORPH_RECT, size)


def _pieced(mask: Any, across: bool) -> tuple[Rule, ...]:
    """The lines of a mask, pieces that a letter or a crease parts put together."""
    whole = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _bar(25, across, 3))
    _, _, stats, _ = cv2.connectedComponentsWithStats(whole)
    found = []
    for x, y, width, height, _area in stats[1:].tolist():
        length, depth = (width, height) if across else (height, width)
        if length >= _SHORTEST_RULE and depth <= _STRAIGHT * length:
            middle, low = (y + height / 2, x) if across else (x + width / 2, y)
            found.append(Rule(float(middle), float(low), float(low + length)))
    return tuple(found)
