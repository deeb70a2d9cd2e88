"""Times of an office: read as people write them, kept aware and in Asia/Shanghai."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
_MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")


def moment(text: str) -> datetime:
    """`2021-06-08 17:30`, `2021-06-08T24:00` or `2021-06-08` as an aware time; ValueError else.

    24:00 is the end of that day, as offices write it (ISO 8601:2004 4.2.3).
    """
    m = _MOMENT.fullmatch(text.strip())
    if not m:
        return _with_offset(text)
    year, month, day, hour, minute, second = (int(g or 0) for g in m.groups())
    start = datetime(year, month, day, tzinfo=ZONE)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise ValueError(text)
    return start + timedelta(hours=hour, minutes=minute, seconds=second)


def _with_offset(text: str) -> datetime:
    parsed = datetime.fromisoformat(text.strip())
    return parsed.astimezone(ZONE) if parsed.tzinfo else parsed.replace(tzinfo=ZONE)


def clock_time(text: str) -> time:
    """`09:00` as a time of day; ValueError for anything else."""
    return time.fromisoformat(text.strip())


def at(day: date, when: time) -> datetime:
    """That time on that day in Shanghai."""
    return datetime.combine(day, when, tzinfo=ZONE)


def last_day(end: datetime) -> date:
    """The last day before an exclusive end: 06-09 00:00 belongs to 06-08."""
    return (end - timedelta(microseconds=1)).date()


def iso(when: datetime | None) -> str | None:
    """ISO 8601 with the offset, to the second."""
    return None if when is None else when.astimezone(ZONE).isoformat(timespec="seconds")


def spoken(when: datetime) -> str:
    """`6月8日17:30`, and `6月8日24:00` for the midnight that ends it."""
    when = when.astimezone(ZONE)
    if when.time() == time(0):
        day = last_day(when)
        return f"{day.month}月{day.day}日24:00"
    return f"{when.month}月{when.day}日{when:%H:%M}"


def spoken_day(day: date) -> str:
    """`6月8日`."""
    return f"{day.month}月{day.day}日"
