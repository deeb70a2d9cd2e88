"""The person to ring: the liaison form, else the latest form's header, else units.csv."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.moments import moment
from service.report.liaisons import Liaison, liaisons
from service.types import Campaign
from tests.service.report.stories import Story, liaison, reading


@pytest.fixture
def story(campaign: Campaign) -> Story:
    known = tuple(replace(u, contact="名单上的人", phone="139-0000-0009") for u in campaign.units)
    return Story(replace(campaign, units=known), moment("2021-06-09 09:00"))


def first(story: Story) -> Liaison:
    return liaisons(story.campaign, story.ledger())[0]


def file_progress(story: Story, at: str = "2021-06-08 09:00", **header: str) -> None:
    unit = story.campaign.expected[0]
    read = reading(story.campaign.blank("progress").form, unit.name, 0)
    story.filed(unit.id, ["progress-0608"], at, read | {"header": {**read["header"], **header}})


def test_units_csv_is_the_last_resort(story: Story) -> None:
    assert (first(story).name, first(story).source) == ("名单上的人", "roster")


def test_the_header_of_the_latest_form_is_better(story: Story) -> None:
    file_progress(story, "2021-06-07 09:00")
    file_progress(story, "2021-06-08 09:00", 联系人="新来的人")

    assert (first(story).name, first(story).source) == ("新来的人", "header")


def test_the_liaison_form_is_best(story: Story) -> None:
    unit = story.campaign.expected[0]
    story.filed(unit.id, ["liaison"], "2021-06-03 09:00", liaison(unit, 7))
    file_progress(story)

    assert (first(story).phone, first(story).source) == ("13900000007", "form")
    assert first(story).said["职务"] == "安全员"


def test_a_phone_never_shows_in_a_repr(story: Story) -> None:
    assert "139-0000-0009" not in repr(first(story))


def test_nobody_known_is_said_so(campaign: Campaign) -> None:
    assert first(Story(campaign, moment("2021-06-09 09:00"))).source == "none"
