"""Reads pictures of pages (扫描件、照片) where the extra `ocr` is installed.

A page is looked at twice (parsers/ocr_looks.py); each look becomes a document like any
other. Nothing heavy is imported before the first picture is read.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from functools import lru_cache

from parsers import limits
from parsers.looks import Looks
from parsers.types import ParserError


@lru_cache(maxsize=1)
def is_installed() -> bool:
    """Whether pictures can be read here: the extra `ocr` is complete."""
    return all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2"))


def look(pictures: Sequence[bytes]) -> tuple[Looks, ...]:
    """Look at pages in their order; raises Damaged or OverLimit if none can be read.

    Pages above limits.OCR_PAGES are left, and so is a picture that cannot be decoded beside
    one that can.
    """
    looker = importlib.import_module("parsers.ocr_looks")
    looks: list[Looks] = []
    refusal = None
    for picture in pictures[: limits.OCR_PAGES]:
        try:
            looks.append(looker.look_twice(picture))
        except ParserError as e:
            refusal = e
    if refusal is not None and not looks:
        raise refusal
    return tuple(looks)
