"""The places of a blank's running lines (表头行): slots, and gaps behind labels with a colon."""

from __future__ import annotations

import re

from parsers.labels import is_header_label, kind_of, label_of
from parsers.slots import Place, places
from parsers.types import Field

_OPEN_LABEL = re.compile(r"([^\s:：，,。；;_＿]{1,16})[:：]([\s_＿]*)(?=\S|$)")
_OPEN_GAP_CHARACTERS = 2


def line_places(text: str) -> tuple[Place, ...]:
    """The places of a running line: its slots, and the gaps behind labels with a colon."""
    found = [p for p in places(text) if p.start != p.end]
    for m in _OPEN_LABEL.finditer(text):
        gap = m.end(2) - m.start(2)
        is_open = gap >= _OPEN_GAP_CHARACTERS or (m.end(2) == len(text))
        overlaps = any(p.start <= m.end(2) and p.end >= m.start(2) for p in found)
        if is_open and not overlaps and is_header_label(m[1]):
            found.append(Place(m.start(2), m.end(2), None))
    return tuple(sorted(found, key=lambda place: place.start))


def label_before(text: str, place: Place) -> str:
    """The label with a colon right before a place, or ""."""
    found = re.search(r"([^\s:：，,。；;_＿]{1,24})[:：]\s*$", text[: place.start])
    return found[1] if found else ""


def header_field(text: str, place: Place) -> Field:
    """The field of a header line's place; its key is its label."""
    before = re.split(r"[_＿\s；;。]", text[: place.start].rstrip(" \u3000:："))[-1]
    label = label_of(label_before(text, place) or before)
    label = label or ("日期" if place.kind == "date" else "")
    kind = place.kind or kind_of(label, "text")
    if kind == "date" and place.kind and "日" not in text[place.start : place.end]:
        kind = "text"  # a month is no date
    return Field(label, label, kind, options=place.options)
