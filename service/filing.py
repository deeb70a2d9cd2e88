"""Filing returns (归档): return by return in order of arrival, whose it is, what it counts
for, which version governs, and what stops it from counting.

Pure. Only a person settles what is in doubt here; service/ledger.py says who stands where.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from parsers import dates
from service import deadlines as due
from service import naming, returns, scan_twins, trust, units, versions
from service.decisions import Corrected, Decided, confirmed, effective
from service.moments import last_day
from service.naming import Owed
from service.returns import Candidate
from service.types import Campaign, MailFact, Submission, Trust, Unit

Reason = tuple[str, str, tuple[tuple[str, str | int | float], ...]]
_TEXT_SHOWN = 2000
"""Characters of a mail's text in which a unit or a correction is looked for."""


@dataclass(slots=True)
class Filing:
    """The filing cabinet while it is being filled."""

    campaign: Campaign
    decided: Decided
    addresses: Mapping[str, tuple[str, ...]] = field(init=False)
    roster: units.Roster = field(init=False)
    submissions: dict[str, Submission] = field(default_factory=dict)
    drawer: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    """By unit and deadline: ids of what counts or may count, in order of arrival."""
    touched: set[tuple[str, str]] = field(default_factory=set)
    """Drawers into which something was put since somebody last looked."""
    _rejected: list[Submission] = field(default_factory=list)
    _owed: dict[tuple[str, str], tuple[Owed, ...]] = field(default_factory=dict)
    _units: dict[str, Unit] = field(init=False)
    _words: tuple[int, naming.Words] = (-1, naming.Words())

    def __post_init__(self) -> None:
        self.addresses = confirmed(self.campaign, self.decided)
        bound = {a: u for u, several in self.addresses.items() for a in several}
        self.roster = units.Roster(self.campaign.units, bound, self.campaign.issuer)
        self._units = {u.id: u for u in self.campaign.units}

    # -- one candidate --------------------------------------------------------

    def take(self, c: Candidate) -> None:
        """Files one candidate after all that arrived before it."""
        identity = self._identity(c)
        if c.unread == returns.UNCLASSIFIED and identity.unit is None:
            return  # a stranger's document that announces nothing is nobody's return
        level = self._trust(c)
        counting = self._count(c, identity)
        if c.id in self.decided.rejected:
            rejected = self._submission(c, identity, counting.deadlines, "rejected", ())
            self._rejected.append(rejected)
            self._put(rejected)
            return
        reasons = self._reasons(c, identity, level, counting)
        status = "waiting" if reasons else "governing"
        submission = self._submission(c, identity, counting.deadlines, status, reasons)
        submission = replace(submission, trust=level, why=counting.why)
        self._put(self._against_older(submission, c))

    def _trust(self, c: Candidate) -> Trust:
        if c.mail.sha256 in self.decided.delivered:
            return "staff"
        return trust.judge(c.mail, self.roster, self.campaign.staff, self.campaign.mailbox)

    def _assigned(self, c: Candidate) -> tuple[str | None, tuple[str, ...]] | None:
        """Whose staff say that it is and what for; of a file that they received by another
        road its deadline only where it is such a form or material."""
        brought = self.decided.delivered.get(c.mail.sha256)
        if c.id in self.decided.assigned or brought is None:
            return self.decided.assigned.get(c.id)
        deadline = self.campaign.deadline(brought.deadline)
        fits = c.unread or (deadline.form or deadline.material) in (c.form, c.material)
        return brought.unit, (deadline.key,) if fits else ()

    def _identity(self, c: Candidate) -> units.Identity:
        assigned = self._assigned(c)
        if assigned and assigned[0]:
            return units.Identity(assigned[0])
        signs = units.Signs(
            on_form=self._written(c),
            sender=c.mail.sender,
            sender_name=c.mail.sender_name,
            subject=c.mail.subject,
            file_name=c.part.name or "",
            text=self._own_text(c.mail),
            from_staff=self._from_staff(c.mail),
        )
        return units.identify(self.roster, signs)

    def _own_text(self, mail: MailFact) -> str:
        """The sender's own words; of a mail that staff pass on also what it quotes."""
        passed_on = self._from_staff(mail) and not naming.is_reply(mail.subject)
        return (mail.text if passed_on else self._said(mail).text)[:_TEXT_SHOWN]

    def _said(self, mail: MailFact, file_name: str = "") -> naming.Words:
        """The mail's words with this file name; its text is parted from quotes once."""
        number, said = self._words
        if number != mail.id:
            said = naming.Words.of(mail.subject, "", mail.text)
            self._words = (mail.id, said)
        return replace(said, titles=(*said.titles[:-1], file_name))

    def _from_staff(self, mail: MailFact) -> bool:
        staff = self.campaign.staff
        return mail.sender in (*staff.addresses, *staff.head, self.campaign.mailbox)

    def _written(self, c: Candidate) -> str:
        if c.form is None:
            return ""
        return written(c.part.read, self.campaign.blank(c.form).unit_field)

    def _reasons(
        self, c: Candidate, identity: units.Identity, level: Trust, counting: due.Counting
    ) -> list[Reason]:
        """Why a person must look before it counts. Accepting it settles all but the question
        whose it is and which of several things it is; assigning it settles that."""
        where = c.part.name or c.part.path
        accepted = c.id in self.decided.accepted
        assigned = self._assigned(c)
        pinned = assigned is not None and bool(assigned[1])
        several = len(counting.deadlines) > 1
        reasons: list[Reason] = []
        unread = c.unread and self._must_be_seen(c, counting) and not pinned
        if unread and (not accepted or (several and len(c.targets) > 1)):
            reasons.append((f"unread_{c.unread}", where, (("name", c.part.name or ""),)))
        if level in ("failed", "unknown") and not accepted and not assigned:
            reasons.append((f"sender_{level}", where, (("sender", c.mail.sender or ""),)))
        if identity.unit is None:
            reasons.append((identity.code, where, identity.facts))
        if counting.doubt and not pinned and (several or not accepted):
            names = ("deadlines", self._names(counting.deadlines))
            reasons.append((counting.doubt, where, (*counting.facts, names)))
        if c.form and not accepted and not self._says_anything(c.form, c.part.read):
            reasons.append(("form_blank", where, ()))
        elif scan_twins.is_scan(c.part) and not accepted:
            reasons.append(("form_scanned", where, (("name", where),)))
        if c.form and not accepted and not assigned and self._was_rejected(c, identity.unit):
            reasons.append(("form_rejected", where, ()))
        written_on = filled_on(self.campaign, c.form, c.part.read) if c.form else None
        if written_on and not self._of_these_years(written_on) and not accepted:
            reasons.append(("form_other_year", where, (("date", written_on.isoformat()),)))
        return reasons

    def _was_rejected(self, c: Candidate, unit: str | None) -> bool:
        """Whether staff said of the same form, in an earlier mail of the same sender, that it
        is not the return."""
        return any(
            (s.unit, s.form, s.sender) == (unit, c.form, c.mail.sender)
            and s.mail != c.mail.id
            and versions.same(s.read, c.part.read)
            for s in self._rejected
        )

    def _says_anything(self, form: str, read: Mapping[str, Any]) -> bool:
        """Whether more was filled in than who fills it in."""
        blank = self.campaign.blank(form)
        if not any(f.kind == "number" for f in blank.form.fields):
            return bool(versions.filled(read))
        who = {blank.unit_field, blank.person_field, blank.phone_field, blank.date_field}
        fields = {k: f for k, f in (read.get("fields") or {}).items() if k not in who}
        return bool(versions.filled({"fields": fields}))

    def _of_these_years(self, day: date) -> bool:
        """Whether a form of that day is this campaign's: last year's bears the same words."""
        return self.campaign.starts.year <= day.year <= self.campaign.closes.year

    def _must_be_seen(self, c: Candidate, counting: due.Counting) -> bool:
        """A nil return counts by itself unless a chased form is due: that wants the form."""
        if c.unread != returns.NIL:
            return True
        named = [self.campaign.deadline(k) for k in counting.deadlines]
        return any(d.mode == "chase" and d.form for d in named)

    def _names(self, keys: Sequence[str]) -> str:
        return "、".join(self.campaign.deadline(k).name for k in keys)

    # -- which deadlines ------------------------------------------------------

    def _count(self, c: Candidate, identity: units.Identity) -> due.Counting:
        assigned = self._assigned(c)
        if assigned and assigned[1]:
            return due.Counting(assigned[1], "decided")
        owners = (identity.unit,) if identity.unit else identity.claimed
        return _together([self._count_for(c, self._units[u]) for u in owners])

    def _count_for(self, c: Candidate, unit: Unit) -> due.Counting:
        if unit.exempt:
            return due.Counting((), "none")
        targets = c.targets if c.unread else (c.form or c.material or "",)
        each = [self._count_target(c, unit, t) for t in targets]
        if not c.unread:
            return _together(each)
        # what cannot be read stops the chase only where something is due and nothing in yet
        found = _together([e for e in each if e.why != "early"])
        lacking = tuple(k for k in found.deadlines if not self.governing(unit.id, k))
        return replace(found, deadlines=lacking)

    def _count_target(self, c: Candidate, unit: Unit, target: str) -> due.Counting:
        owed = self.owed(unit, target)
        said = self._said(c.mail, c.part.name or "")
        if c.unread == returns.NIL and "周" in c.mail.subject + said.text:
            owed = tuple(o for o in owed if o.deadline.week is not None) or owed
        if not owed:
            return due.Counting((), "none")
        arrival = due.Arrival(
            at=c.mail.received_at,
            words=said,
            filled_on=filled_on(self.campaign, c.form, c.part.read) if c.form else None,
            correcting=self._correcting(said, unit, owed),
        )
        return due.count(owed, arrival, lambda key: bool(self.governing(unit.id, key)))

    def owed(self, unit: Unit, target: str) -> tuple[Owed, ...]:
        """The deadlines of a form or material for a unit, as staff moved them."""
        key = (unit.id, target)
        if key not in self._owed:
            self._owed[key] = tuple(
                _owed(d, effective(d, unit, self.decided))
                for d in self.campaign.deadlines
                if target in (d.form, d.material) and d.applies_to(unit)
            )
        return self._owed[key]

    def _correcting(self, said: naming.Words, unit: Unit, owed: Sequence[Owed]) -> tuple[str, ...]:
        """The deadlines of this unit's last return of the form, if this one corrects it."""
        texts = (*said.titles, said.text[:200])
        if not any(w in t for w in self.campaign.correction_words for t in texts):
            return ()
        standing = [g for g in (self.governing(unit.id, o.deadline.key) for o in owed) if g]
        latest = max(standing, key=lambda s: (s.arrived_at, s.id), default=None)
        return latest.deadlines if latest else ()

    # -- which version --------------------------------------------------------

    def _against_older(self, new: Submission, c: Candidate) -> Submission:
        """Let the newer one govern, or make it wait, or call it a mere repeat."""
        unit = new.unit or ""
        standing = [g for g in (self.governing(unit, k) for k in new.deadlines) if g]
        if not unit or not standing or new.form is None or c.unread:
            return new
        repeats = len(standing) == len(new.deadlines)
        if repeats and all(versions.same(new.read, g.read) for g in standing):
            # whoever sent it: what it says is known already
            return new if new.trust == "failed" else replace(new, status="duplicate", reasons=())
        if new.reasons or new.id in self.decided.accepted:
            return new
        for g in standing:
            code = self._objection(new, g)
            if code:
                reason: Reason = (code, new.name or "", (("version", g.version),))
                return replace(new, status="waiting", reasons=(reason,))
        return new

    def _objection(self, new: Submission, governing: Submission) -> str | None:
        form = new.form or ""
        earlier = [
            s.read
            for k in set(new.deadlines) & set(governing.deadlines)
            for s in self.counted(new.unit or "", k)
            if s.id != governing.id
        ]
        dates_ = (
            filled_on(self.campaign, form, new.read),
            filled_on(self.campaign, form, governing.read),
        )
        found = versions.against(
            new.read, governing.read, earlier, dates_, (new.trust, governing.trust)
        )
        if found or new.mail != governing.mail or _is_later(*dates_):
            return found
        # of two that came together nobody can say which is the newer
        return "version_same_mail" if versions.contradict(new.read, governing.read) else None

    # -- the drawers ----------------------------------------------------------

    def governing(self, unit: str, deadline: str) -> Submission | None:
        for i in reversed(self.drawer.get((unit, deadline), ())):
            if self.submissions[i].status == "governing":
                return self.submissions[i]
        return None

    def counted(self, unit: str, deadline: str) -> list[Submission]:
        """All that counted at some time for this unit and deadline, oldest first."""
        found = map(self.submissions.__getitem__, self.drawer.get((unit, deadline), ()))
        return [s for s in found if s.status in ("governing", "counted")]

    def waiting(self, unit: str, deadline: str) -> Submission | None:
        found = map(self.submissions.__getitem__, self.drawer.get((unit, deadline), ()))
        return next((s for s in found if s.status == "waiting"), None)

    def _put(self, new: Submission) -> None:
        if new.status == "governing" and new.unit and new.form:
            for key in new.deadlines:
                old = self.governing(new.unit, key)
                if old is not None and set(old.deadlines) <= set(new.deadlines):
                    self.submissions[old.id] = replace(old, status="counted")
        self.submissions[new.id] = new
        if new.status in ("rejected", "duplicate"):
            return
        for unit in (new.unit,) if new.unit else new.claimed:
            for key in new.deadlines:
                self.drawer[(unit, key)].append(new.id)
                self.touched.add((unit, key))

    def _submission(
        self,
        c: Candidate,
        identity: units.Identity,
        keys: tuple[str, ...],
        status: str,
        reasons: Sequence[Reason],
    ) -> Submission:
        unit = identity.unit or ""
        earlier = {s.id for k in keys for s in self.counted(unit, k)}
        is_compared = scan_twins.is_scan(c.part) and c.id in self.decided.accepted
        read = scan_twins.believed(c.part.read) if is_compared else c.part.read
        made = Submission(
            id=c.id,
            mail=c.mail.id,
            part=c.part.path,
            form=c.form,
            material=c.material,
            unit=identity.unit,
            deadlines=keys,
            arrived_at=c.mail.received_at,
            version=len(earlier) + 1,
            status=status,  # type: ignore[arg-type]
            trust="unknown",
            read=self._corrected(read, c.mail.received_at, unit, keys),
            name=c.part.name,
            reasons=tuple(reasons),
            claimed=identity.claimed,
            sender=c.mail.sender,
        )
        brought = self.decided.delivered.get(c.mail.sha256)
        return replace(made, sender=None, how=brought.how) if brought else made

    def _corrected(
        self, read: Mapping[str, Any], arrived_at: datetime, unit: str, keys: tuple[str, ...]
    ) -> Mapping[str, Any]:
        """The reading with what staff corrected in it (decide correct); where the unit has
        written something else since, a doubt says so."""
        changes: dict[str, Corrected] = {}
        for key in keys:
            changes.update(self.decided.corrected.get((unit, key), {}))
        fields, doubts = dict(read.get("fields") or {}), list(read.get("doubts") or ())
        for key, new in changes.items():
            old = fields.get(key)
            if old is None:
                continue
            state = "nil" if new.value == 0 else "filled"
            fields[key] = {**old, "value": new.value, "state": state, "decision": new.number}
            if new.at < arrived_at and old.get("value") not in (None, new.value):
                facts = {"raw": str(old.get("raw") or ""), "value": str(new.value)}
                doubts.append({"code": "corrected_before", "where": key, "facts": facts})
        return {**read, "fields": fields, "doubts": doubts} if changes else read


def _is_later(newer: date | None, older: date | None) -> bool:
    return newer is not None and older is not None and newer > older


def _owed(original: Any, moved: Any) -> Owed:
    days = {last_day(moved.late_after): None, last_day(original.late_after): None}
    return Owed(moved, tuple(days))


def _together(found: Sequence[due.Counting]) -> due.Counting:
    """Several countings as one: all their deadlines, the first one's reason and doubt."""
    keys = tuple(dict.fromkeys(k for f in found for k in f.deadlines))
    first = next((f for f in found if f.deadlines), due.Counting((), "none"))
    doubt = next((f.doubt for f in found if f.doubt), "")
    return replace(first, deadlines=keys, doubt=doubt)


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
