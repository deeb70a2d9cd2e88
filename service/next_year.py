"""Last year's campaign moved to another year (下一年). Pure: its campaign.toml as text in, out.

What the notice ties to the week (周报) keeps its weekday, everything else its date, moved to a
working day: reminded by the one before, judged and reported by the one after. Comments stay.
Whatever only the new notice can say is listed for a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from service.moments import at, last_day, spoken_day
from service.types import Campaign, Deadline
from service.workdays import Workdays

_HEAD = re.compile(r"\[\[?([a-z.]+)\]\]?")
_VALUE = re.compile(r'^(?P<key>[a-z_]+)(?P<is>\s*=\s*)(?P<value>"[^"]*"|\d{4}-\d\d-\d\d)')
_QUOTED = re.compile(r'"([^"]*)"')
_WEEK = timedelta(days=7)
_OF_THE_NOTICE = ("notice", "text", "where")
"""Keys that quote last year's notice: they are not changed by guessing."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One deadline before and after."""

    before: Deadline
    after: Deadline
    rolled: bool
    """Whether its day would have been a day of rest."""


@dataclass(frozen=True, slots=True)
class Shifted:
    """The new campaign.toml and how its deadlines moved."""

    text: str
    moved: tuple[Moved, ...]


def shift(campaign: Campaign, text: str, year: int) -> Shifted:
    """The campaign of `campaign.starts.year` as it would stand in `year`."""
    days = Workdays(hours=campaign.office_hours)
    starts = anniversary(campaign.starts, campaign.starts.year, year)
    moved = tuple(_moved(d, campaign.starts.year, year, starts, days) for d in campaign.deadlines)
    reports = [_report_time(r.at, campaign.starts.year, year, days) for r in campaign.reports]
    writer = _Writer(campaign, year, {m.before.key: m.after for m in moved}, reports)
    return Shifted("".join(writer.line(x) for x in text.splitlines(keepends=True)), moved)


def anniversary(day: date, old: int, new: int) -> date:
    """The same date in another year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + new - old)
    except ValueError:
        return day.replace(year=day.year + new - old, day=28)


def same_weekday(day: date, old: int, new: int) -> date:
    """The same weekday nearest to the same date."""
    there = anniversary(day, old, new)
    back = (there.weekday() - day.weekday()) % 7
    return there - timedelta(days=back if back <= 3 else back - 7)


def _moved(d: Deadline, old: int, new: int, starts: date, days: Workdays) -> Moved:
    due, ends = d.remind_by.date(), last_day(d.late_after)
    there = same_weekday(due, old, new) if d.week is not None else anniversary(due, old, new)
    rolled = not days.is_working(there)
    strict = there if not rolled else days.shift(there, -1)
    lenient = days.roll(there + (ends - due))
    opens = _opens(d, old, new, there)
    remind_by = at(strict, d.remind_by.time())
    opens = min(max(opens, at(starts, opens.time())), remind_by - timedelta(minutes=1))
    after = replace(
        d,
        key=_renamed(d.key, due, strict),
        name=d.name.replace(spoken_day(due), spoken_day(strict)),
        opens_at=opens,
        remind_by=remind_by,
        late_after=d.late_after + (lenient - ends),
    )
    return Moved(d, after, rolled)


def _opens(d: Deadline, old: int, new: int, due: date) -> datetime:
    if d.week is not None:
        return d.opens_at + (due - d.remind_by.date())
    return at(anniversary(d.opens_at.date(), old, new), d.opens_at.time())


def _renamed(key: str, before: date, after: date) -> str:
    return key.replace(f"{before:%m%d}", f"{after:%m%d}")


def _report_time(when: datetime, old: int, new: int, days: Workdays) -> datetime:
    return at(days.roll(anniversary(when.date(), old, new)), when.time())


class _Writer:
    """Rewrites the file line by line, knowing in which table it stands."""

    def __init__(
        self,
        campaign: Campaign,
        year: int,
        deadlines: Mapping[str, Deadline],
        reports: list[datetime],
    ) -> None:
        self._old = campaign.starts.year
        self._new = year
        self._deadlines = deadlines
        self._reports = iter(reports)
        self._table = ""
        self._now: Deadline | None = None

    def line(self, text: str) -> str:
        head = _HEAD.match(text)
        if head:
            self._table = head[1]
        found = _VALUE.match(text)
        key = found["key"] if found else ""
        if found and (new := self._value(key, found["value"].strip('"'))) is not None:
            bare = not found["value"].startswith('"')
            return f"{key}{found['is']}{new if bare else _quoted(new)}{text[found.end() :]}"
        if key in _OF_THE_NOTICE:
            return text
        text = _QUOTED.sub(lambda m: _quoted(self._key(m[1])), text)
        return text.replace(f"{self._old}年", f"{self._new}年")

    def _value(self, key: str, value: str) -> str | None:
        """What stands at this key of this table from now on; None if it is no date of ours."""
        if self._table == "deadline" and key == "key":
            self._now = self._deadlines.get(value)
        now = self._now if self._table == "deadline" else None
        if now is not None and key in ("key", "name"):
            return now.key if key == "key" else now.name
        if now is not None and key in ("opens_at", "remind_by", "late_after"):
            return _end(now.late_after) if key == "late_after" else _time(getattr(now, key))
        if self._table == "desk.report" and key == "at":
            return _time(next(self._reports))
        if key in ("starts", "closes", "before"):
            return anniversary(date.fromisoformat(value), self._old, self._new).isoformat()
        return None

    def _key(self, text: str) -> str:
        found = self._deadlines.get(text)
        return found.key if found else text


def _quoted(text: str) -> str:
    return f'"{text}"'


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M}"


def _end(when: datetime) -> str:
    """`2022-06-08 24:00` for the midnight that ends a day, as offices write it."""
    return _time(when) if when.hour or when.minute else f"{last_day(when)} 24:00"


def to_check(campaign: Campaign, moved: Sequence[Moved]) -> Iterator[tuple[str, str]]:
    """What a person must check: (code of words [next_year], what it is about)."""
    yield "notice", campaign.notice
    if campaign.slogans:
        yield "slogans", ""
    for m in moved:
        if m.rolled:
            yield "rolled", f"{m.after.name}（{spoken_day(m.after.remind_by.date())}）"
    quoting = [m.after.name for m in moved if m.before.quotes]
    if quoting:
        yield "quotes", "、".join(quoting)
    for blank in campaign.forms:
        yield "blank", f"{blank.name}（{blank.file_name}）"
    if campaign.rest_days or campaign.work_days:
        yield "local_days", "、".join(map(str, (*campaign.rest_days, *campaign.work_days)))
    yield "remarks", ""
    yield "roster", str(len(campaign.units))
    yield "staff", f"{campaign.staff.contact} {campaign.staff.phone}"
