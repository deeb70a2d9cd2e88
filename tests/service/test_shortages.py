"""Who is absent, in words: each person once, one paragraph for the group, nothing untrue."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service import shortages
from service.desk import Desk
from service.moments import moment
from service.types import Campaign
from tests.service.report import stories


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return stories.load()


def desk(campaign: Campaign, at: str) -> Desk:
    story = stories.june(campaign, at)
    return Desk(campaign, story.ledger(), story.now, (), story.now)


def test_a_person_is_named_once_however_much_the_unit_owes(campaign: Campaign) -> None:
    units = tuple(replace(u, contact="秦广宇", phone="139-0000-0018") for u in campaign.units)

    first, second = shortages.call_list(desk(replace(campaign, units=units), "2021-06-25 08:30"))

    assert first["count"] == 9 and len(first["people"]) == 9
    assert second["people"] == [] and second["again"] == "监督指挥中心、环卫处、执法大队"


def test_units_of_which_nobody_is_known_stand_on_one_line(campaign: Campaign) -> None:
    first, _ = shortages.call_list(desk(campaign, "2021-06-25 08:30"))

    assert first["nobody"] == "监督指挥中心、环卫处、执法大队"
    assert len(first["people"]) == 6


def test_the_group_is_never_asked_for_a_time_that_is_past(campaign: Campaign) -> None:
    said = shortages.wechat(desk(campaign, "2021-07-01 08:30"))

    assert "“活动总结”原定6月30日17:30前报送，请务必于7月1日内报来，尚未收到：" in said
    assert "请于6月30日" not in said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2021-06-07 08:30", "“6月8日进展情况统计表”请于6月8日17:30前报送，尚未收到："),
        ("2021-06-08 08:30", "“6月8日进展情况统计表”请于今天17:30前报送，尚未收到："),
        ("2021-06-08 17:30", "“6月8日进展情况统计表”原定6月8日17:30前报送，请务必于6月8日内报来，"),
        (
            "2021-06-25 08:30",
            "“6月8日进展情况统计表”（6月8日已截止）、“联络员反馈表”（6月4日已截止）尚未收到：",
        ),
    ],
)
def test_the_group_is_told_how_each_deadline_stands(campaign: Campaign, at: str, said: str) -> None:
    assert said in shortages.wechat(desk(campaign, at))


def test_nothing_lacks_where_all_is_in(campaign: Campaign) -> None:
    story = stories.Story(replace(campaign, units=()), moment("2021-06-25 08:30"))
    empty = Desk(story.campaign, story.ledger(), story.now, (), story.now)

    assert shortages.wechat(empty) == "" and shortages.still_absent(empty) == ""
    assert shortages.call_list(empty) == []


def test_whom_no_reminder_reaches_is_listed_with_whom_to_ask_for_an_address(
    campaign: Campaign,
) -> None:
    units = tuple(replace(u, contact="秦广宇", phone="139-0000-0018") for u in campaign.units)
    here = desk(replace(campaign, units=units), "2021-06-25 08:30")
    found = shortages.unreached(replace(here, ledger=replace(here.ledger, addresses={})))

    # those who lack a return stand above with their numbers
    names, again = {p["unit"] for p in found["people"]}, set(found["again"].split("、"))
    assert (found["count"], len(names), len(again), names & again) == (20, 11, 9, set())
    assert all("****" in p["phone"] for p in found["people"])


def test_where_nobody_has_filed_nobody_is_listed(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-08 08:30"))
    nobody = Desk(story.campaign, story.ledger(), story.now, (), story.now)

    assert "请于今天17:30前报送，尚未收到：全部20家。" in shortages.wechat(nobody)
