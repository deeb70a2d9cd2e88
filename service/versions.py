"""Which of several returns governs (以哪一份为准), and what speaks against a newer one.

Pure: compares two readings as the JSON-able objects of DESIGN section 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from parsers.fold import folded
from service.trust import RANK
from service.types import Trust

_FILLED = ("filled", "nil", "na", "unsure")


def filled(read: Mapping[str, Any]) -> int:
    """How many fields say something."""
    return sum(1 for f in (read.get("fields") or {}).values() if f.get("state") in _FILLED)


def same(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether two readings say the same in every field."""
    return said(a) == said(b)


def said(read: Mapping[str, Any]) -> dict[str, tuple[Any, Any, Any]]:
    return {
        key: (f.get("state"), f.get("value"), f.get("raw") if f.get("state") == "unsure" else None)
        for key, f in (read.get("fields") or {}).items()
    }


def against(
    newer: Mapping[str, Any],
    governing: Mapping[str, Any],
    older: list[Mapping[str, Any]],
    dates: tuple[date | None, date | None],
    trusts: tuple[Trust, Trust],
) -> str | None:
    """Why the newer return must wait for a person, as a doubt's code; None when it governs.

    `older` are the versions before the governing one; `dates` and `trusts` are the newer
    one's and the governing one's (DESIGN section 5, "Which version governs").
    """
    if RANK[trusts[0]] < RANK[trusts[1]]:
        return "version_less_trusted"
    if filled(newer) == 0:
        return "version_blank"
    if filled(newer) * 2 < filled(governing):
        return "version_half"
    if any(same(newer, o) for o in older):
        return "version_older_copy"
    if dates[0] is not None and dates[1] is not None and dates[0] < dates[1]:
        return "version_earlier_date"
    return None


def contradict(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two readings surely say different things in some field; a line broken elsewhere
    (the same form as Word and as PDF) is nothing different."""
    fields = other.get("fields") or {}
    return any(
        _sure(f) and _sure(fields.get(key) or {}) and _plain(f) != _plain(fields[key])
        for key, f in (one.get("fields") or {}).items()
    )


def _sure(field: Mapping[str, Any]) -> bool:
    return field.get("state") in ("filled", "nil")


def _plain(field: Mapping[str, Any]) -> Any:
    value = field.get("value")
    return folded(value) if isinstance(value, str) else value


def fallen(newer: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[str, ...]:
    """Fields whose cumulative figure went down since the last return."""
    old = before.get("fields") or {}
    out = []
    for key, f in (newer.get("fields") or {}).items():
        was, now = (old.get(key) or {}).get("value"), f.get("value")
        if isinstance(was, int) and isinstance(now, int) and now < was:
            out.append(key)
    return tuple(out)
