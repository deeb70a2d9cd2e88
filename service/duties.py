"""What ought to be said (应发信函): from campaign, ledger and `now` to the letters wanted.

Pure. Says which letters are due, to whom and until when; does not know what was sent
except through `Said`, does not write a word of any letter, and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta

from service.answers import answers
from service.chase import Timetable, missed, reminders, steps, workdays
from service.decisions import Decided, moved
from service.moments import at as moment_at
from service.types import Campaign, Ledger
from service.wants import Duty, Left, Said, Wanted

__all__ = [
    "Duty",
    "Left",
    "Said",
    "Wanted",
    "answers",
    "digests",
    "missed",
    "next_event",
    "reminders",
    "reports",
    "steps",
    "wanted",
    "workdays",
]


_GRACE = timedelta(hours=3)
"""How long an update or a digest may still leave, should the service have been down."""


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
    out: list[Wanted] = []
    if campaign.starts <= now.date() <= campaign.closes:
        out += answers(campaign, ledger, said, now)
        out += reminders(campaign, ledger, decided, said, now)
        out += digests(moved(campaign, decided), now)
    out += reports(campaign, said, now, fingerprints)
    return tuple(out)


def digests(campaign: Campaign, now: datetime) -> Iterator[Wanted]:
    """A digest each working day's morning, and one when the strict time of a deadline that is
    chased has passed: who still lacks then can be asked the same day."""
    if not workdays(campaign).is_working(now.date()):
        return
    morning = moment_at(now.date(), campaign.digest_at)
    today = moment_at(now.date(), time(0))
    if morning <= now:
        key = f"digest/{now.date().isoformat()}"
        yield _digest(campaign, key, morning, today + timedelta(days=1))
    for due in sorted({d.remind_by for d in campaign.deadlines if d.mode == "chase"}):
        if max(today, morning) < due <= now < due + _GRACE:
            key = f"digest/{due:%Y-%m-%dT%H:%M}"
            yield _digest(campaign, key, due, due + _GRACE)


def _digest(campaign: Campaign, key: str, due: datetime, until: datetime) -> Wanted:
    to = campaign.staff.addresses
    return Wanted(key=key, kind="digest", to=to, due_at=due, not_after=until)


def reports(
    campaign: Campaign, said: Said, now: datetime, fingerprints: Mapping[str, str]
) -> Iterator[Wanted]:
    """The consolidated report at its times, and again on the next working morning, marked
    更新, when a figure has changed since the last one that left: never in the middle of a day."""
    if now.date() > campaign.closes:
        return
    works = workdays(campaign).is_working(now.date())
    for deadline in dict.fromkeys(r.deadline for r in campaign.reports):
        times = sorted(r.at for r in campaign.reports if r.deadline == deadline and r.at <= now)
        if not times:
            continue
        prefix = f"report/{deadline}/"
        left = [r for r in said.reports if r.key.startswith(prefix)]
        scheduled = f"{prefix}{times[-1].date().isoformat()}"
        if scheduled not in {r.key for r in left}:
            yield _report(campaign, deadline, scheduled, times[-1], fingerprints, False)
            continue
        # one that a person asked for bears no fingerprint
        last = max(left, key=lambda r: (bool(r.fingerprint), r.at, r.key))
        morning = moment_at(now.date(), times[-1].time())
        changed = fingerprints.get(deadline, "") != last.fingerprint
        is_morning = works and morning <= now < morning + _GRACE
        if changed and is_morning and last.at.date() < now.date():
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
    moments: set[datetime] = {r.at for r in campaign.reports}
    for deadline in campaign.deadlines:
        moments |= {deadline.opens_at, deadline.late_after}
    for course in Timetable(campaign, decided).every():
        own = course.deadline
        moments |= {own.remind_by, own.late_after, *(s.due_at for s in course.steps)}
    for day in (after.date(), after.date() + timedelta(days=1)):
        if campaign.starts <= day <= campaign.closes and days.is_working(day):
            moments.add(moment_at(day, campaign.digest_at))
        moments.add(moment_at(day, time(9)))
    return min((m for m in moments if m > after), default=None)
