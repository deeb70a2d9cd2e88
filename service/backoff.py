"""When to knock at a shut door again: pure, so that it survives a restart in the database.

The wait doubles with each failure in a row and is spread by chance, so that many services
do not knock together; after a refused login it is never short, because QQ locks accounts
that log in too often (21 logins cost more than 15 minutes).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

REFUSED_LOGINS: Collection[str] = frozenset({"IMAP_AUTH_REFUSED", "SMTP_AUTH_REFUSED"})
_FIRST = timedelta(seconds=15)
_LONGEST = timedelta(minutes=5)
_AFTER_REFUSAL = timedelta(minutes=15)
_LONGEST_AFTER_REFUSAL = timedelta(hours=1)
"""Staff who renewed the code wait no longer than this (and half of it by chance)."""
_MOST_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Failures:
    """How a door has been failing: how often in a row, since when last, with which code."""

    count: int
    last_at: datetime
    code: str


def next_try(failures: Failures | None, chance: float) -> datetime | None:
    """The earliest moment of the next try; None where nothing stands against one now.

    `chance` in [0, 1) comes from the caller and adds up to half of the wait again.
    """
    if failures is None or failures.count < 1:
        return None
    refused = failures.code in REFUSED_LOGINS
    first, longest = (_AFTER_REFUSAL, _LONGEST_AFTER_REFUSAL) if refused else (_FIRST, _LONGEST)
    doublings = min(failures.count - 1, _MOST_DOUBLINGS)
    wait: timedelta = min(first * 2**doublings, longest)
    return failures.last_at + wait + wait * 0.5 * chance


def after_failure(before: Failures | None, code: str, now: datetime) -> Failures:
    """The state to store after one more failure; refused logins are counted apart, as each
    asks for a longer rest."""
    is_same = before is not None and (before.code in REFUSED_LOGINS) == (code in REFUSED_LOGINS)
    return Failures((before.count if before and is_same else 0) + 1, now, code)
