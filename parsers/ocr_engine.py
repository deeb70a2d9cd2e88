"""The recogniser (RapidOCR on onnxruntime): where lines of print stand, and what a line says.

Needs the extra `ocr`; its models come with its package, and nothing is ever fetched. One
engine a process: it takes a second to start and half a gigabyte while it works.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR
from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

from parsers import foreign
from parsers.types import Damaged

THREADS = 2
_DETECTED_SIDE = 1280
"""Pixels of the longer side when looking for lines: a letter of 10.5 pt is 15 high."""
_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNISER = "PP-OCRv6_rec_small.onnx"
_WIDEST = 0.6
"""Of a line's height: half the width of the widest letter."""

Gray = NDArray[np.uint8]
Quad = NDArray[np.float32]
"""Four corners of a line of print, clockwise from its first letter's top."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One recognised character: its edges along the line from 0 to 1, how sure it is."""

    char: str
    start: float
    end: float
    score: float


def find_lines(gray: Gray) -> list[Quad]:
    """Where lines of print stand on a page."""
    scale = min(1.0, _DETECTED_SIDE / max(gray.shape))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    with border():
        found = _engine()(_coloured(small), use_det=True, use_cls=False, use_rec=False)
    boxes = getattr(found, "boxes", None)
    if boxes is None:
        return []
    return [np.asarray(box, dtype=np.float32) / scale for box in boxes]


def cut(gray: Gray, quad: Quad, margin: float = 0.0, stretch: float = 1.0) -> Gray:
    """The line's picture, pulled straight; `margin` pixels more on each side."""
    a, b, c, d = quad
    along, down = _unit(b - a + c - d), _unit(d - a + c - b)
    wide, high = margin * along, margin * down
    corners = np.array([a - wide - high, b + wide - high, c + wide + high, d - wide + high])
    width = max(8, round(stretch * float(np.linalg.norm(corners[1] - corners[0]))))
    height = max(8, round(float(np.linalg.norm(corners[3] - corners[0]))))
    goal = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(corners.astype(np.float32), goal)
    straight = cv2.warpPerspective(
        gray, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(straight, dtype=np.uint8)


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), dtype=np.float32)


def recognise(line: Gray) -> list[Letter]:
    """What a line's picture says."""
    with border():
        found = _engine()(_coloured(line), use_det=False, use_cls=False, use_rec=True)
    if not getattr(found, "txts", None) or not found.txts[0]:
        return []
    text, info = found.txts[0], found.word_results[0]
    columns = [c for group in info.word_cols for c in group]
    scored = [(t, s) for t, s in zip(text, info.confs, strict=False) if not t.isspace()]
    middles = [(c + 0.5) / max(info.line_txt_len, 1) for c in columns]
    reach = _WIDEST * line.shape[0] / line.shape[1]
    return [
        Letter(char, start, end, float(score))
        for (char, score), (start, end) in zip(scored, _edges(middles, reach), strict=False)
    ]


def _edges(middles: list[float], reach: float) -> Iterator[tuple[float, float]]:
    """From each letter's middle to halfway between neighbours, at most `reach`."""
    halves = [(b - a) / 2 for a, b in pairwise(middles)]
    for middle, left, right in zip(middles, [reach, *halves], [*halves, reach], strict=False):
        yield middle - min(left, reach), middle + min(right, reach)


def _coloured(gray: Gray) -> Any:
    return cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)


@contextmanager
def border() -> Iterator[None]:
    """Turns what OpenCV and onnxruntime raise into Damaged; see parsers/foreign.py."""
    try:
        with foreign.border("broken_image"):
            yield
    except (ONNXRuntimeError, cv2.error) as error:
        raise Damaged("broken_image", why=str(error)[:200]) from error


@lru_cache(maxsize=1)
def _engine() -> Any:
    cv2.setNumThreads(THREADS)
    spec = importlib.util.find_spec("rapidocr")
    folder = f"{(spec.submodule_search_locations or ['.'])[0]}/models" if spec else "models"
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "Global.use_cls": False,
            "Global.return_word_box": True,
            # a path given is a path never fetched
            "Det.model_path": f"{folder}/{_DETECTOR}",
            "Rec.model_path": f"{folder}/{_RECOGNISER}",
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
