"""Narratives: as a clerk counts them, in the form's order, only from what governs."""

from __future__ import annotations

import pytest

from service.moments import moment
from service.report.basis import gather
from service.report.narratives import Narrative, heading, narratives
from service.types import Campaign
from tests.service.report import stories

EIGHTH = "progress-0608"


@pytest.fixture
def told(campaign: Campaign) -> list[Narrative]:
    """Two units: one too long in 6.1 and silent in 7.1, the other brief."""
    story = stories.Story(campaign, moment("2021-06-09 09:00"))
    form = campaign.blank("progress").form
    long = stories.said("安 全\n" * 101, "安 全\n" * 101, "filled")
    blank = stories.said("  ", "  ", "filled")
    for unit, values in (("rucheng", {"6_1": long, "7_1": blank}), ("chengbei", {})):
        read = stories.reading(form, unit, 0, **values)
        story.filed(unit, [EIGHTH], "2021-06-08 09:00", read)
    return list(narratives(gather(campaign, story.ledger(), EIGHTH, story.now)))


def test_they_stand_in_the_forms_order_and_then_the_rosters(told: list[Narrative]) -> None:
    assert [(n.field.key, n.found.unit.id) for n in told[:3]] == [
        ("6.1", "rucheng"),
        ("6.1", "chengbei"),
        ("7.1", "chengbei"),
    ]


def test_white_space_is_no_character(told: list[Narrative]) -> None:
    assert (told[0].length, told[0].excess) == (202, 2)
    assert told[1].excess == 0


def test_a_row_is_named_by_its_heading(campaign: Campaign, told: list[Narrative]) -> None:
    story = stories.Story(campaign, moment("2021-06-09 09:00"))
    basis = gather(campaign, story.ledger(), EIGHTH, story.now)

    assert heading(basis, told[0].field) == "提升思想认识能力"
