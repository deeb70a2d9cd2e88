"""Turns a clean picture of a page into what offices send: a seal over the figures, a skewed
and noisy scan, a fax, a photo taken at a slant in half shadow. The same seed, the same bytes.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

RED = (214, 32, 40)
PAPER = np.array((244, 243, 238)) / 255
DESK = (95, 75, 60)
_SLANT = ((0.13, 0.09), (0.88, 0.07), (0.95, 0.93), (0.07, 0.95))


@dataclass(frozen=True, slots=True)
class Habit:
    """How a page was scanned. `seals` are (x, y, radius) in parts of the page's width."""

    angle: float = 0.0
    noise: float = 4.0
    blur: float = 0.0
    quality: int = 60
    scale: float = 1.0
    seals: tuple[tuple[float, float, float], ...] = ()
    black_and_white: int | None = None
    turn: int = 0
    is_photo: bool = False


HABITS = {
    "office": Habit(
        1.5, noise=8, quality=50, scale=0.75, seals=((0.78, 0.45, 0.1), (0.3, 0.15, 0.1))
    ),
    "low": Habit(-1.0, noise=5, quality=45, scale=0.5, seals=((0.8, 0.6, 0.1),)),
    "blurred": Habit(0.6, noise=12, blur=1.1, quality=35, scale=0.75),
    "fax": Habit(-0.7, noise=10, scale=0.75, black_and_white=165),
    "photo": Habit(2.0, noise=6, quality=55, seals=((0.75, 0.5, 0.1),), is_photo=True),
    "sideways": Habit(noise=5, scale=0.75, turn=90),
    "awful": Habit(2.2, noise=18, blur=1.4, quality=20, scale=0.6, seals=((0.78, 0.35, 0.1),)),
}


def seal(page: Image.Image, x: float, y: float, radius: float) -> Image.Image:
    """The page with a round seal: ring, star, and signs along the ring, as ink on print."""
    ink = Image.new("RGB", page.size, (255, 255, 255))
    draw = ImageDraw.Draw(ink)
    box = (x - radius, y - radius, x + radius, y + radius)
    draw.ellipse(box, outline=RED, width=max(3, round(radius / 20)))
    points = [_around(x, y, radius * (0.3 if k % 2 else 0.12), 36 * k - 54) for k in range(10)]
    draw.polygon(points, fill=RED)
    for k in range(8):
        near, far = (_around(x, y, radius * r, 200 + 20 * k) for r in (0.6, 0.82))
        draw.line((near, far), fill=RED, width=max(2, round(radius / 12)))
        draw.line((*_around(x, y, radius * 0.7, 194 + 20 * k), *far), fill=RED, width=3)
    return ImageChops.multiply(page, ink)


def _around(x: float, y: float, radius: float, degrees: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def scanned(page: Image.Image, habit: Habit, seed: int = 0) -> bytes:
    """A JPEG of the page, scanned by this habit."""
    rng = np.random.default_rng(seed)
    image = page.convert("RGB")
    for x, y, radius in habit.seals:
        image = seal(image, *(v * image.width for v in (x, y, radius)))
    size = (round(image.width * habit.scale), round(image.height * habit.scale))
    image = image.resize(size, Image.Resampling.LANCZOS)
    image = image.rotate(habit.angle, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    light = np.asarray(image, dtype=np.float32) * PAPER
    if habit.is_photo:
        light *= _shadow(*light.shape[:2])[..., None]
    light += rng.normal(0, habit.noise, light.shape[:2])[..., None]
    image = Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))
    if habit.blur:
        image = image.filter(ImageFilter.GaussianBlur(habit.blur))
    if habit.black_and_white is not None:
        limit = habit.black_and_white
        image = image.convert("L").point(lambda v: 255 if v > limit else 0).convert("RGB")
    if habit.is_photo:
        image = _slanted(image)
    image = image.rotate(habit.turn, expand=True) if habit.turn else image
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=habit.quality)
    return jpeg.getvalue()


def _shadow(height: int, width: int) -> NDArray[np.float64]:
    return np.linspace(1, 0.8, height)[:, None] * np.linspace(1, 0.6, width)[None, :]


def _slanted(page: Image.Image) -> Image.Image:
    """The page on a desk, seen from one side."""
    (w, h), (wide, high) = page.size, (round(page.width * 1.3), round(page.height * 1.2))
    rows, goal = [], []
    for (u, v), (x, y) in zip(_SLANT, ((0, 0), (w, 0), (w, h), (0, h)), strict=True):
        a, b = u * wide, v * high
        rows += [[a, b, 1, 0, 0, 0, -x * a, -x * b], [0, 0, 0, a, b, 1, -y * a, -y * b]]
        goal += [x, y]
    turn = tuple(np.linalg.solve(np.array(rows), np.array(goal)))
    how = Image.Resampling.BICUBIC
    return page.transform((wide, high), Image.Transform.PERSPECTIVE, turn, how, fillcolor=DESK)
