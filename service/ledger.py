"""The ledger (台账): from campaign, mails and decisions to who has filed what, at one moment.

Pure and rebuilt each time. The same facts give the same ledger in whatever order they came:
returns are taken by time of arrival, then by the hash of their mail. Letters are not its matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from parsers import dates
from service import deadlines as due
from service import returns, trust, units, versions
from service.decisions import Decided, confirmed, effective, in_force
from service.returns import Candidate
from service.types import (
    Campaign,
    Deadline,
    Decision,
    Ledger,
    LedgerCell,
    MailFact,
    OpenDoubt,
    Submission,
    Trust,
    Unit,
)

Reason = tuple[str, str, tuple[tuple[str, str | int | float], ...]]


def build(
    campaign: Campaign,
    mails: Iterable[MailFact],
    decisions: Iterable[Decision],
    at: datetime,
) -> Ledger:
    """The ledger as it stands at `at`: what arrived or was decided later does not exist."""
    known = tuple(m for m in mails if m.received_at <= at)
    decided = in_force(d for d in decisions if d.at <= at)
    filing = _Filing(campaign, decided)
    every = [c for m in known for c in returns.candidates(campaign, m)]
    every.sort(key=lambda c: (c.mail.received_at, c.mail.sha256, bool(c.unread), c.part.path))
    for candidate in every:
        filing.take(candidate)
    submissions = tuple(filing.submissions.values())
    cells = {
        (u.id, d.key): _cell(filing, u, d, at)
        for u in campaign.expected
        for d in campaign.deadlines
        if d.applies_to(u)
    }
    doubts = _doubts(campaign, submissions, known, decided)
    return Ledger(at, cells, submissions, doubts, known, filing.addresses)


@dataclass(slots=True)
class _Filing:
    """The filing cabinet while it is being filled, return by return in order of arrival."""

    campaign: Campaign
    decided: Decided
    addresses: Mapping[str, tuple[str, ...]] = field(init=False)
    roster: units.Roster = field(init=False)
    submissions: dict[str, Submission] = field(default_factory=dict)
    drawer: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    """By unit and deadline: ids of what counts or may count, in order of arrival."""

    def __post_init__(self) -> None:
        self.addresses = confirmed(self.campaign, self.decided)
        bound = {a: u for u, several in self.addresses.items() for a in several}
        self.roster = units.Roster(self.campaign.units, bound)

    # -- one candidate --------------------------------------------------------

    def take(self, c: Candidate) -> None:
        if c.id in self.decided.rejected:
            self._put(self._submission(c, units.Identity(None), (), "rejected", ()))
            return
        identity = self._identity(c)
        level = trust.judge(c.mail, self.roster, self.campaign.staff, self.campaign.mailbox)
        reasons = [] if c.id in self.decided.accepted else self._reasons(c, identity, level)
        counting = self._count(c, identity)
        submission = self._submission(
            c, identity, counting.deadlines, "waiting" if reasons else "governing", reasons
        )
        submission = replace(submission, trust=level, why=counting.why)
        if not reasons and submission.unit and not c.unread:
            submission = self._against_older(submission)
        self._put(submission)

    def _identity(self, c: Candidate) -> units.Identity:
        assigned = self.decided.assigned.get(c.id)
        if assigned and assigned[0]:
            return units.Identity(assigned[0])
        signs = units.Signs(
            on_form=self._written(c),
            sender=c.mail.sender,
            sender_name=c.mail.sender_name,
            subject=c.mail.subject,
            file_name=c.part.name or "",
            text=c.mail.text,
            from_staff=self._from_staff(c.mail),
        )
        return units.identify(self.roster, signs)

    def _from_staff(self, mail: MailFact) -> bool:
        staff = self.campaign.staff
        return mail.sender in (*staff.addresses, *staff.head, self.campaign.mailbox)

    def _written(self, c: Candidate) -> str:
        if c.form is None:
            return ""
        return written(c.part.read, self.campaign.blank(c.form).unit_field)

    def _reasons(self, c: Candidate, identity: units.Identity, level: Trust) -> list[Reason]:
        """Why a person must look before it counts."""
        where = c.part.name or c.part.path
        reasons: list[Reason] = []
        if c.unread:
            reasons.append((f"unread_{c.unread}", where, (("name", c.part.name or ""),)))
        if level == "failed":
            reasons.append(("sender_failed", where, ()))
        assigned = c.id in self.decided.assigned
        if level == "unknown" and not assigned:
            reasons.append(("sender_unknown", where, (("sender", c.mail.sender or ""),)))
        if identity.unit is None:
            reasons.append((identity.code, where, identity.facts))
        return reasons

    # -- which deadlines ------------------------------------------------------

    def _count(self, c: Candidate, identity: units.Identity) -> due.Counting:
        assigned = self.decided.assigned.get(c.id)
        if assigned and assigned[1]:
            return due.Counting(assigned[1], "decided")
        owners = (identity.unit,) if identity.unit else identity.claimed
        found = [self._count_for(c, self.campaign.unit(u)) for u in owners]
        keys = tuple(dict.fromkeys(k for f in found for k in f.deadlines))
        first = next((f for f in found if f.deadlines), due.Counting((), "none"))
        return replace(first, deadlines=keys)

    def _count_for(self, c: Candidate, unit: Unit) -> due.Counting:
        if unit.exempt:
            return due.Counting((), "none")
        targets = (c.form or c.material,) if not c.unread else c.targets
        found = [self._count_target(c, unit, t) for t in targets if t]
        keys = tuple(dict.fromkeys(k for f in found for k in f.deadlines))
        if c.unread:
            # what cannot be read stops the chase only where nothing is in yet
            keys = tuple(k for k in keys if not self.governing(unit.id, k))
        first = next((f for f in found if f.deadlines), due.Counting((), "none"))
        return replace(first, deadlines=keys)

    def _count_target(self, c: Candidate, unit: Unit, target: str) -> due.Counting:
        owed = [
            effective(d, unit, self.decided)
            for d in self.campaign.deadlines
            if target in (d.form, d.material) and d.applies_to(unit)
        ]
        if not owed:
            return due.Counting((), "none")
        return due.count(
            owed,
            c.mail.received_at,
            (c.mail.subject, c.part.name or "", c.mail.text),
            self._filled_on(c),
            lambda key: bool(self.governing(unit.id, key)),
            self._correcting(c, unit, owed),
        )

    def _filled_on(self, c: Candidate) -> date | None:
        if c.form is None:
            return None
        return filled_on(self.campaign, c.form, c.part.read)

    def _correcting(self, c: Candidate, unit: Unit, owed: Sequence[Deadline]) -> tuple[str, ...]:
        """The deadlines of this unit's last return of the form, if this one corrects it."""
        texts = (c.mail.subject, c.part.name or "", c.mail.text[:200])
        if not any(w in t for w in self.campaign.correction_words for t in texts):
            return ()
        standing = [g for g in (self.governing(unit.id, d.key) for d in owed) if g]
        latest = max(standing, key=lambda s: (s.arrived_at, s.id), default=None)
        return latest.deadlines if latest else ()

    # -- which version --------------------------------------------------------

    def _against_older(self, new: Submission) -> Submission:
        """Let the newer one govern, or make it wait, or call it a mere repeat."""
        standing = [g for g in (self.governing(new.unit or "", k) for k in new.deadlines) if g]
        if not standing or new.form is None:
            return new
        if all(versions.same(new.read, g.read) for g in standing):
            repeats = all(self.governing(new.unit or "", k) for k in new.deadlines)
            return replace(new, status="duplicate") if repeats else new
        accepted = new.id in self.decided.accepted
        for g in standing:
            code = None if accepted else self._objection(new, g)
            if code:
                reason: Reason = (code, new.name or "", (("version", g.version),))
                return replace(new, status="waiting", reasons=(*new.reasons, reason))
        return new

    def _objection(self, new: Submission, governing: Submission) -> str | None:
        form = new.form or ""
        earlier = [
            self.submissions[i].read
            for k in set(new.deadlines) & set(governing.deadlines)
            for i in self.drawer[(new.unit or "", k)]
            if i != governing.id and self.submissions[i].status == "counted"
        ]
        dates_ = (
            filled_on(self.campaign, form, new.read),
            filled_on(self.campaign, form, governing.read),
        )
        return versions.against(
            new.read, governing.read, earlier, dates_, (new.trust, governing.trust)
        )

    # -- the drawers ----------------------------------------------------------

    def governing(self, unit: str, deadline: str) -> Submission | None:
        for i in reversed(self.drawer.get((unit, deadline), [])):
            if self.submissions[i].status == "governing":
                return self.submissions[i]
        return None

    def counted(self, unit: str, deadline: str) -> list[Submission]:
        """All that counted at some time for this unit and deadline, oldest first."""
        ids = self.drawer.get((unit, deadline), [])
        return [s for s in map(self.submissions.__getitem__, ids) if _counts(s)]

    def waiting(self, unit: str, deadline: str) -> Submission | None:
        ids = self.drawer.get((unit, deadline), [])
        return next(
            (s for s in map(self.submissions.__getitem__, ids) if s.status == "waiting"), None
        )

    def _put(self, new: Submission) -> None:
        owners = (new.unit,) if new.unit else new.claimed
        if new.status == "governing" and new.unit and new.form:
            for key in new.deadlines:
                old = self.governing(new.unit, key)
                if old is not None and set(old.deadlines) <= set(new.deadlines):
                    self.submissions[old.id] = replace(old, status="counted")
        self.submissions[new.id] = new
        if new.status not in ("rejected", "duplicate"):
            for unit in owners:
                for key in new.deadlines:
                    self.drawer[(unit, key)].append(new.id)

    def _submission(
        self,
        c: Candidate,
        identity: units.Identity,
        keys: tuple[str, ...],
        status: str,
        reasons: Sequence[Reason],
    ) -> Submission:
        earlier = {i for k in keys for i in self.drawer.get((identity.unit or "", k), [])}
        counted = sum(1 for i in earlier if _counts(self.submissions[i]))
        read = self._corrected(c.part.read, identity.unit, keys)
        return Submission(
            id=c.id,
            mail=c.mail.id,
            part=c.part.path,
            form=c.form,
            material=c.material,
            unit=identity.unit,
            deadlines=keys,
            arrived_at=c.mail.received_at,
            version=counted + 1,
            status=status,  # type: ignore[arg-type]
            trust="unknown",
            read=read,
            name=c.part.name,
            reasons=tuple(reasons),
            claimed=identity.claimed,
            sender=c.mail.sender,
        )

    def _corrected(
        self, read: Mapping[str, Any], unit: str | None, keys: tuple[str, ...]
    ) -> Mapping[str, Any]:
        """The reading with what staff corrected in it (decide correct)."""
        changes: dict[str, tuple[Any, int]] = {}
        for key in keys:
            changes.update(self.decided.corrected.get((unit or "", key), {}))
        fields = dict(read.get("fields") or {})
        for key, (value, number) in changes.items():
            if key in fields:
                state = "nil" if value == 0 else "filled"
                fields[key] = {**fields[key], "value": value, "state": state, "decision": number}
        return {**read, "fields": fields} if changes and fields else read


def _counts(s: Submission) -> bool:
    return s.status in ("governing", "counted")


def written(read: Mapping[str, Any], label: str) -> str:
    """What stands under a label of the header or in the field of that key."""
    header = read.get("header") or {}
    if header.get(label):
        return str(header[label])
    return str(((read.get("fields") or {}).get(label) or {}).get("raw") or "")


def filled_on(campaign: Campaign, form: str, read: Mapping[str, Any]) -> date | None:
    """The date that the form itself bears (填报日期), the year from the campaign."""
    label = campaign.blank(form).date_field
    return dates.date(written(read, label), campaign.starts.year) if label else None


def _cell(filing: _Filing, unit: Unit, deadline: Deadline, at: datetime) -> LedgerCell:
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
    campaign: Campaign,
    submissions: Sequence[Submission],
    mails: Sequence[MailFact],
    decided: Decided,
) -> tuple[OpenDoubt, ...]:
    """What a person should look at: hard doubts first, each with its evidence."""
    hard = [d for s in submissions if s.status == "waiting" for d in _reasons_of(s)]
    soft = [
        d
        for s in submissions
        if s.status in ("governing", "waiting") and s.form
        for d in _paper_doubts(s)
    ]
    unread = [
        OpenDoubt(f"{m.id}", "mail_unread", m.subject, (("sender", m.sender or ""),), m.id)
        for m in mails
        if m.state == "failed"
    ]
    done = decided.accepted | decided.rejected
    return tuple(d for d in (*hard, *unread, *soft) if d.id not in done)


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
