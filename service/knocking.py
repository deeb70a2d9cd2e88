"""Knocking at the mailbox door (敲门): what is remembered of a door that stayed shut.

Kept in the database, so that a restart, or cron's next process, does not log in again too
soon. Decides only when to knock; the look itself is the intake's, telling staff the alerts'.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service import words
from service.arrivals import MailboxError
from service.backoff import REFUSED_LOGINS, Failures, after_failure, next_try
from service.moments import iso, moment, spoken
from service.store import Store

_FAILING = "mailbox_failing"
_REFUSAL = "mailbox_refusal"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A time in which the mailbox refused our login: since when, until when if it is over."""

    since: datetime
    until: datetime | None
    said: str


class Knocking:
    """When the mailbox may be tried again; `chance` in [0, 1) spreads the waits."""

    def __init__(self, store: Store, chance: Callable[[], float] = random.random) -> None:
        self._store = store
        self._chance = chance

    def rest(self, now: datetime) -> str | None:
        """Why the door must not be tried now, in words; None when it may."""
        kept = json.loads(self._store.meta(_FAILING) or "null")
        if kept is None or not moment(kept["at"]) <= now < moment(kept["until"]):
            return None  # a failure yet to come: the clock has been set back since
        return words.say("door", "RESTING", {"said": kept["said"], "until": _clock(kept["until"])})

    def failed(self, error: MailboxError, now: datetime) -> str:
        """Remembers a failed look; what happened, in words."""
        said = f"{error.code} {words.say('door', error.code, {'detail': error.detail})}"
        kept = json.loads(self._store.meta(_FAILING) or "null")
        before = kept and Failures(kept["count"], moment(kept["at"]), kept["code"])
        failures = after_failure(before, error.code, now)
        then = {"count": failures.count, "at": iso(now), "code": error.code, "said": said}
        until = next_try(failures, self._chance()) or now
        with self._store.writing():
            self._store.set_meta(_FAILING, json.dumps(then | {"until": iso(until)}))
            if error.code in REFUSED_LOGINS:
                self._remember_refusal(said, now)
        return said

    def opened(self, now: datetime) -> None:
        """The door opened: nothing stands against the next look."""
        if self._store.meta(_FAILING) in (None, "null"):
            return
        found = refusal(self._store)
        with self._store.writing():
            self._store.set_meta(_FAILING, "null")
            if found is not None and found.until is None:
                self._keep_refusal(Refusal(found.since, now, found.said))

    def _remember_refusal(self, said: str, now: datetime) -> None:
        found = refusal(self._store)
        if found is None or found.until is not None:
            self._keep_refusal(Refusal(now, None, said))

    def _keep_refusal(self, r: Refusal) -> None:
        kept = {"since": iso(r.since), "until": iso(r.until), "said": r.said}
        self._store.set_meta(_REFUSAL, json.dumps(kept))


def refusal(store: Store) -> Refusal | None:
    """The last time in which our login was refused, whether over or not."""
    kept = json.loads(store.meta(_REFUSAL) or "null")
    if kept is None:
        return None
    until = moment(kept["until"]) if kept["until"] else None
    return Refusal(moment(kept["since"]), until, kept["said"])


def _clock(text: str) -> str:
    return spoken(moment(text))
