"""What lies on the clerk's desk at one moment (案头): who is absent, what is new, what waits.

Pure questions to campaign, ledger and outbox; says nothing in words: that is digest.py's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from service.moments import ZONE, last_day
from service.proposals import Proposal
from service.types import (
    Campaign,
    Deadline,
    Ledger,
    LedgerCell,
    LetterState,
    MailFact,
    OpenDoubt,
    Submission,
    Unit,
)

_MOST_COLUMNS = 6
_STALE_AFTER = timedelta(hours=2)
_LAPSES_SOON = timedelta(days=5)
_NEWS_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter as the outbox records it, as far as a digest tells of it."""

    kind: str
    unit: str | None
    deadline: str | None
    stage: str | None
    state: LetterState
    to: tuple[str, ...]
    subject: str
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Desk:
    """Campaign, ledger and outbox at `now`."""

    campaign: Campaign
    ledger: Ledger
    now: datetime
    letters: tuple[LetterRow, ...]
    last_look: datetime | None
    proposals: tuple[Proposal, ...] = ()

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    @property
    def since(self) -> datetime:
        """When the digest before this one left: what came later is new."""
        sent = [r.sent_at for r in self.letters if r.kind == "digest" and r.sent_at]
        earlier = [at for at in sent if at < self.now]
        return max(earlier, default=self.now - timedelta(days=1))

    @property
    def is_stale(self) -> bool:
        """Whether the mailbox was not looked at to the end for too long."""
        return self.last_look is None or self.now - self.last_look > _STALE_AFTER

    @property
    def hard(self) -> tuple[OpenDoubt, ...]:
        """Doubts that stop the chase until a person decides."""
        return tuple(d for d in self.ledger.doubts if not d.soft)

    def cell(self, unit: Unit, deadline: Deadline) -> LedgerCell | None:
        """How the unit stands, or None where it does not owe this."""
        if not deadline.applies_to(unit):
            return None
        return self.ledger.cells.get((unit.id, deadline.key))

    def absent(self, deadline: Deadline) -> list[Unit]:
        """Who owes it and has sent nothing that may be it."""
        cells = [(u, self.cell(u, deadline)) for u in self.campaign.expected]
        return [u for u, c in cells if c is not None and c.state in ("open", "missing")]

    def ahead(self) -> list[Deadline]:
        """Chased deadlines of today and tomorrow for which somebody is absent."""
        soon = self.today + timedelta(days=1)
        found = [d for d in self._short() if self.today <= _reminded_on(d) <= soon]
        return sorted(found, key=lambda d: d.remind_by)

    def behind(self) -> list[Deadline]:
        """Chased deadlines past their day for which somebody is absent, the newest first."""
        found = [d for d in self._short() if _reminded_on(d) < self.today]
        return sorted(found, key=lambda d: d.remind_by, reverse=True)

    def pressing(self) -> list[Deadline]:
        return [*self.ahead(), *self.behind()]

    def _short(self) -> list[Deadline]:
        chased = [d for d in self.campaign.deadlines if d.mode == "chase"]
        return [d for d in chased if d.opens_at <= self.now and self.absent(d)]

    def in_state(self, *states: LetterState) -> list[LetterRow]:
        return [r for r in self.letters if r.state in states]

    def is_quiet(self) -> bool:
        """Whether nothing has happened and nothing falls due: old shortages are no news."""
        just_over = any(self.today - last_day(d.late_after) <= _NEWS_FOR for d in self.behind())
        stuck = self.in_state("uncertain", "failed", "held")
        proposed = any(p.at > self.since for p in self.proposals)
        return not (proposed or self.arrived() or self.hard or stuck or self.ahead() or just_over)

    def columns(self) -> list[Deadline]:
        """The deadlines that a phone's width can show: opened and chased, and the recorded
        one that is running."""
        opened = [d for d in self.campaign.deadlines if d.opens_at <= self.now]
        chased = [d for d in opened if d.mode == "chase"]
        running = [d for d in opened if d.mode == "record" and self.today <= last_day(d.late_after)]
        newest = sorted([*chased, *running[:1]], key=lambda d: d.late_after)[-_MOST_COLUMNS:]
        return [d for d in self.campaign.deadlines if d in newest]

    def arrived(self) -> list[Submission]:
        """New returns and materials since the last digest."""
        new = [s for s in self.ledger.submissions if self.since < s.arrived_at <= self.now]
        return sorted(new, key=lambda s: s.arrived_at)

    def links(self) -> list[tuple[MailFact, Mapping[str, Any]]]:
        """Links to oversize attachments that came lately or lapse soon."""
        every = [(mail, link) for mail in self.ledger.mails for link in mail.links]
        return [(m, x) for m, x in every if m.received_at > self.since or self._is_lapsing(x)]

    def _is_lapsing(self, link: Mapping[str, Any]) -> bool:
        day = _day_of(str(link.get("expires") or ""))
        return day is not None and self.today <= day <= self.today + _LAPSES_SOON

    def bounces(self) -> list[MailFact]:
        """Letters of ours that came back since the last digest."""
        mails = self.ledger.mails
        return [m for m in mails if m.automatic == "bounce" and m.received_at > self.since]

    def unreachable(self) -> list[Unit]:
        """Units to whom no reminder can go: no confirmed address."""
        return [u for u in self.campaign.expected if not self.ledger.addresses.get(u.id)]


def _reminded_on(deadline: Deadline) -> date:
    return deadline.remind_by.astimezone(ZONE).date()


def _day_of(text: str) -> date | None:
    """The day that an expiry names, if it is written in the ISO manner."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
