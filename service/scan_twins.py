"""A scan of a form beside its Word file (盖章件): evidence of the same return, not a second one.

Pure. The text counts; where the stamped scan says otherwise, the text bears a soft doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.types import PartFact


def settled(parts: Sequence[PartFact]) -> tuple[PartFact, ...]:
    """The parts without the scans that have one text twin of the same form beside them; each
    twin bears a doubt for every field that its scan reads otherwise."""
    out = list(parts)
    for scan in [p for p in parts if _is_scan(p)]:
        twins = [p for p in out if p.form == scan.form and p.outcome == "form" and not _is_scan(p)]
        if len(twins) != 1:
            continue
        twin = twins[0]
        doubts = [*(twin.read.get("doubts") or ()), *_differences(twin.read, scan)]
        out[out.index(twin)] = replace(twin, read={**twin.read, "doubts": doubts})
        out.remove(scan)
    return tuple(out)


def _is_scan(part: PartFact) -> bool:
    fields = (part.read.get("fields") or {}).values()
    return part.outcome == "form" and any(f.get("evidence") == "ocr" for f in fields)


def _differences(text: Mapping[str, Any], scan: PartFact) -> Iterator[dict[str, Any]]:
    """Only what both surely read can differ: a field that OCR is unsure of says nothing."""
    sure = ("filled", "nil")
    for key, seen in (scan.read.get("fields") or {}).items():
        typed = (text.get("fields") or {}).get(key) or {}
        if typed.get("state") in sure and seen.get("state") in sure:
            if _plain(typed.get("value")) == _plain(seen.get("value")):
                continue
            facts = {
                "label": str(typed.get("label") or key),
                "typed": str(typed.get("value")),
                "scanned": str(seen.get("value")),
                "name": scan.name or "",
            }
            yield {"code": "scan_says_otherwise", "where": key, "facts": facts}


def _plain(value: Any) -> str:
    """OCR may lose a stop or a space of a narrative: that is no other answer."""
    return "".join(c for c in str(value) if c.isalnum())
