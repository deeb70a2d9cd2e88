"""What ought to be said (应发信函): from campaign, ledger and `now` to the letters wanted.

Pure. Says which letters are due, to whom and until when; does not know what was sent
except through `Said`, does not write a word of any letter, and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from service.decisions import Decided, effective
from service.moments import at as moment_at
from service.moments import last_day
from service.types import (
    Campaign,
    Deadline,
    Ledger,
    LetterKind,
    MailFact,
    Stage,
    Submission,
    Unit,
)
from service.workdays import Workdays

ANSWERS_A_DAY = 1
ANSWERS_A_CAMPAIGN = 3
MUST_RESEND = ("damaged", "encrypted", "over_limit", "unsupported")


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing owed to be said once: a stage of the chase for one unit and deadline."""

    kind: LetterKind
    unit: str
    deadline: str
    stage: str
    due_at: datetime
    not_after: datetime

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.unit}/{self.deadline}/{self.stage}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A letter that ought to leave. `duties` are the keys it settles; a reminder's own key
    is that of its leading duty. `mail` is the mail it answers."""

    key: str
    kind: LetterKind
    to: tuple[str, ...]
    due_at: datetime
    not_after: datetime
    unit: str | None = None
    deadline: str | None = None
    stage: str | None = None
    cc: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    """Deadlines that a reminder lists: all that are open for this unit."""
    mail: int | None = None
    fingerprint: str = ""
    update: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What was said before: duty keys settled, and when letters left, for the daily limits."""

    duties: frozenset[str] = frozenset()
    """Duties that a letter that left (or was missed) settled."""
    left: tuple[tuple[LetterKind, str | None, tuple[str, ...], datetime, str, str], ...] = ()
    """(kind, unit, recipients, time, key, fingerprint) of each letter that left."""
    started_at: datetime | None = None
    """The first look of this installation: stages passed before it are missed, not sent."""
    bad_addresses: frozenset[str] = frozenset()

    def reminders_on(self, unit: str, day: date) -> int:
        return sum(
            1
            for kind, u, _, when, _, _ in self.left
            if kind == "reminder" and u == unit and when.date() == day
        )

    def answers(self, address: str, kind: LetterKind) -> list[datetime]:
        return [when for k, _, to, when, _, _ in self.left if k == kind and address in to]


def workdays(campaign: Campaign) -> Workdays:
    return Workdays(campaign.rest_days, campaign.work_days, campaign.office_hours)


def wanted(
    campaign: Campaign,
    ledger: Ledger,
    decided: Decided,
    said: Said,
    now: datetime,
    fingerprints: Mapping[str, str],
) -> tuple[Wanted, ...]:
    """Every letter that ought to leave at `now`. `fingerprints` are those of the figures of
    each deadline that a report is on."""
    to_units = campaign.starts <= now.date() <= campaign.closes
    out: list[Wanted] = []
    if to_units:
        out += answers(campaign, ledger, said, now)
        out += reminders(campaign, ledger, decided, said, now)
        out += digests(campaign, now)
    out += reports(campaign, said, now, fingerprints)
    return tuple(out)


# -- reminders ----------------------------------------------------------------


def stages(campaign: Campaign, deadline: Deadline) -> tuple[tuple[Stage, datetime, datetime], ...]:
    """Each stage of a deadline's chase with its time and its `not_after`: the next stage's
    time, at most two working days on, and never beyond the stage's own last hour."""
    return _timed(
        campaign.stages,
        workdays(campaign),
        campaign.roll_rest_days,
        deadline.remind_by,
        deadline.late_after,
    )


@lru_cache(maxsize=4096)
def _timed(
    stages_: tuple[Stage, ...],
    days: Workdays,
    roll: bool,
    remind_by: datetime,
    late_after: datetime,
) -> tuple[tuple[Stage, datetime, datetime], ...]:
    timed = []
    for stage in stages_:
        day = remind_by.date() if stage.counted_from == "remind_by" else last_day(late_after)
        if roll:
            day = days.roll(day)
        timed.append((stage, moment_at(days.shift(day, stage.working_days), stage.at)))
    out = []
    for i, (stage, due) in enumerate(timed):
        limit = moment_at(days.shift(due.date(), 2), stage.at)
        following = [t for _, t in timed[i + 1 :] if t > due][:1]
        until = [moment_at(due.date(), stage.until)] if stage.until else []
        out.append((stage, due, min([limit, *following, *until])))
    return tuple(out)


def duties(
    campaign: Campaign, unit: Unit, decided: Decided
) -> Iterator[tuple[Duty, Deadline, Stage]]:
    """Every reminder duty of a unit over the whole campaign, whether or not it comes to pass."""
    for deadline in campaign.deadlines:
        if deadline.mode != "chase" or not deadline.applies_to(unit):
            continue
        moved = effective(deadline, unit, decided)
        for stage, due, not_after in stages(campaign, moved):
            yield Duty("reminder", unit.id, deadline.key, stage.key, due, not_after), moved, stage


def reminders(
    campaign: Campaign, ledger: Ledger, decided: Decided, said: Said, now: datetime
) -> Iterator[Wanted]:
    """At most one letter a unit with all its open items in it; see `_limit`."""
    days = workdays(campaign)
    if not days.in_office(now):
        return
    for unit in campaign.expected:
        every = list(duties(campaign, unit, decided))
        ripe = [
            (d, dl, s)
            for d, dl, s in every
            if d.due_at <= now < d.not_after
            and d.key not in said.duties
            and ledger.cell(unit.id, d.deadline).state in ("open", "missing")
            and not (said.started_at and d.due_at < said.started_at)
        ]
        if not ripe or said.reminders_on(unit.id, now.date()) >= _limit(every, ledger, unit, now):
            continue
        to = tuple(a for a in ledger.addresses.get(unit.id, ()) if a not in said.bad_addresses)
        if not to:
            continue
        yield _reminder(campaign, ledger, unit, every, ripe, to, now)


def _reminder(
    campaign: Campaign,
    ledger: Ledger,
    unit: Unit,
    every: list[tuple[Duty, Deadline, Stage]],
    ripe: list[tuple[Duty, Deadline, Stage]],
    to: tuple[str, ...],
    now: datetime,
) -> Wanted:
    lead = min(ripe, key=lambda x: (x[1].late_after, x[1].key, -x[0].due_at.timestamp()))[0]
    begun = {d.deadline for d, _, _ in every if d.due_at <= now}
    items = tuple(
        d.key
        for d in campaign.deadlines
        if d.key in begun and ledger.cell(unit.id, d.key).state in ("open", "missing")
    )
    head = campaign.staff.head if any(s.copy_head for _, _, s in ripe) else ()
    return Wanted(
        key=lead.key,
        kind="reminder",
        to=to,
        cc=head,
        due_at=min(d.due_at for d, _, _ in ripe),
        not_after=min(d.not_after for d, _, _ in ripe),
        unit=unit.id,
        deadline=lead.deadline,
        stage=lead.stage,
        duties=tuple(d.key for d, _, _ in ripe),
        items=items,
    )


def _limit(
    every: Iterable[tuple[Duty, Deadline, Stage]], ledger: Ledger, unit: Unit, now: datetime
) -> int:
    """One reminder a unit and day; two on the day of a deadline that is still open."""
    own_day = any(
        dl.remind_by.date() == now.date()
        and ledger.cell(unit.id, d.deadline).state in ("open", "missing")
        for d, dl, _ in every
    )
    return 2 if own_day else 1


def missed(
    campaign: Campaign, ledger: Ledger, decided: Decided, said: Said, now: datetime
) -> Iterator[Duty]:
    """Reminder duties whose time has run out unsaid though the unit still has not filed."""
    for unit in campaign.expected:
        for duty, _, _ in duties(campaign, unit, decided):
            gone = duty.not_after <= now or (
                said.started_at is not None and duty.due_at < said.started_at <= now
            )
            if gone and duty.key not in said.duties:
                cell = ledger.cell(unit.id, duty.deadline)
                if cell.state in ("open", "missing"):
                    yield duty


# -- letters that answer --------------------------------------------------------


def answers(campaign: Campaign, ledger: Ledger, said: Said, now: datetime) -> Iterator[Wanted]:
    """Exactly one letter for each mail that brought something, at any hour."""
    by_mail: dict[int, list[Submission]] = {}
    for s in ledger.submissions:
        by_mail.setdefault(s.mail, []).append(s)
    asked: dict[str, list[datetime]] = {}
    for mail in ledger.mails:
        if not answerable(campaign, mail):
            continue
        brought = by_mail.get(mail.id, [])
        if any(s.status == "rejected" for s in brought):
            continue
        kind = _answer_kind(mail, brought)
        if kind is None:
            continue
        key = f"{kind}/{mail.sha256[:16]}"
        if kind == "question" and not _may_ask(mail, said, asked, key):
            continue
        unit = next((s.unit for s in brought if s.unit), None)
        deadline = next((k for s in brought for k in s.deadlines), None)
        yield Wanted(
            key=key,
            kind=kind,
            to=_recipients(mail, ledger, unit),
            due_at=mail.received_at,
            not_after=moment_at(campaign.closes, time(0)) + timedelta(days=1),
            unit=unit,
            deadline=deadline,
            mail=mail.id,
        )


def answerable(campaign: Campaign, mail: MailFact) -> bool:
    """Whether a person with one address wrote it, within the campaign's days."""
    return (
        mail.sender is not None
        and mail.automatic is None
        and not mail.ours
        and mail.state == "done"
        and campaign.starts <= mail.received_at.date() <= campaign.closes
        and not mail.sender.startswith(("noreply", "no-reply", "mailer-daemon", "postmaster"))
    )


def _answer_kind(mail: MailFact, brought: list[Submission]) -> LetterKind | None:
    """A receipt for what counts or may count; a question where the unit must send again."""
    if any(not _unreadable(s) for s in brought):
        return "receipt"
    if brought or any(p.outcome in ("blank_form", "empty") for p in mail.parts):
        return "question"
    return None


def _unreadable(s: Submission) -> bool:
    """Whether nobody could read it, staff included: the unit must send it again."""
    return any(code.removeprefix("unread_") in MUST_RESEND for code, _, _ in s.reasons)


def _may_ask(mail: MailFact, said: Said, asked: dict[str, list[datetime]], key: str) -> bool:
    """One a day and three a campaign per address (DESIGN section 5); a mail answered
    already keeps its answer."""
    address = mail.sender or ""
    if any(k == key for _, _, _, _, k, _ in said.left):
        return True
    before = [*said.answers(address, "question"), *asked.get(address, [])]
    if len(before) >= ANSWERS_A_CAMPAIGN:
        return False
    if sum(1 for t in before if t.date() == mail.received_at.date()) >= ANSWERS_A_DAY:
        return False
    asked.setdefault(address, []).append(mail.received_at)
    return True


def _recipients(mail: MailFact, ledger: Ledger, unit: str | None) -> tuple[str, ...]:
    """The sender; for a return of a unit its first confirmed address too, so that nobody
    files for another unseen."""
    to = [mail.sender or ""]
    listed = ledger.addresses.get(unit or "", ())
    if listed and mail.sender not in listed:
        to.append(listed[0])
    return tuple(to)


# -- letters to the staff -------------------------------------------------------


def digests(campaign: Campaign, now: datetime) -> Iterator[Wanted]:
    """A digest each working day's morning."""
    days = workdays(campaign)
    due = moment_at(now.date(), campaign.digest_at)
    if days.is_working(now.date()) and due <= now:
        yield Wanted(
            key=f"digest/{now.date().isoformat()}",
            kind="digest",
            to=campaign.staff.addresses,
            due_at=due,
            not_after=moment_at(now.date(), time(0)) + timedelta(days=1),
        )


def reports(
    campaign: Campaign, said: Said, now: datetime, fingerprints: Mapping[str, str]
) -> Iterator[Wanted]:
    """The consolidated report at its times, and again next morning, marked 更新, when a
    figure has changed since the last one that left."""
    if now.date() > campaign.closes:
        return
    for deadline in dict.fromkeys(r.deadline for r in campaign.reports):
        times = sorted(r.at for r in campaign.reports if r.deadline == deadline and r.at <= now)
        if not times:
            continue
        prefix = f"report/{deadline}/"
        left = [
            (when, key, print_)
            for kind, _, _, when, key, print_ in said.left
            if kind == "report" and key.startswith(prefix)
        ]
        scheduled = f"{prefix}{times[-1].date().isoformat()}"
        if scheduled not in {key for _, key, _ in left}:
            yield _report(campaign, deadline, scheduled, times[-1], fingerprints, False)
            continue
        last_when, _, last_print = max(left)
        morning = moment_at(now.date(), times[-1].timetz().replace(tzinfo=None))
        changed = fingerprints.get(deadline, "") != last_print
        if changed and now >= morning and last_when.date() < now.date():
            key = f"{prefix}{now.date().isoformat()}"
            yield _report(campaign, deadline, key, morning, fingerprints, True)


def _report(
    campaign: Campaign,
    deadline: str,
    key: str,
    due: datetime,
    fingerprints: Mapping[str, str],
    update: bool,
) -> Wanted:
    return Wanted(
        key=key,
        kind="report",
        to=campaign.staff.addresses,
        due_at=due,
        not_after=moment_at(campaign.closes, time(0)) + timedelta(days=1),
        deadline=deadline,
        fingerprint=fingerprints.get(deadline, ""),
        update=update,
    )


def next_event(campaign: Campaign, decided: Decided, after: datetime) -> datetime | None:
    """The next moment at which something may fall due without any mail arriving."""
    days = workdays(campaign)
    moments: list[datetime] = [r.at for r in campaign.reports]
    seen: set[datetime] = set()
    for deadline in campaign.deadlines:
        moments += [deadline.opens_at, deadline.late_after]
        if deadline.mode == "chase":
            moments += [due for _, due, _ in stages(campaign, deadline)]
    for time_ in decided.extended.values():
        moments.append(time_)
    tomorrow = after.date() + timedelta(days=1)
    for day in (after.date(), tomorrow):
        if campaign.starts <= day <= campaign.closes and days.is_working(day):
            moments.append(moment_at(day, campaign.digest_at))
        moments.append(moment_at(day, time(9)))
    seen.update(m for m in moments if m > after)
    return min(seen, default=None)
