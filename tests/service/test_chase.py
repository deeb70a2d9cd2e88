"""The chase by the calendar of the notice, written by hand: who hears what on which day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service import chase, duties
from service.decisions import in_force
from service.types import Campaign, Deadline
from service.wants import Left, Said, Wanted
from tests.service import facts
from tests.service.facts import decision, form, mail, when

STEPS = {
    "liaison": ("06-03 09:00", "06-04 09:00", "06-04 15:00", "06-07 09:00", "06-09 09:00", "06-11 09:00"),
    "progress-0608": ("06-07 09:00", "06-08 09:00", "06-08 15:00", "06-09 09:00", "06-11 09:00", "06-16 09:00"),
    "progress-0624": ("06-23 09:00", "06-24 09:00", "06-24 15:00", "06-25 09:00", "06-29 09:00", "07-01 09:00"),
    "summary": ("06-29 09:00", "06-30 09:00", "06-30 15:00", "07-02 09:00", "07-06 09:00", "07-08 09:00"),
}  # fmt: skip


@pytest.mark.parametrize("key", STEPS)
def test_the_stages_fall_on_these_days(campaign: Campaign, key: str) -> None:
    found = chase.steps(campaign, campaign.deadline(key))

    assert tuple(f"{s.due_at:%m-%d %H:%M}" for s in found) == STEPS[key]


def test_each_stage_has_an_end(campaign: Campaign) -> None:
    ends = [
        f"{s.not_after:%m-%d %H:%M}"
        for s in chase.steps(campaign, campaign.deadline("progress-0608"))
    ]

    assert ends == ["06-08 09:00", "06-08 15:00", "06-08 17:30", "06-11 09:00", "06-16 09:00", "06-18 09:00"]  # fmt: skip


def remind(
    campaign: Campaign, at: str, mails: Any = (), said: Said | None = None, decisions: Any = ()
) -> dict[str, Wanted]:
    made, decided = facts.book(campaign, mails, at, decisions), in_force(decisions)
    found = duties.reminders(campaign, made, decided, said or Said(), when(at))
    return {w.unit or "": w for w in found}


@pytest.mark.parametrize(
    "at",
    ["06-08 08:59", "06-08 12:00", "06-08 13:59", "06-08 17:30", "06-12 09:00", "06-13 09:00", "06-14 09:00", "06-19 09:00"],
)  # fmt: skip
def test_nobody_is_reminded_outside_office_hours_or_on_rest_days(
    campaign: Campaign, at: str
) -> None:
    settled = Said.of(
        duties=[f"reminder/{u.id}/{k}/eve" for u in campaign.units for k in STEPS]
        + [f"reminder/{u.id}/liaison/overdue-1" for u in campaign.units]
    )

    assert remind(campaign, at, said=settled) == {}


def test_a_make_up_saturday_is_a_working_day(campaign: Campaign) -> None:
    """After a long holiday a Saturday is worked; the local table says so here."""
    worked = replace(campaign, work_days=(when("06-12 00:00").date(),))

    assert remind(worked, "06-12 09:30")


def test_one_letter_with_all_open_items(campaign: Campaign) -> None:
    one = remind(campaign, "06-09 09:00")["baipu"]

    assert one.items == ("liaison", "progress-0608")
    assert set(one.duties) == {
        "reminder/baipu/liaison/overdue-2",
        "reminder/baipu/progress-0608/overdue-1",
    }


def left(unit: str, *times: str) -> Said:
    return Said.of(Left("reminder", unit, when(t), f"reminder/{unit}/x/{t}") for t in times)


def test_one_a_day_and_two_on_the_day_itself(campaign: Campaign) -> None:
    assert "baipu" not in remind(campaign, "06-09 09:00", said=left("baipu", "06-09 08:40"))
    assert "baipu" in remind(campaign, "06-08 15:00", said=left("baipu", "06-08 09:00"))
    assert "baipu" not in remind(
        campaign, "06-08 15:00", said=left("baipu", "06-08 08:40", "06-08 09:00")
    )


def test_who_filed_the_days_own_form_gets_one_letter_that_day(campaign: Campaign) -> None:
    """The day's own form is in: the second letter of the day is for those still missing it."""
    filed = mail("06-08 10:00", form("progress", "白蒲镇"), sender="baipu@units.example")

    assert "baipu" not in remind(campaign, "06-08 15:00", [filed], left("baipu", "06-08 09:00"))


def test_a_moved_deadline_says_nothing_twice_but_what_was_missed(campaign: Campaign) -> None:
    moved = decision(
        1, "06-08 16:00", "extend", deadline="progress-0608", time="2021-06-10 17:30", unit=None
    )
    told = Said.of(
        duties=["reminder/baipu/progress-0608/eve", "reminder/baipu/progress-0608/day"],
        missed={"reminder/dongchen/progress-0608/day": when("06-08 15:00")},
    )
    found = remind(campaign, "06-10 09:00", said=told, decisions=[moved])

    assert "reminder/baipu/progress-0608/day" not in found.get("baipu", found["dongchen"]).duties
    assert "reminder/dongchen/progress-0608/day" in found["dongchen"].duties


def test_one_units_own_time_moves_its_chase_alone(campaign: Campaign) -> None:
    moved = decision(
        1, "06-07 08:00", "extend", deadline="progress-0608", time="2021-06-16 17:30", unit="baipu"
    )
    filed = [
        mail("06-02 09:00", form("liaison", u), sender=f"{i}@units.example")
        for i, u in (("baipu", "白蒲镇"), ("dongchen", "东陈镇"))
    ]

    assert "baipu" not in remind(campaign, "06-08 09:00", filed, decisions=[moved])
    assert "dongchen" in remind(campaign, "06-08 09:00", filed, decisions=[moved])
    assert remind(campaign, "06-16 09:00", filed, decisions=[moved])["baipu"].stage == "day"


def test_a_doubt_stops_the_chase(campaign: Campaign) -> None:
    claimed = mail("06-07 10:00", form("progress", "白蒲镇"), sender="x@other.example")

    assert "progress-0608" not in str(remind(campaign, "06-08 09:00", [claimed]).get("baipu"))


def test_the_weekly_is_chased_only_when_switched_on(campaign: Campaign) -> None:
    def on(d: Deadline) -> Deadline:
        return replace(d, mode="chase") if d.week == 2 else d

    switched = replace(campaign, deadlines=tuple(map(on, campaign.deadlines)))

    assert "weekly-0610" not in str(remind(campaign, "06-10 09:00"))
    assert "reminder/baipu/weekly-0610/day" in remind(switched, "06-10 09:00")["baipu"].duties


def test_next_event_is_never_the_same_moment(campaign: Campaign) -> None:
    at, seen = when("06-01 00:00"), []
    while at < when("07-10 00:00"):
        found = duties.next_event(campaign, in_force(()), at)
        assert found is not None and found > at
        seen.append(f"{found:%m-%d %H:%M}")
        at = found

    assert {"06-08 09:00", "06-08 15:00", "06-08 08:30", "06-25 00:00", "07-02 09:00"} <= set(seen)
