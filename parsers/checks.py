"""Checks that belong to a campaign (核对): soft doubts, never a change of a value.

Besides the campaign's own checks those that every form implies: events without people
(场 without 人次), fewer people than events, no unit name, no date or one of another year.
Decides nothing about whose form it is or when it is due.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from parsers import dates
from parsers.expressions import CheckError, Expression, parse
from parsers.types import Doubt, Field, Form, Reading, Value

__all__ = ["Check", "CheckError", "check", "verify", "written_date"]

_PEOPLE = frozenset({"人次", "人", "名", "万人次"})
_EVENTS = frozenset({"场", "场次", "次", "期", "批", "届", "堂", "节"})
_CLAUSE_END = re.compile(r"[；;。]")
_UNIT_LABEL = re.compile(r"单位|部门|科室")


@dataclass(frozen=True, slots=True)
class Check:
    """`when` and `before` say when it applies, `expect` what should hold, `say` the sentence.

    Expressions: `1.4 > 0`, `1.3 == 是`, `1.5 >= 1.4`, `2.1 blank or nil`, `row 4 blank or
    nil`, joined by `and`, `or`, `not`. Raises CheckError where one cannot be read.
    """

    expect: str
    say: str
    when: str = ""
    before: date | None = None

    def __post_init__(self) -> None:
        parse(self.expect)
        if self.when:
            parse(self.when)


def verify(rule: Check, form: Form) -> None:
    """Raises CheckError where the check names a field or row that the form does not have."""
    for text in filter(None, (rule.when, rule.expect)):
        parse(text).verify(text, {f.key for f in form.fields})


def check(
    reading: Reading,
    form: Form,
    checks: Sequence[Check],
    *,
    on: date | None = None,
    year: int | None = None,
) -> tuple[Doubt, ...]:
    """The soft doubts about a reading; `on` is the day it arrived (else the form's own
    date), `year` the campaign's."""
    written = written_date(reading, form, year)
    day = on or written
    doubts = [d for rule in checks for d in _broken(rule, reading, day)]
    doubts += _pairs(reading, form)
    doubts += _header(reading, form, written, year)
    return tuple(doubts)


def _broken(rule: Check, reading: Reading, day: date | None) -> Iterator[Doubt]:
    if rule.before is not None and (day is None or day >= rule.before):
        return
    values = {v.field: v for v in reading.values}
    if rule.when and parse(rule.when).holds(values) is not True:
        return
    expected: Expression = parse(rule.expect)
    if expected.holds(values) is False:
        yield Doubt.of("check_failed", _where(expected, values), say=rule.say)


def _where(expected: Expression, values: Mapping[str, Value]) -> str:
    """The field to look at: the first one named, of a row the first one answered."""
    named = [key for key in expected.keys(values) if key in values]
    answered = [key for key in named if values[key].state == "filled"]
    return next(iter(answered or named), "")


def pairs(form: Form) -> Iterator[tuple[Field, Field]]:
    """Neighbouring slots of one clause that count events and the people there: 场 → 人次."""
    fields = {f.key: f for f in form.fields}
    for cell in form.cells:
        for first, second in zip(cell.slots, cell.slots[1:], strict=False):
            events, people = fields.get(first.field), fields.get(second.field)
            if events is None or people is None:
                continue
            if events.unit in _EVENTS and people.unit in _PEOPLE:
                # a label of two parts: the people's slot has no subject of its own
                ends = _CLAUSE_END.search(cell.text[first.end : second.start])
                if not ends and " · " in people.label:
                    yield events, people


def _pairs(reading: Reading, form: Form) -> Iterator[Doubt]:
    values = {v.field: v for v in reading.values}
    for events, people in pairs(form):
        held, came = _count(values.get(events.key)), _count(values.get(people.key))
        if held is None or came is None:
            continue
        facts = {"label": events.label, "events": held, "people": came, "unit": events.unit}
        if held and not came:
            yield Doubt.of("events_without_people", people.key, **facts)
        elif came and not held:
            yield Doubt.of("people_without_events", events.key, **facts)
        elif came < held:
            yield Doubt.of("fewer_people_than_events", people.key, **facts)


def _count(value: Value | None) -> int | float | None:
    """The number, 0 for blank; None where nothing can be said."""
    if value is None or value.state in ("unsure", "na"):
        return None
    if value.state == "blank":
        return 0
    return value.value if isinstance(value.value, int | float) else None


def _header(
    reading: Reading, form: Form, written: date | None, year: int | None
) -> Iterator[Doubt]:
    said = dict(reading.header)
    asked = next((f for f in form.header if _UNIT_LABEL.search(f.label)), None)
    if asked is not None and not said.get(asked.label):
        yield Doubt.of("unit_missing", f"header/{asked.label}", label=asked.label)
    dated = _date_label(form)
    if dated is None:
        return
    text = said.get(dated, "")
    where = f"header/{dated}"
    if not text:
        yield Doubt.of("date_missing", where, label=dated)
    elif written is None:
        yield Doubt.of("date_unclear", where, label=dated, raw=text)
    elif year is not None and written.year != year:
        yield Doubt.of("other_year", where, label=dated, raw=text, year=year)


def _date_label(form: Form) -> str | None:
    return next((f.label for f in form.header if f.kind == "date"), None)


def written_date(reading: Reading, form: Form, year: int | None = None) -> date | None:
    """The date that a form bears; None where it names no year and none is given."""
    label = _date_label(form)
    return dates.date(dict(reading.header).get(label, ""), year) if label else None
