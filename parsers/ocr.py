"""Reads scans and photos (扫描件、照片) where the extra `ocr` is installed; else they wait for
a person.

A page is looked at twice (parsers/ocr_looks.py). Both looks become documents like any
other; of what is read from the first, only what the second says too counts as read from a
scan, the rest is unsure with the first look's guess.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from parsers import limits
from parsers.fold import folded
from parsers.formats.pdf import blocks
from parsers.types import Document, Doubt, PartRead, Reading, Value

EVIDENCE = "ocr"


@dataclass(frozen=True, slots=True)
class Scan:
    """Pictures as two looks have read them, and how many characters stand on them."""

    first: Document
    second: Document
    characters: int


@lru_cache(maxsize=1)
def is_installed() -> bool:
    """Whether scans can be read here: the extra `ocr` is complete."""
    return all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime", "cv2"))


def read(pictures: Sequence[bytes]) -> Scan:
    """Read pages from their pictures, in order; raises Damaged or OverLimit.

    Pages above limits.OCR_PAGES are left, with a doubt that says how many.
    """
    looker = importlib.import_module("parsers.ocr_looks")
    looks = [looker.look_twice(picture) for picture in pictures[: limits.OCR_PAGES]]
    left = len(pictures) - len(looks)
    doubts = (Doubt.of("pages_not_read", "", pages=left),) if left > 0 else ()
    first, second = (
        Document(EVIDENCE, tuple(blocks([look[i] for look in looks])), (), doubts) for i in (0, 1)
    )
    return Scan(first, second, sum(look.characters for look in looks))


def agreed(first: Sequence[PartRead], second: Sequence[PartRead]) -> tuple[PartRead, ...]:
    """What the first look's document holds, each value as sure as both looks make it."""
    same = [p.form and p.form.key for p in first] == [p.form and p.form.key for p in second]
    return tuple(_agreed(p, second[i] if same else None) for i, p in enumerate(first))


def _agreed(first: PartRead, second: PartRead | None) -> PartRead:
    if first.reading is None:
        return first
    other = second.reading if second is not None else None
    values = tuple(
        _settled(v, other.value(v.field) if other else None) for v in first.reading.values
    )
    disputed = [v for v, w in zip(values, first.reading.values, strict=True) if v.state != w.state]
    labels = {f.key: f.label for f in first.form.fields} if first.form else {}
    doubts = [
        Doubt.of(
            "looks_differ", v.field, label=labels.get(v.field, ""), raw=v.raw, guess=str(v.guess)
        )
        for v in disputed
    ]
    doubts += _header_doubts(first.reading, other)
    reading = replace(first.reading, values=values, doubts=(*first.reading.doubts, *doubts))
    return replace(first, reading=reading)


def _settled(value: Value, other: Value | None) -> Value:
    """The value as read from a scan, or unsure where the second look says otherwise."""
    value = replace(value, evidence=EVIDENCE)
    if value.state == "unsure" or (other is not None and _is_same(value, other)):
        return value
    guess = value.value if isinstance(value.value, int | str) else None
    return replace(value, value=None, state="unsure", guess=guess, why="looks_differ", margin=0.0)


def _is_same(one: Value, other: Value) -> bool:
    if one.state != other.state:
        return False
    if isinstance(one.value, str) and isinstance(other.value, str):
        return folded(one.value) == folded(other.value)
    return one.value == other.value and one.approx == other.approx


def _header_doubts(first: Reading, second: Reading | None) -> list[Doubt]:
    known = {d.where for d in first.doubts}
    said = dict(second.header) if second else {}
    return [
        Doubt.of("header_unclear", f"header/{label}", label=label, raw=text)
        for label, text in first.header
        if f"header/{label}" not in known and folded(text) != folded(said.get(label, ""))
    ]
