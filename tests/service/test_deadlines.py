"""Which deadline a return counts for: the golden table, read line by line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service import deadlines, ledger
from service.naming import Owed
from service.types import Campaign, Decision
from tests.service import facts
from tests.service.facts import when
from tests.service.golden_arrivals import ARRIVALS, Arrival


@pytest.mark.parametrize("arrival", ARRIVALS, ids=lambda a: a.what)
def test_arrival_is_counted_as_a_clerk_would(campaign: Campaign, arrival: Arrival) -> None:
    before = [
        facts.mail(at, facts.form("progress", "东陈镇综合执法局", **given))
        for at, given in arrival.before
    ]
    new = facts.mail(
        arrival.at,
        arrival.made(),
        subject=arrival.subject,
        text=arrival.text,
        sender=arrival.sender,
    )
    book = ledger.build(campaign, (*before, new), (), when(arrival.at) + timedelta(minutes=1))

    (filed,) = [s for s in book.submissions if s.mail == new.id]
    assert (filed.deadlines, filed.status) == (arrival.counts, arrival.status)
    assert facts.states(book, "dongchen") == arrival.states
    assert filed.version == arrival.version
    governing = arrival.status == "governing"
    for key in arrival.counts:
        told = book.governing("dongchen", key)
        assert (told is not None and told.id == filed.id) == governing


def test_the_golden_table_is_long_enough() -> None:
    assert len(ARRIVALS) >= 30
    assert len({a.what for a in ARRIVALS}) == len(ARRIVALS)


def test_days_late_are_calendar_days_after_the_last_day(campaign: Campaign) -> None:
    due = campaign.deadline("progress-0608")

    late = {
        t: deadlines.days_late(due, when(t)) for t in ("06-08 23:59", "06-09 00:00", "06-11 09:00")
    }

    assert list(late.values()) == [0, 1, 3]


def test_a_moved_deadline_is_still_called_by_its_first_day(campaign: Campaign) -> None:
    moved = Decision(
        1,
        when("06-07 09:00"),
        "科室",
        "",
        "extend",
        {"deadline": "progress-0608", "time": "2021-06-11 17:30", "unit": None},
    )
    new = facts.mail("06-10 09:00", facts.form("progress", "东陈镇"), subject="6月8日统计表")

    book = ledger.build(campaign, (new,), (moved,), when("06-10 10:00"))

    assert book.submissions[0].deadlines == ("progress-0608",)
    assert book.cell("dongchen", "progress-0608").state == "reported"


def test_a_deadline_moved_past_the_next_opening_is_not_late_beside_it(campaign: Campaign) -> None:
    owed = [Owed(d, ()) for d in campaign.deadlines if d.key in ("progress-0608", "progress-0624")]
    late = deadlines.count(owed, deadlines.Arrival(when("06-20 10:00")), lambda _: False)

    assert late.deadlines == ("progress-0624",)
