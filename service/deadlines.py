"""Which deadline a return counts for (计入哪一期), with the reason in words.

Pure. Order of precedence: staff decision, the deadline that subject, file name or text
names, the windows that hold the arrival. 填报日期 only decides between candidates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.moments import last_day
from service.types import Deadline

_DAY = re.compile(
    r"(?<![\d.])(?:(?:20)?\d\d年|20\d\d[.\-/])?(1[0-2]|0?[1-9])"
    r"(?:月(?:份)?(3[01]|[12]\d|0?[1-9])[日号]?|[.\-/](3[01]|[12]\d|0?[1-9])[日号]?)(?![\d.])"
)
_WEEK = re.compile(r"第([一二三四五1-5])(?:周|期周报|次周报)")
_WEEKLY = re.compile(r"周报|每周|本周")
_NUMERALS = {n: i for i, n in enumerate("一二三四五", start=1)}


@dataclass(frozen=True, slots=True)
class Counting:
    """The deadlines a return counts for and why: `why` is a code of words [counting]."""

    deadlines: tuple[str, ...]
    why: str
    facts: tuple[tuple[str, str], ...] = ()


def named(texts: Iterable[str], deadlines: Sequence[Deadline]) -> tuple[tuple[str, ...], str]:
    """The deadlines that the first speaking text names, and the words that name them."""
    for text in texts:
        folded = unicodedata.normalize("NFKC", text)
        keys, said = _named_by_day(folded, deadlines)
        if not keys:
            keys, said = _named_by_week(folded, deadlines)
        if keys:
            return keys, said
    return (), ""


def _named_by_day(text: str, deadlines: Sequence[Deadline]) -> tuple[tuple[str, ...], str]:
    keys: list[str] = []
    said: list[str] = []
    for m in _DAY.finditer(text):
        month, day = int(m.group(1)), int(m.group(2) or m.group(3))
        for d in deadlines:
            due = last_day(d.late_after)
            if (due.month, due.day) == (month, day) and d.key not in keys:
                keys.append(d.key)
                said.append(m.group(0))
    return tuple(keys), "、".join(dict.fromkeys(said))


def _named_by_week(text: str, deadlines: Sequence[Deadline]) -> tuple[tuple[str, ...], str]:
    for m in _WEEK.finditer(text):
        number = _NUMERALS.get(m.group(1)) or int(m.group(1))
        keys = tuple(d.key for d in deadlines if d.week == number)
        if keys:
            return keys, m.group(0)
    return (), ""


def says_weekly(texts: Iterable[str]) -> bool:
    """Whether subject, name or text call it a weekly return without saying which."""
    return any(_WEEKLY.search(unicodedata.normalize("NFKC", t)) for t in texts)


def count(
    deadlines: Sequence[Deadline],
    arrived_at: datetime,
    texts: Sequence[str],
    filled_on: date | None,
    has_return: Callable[[str], bool],
    correcting: tuple[str, ...] = (),
) -> Counting:
    """The deadlines (all of one form or material) that a return counts for.

    `texts` are the sender's own words in order of weight: subject, file name, text.
    `has_return` tells whether the unit has one already. `correcting` are the deadlines
    of the last return when this one calls itself a correction.
    """
    keys, said = named(texts, deadlines)
    if keys:
        return Counting(_settle(keys, deadlines, filled_on), "named", (("named", said),))
    if correcting:
        return Counting(correcting, "corrected")
    open_now = [d for d in deadlines if d.opens_at <= arrived_at < d.late_after]
    weekly = [d for d in open_now if d.week is not None]
    if weekly and says_weekly(texts):
        return Counting(tuple(d.key for d in weekly), "named", (("named", "周报"),))
    late = _late_for(deadlines, arrived_at)
    late = [d for d in late if not has_return(d.key)]
    if open_now or late:
        candidates = tuple(d.key for d in (*open_now, *late))
        why = "late_for" if late and not open_now else "window"
        return Counting(candidates, why)
    first = min(deadlines, key=lambda d: d.opens_at, default=None)
    if first is not None and arrived_at < first.opens_at:
        return Counting((first.key,), "early")
    return Counting((), "none")


def _settle(
    keys: tuple[str, ...], deadlines: Sequence[Deadline], filled_on: date | None
) -> tuple[str, ...]:
    """Several days named (“6.8、6.24”): the date on the form decides between them."""
    due = {d.key: last_day(d.late_after) for d in deadlines if d.key in keys}
    if len(set(due.values())) > 1 and filled_on is not None:
        on_the_day = tuple(k for k in keys if due[k] == filled_on)
        if on_the_day:
            return on_the_day
    return keys


def _late_for(deadlines: Sequence[Deadline], arrived_at: datetime) -> list[Deadline]:
    """The last chased deadline already past, until the next chased one opens."""
    chased = sorted(
        (d for d in deadlines if d.mode == "chase"), key=lambda d: (d.late_after, d.key)
    )
    past = [d for d in chased if d.late_after <= arrived_at]
    if not past or any(past[-1].late_after <= d.opens_at <= arrived_at for d in chased):
        return []
    return [past[-1]]


def days_late(deadline: Deadline, arrived_at: datetime) -> int:
    """Calendar days after the last in-time day; 0 in time."""
    if arrived_at < deadline.late_after:
        return 0
    return (arrived_at.date() - last_day(deadline.late_after)).days
