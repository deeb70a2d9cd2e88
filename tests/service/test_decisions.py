"""What people decided, folded: later wins, undone is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from service.decisions import confirmed, effective, in_force, moved
from service.store import Store
from service.types import Campaign
from tests.service.facts import decision, when


def test_later_decisions_win_in_whatever_order_they_are_given() -> None:
    first = decision(1, "06-07 09:00", "accept", doubt="1/1")
    second = decision(2, "06-07 10:00", "reject", doubt="1/1")

    assert in_force([second, first]).rejected == {"1/1"}
    assert in_force([first, replace(second, undone=True)]).accepted == {"1/1"}


def test_what_is_decided_after_the_clock_was_set_back_is_the_later_one() -> None:
    ahead = decision(1, "06-20 09:00", "accept", doubt="1/1")
    anew = decision(2, "06-08 09:00", "reject", doubt="1/1")

    assert in_force([ahead, anew]).rejected == {"1/1"}


def test_an_extension_moves_the_strict_time_and_judges_by_the_end_of_that_day(
    campaign: Campaign,
) -> None:
    decided = in_force(
        [
            decision(
                1,
                "06-07 09:00",
                "extend",
                deadline="progress-0608",
                time="2021-06-10T12:00",
                unit=None,
            )
        ]
    )
    new = effective(campaign.deadline("progress-0608"), None, decided)

    assert (new.remind_by, new.late_after) == (when("06-10 12:00"), when("06-11 00:00"))


def test_an_address_moves_with_its_binding(campaign: Campaign) -> None:
    bound = in_force(
        [decision(1, "06-07 09:00", "bind", unit="dingyan", address="Dongchen@units.example")]
    )
    found = confirmed(campaign, bound)

    assert found["dongchen"] == ()
    assert found["dingyan"] == ("dingyan@units.example", "dongchen@units.example")


def test_an_address_taken_away_is_gone_until_bound_again(campaign: Campaign) -> None:
    away = decision(1, "06-07 09:00", "unbind", unit="dingyan", address="dingyan@units.example")
    back = decision(2, "06-07 10:00", "bind", unit="dingyan", address="dingyan@units.example")

    assert confirmed(campaign, in_force([away]))["dingyan"] == ()
    assert confirmed(campaign, in_force([away, back]))["dingyan"] == ("dingyan@units.example",)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "x.db")


def test_undoing_an_undoing_brings_it_back(store: Store) -> None:
    at = when("06-07 09:00")
    number = store.decide("c", at, "刘露璐", "试", "waive", {"unit": "u", "deadline": "d"})
    undoing = store.undo("c", at, "刘露璐", "", number)
    assert [d.undone for d in store.decisions("c", at)] == [True]

    store.undo("c", at, "刘露璐", "", undoing)
    assert [d.undone for d in store.decisions("c", at)] == [False]


def test_an_undoing_later_than_the_question_does_not_exist_yet(store: Store) -> None:
    number = store.decide(
        "c", when("06-07 09:00"), "x", "", "waive", {"unit": "u", "deadline": "d"}
    )
    store.undo("c", when("06-08 09:00"), "x", "", number)

    assert [d.undone for d in store.decisions("c", when("06-07 12:00"))] == [False]


def test_staff_are_told_of_the_deadlines_as_they_moved_them_for_all(campaign: Campaign) -> None:
    later = {"deadline": "progress-0608", "time": "2021-06-10T12:00"}
    for_one = in_force([decision(1, "06-07 09:00", "extend", unit="dongchen", **later)])
    for_all = in_force([decision(1, "06-07 09:00", "extend", unit=None, **later)])

    assert moved(campaign, for_one) is campaign
    told = moved(campaign, for_all)
    assert f"{told.deadline('progress-0608').remind_by:%m-%d %H:%M}" == "06-10 12:00"
    assert told.deadline("liaison") == campaign.deadline("liaison")
