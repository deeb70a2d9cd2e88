"""The chase (催报): who is to be reminded of what at `now`, and what was missed.

Pure. At most one letter a unit and day with all its open items in it, two on the own day of
a deadline still open; only in office hours, only to confirmed addresses that work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from service.decisions import Decided, effective
from service.moments import at as moment_at
from service.moments import last_day
from service.types import Campaign, Deadline, Ledger, Stage, Unit
from service.wants import Duty, Said, Wanted
from service.workdays import Workdays

_LACKING = ("open", "missing")


def workdays(campaign: Campaign) -> Workdays:
    return Workdays(campaign.rest_days, campaign.work_days, campaign.office_hours)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of one deadline's chase at its time. It may leave before `not_after`: the
    next stage's time, at most two working days on, never beyond the stage's own last hour."""

    stage: Stage
    due_at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """A chased deadline as it holds for a unit, with its steps in order."""

    deadline: Deadline
    steps: tuple[Step, ...]

    def has_begun(self, now: datetime) -> bool:
        return any(s.due_at <= now for s in self.steps)

    def ripe(self, now: datetime) -> list[Step]:
        return [s for s in self.steps if s.due_at <= now < s.not_after]


def steps(campaign: Campaign, deadline: Deadline) -> tuple[Step, ...]:
    """Each stage of a deadline's chase with its time and its `not_after`."""
    return _steps(
        campaign.stages,
        workdays(campaign),
        campaign.roll_rest_days,
        deadline.remind_by,
        deadline.late_after,
    )


@lru_cache(maxsize=4096)
def _steps(
    stages: tuple[Stage, ...],
    days: Workdays,
    roll: bool,
    remind_by: datetime,
    late_after: datetime,
) -> tuple[Step, ...]:
    timed = []
    for stage in stages:
        day = remind_by.date() if stage.counted_from == "remind_by" else last_day(late_after)
        if roll:
            day = days.roll(day)
        timed.append((stage, moment_at(days.shift(day, stage.working_days), stage.at)))
    out = []
    for i, (stage, due) in enumerate(timed):
        limit = moment_at(days.shift(due.date(), 2), stage.at)
        following = [t for _, t in timed[i + 1 :] if t > due][:1]
        until = [moment_at(due.date(), stage.until)] if stage.until else []
        out.append(Step(stage, due, min([limit, *following, *until])))
    return tuple(out)


class Timetable:
    """The courses of every unit; those that staff did not move for it alone are shared."""

    def __init__(self, campaign: Campaign, decided: Decided) -> None:
        self._campaign = campaign
        self._decided = decided
        self._chased = [d for d in campaign.deadlines if d.mode == "chase"]
        self._own = {key for key in decided.extended if key[0] is not None}
        self._shared = {d.key: self._course(d, None) for d in self._chased}

    def courses(self, unit: Unit) -> list[Course]:
        """The unit's courses in the campaign's order."""
        return [
            self._course(d, unit) if (unit.id, d.key) in self._own else self._shared[d.key]
            for d in self._chased
            if d.applies_to(unit)
        ]

    def every(self) -> list[Course]:
        """All courses there are, without saying whose."""
        own = [
            self._course(self._campaign.deadline(key), self._campaign.unit(unit))
            for unit, key in sorted((u or "", k) for u, k in self._own)
            if self._campaign.deadline(key).mode == "chase"
        ]
        return [*self._shared.values(), *own]

    def _course(self, deadline: Deadline, unit: Unit | None) -> Course:
        moved = effective(deadline, unit, self._decided)
        return Course(moved, steps(self._campaign, moved))


def reminders(
    campaign: Campaign, ledger: Ledger, decided: Decided, said: Said, now: datetime
) -> Iterator[Wanted]:
    """The reminders that may leave at `now`, one a unit at most."""
    table = Timetable(campaign, decided)
    if not workdays(campaign).in_office(now) or not any(c.ripe(now) for c in table.every()):
        return
    for unit in campaign.expected:
        courses = table.courses(unit)
        ripe = [
            (duty, step)
            for duty, step in _ripe(courses, unit, ledger, now)
            if not said.is_settled(duty) and not (said.started_at and duty.due_at < said.started_at)
        ]
        may_leave = _limit(courses, ledger, unit, now)
        may_leave -= said.reminders.get((unit.id, now.date()), 0)
        if ripe and all(d.due_at.date() < now.date() for d, _ in ripe):
            # caught up from an earlier day: today's own letters come first and say it too
            may_leave -= _still_to_come(courses, ledger, unit, now)
        to = usable(ledger, said, unit)
        if ripe and to and may_leave > 0:
            yield _reminder(campaign, ledger, unit, courses, ripe, to, now)


def usable(ledger: Ledger, said: Said, unit: Unit) -> tuple[str, ...]:
    """The unit's confirmed addresses less those that refused a letter of ours."""
    return tuple(a for a in ledger.addresses.get(unit.id, ()) if a not in said.bad_addresses)


def unreachable(
    campaign: Campaign, ledger: Ledger, decided: Decided, said: Said, now: datetime
) -> Iterator[tuple[Unit, Deadline]]:
    """Units that are to be reminded now and have no address that works."""
    table = Timetable(campaign, decided)
    if not any(c.ripe(now) for c in table.every()):
        return
    for unit in campaign.expected:
        if usable(ledger, said, unit):
            continue
        due = next(iter(_ripe(table.courses(unit), unit, ledger, now)), None)
        if due is not None:
            yield unit, campaign.deadline(due[0].deadline)


def _ripe(
    courses: list[Course], unit: Unit, ledger: Ledger, now: datetime
) -> Iterator[tuple[Duty, Step]]:
    for course in courses:
        if ledger.cell(unit.id, course.deadline.key).state in _LACKING:
            for step in course.ripe(now):
                yield _duty(unit, course, step), step


def _duty(unit: Unit, course: Course, step: Step) -> Duty:
    return Duty(
        "reminder", unit.id, course.deadline.key, step.stage.key, step.due_at, step.not_after
    )


def _reminder(
    campaign: Campaign,
    ledger: Ledger,
    unit: Unit,
    courses: list[Course],
    ripe: list[tuple[Duty, Step]],
    to: tuple[str, ...],
    now: datetime,
) -> Wanted:
    due = {c.deadline.key: c.deadline.late_after for c in courses}
    lead = min(
        (d for d, _ in ripe), key=lambda d: (due[d.deadline], d.deadline, -d.due_at.timestamp())
    )
    items = tuple(
        c.deadline.key
        for c in courses
        if c.has_begun(now) and ledger.cell(unit.id, c.deadline.key).state in _LACKING
    )
    return Wanted(
        key=lead.key,
        kind="reminder",
        to=to,
        cc=campaign.staff.head if any(s.stage.copy_head for _, s in ripe) else (),
        due_at=min(d.due_at for d, _ in ripe),
        not_after=min(d.not_after for d, _ in ripe),
        unit=unit.id,
        deadline=lead.deadline,
        stage=lead.stage,
        duties=tuple(d.key for d, _ in ripe),
        items=items,
    )


def _limit(courses: list[Course], ledger: Ledger, unit: Unit, now: datetime) -> int:
    """One reminder a unit and day; two on the day of a deadline that is still open."""
    own_day = any(
        c.deadline.remind_by.date() == now.date()
        and ledger.cell(unit.id, c.deadline.key).state in _LACKING
        for c in courses
    )
    return 2 if own_day else 1


def _still_to_come(courses: list[Course], ledger: Ledger, unit: Unit, now: datetime) -> int:
    """How many reminders to a unit fall due later today as things stand."""
    return len(
        {
            step.due_at
            for c in courses
            if ledger.cell(unit.id, c.deadline.key).state in _LACKING
            for step in c.steps
            if step.due_at > now and step.due_at.date() == now.date()
        }
    )


def missed(
    campaign: Campaign, ledger: Ledger, decided: Decided, said: Said, now: datetime
) -> Iterator[Duty]:
    """Reminder duties whose time has run out unsaid though the unit still has not filed."""
    table = Timetable(campaign, decided)
    for unit in campaign.expected:
        for course in table.courses(unit):
            if ledger.cell(unit.id, course.deadline.key).state not in _LACKING:
                continue
            for step in course.steps:
                if _is_gone(step, said, now):
                    duty = _duty(unit, course, step)
                    if not said.is_settled(duty):
                        yield duty


def _is_gone(step: Step, said: Said, now: datetime) -> bool:
    before_us = said.started_at is not None and step.due_at < said.started_at <= now
    return step.not_after <= now or before_us
