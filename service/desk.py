"""What lies on the clerk's desk at one moment (案头): who is absent, what is new, what waits.

Pure questions to campaign, ledger and outbox; says nothing in words: that is digest.py's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

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

Phase = Literal["soon", "today", "last", "overdue"]
"""Of a deadline: to come, due this day, past the strict time but still in time, over."""

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
class Shortage:
    """Deadlines that stand alike and that the very same units have not met (尚缺)."""

    deadlines: tuple[Deadline, ...]
    units: tuple[Unit, ...]
    phase: Phase


@dataclass(frozen=True, slots=True)
class Case:
    """What one part of a mail leaves for a person to decide (待核件): all that is doubtful
    about it. `number` is what a reply names it by."""

    number: str
    doubts: tuple[OpenDoubt, ...]
    mail: MailFact | None

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(d.code for d in self.doubts)

    @property
    def unit(self) -> str | None:
        return self.doubts[0].unit

    @property
    def deadlines(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(k for d in self.doubts for k in d.deadlines))


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
        return max(self._told(), default=self.now - timedelta(days=1))

    def _told(self) -> list[datetime]:
        """When earlier digests left."""
        sent = [r.sent_at for r in self.letters if r.kind == "digest" and r.sent_at]
        return [at for at in sent if at < self.now]

    @property
    def is_stale(self) -> bool:
        """Whether the mailbox was not looked at to the end for too long."""
        return self.last_look is None or self.now - self.last_look > _STALE_AFTER

    def cases(self) -> list[Case]:
        """What stops a chase or does not count until a person decides."""
        return [c for c in self._cases() if not self._is_overtaken(c)]

    def overtaken(self) -> list[Case]:
        """What a later return of the same unit has made good: it may be decided, it need not."""
        return [c for c in self._cases() if self._is_overtaken(c)]

    def _cases(self) -> Iterator[Case]:
        mails = {m.id: m for m in self.ledger.mails}
        found: dict[tuple[object, ...], list[OpenDoubt]] = {}
        for d in self.ledger.doubts:
            if not d.soft:
                key = (None, d.id) if d.mail is None else (d.mail, d.part)
                found.setdefault(key, []).append(d)
        parts = Counter(mail for mail, _ in found)
        for (mail, part), doubts in found.items():
            number = doubts[0].id if mail is None else f"#{mail}"
            if mail is not None and part is not None and parts[mail] > 1:
                number += f"/{part}"
            yield Case(number, tuple(doubts), mails.get(doubts[0].mail or 0))

    def _is_overtaken(self, case: Case) -> bool:
        if case.unit is None or case.mail is None or not case.deadlines:
            return False
        governing = [self.ledger.governing(case.unit, key) for key in case.deadlines]
        return all(s is not None and s.arrived_at > case.mail.received_at for s in governing)

    def cell(self, unit: Unit, deadline: Deadline) -> LedgerCell | None:
        """How the unit stands, or None where it does not owe this."""
        if not deadline.applies_to(unit):
            return None
        return self.ledger.cells.get((unit.id, deadline.key))

    def absent(self, deadline: Deadline) -> list[Unit]:
        """Who owes it and has sent nothing that may be it; once it is over without those to
        whom staff gave more time."""
        lacking = ("missing",) if self.now >= deadline.late_after else ("open", "missing")
        cells = [(u, self.cell(u, deadline)) for u in self.campaign.expected]
        return [u for u, c in cells if c is not None and c.state in lacking]

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

    def phase(self, deadline: Deadline) -> Phase:
        if self.now >= deadline.late_after:
            return "overdue"
        if self.now >= deadline.remind_by:
            return "last"
        return "today" if _reminded_on(deadline) == self.today else "soon"

    def shortages(self) -> list[Shortage]:
        """All that is pressing; deadlines that stand alike are one."""
        out: dict[tuple[object, ...], Shortage] = {}
        for d in self.pressing():
            phase, units = self.phase(d), tuple(self.absent(d))
            due = None if phase == "overdue" else d.remind_by
            one = out.setdefault((phase, due, units), Shortage((), units, phase))
            out[phase, due, units] = replace(one, deadlines=(*one.deadlines, d))
        return list(out.values())

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
        waits = self.arrived() or self.cases()
        unlisted = not self._told() and self.unreachable()
        return not (proposed or waits or stuck or self.ahead() or just_over or unlisted)

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
