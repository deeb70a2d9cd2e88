"""Looks for a seal (印章): a red ring on a page, round or seen at a slant.

A fact for the staff, never a condition. Square name seals, red headings and solid discs are
no seals; what the ring says is not read.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from parsers import images
from parsers.foreign import border

_LOOK_SIDE = 900
"""Pixels of the longer side: enough for a ring of 1 mm on A4."""
_TILE = 4
_REDDER = 38
_SECTORS, _SECTORS_HIT = 36, 30
_ROUND = (0.7, 1.43)
_SMALLEST, _LARGEST = 0.05, 0.6
"""Of the page's shorter side: 4 cm on A4 is 0.19, in a photo of a desk less."""
_MOST_FILLED = 0.62

_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Seal:
    """Where a seal's ring stands: centre and radius in pixels of the picture."""

    x: float
    y: float
    radius: float


def has_stamp(picture: bytes) -> bool:
    """Whether a red round seal can be seen; raises Damaged or OverLimit."""
    return bool(find_seals(picture))


def find_seals(picture: bytes) -> tuple[Seal, ...]:
    """The seals on an encoded picture, in its own pixels."""
    width, height = images.size(picture)
    with border("broken_image"), Image.open(io.BytesIO(picture)) as opened:
        # decoded small where the format can, and made small where not: no more is looked at
        opened.draft("RGB", (2 * _LOOK_SIDE, 2 * _LOOK_SIDE))
        if opened.mode in ("1", "L", "LA", "I", "F", "I;16"):
            return ()
        image = opened.convert("RGB") if opened.mode not in ("RGB", "RGBA") else opened
        image = image.reduce(max(1, max(image.size) // (2 * _LOOK_SIDE)))
        rgb = np.asarray(image.convert("RGB"))
    scale = max(width, height) / max(rgb.shape[:2])
    return tuple(Seal(s.x * scale, s.y * scale, s.radius * scale) for s in seals_on(rgb))


def seals_on(rgb: NDArray[np.uint8]) -> tuple[Seal, ...]:
    """The seals on a picture of red, green and blue (height × width × 3)."""
    step = max(1, round(max(rgb.shape[:2]) / _LOOK_SIDE))
    mask = _tiled(red(rgb), step)
    short = min(mask.shape)
    found = (_ring(mask, points, short) for points in _groups(mask))
    return tuple(Seal(s.x * step, s.y * step, s.radius * step) for s in found if s)


def red(rgb: NDArray[np.uint8]) -> _Mask:
    """Where the ink is red: plainly redder than both other colours."""
    r = rgb[..., 0].astype(np.int16)
    others = np.maximum(rgb[..., 1], rgb[..., 2]).astype(np.int16)
    return np.asarray((r - others > _REDDER) & (3 * r > 4 * others))


def _tiled(mask: _Mask, step: int) -> _Mask:
    """One pixel for each square of `step`, set where any of it is: thin rings stay whole."""
    rows, columns = mask.shape[0] // step, mask.shape[1] // step
    cut = mask[: rows * step, : columns * step]
    return np.asarray(cut.reshape(rows, step, columns, step).any(axis=(1, 3)))


def _groups(mask: _Mask) -> Iterator[NDArray[np.intp]]:
    """The set pixels (row, column) of each group of tiles that touch."""
    tiles = _tiled(mask, _TILE)
    left = {(int(y), int(x)) for y, x in np.argwhere(tiles)}
    while left:
        start = left.pop()
        group, edge = [start], [start]
        while edge:
            y, x = edge.pop()
            near = [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
            fresh = [tile for tile in near if tile in left]
            left.difference_update(fresh)
            group += fresh
            edge += fresh
        yield _within(mask, np.array(group))


def _within(mask: _Mask, tiles: NDArray[np.intp]) -> NDArray[np.intp]:
    """The set pixels of these tiles."""
    first = tiles.min(axis=0)
    part = np.zeros(tiles.max(axis=0) - first + 1, dtype=np.bool_)
    part[tuple((tiles - first).T)] = True
    top, left = first * _TILE
    whole = np.kron(part, np.ones((_TILE, _TILE), dtype=np.bool_))
    window = mask[top : top + whole.shape[0], left : left + whole.shape[1]]
    return np.asarray(np.argwhere(window & whole) + first * _TILE)


def _ring(mask: _Mask, points: NDArray[np.intp], short: int) -> Seal | None:
    """The ring that these pixels make, or None."""
    (top, left), (bottom, right) = points.min(axis=0), points.max(axis=0)
    height, width = bottom - top + 1, right - left + 1
    if not _SMALLEST * short <= min(height, width) <= max(height, width) <= _LARGEST * short:
        return None
    if not _ROUND[0] <= width / height <= _ROUND[1]:
        return None
    middle = np.array([(top + bottom) / 2, (left + right) / 2])
    away = (points - middle) / np.array([height / 2, width / 2])
    reach = np.hypot(away[:, 0], away[:, 1])
    on_ring = away[(reach > 0.86) & (reach < 1.05)]
    angles = np.arctan2(on_ring[:, 0], on_ring[:, 1])
    sectors = np.unique(((angles + np.pi) / (2 * np.pi) * _SECTORS).astype(int) % _SECTORS)
    inner = mask[top : bottom + 1, left : right + 1].mean() / (np.pi / 4)
    if len(sectors) < _SECTORS_HIT or inner > _MOST_FILLED:
        return None
    return Seal(float(middle[1]), float(middle[0]), float(max(height, width)) / 2)
