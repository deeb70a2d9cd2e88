"""Reads pictures of pages (扫描件、照片) where the extra `ocr` is installed.

A page is looked at twice (parsers/ocr_looks.py); each look becomes a document like any
other. Nothing heavy is imported before the first picture is read.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from parsers import limits
from parsers.formats.pdf import blocks
from parsers.types import Document, Doubt, ParserError


@dataclass(frozen=True, slots=True)
class Scan:
    """Pictures as two looks have read them. `is_page`: print enough for a page stands there."""

    first: Document
    second: Document
    is_page: bool


@lru_cache(maxsize=1)
def is_installed() -> bool:
    """Whether pictures can be read here: the extra `ocr` is complete."""
    return all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2"))


def read(pictures: Sequence[bytes]) -> Scan:
    """Read pages from their pictures, in order; raises Damaged or OverLimit if none can be.

    Pages above limits.OCR_PAGES are left, and so is a picture that cannot be decoded beside
    one that can: a doubt says how many.
    """
    looker = importlib.import_module("parsers.ocr_looks")
    looks, refusal = [], None
    for picture in pictures[: limits.OCR_PAGES]:
        try:
            looks.append(looker.look_twice(picture))
        except ParserError as e:
            refusal = e
    if refusal is not None and not looks:
        raise refusal
    left = len(pictures) - len(looks)
    doubts = (Doubt.of("pages_not_read", "", pages=left),) if left else ()
    first, second = (
        Document("ocr", tuple(blocks([look[i] for look in looks])), (), doubts) for i in (0, 1)
    )
    return Scan(first, second, any(look.is_page for look in looks))
