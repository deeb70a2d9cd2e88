"""The ledger (台账): from campaign, mails and decisions to who has filed what, at one moment.

Pure and rebuilt each time. The same facts give the same ledger in whatever order they came:
returns are taken by time of arrival, then by the hash of their mail. Letters are not its matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from operator import is_

from service import deadlines as due
from service import returns
from service.decisions import Decided, effective, in_force
from service.filing import Filing
from service.returns import Candidate
from service.types import (
    Campaign,
    Deadline,
    Decision,
    Ledger,
    LedgerCell,
    MailFact,
    OpenDoubt,
    PartFact,
    Submission,
    Unit,
)


def build(
    campaign: Campaign,
    mails: Iterable[MailFact],
    decisions: Iterable[Decision],
    at: datetime,
    live: bool = False,
) -> Ledger:
    """The ledger as it stands at `at`: what arrived or was decided later does not exist.

    `live`: `at` is now, so that every mail that is here has arrived, also one to which the
    server's clock, ahead of ours, gave a later time.
    """
    return Books(campaign).build(mails, decisions, at, live)


class Books:
    """The books of one campaign, kept open from pass to pass.

    Filing is a fold over the returns in order of arrival, so that what comes last is added to
    what is filed already. An older return, another reading of a mail or a decision makes the
    fold begin anew: the result is always that of `build`.
    """

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._found: dict[str, tuple[MailFact, tuple[Candidate, ...]]] = {}
        self._filing: Filing | None = None
        self._filed: list[Candidate] = []

    def build(
        self,
        mails: Iterable[MailFact],
        decisions: Iterable[Decision],
        at: datetime,
        live: bool = False,
    ) -> Ledger:
        known = tuple(m for m in mails if live or m.received_at <= at)
        decided = in_force(d for d in decisions if d.at <= at)
        filing = self._file(known, decided)
        submissions = tuple(filing.submissions.values())
        cells = {
            (u.id, d.key): _cell(filing, u, d, at)
            for u in self._campaign.expected
            for d in self._campaign.deadlines
            if d.applies_to(u)
        }
        settled = decided.accepted | decided.rejected
        doubts = _doubts(submissions, known, settled)
        return Ledger(at, cells, submissions, doubts, known, filing.addresses)

    def _file(self, mails: Sequence[MailFact], decided: Decided) -> Filing:
        every = [c for m in mails for c in self._candidates(m)]
        every.sort(key=_by_arrival)
        done = len(self._filed)
        same = len(every) >= done and all(map(is_, self._filed, every))
        if self._filing is None or not same or self._filing.decided != decided:
            self._filing, done = Filing(self._campaign, decided), 0
        for candidate in every[done:]:
            self._filing.take(candidate)
        self._filed = every
        return self._filing

    def _candidates(self, mail: MailFact) -> tuple[Candidate, ...]:
        known = self._found.get(mail.sha256)
        if known is None or known[0] is not mail:
            known = (mail, returns.candidates(self._campaign, of_campaign(self._campaign, mail)))
            self._found[mail.sha256] = known
        return known[1]


def _by_arrival(c: Candidate) -> tuple[datetime, str, bool, str]:
    return c.mail.received_at, c.mail.sha256, bool(c.unread), c.part.path


def of_campaign(campaign: Campaign, mail: MailFact) -> MailFact:
    """The mail as this campaign sees it: forms under their own keys, other campaigns'
    forms as parts that are not its business."""
    if not any(p.form and "/" in p.form for p in mail.parts):
        return mail
    return replace(mail, parts=tuple(_of_campaign(campaign, p) for p in mail.parts))


def _of_campaign(campaign: Campaign, part: PartFact) -> PartFact:
    slug, _, key = (part.form or "").rpartition("/")
    if part.form is None or not slug:
        return part
    if slug == campaign.slug:
        return replace(part, form=key)
    return replace(part, form=None, outcome="ignored")


def _cell(filing: Filing, unit: Unit, deadline: Deadline, at: datetime) -> LedgerCell:
    """Where one unit stands with one deadline."""
    moved = effective(deadline, unit, filing.decided)
    counted = filing.counted(unit.id, deadline.key)
    elsewhere = filing.decided.received.get((unit.id, deadline.key))
    arrivals = [s.arrived_at for s in counted] + ([elsewhere[0]] if elsewhere else [])
    if arrivals:
        first = min(arrivals)
        late = due.days_late(moved, first)
        governing = filing.governing(unit.id, deadline.key)
        version = next((n for n, s in enumerate(counted, start=1) if s is governing), None)
        state = "late" if first >= moved.late_after else "reported"
        return LedgerCell(state, first, late, version, governing)  # type: ignore[arg-type]
    waiting = filing.waiting(unit.id, deadline.key)
    if waiting is not None:
        return LedgerCell("doubt", waiting.arrived_at, 0, None, waiting)
    if (unit.id, deadline.key) in filing.decided.waived:
        return LedgerCell("waived")
    if at < moved.opens_at:
        return LedgerCell("not_due")
    return LedgerCell("open" if at < moved.late_after else "missing")


def _doubts(
    submissions: Sequence[Submission], mails: Sequence[MailFact], settled: frozenset[str]
) -> tuple[OpenDoubt, ...]:
    """What a person should look at: hard doubts first, each with its evidence."""
    hard = [d for s in submissions if s.status == "waiting" for d in _reasons_of(s)]
    soft = [
        d
        for s in submissions
        if s.status in ("governing", "waiting") and s.form
        for d in _paper_doubts(s)
    ]
    filed = {s.mail for s in submissions}
    unread = [
        OpenDoubt(f"{m.id}", "mail_unread", m.subject, (("sender", m.sender or ""),), m.id)
        for m in mails
        if m.state == "failed" and m.id not in filed
    ]
    guessed = [
        OpenDoubt(f"{m.id}:arrival", d["code"], m.subject, (), m.id, soft=True)
        for m in mails
        if m.id in filed
        for d in m.doubts
        if d["where"] == "arrival"
    ]
    return (*hard, *(d for d in (*unread, *guessed, *soft) if d.id not in settled))


def _reasons_of(s: Submission) -> Iterable[OpenDoubt]:
    for code, where, facts in s.reasons:
        yield OpenDoubt(
            s.id, code, where, facts, s.mail, s.part, s.unit or _only(s.claimed), s.deadlines
        )


def _paper_doubts(s: Submission) -> Iterable[OpenDoubt]:
    for d in s.read.get("doubts") or ():
        facts = tuple(sorted((d.get("facts") or {}).items()))
        yield OpenDoubt(
            f"{s.id}:{d['where']}:{d['code']}",
            d["code"],
            d["where"],
            facts,
            s.mail,
            s.part,
            s.unit,
            s.deadlines,
            soft=True,
        )


def _only(claimed: tuple[str, ...]) -> str | None:
    return claimed[0] if len(claimed) == 1 else None
