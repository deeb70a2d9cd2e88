"""A scan of a form beside its Word file (盖章件): evidence of the same return, not a second one.

Pure. The text counts; where the stamped scan says otherwise, the text bears a soft doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rapidfuzz import fuzz

from service.types import PartFact

_UNSURE = "unsure"
_FIGURES = re.compile(r"[0-9.]+")
_STOP = re.compile(r"\.(?![0-9])|(?<![0-9])\.")
_LONG, _ALIKE = 40, 95.0


def settled(parts: Sequence[PartFact]) -> tuple[PartFact, ...]:
    """The parts without the scans that have one text twin of the same form beside them; each
    twin names its scans (`scans`: path, name, stamp, how many answers both surely say) and
    bears a doubt for every field that a scan reads otherwise."""
    out = list(parts)
    for scan in [p for p in parts if is_scan(p)]:
        twins = [p for p in out if p.form == scan.form and p.outcome == "form" and not is_scan(p)]
        if len(twins) != 1:
            continue
        twin = twins[0]
        doubts = [*(twin.read.get("doubts") or ()), *_differences(twin.read, scan)]
        scans = [*(twin.read.get("scans") or ()), _evidence(twin.read, scan)]
        read = {**twin.read, "doubts": doubts, "scans": scans}
        out[out.index(twin)] = replace(twin, read=read)
        out.remove(scan)
    return tuple(out)


def is_scan(part: PartFact) -> bool:
    """Whether a form was read by OCR: what it says waits until a person has compared it."""
    fields = (part.read.get("fields") or {}).values()
    return part.outcome == "form" and any(f.get("evidence") == "ocr" for f in fields)


def believed(read: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reading of a scan that a person has compared: its numbers may enter totals."""
    fields = (read.get("fields") or {}).items()
    return {**read, "fields": {key: {**field, "accepted": True} for key, field in fields}}


def _evidence(text: Mapping[str, Any], scan: PartFact) -> dict[str, Any]:
    agreed = sum(_is_same(typed, seen) for _, typed, seen in _both_say(text, scan))
    stamp = scan.read.get("stamp")
    return {"path": scan.path, "name": scan.name, "stamp": stamp, "agreed": agreed}


def _differences(text: Mapping[str, Any], scan: PartFact) -> Iterator[dict[str, Any]]:
    for key, typed, seen in _both_say(text, scan):
        if not _is_same(typed, seen):
            facts = {
                "label": str(typed.get("label") or key),
                "typed": _shown(typed),
                "scanned": _shown(seen),
                "name": scan.name or "",
            }
            yield {"code": "scan_says_otherwise", "where": key, "facts": facts}


def _both_say(
    text: Mapping[str, Any], scan: PartFact
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """What both surely read: a field that OCR is unsure of says nothing."""
    for key, seen in (scan.read.get("fields") or {}).items():
        typed = (text.get("fields") or {}).get(key) or {}
        if _UNSURE not in (typed.get("state", _UNSURE), seen.get("state", _UNSURE)):
            yield key, typed, seen


def _is_same(typed: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    one, other = typed.get("value"), seen.get("value")
    if typed.get("state") != seen.get("state"):
        return False
    if not (isinstance(one, str) and isinstance(other, str)):
        return bool(one == other)
    return _is_same_text(_plain(one), _plain(other))


def _is_same_text(one: str, other: str) -> bool:
    """OCR takes a sign in a long text for another: with the same figures in the same order
    that is no other answer."""
    if one == other or min(len(one), len(other)) < _LONG:
        return one == other
    return _FIGURES.findall(one) == _FIGURES.findall(other) and fuzz.ratio(one, other) >= _ALIKE


def _plain(text: str) -> str:
    """OCR may lose a stop or a space; but 4.4 is never 44."""
    return "".join(c for c in _STOP.sub("", text) if c.isalnum() or c == ".")


def _shown(field: Mapping[str, Any]) -> str:
    value = field.get("value")
    return str(field.get("raw") or "—") if value is None else str(value)
