"""Which days are worked (工作日): the local table first, then chinesecalendar, then holidays,
then Monday to Friday. Which of them answered is part of the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar
import holidays

from service.moments import ZONE, at


@dataclass(frozen=True, slots=True)
class Workdays:
    """The working days of a place: `rest` and `work` are its own table and win."""

    rest: tuple[date, ...] = ()
    work: tuple[date, ...] = ()
    hours: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(14), time(17, 30)))

    def is_working(self, day: date) -> bool:
        return self.judge(day)[0]

    def judge(self, day: date) -> tuple[bool, str]:
        """Whether the day is worked and which table says so (local, state, holidays, weekday)."""
        if day in self.rest:
            return False, "local"
        if day in self.work:
            return True, "local"
        return _judge(day)

    def shift(self, day: date, working_days: int) -> date:
        """The day so many working days after (before) `day`; 0 is the day itself."""
        step = timedelta(days=1 if working_days > 0 else -1)
        for _ in range(abs(working_days)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def roll(self, day: date) -> date:
        """The day itself if worked, else the next worked one."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def in_office(self, now: datetime) -> bool:
        """Whether somebody sits in the office: a working day, within the hours."""
        clock = now.astimezone(ZONE).time()
        return self.is_working(now.astimezone(ZONE).date()) and any(
            start <= clock < end for start, end in self.hours
        )

    def next_opening(self, now: datetime) -> datetime:
        """The moment at or after `now` when the office is open."""
        if self.in_office(now):
            return now
        day = now.astimezone(ZONE).date()
        while True:
            if self.is_working(day):
                for start, _ in self.hours:
                    if at(day, start) >= now:
                        return at(day, start)
            day += timedelta(days=1)


@lru_cache(maxsize=4096)
def _judge(day: date) -> tuple[bool, str]:
    try:
        return bool(chinese_calendar.is_workday(day)), "state"
    except NotImplementedError:
        # beyond the years whose arrangement is published, the library raises
        pass
    try:
        rest = day in _holidays(day.year)
    except (NotImplementedError, KeyError, ValueError):
        return day.weekday() < 5, "weekday"
    return day.weekday() < 5 and not rest, "holidays"


@lru_cache(maxsize=64)
def _holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year)


def spans(texts: Sequence[str]) -> tuple[tuple[time, time], ...]:
    """`["08:30-12:00", "14:00-17:30"]` as pairs of times; ValueError if one is not."""
    pairs = []
    for text in texts:
        start, _, end = text.partition("-")
        pair = (time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
        if pair[0] >= pair[1]:
            raise ValueError(text)
        pairs.append(pair)
    return tuple(pairs)
