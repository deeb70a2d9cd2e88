"""The ledger (台账): from campaign, mails and decisions to who has filed what, at one moment.

Pure and rebuilt each time. The same facts give the same ledger in whatever order they came:
returns are taken by time of arrival, then by the hash of their mail. Letters are not its matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import is_

from service import deadlines as due
from service import returns
from service.decisions import Decided, effective, in_force
from service.delivered import RECEIVED
from service.filing import Filing
from service.neighbours import of_campaign
from service.returns import Candidate
from service.types import (
    Campaign,
    CellState,
    Deadline,
    Decision,
    Ledger,
    LedgerCell,
    MailFact,
    OpenDoubt,
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
    server's clock, ahead of ours, gave a later time, and every decision has been taken.
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
        self._owed: list[tuple[Unit, Deadline]] = [
            (u, d) for u in campaign.expected for d in campaign.deadlines if d.applies_to(u)
        ]
        self._cells: dict[tuple[str, str], _Standing] = {}

    def build(
        self,
        mails: Iterable[MailFact],
        decisions: Iterable[Decision],
        at: datetime,
        live: bool = False,
    ) -> Ledger:
        decided = in_force(d for d in decisions if live or d.at <= at)
        known = tuple(
            m
            for m in mails
            if (live or m.received_at <= at)
            # a file that staff received counts as long as their decision does
            and (m.source != RECEIVED or m.sha256 in decided.delivered)
        )
        filing = self._file(known, decided)
        submissions = tuple(filing.submissions.values())
        cells = {key: standing.at(at) for key, standing in self._cells.items()}
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
            self._cells.clear()
        for candidate in every[done:]:
            self._filing.take(candidate)
        self._filed = every
        self._judge(self._filing)
        return self._filing

    def _judge(self, filing: Filing) -> None:
        """Where each unit stands, anew only where something was filed."""
        for unit, deadline in self._owed:
            key = (unit.id, deadline.key)
            if key in filing.touched or key not in self._cells:
                self._cells[key] = _standing(filing, unit, deadline)
        filing.touched.clear()

    def _candidates(self, mail: MailFact) -> tuple[Candidate, ...]:
        known = self._found.get(mail.sha256)
        if known is None or known[0] is not mail:
            known = (mail, returns.candidates(self._campaign, of_campaign(self._campaign, mail)))
            self._found[mail.sha256] = known
        return known[1]


def _by_arrival(c: Candidate) -> tuple[datetime, str, bool, str]:
    return c.mail.received_at, c.mail.sha256, bool(c.unread), c.part.path


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where one unit stands with one deadline: `cell` once something is in or it is waived,
    else it is the clock that says."""

    cell: LedgerCell | None
    deadline: Deadline

    def at(self, at: datetime) -> LedgerCell:
        if self.cell is not None:
            return self.cell
        if at < self.deadline.opens_at:
            return _NOT_DUE
        return _OPEN if at < self.deadline.late_after else _MISSING


_NOT_DUE, _OPEN, _MISSING = LedgerCell("not_due"), LedgerCell("open"), LedgerCell("missing")


def _standing(filing: Filing, unit: Unit, deadline: Deadline) -> _Standing:
    moved = effective(deadline, unit, filing.decided)
    return _Standing(_cell(filing, unit, moved), moved)


def _cell(filing: Filing, unit: Unit, deadline: Deadline) -> LedgerCell | None:
    """What is in for a deadline as it holds for this unit, or stands in its place."""
    counted = filing.counted(unit.id, deadline.key)
    elsewhere = filing.decided.received.get((unit.id, deadline.key))
    arrivals = [s.arrived_at for s in counted] + ([elsewhere[0]] if elsewhere else [])
    if arrivals:
        first = min(arrivals)
        late = due.days_late(deadline, first)
        governing = filing.governing(unit.id, deadline.key)
        version = next((n for n, s in enumerate(counted, start=1) if s is governing), None)
        state: CellState = "late" if first >= deadline.late_after else "reported"
        return LedgerCell(state, first, late, version, governing)
    waiting = filing.waiting(unit.id, deadline.key)
    if waiting is not None:
        return LedgerCell("doubt", waiting.arrived_at, 0, None, waiting)
    waived = (unit.id, deadline.key) in filing.decided.waived
    return LedgerCell("waived") if waived else None


def _doubts(
    submissions: Sequence[Submission], mails: Sequence[MailFact], settled: frozenset[str]
) -> tuple[OpenDoubt, ...]:
    """What a person should look at: hard doubts first, each with its evidence."""
    waiting = [s for s in submissions if s.status == "waiting"]
    hard = [d for s in waiting if not _is_overtaken(s, submissions) for d in _reasons_of(s)]
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


def _is_overtaken(scan: Submission, submissions: Sequence[Submission]) -> bool:
    """Whether a scan that waits only because it is one was followed by the form's own file."""
    return [code for code, *_ in scan.reasons] == ["form_scanned"] and any(
        s.unit == scan.unit
        and s.form == scan.form
        and set(scan.deadlines) <= set(s.deadlines)
        and s.arrived_at > scan.arrived_at
        and s.status == "governing"
        for s in submissions
    )


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
