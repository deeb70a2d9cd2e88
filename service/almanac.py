"""A campaign's days drawn as text (日历): months with their marks, then every event in order.
Pure; also what in a campaign's dates a person should look at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service import chase, words
from service.moments import last_day
from service.types import Campaign, Deadline
from service.workdays import Workdays

_WEEKDAYS = "一二三四五六日"
_RANK = ("report", "remind", "due")
"""Marks of a day, the weightier ones last."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a time: a code of words [almanac] with its facts."""

    at: datetime
    code: str
    facts: tuple[tuple[str, str], ...]

    @property
    def said(self) -> str:
        return words.say("almanac", self.code, dict(self.facts))


def events(campaign: Campaign) -> tuple[Event, ...]:
    """Everything that is due by the calendar alone."""
    found = list(_reports(campaign))
    for d in campaign.deadlines:
        found += _of(campaign, d)
    return tuple(sorted(found, key=lambda e: (e.at, e.code, e.facts)))


def _reports(campaign: Campaign) -> Iterator[Event]:
    for r in campaign.reports:
        yield Event(r.at, "report", (("name", campaign.deadline(r.deadline).name),))


def _of(campaign: Campaign, d: Deadline) -> Iterator[Event]:
    name = ("name", d.name)
    yield Event(d.opens_at, "opens", (name,))
    code = "due" if d.mode == "chase" else "due_record"
    yield Event(d.remind_by, code, (name, ("end", f"{last_day(d.late_after):%m-%d}")))
    if d.mode == "chase":
        for step in chase.steps(campaign, d):
            yield Event(step.due_at, "remind", (name, ("stage", step.stage.name)))


def draw(campaign: Campaign) -> Iterator[str]:
    """The months of the campaign, then its events."""
    days = chase.workdays(campaign)
    every = events(campaign)
    marks = _marks(every)
    month = campaign.starts.replace(day=1)
    while month <= campaign.closes:
        yield from _month(month, marks, days)
        month = (month + timedelta(days=32)).replace(day=1)
    yield words.say("almanac", "legend")
    for e in every:
        rest = "" if days.is_working(e.at.date()) else words.say("almanac", "rest")
        yield f"{e.at:%m-%d} 周{_WEEKDAYS[e.at.weekday()]} {e.at:%H:%M}{rest}　{e.said}"


def _marks(every: tuple[Event, ...]) -> dict[date, str]:
    marks: dict[date, str] = {}
    for e in every:
        code = "due" if e.code.startswith("due") else e.code
        day = e.at.date()
        if code in _RANK and _RANK.index(code) >= _RANK.index(marks.get(day, _RANK[0])):
            marks[day] = code
    return marks


def _month(first: date, marks: dict[date, str], days: Workdays) -> Iterator[str]:
    yield f"{first.year}年{first.month}月"
    yield " ".join(f"　{w}" for w in _WEEKDAYS)
    week = ["　　"] * first.weekday()
    day = first
    while day.month == first.month:
        week.append(f"{day.day:2d}{_mark(day, marks, days)}")
        if day.weekday() == 6:
            yield " ".join(week)
            week = []
        day += timedelta(days=1)
    if week:
        yield " ".join(week)


def _mark(day: date, marks: dict[date, str], days: Workdays) -> str:
    if day in marks:
        return words.say("almanac", f"mark_{marks[day]}")
    return "　" if days.is_working(day) else words.say("almanac", "mark_rest")


def doubts(campaign: Campaign) -> Iterator[tuple[str, dict[str, object]]]:
    """What is odd in a campaign that loads: (code of words [campaign_check], facts)."""
    days = chase.workdays(campaign)
    for d in campaign.deadlines:
        about: dict[str, object] = {"name": d.name}
        if not days.is_working(d.remind_by.date()):
            yield "due_on_rest_day", {**about, "day": f"{d.remind_by:%m-%d}"}
        if not campaign.starts <= last_day(d.late_after) <= campaign.closes:
            yield "outside", about
        if d.quotes and sum(q.role == "governing" for q in d.quotes) != 1:
            yield "governing", about
    own = {str(campaign.starts.year), str(campaign.closes.year)}
    if others := set(re.findall(r"20\d\d", f"{campaign.title}{campaign.notice}")) - own:
        yield "other_year", {"year": "、".join(sorted(others)), "notice": campaign.notice}
    for r in campaign.reports:
        d = campaign.deadline(r.deadline)
        if r.at < d.late_after:
            yield "report_early", {"name": d.name, "at": f"{r.at:%m-%d %H:%M}"}
        if not days.in_office(r.at):
            yield "report_closed", {"name": d.name, "at": f"{r.at:%m-%d %H:%M}"}
    for blank in campaign.forms:
        if not any(blank.key == d.form for d in campaign.deadlines):
            yield "form_unused", {"name": blank.name}
        if not blank.unit_field:
            yield "no_unit_field", {"name": blank.name}
    without = [u.name for u in campaign.expected if not u.addresses]
    if without:
        yield "no_address", {"count": len(without), "units": "、".join(without)}
    if days.judge(campaign.closes)[1] not in ("state", "local"):
        yield "no_calendar", {"year": campaign.closes.year}


def quotes_missing(campaign: Campaign, notice: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Quoted clauses that do not stand in the notice."""
    plain = "".join(notice.split())
    for d in campaign.deadlines:
        for q in d.quotes:
            if "".join(q.text.split()) not in plain:
                yield "quote_missing", {"name": d.name, "text": q.text}
