"""Which deadline a return counts for (计入哪一期), with the reason in words.

Pure. Order of precedence: staff decision, the deadline that subject, file name or text
names, the windows that hold the arrival. 填报日期 only decides between candidates. Where the
words and what is still owed contradict each other, a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from service import naming
from service.moments import ZONE, last_day
from service.naming import Owed, Words
from service.types import Deadline

HasReturn = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Counting:
    """The deadlines a return counts for and why: `why` is a code of words [counting],
    `doubt` the code of words [doubt] when only a person can say."""

    deadlines: tuple[str, ...]
    why: str
    facts: tuple[tuple[str, str], ...] = ()
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a return says of itself: when it came, the sender's words, the form's own date,
    and the deadlines of the return that it corrects, if it calls itself a correction."""

    at: datetime
    words: Words = field(default_factory=Words)
    filled_on: date | None = None
    correcting: tuple[str, ...] = ()


def count(owed: Sequence[Owed], arrival: Arrival, has_return: HasReturn) -> Counting:
    """The deadlines (all of one form or material, for one unit) that a return counts for.

    `has_return` tells whether the unit has one already.
    """
    found = naming.named(arrival.words, owed)
    if found.keys:
        keys = _settle(found.keys, owed, arrival.filled_on)
        facts = (("named", found.said),)
        return _against_open(Counting(keys, "named", facts), owed, arrival, has_return)
    if arrival.correcting:
        corrected = Counting(arrival.correcting, "corrected", (("named", "更正"),))
        return _against_open(corrected, owed, arrival, has_return)
    if naming.says_weekly(arrival.words) and (weekly := _this_week(owed, arrival.at)):
        return Counting((weekly,), "named", (("named", "周报"),))
    return _by_window([o.deadline for o in owed], arrival.at, has_return)


def _by_window(
    deadlines: Sequence[Deadline], arrived_at: datetime, has_return: HasReturn
) -> Counting:
    open_now = [d for d in deadlines if is_open(d, arrived_at)]
    late = [d for d in _late_for(deadlines, arrived_at) if not has_return(d.key)]
    if open_now or late:
        keys = tuple(d.key for d in (*open_now, *late))
        return Counting(keys, "window" if open_now else "late_for")
    first = min(deadlines, key=lambda d: d.opens_at, default=None)
    if first is not None and arrived_at < first.opens_at:
        return Counting((first.key,), "early")
    if first is not None and len(deadlines) == 1:
        # a form that is due once: what comes later can only be its next version
        return Counting((first.key,), "again")
    return Counting((), "none")


def is_open(deadline: Deadline, at: datetime) -> bool:
    return deadline.opens_at <= at < deadline.late_after


def _settle(keys: tuple[str, ...], owed: Sequence[Owed], filled_on: date | None) -> tuple[str, ...]:
    """Several days named (“6.8、6.24”): the date on the form decides between them."""
    due = {o.deadline.key: o.days for o in owed if o.deadline.key in keys}
    on_the_day = tuple(k for k in keys if filled_on in due[k])
    return on_the_day or keys


def _against_open(
    counting: Counting, owed: Sequence[Owed], arrival: Arrival, has_return: HasReturn
) -> Counting:
    """Holds what the words name against what is still owed.

    A name that has not opened yet may be a slip of the pen. A name that is filed already,
    while a chased one is open and lacking, may be the old subject of a reply: unless the
    form's own date speaks for the name, or a correction names what it corrects, staff decide,
    and nobody is chased meanwhile.
    """
    named = [o.deadline for o in owed if o.deadline.key in counting.deadlines]
    rivals = [
        o.deadline
        for o in owed
        if o.deadline.mode == "chase"
        and o.deadline.key not in counting.deadlines
        and is_open(o.deadline, arrival.at)
        and not has_return(o.deadline.key)
    ]
    if named and all(arrival.at < d.opens_at for d in named):
        return _doubtful(counting, rivals, "deadline_not_open")
    if not rivals or not all(has_return(d.key) for d in named):
        return counting
    # “更正：6月8日统计表”: two words that agree
    is_said_twice = counting.why == "named" and set(counting.deadlines) <= set(arrival.correcting)
    speaks = is_said_twice or _filled_for(named, arrival.filled_on)
    if speaks and not _filled_for(rivals, arrival.filled_on):
        return counting
    return _doubtful(counting, rivals, "deadline_conflict")


def _doubtful(counting: Counting, rivals: Iterable[Deadline], code: str) -> Counting:
    keys = (*counting.deadlines, *(d.key for d in rivals))
    return Counting(keys, counting.why, counting.facts, code)


def _filled_for(deadlines: Iterable[Deadline], filled_on: date | None) -> bool:
    """Whether the form's own date lies in the time of one of these deadlines."""
    return filled_on is not None and any(
        d.opens_at.astimezone(ZONE).date() <= filled_on <= last_day(d.late_after) for d in deadlines
    )


def _this_week(owed: Sequence[Owed], at: datetime) -> str | None:
    """The weekly deadline that is running, else the last one past."""
    weekly = [o.deadline for o in owed if o.deadline.week is not None]
    weekly.sort(key=lambda d: d.late_after)
    ahead = next((d for d in weekly if at < d.late_after), None)
    found = ahead or (weekly[-1] if weekly else None)
    return found.key if found else None


def _late_for(deadlines: Sequence[Deadline], arrived_at: datetime) -> list[Deadline]:
    """The last chased deadline already past, until the next chased one opens."""
    chased = sorted(
        (d for d in deadlines if d.mode == "chase"), key=lambda d: (d.late_after, d.key)
    )
    past = [d for d in chased if d.late_after <= arrived_at]
    if not past:
        return []
    last = past[-1]
    running = any(d.late_after > last.late_after and d.opens_at <= arrived_at for d in chased)
    return [] if running else [last]


def days_late(deadline: Deadline, arrived_at: datetime) -> int:
    """Calendar days after the last in-time day; 0 in time."""
    if arrived_at < deadline.late_after:
        return 0
    return (arrived_at.astimezone(ZONE).date() - last_day(deadline.late_after)).days
