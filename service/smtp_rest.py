"""How long the SMTP door is left alone (停发): after a refused login, an early end, too quick a pace.

Kept in the database, so that a restart, or cron's next process, does not knock again too soon.
Decides nothing about single letters: each has its own next try (service/outbox.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from service.moments import iso, moment
from service.store import Store

FIRST_WAIT = timedelta(minutes=5)
AFTER_REFUSED_CODE = timedelta(minutes=15)
"""QQ locks an account that logs in with a wrong code again and again (facts: 15 minutes)."""
LONGEST_WAIT = timedelta(hours=2)
_UNTIL = "smtp_rest_until"
_COUNT = "smtp_rests"
_PROBLEM = "smtp_problem"
_MOST_DOUBLINGS = 10


class Rest:
    """The rest of one SMTP account, which all campaigns share."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def problem(self, now: datetime) -> str | None:
        """What made the door rest, while it does."""
        until = self._store.meta(_UNTIL)
        resting = until and is_ahead(moment(until), now)
        return self._store.meta(_PROBLEM) if resting else None

    def begin(self, least: timedelta, problem: str, now: datetime) -> None:
        """Rests for a while that doubles each time, until a letter is taken."""
        times = int(self._store.meta(_COUNT) or 0)
        until = now + min(least * 2**times, LONGEST_WAIT)
        self._store.set_meta(_COUNT, str(min(times + 1, _MOST_DOUBLINGS)))
        self._store.set_meta(_UNTIL, iso(until) or "")
        self._store.set_meta(_PROBLEM, problem)

    def over(self) -> None:
        """A letter was taken: the next rest is a short one again."""
        self._store.set_meta(_COUNT, "0")


def is_ahead(until: datetime, now: datetime) -> bool:
    """Whether a rest lasts. No rest is longer than the longest: one that seems to be was
    written by a clock that has been set back since, and must not silence us for long."""
    return now < until <= now + LONGEST_WAIT
