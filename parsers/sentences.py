"""Fields of a sentence with slots (填空句): label, unit and kind from the words around each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.counters import unit_of
from parsers.labels import kind_of, label_of
from parsers.slots import Place, says_several
from parsers.types import Field, Kind

_CLAUSE = re.compile(r"[；;。！!\n]")
_ITEM = re.compile(r"^\s*[（(]?[0-9０-９一二三四五六七八九十]{1,3}[）)]?\s*[、.．)）]\s*")
_EDGES = " \t\n\u3000，,、；;。：:．."
_BARE = re.compile(r"^(参与|其中|参加|覆盖|受教育|涉及|共|累计)$")


def sentence_fields(
    text: str, found: Sequence[Place], row: int, row_label: str, first: int = 1
) -> list[Field]:
    """One field a slot, keyed `row.slot`; `row_label` names a slot without words of its own."""
    labels = [_own_label(text, found, i) for i in range(len(found))]
    fields = []
    for i, place in enumerate(found):
        label = labels[i] or row_label
        if _BARE.match(label) or labels.count(label) > 1:
            head = _clause_head(text, found, labels, i)
            if head != i:
                label = f"{labels[head]} · {label}"
        unit = unit_of(text[place.end :]) if place.kind is None else ""
        kind = place.kind or _kind(labels[i], unit)
        fields.append(
            Field(
                key=f"{row}.{i + first}",
                label=label,
                kind=kind,
                unit=unit if kind == "number" else "",
                options=place.options,
                limit=place.limit,
                several=place.several or says_several(row_label),
            )
        )
    return fields


def _kind(label: str, unit: str) -> Kind:
    return "number" if unit else kind_of(label, "number")


def _own_label(text: str, found: Sequence[Place], i: int) -> str:
    """The words before a slot in its clause; for a choice at a clause's head those after it."""
    start = found[i - 1].end if i else 0
    before = text[start : found[i].start]
    if i and found[i - 1].kind is None:
        unit = unit_of(before)
        stripped = before.lstrip()
        before = stripped[len(unit) :] if stripped.startswith(unit) else stripped
    label = _CLAUSE.split(before)[-1].strip(_EDGES)
    label = label if start else _ITEM.sub("", label)
    if found[i].kind == "narrative":
        label = label_of(label)
    if label or found[i].kind != "choice":
        return label
    end = found[i + 1].start if i + 1 < len(found) else len(text)
    return _CLAUSE.split(text[found[i].end : end])[0].strip(_EDGES)


def _clause_head(text: str, found: Sequence[Place], labels: Sequence[str], i: int) -> int:
    """The slot of the same clause that says what slot i is about: the nearest before it
    with words of its own."""
    head = i
    while head and not _CLAUSE.search(text[found[head - 1].end : found[head].start]):
        head -= 1
        if labels[head] and not _BARE.match(labels[head]) and labels[head] != labels[i]:
            return head
    return head
