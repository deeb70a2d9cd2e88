"""Archives and other containers: their members, under one budget.

A container is one module with `members(content, budget)` and one line in the table.
"""

from __future__ import annotations

from collections.abc import Callable

from parsers.containers import packed, tnef, zipped
from parsers.containers.member import Budget, Member

__all__ = ["MEMBERS", "Budget", "Member"]

MEMBERS: dict[str, Callable[[bytes, Budget], tuple[Member, ...]]] = {
    "7z": packed.members,
    "rar": packed.members,
    "tnef": tnef.members,
    "zip": zipped.members,
}
"""By the kind that parsers/sniff.py names. Each raises ParserError and nothing else."""
