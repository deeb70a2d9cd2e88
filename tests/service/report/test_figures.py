"""Totals and coverage: a blank, a zero and "not applicable" are three things."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.moments import moment
from service.report.figures import FieldFigures, Figures, _figures, entry, totals
from service.types import Campaign, LedgerCell
from tests.service.report.stories import Story, june, reading, said

EIGHTH = "progress-0608"
TWENTYFOURTH = "progress-0624"


@pytest.fixture
def story(campaign: Campaign) -> Story:
    return Story(campaign, moment("2021-06-09 09:00"))


def file(story: Story, number: int, key: str = EIGHTH, at: str = "2021-06-08 09:00", **v: object):
    unit = story.campaign.expected[number]
    read = reading(story.campaign.blank("progress").form, unit.name, 0, **v)
    return story.filed(unit.id, [key], at, read)


def of(story: Story, field: str, key: str = EIGHTH) -> FieldFigures:
    return next(f for f in figures(story, key).fields if f.field.key == field)


def figures(story: Story, key: str = EIGHTH) -> Figures:
    return totals(story.campaign, story.ledger(), key)


def test_only_numbers_and_zeros_enter_a_sum(story: Story) -> None:
    written = [
        said("7", 7, "filled"),
        said("约5", 5, "filled", approx=True),
        said("无", 0, "nil"),
        said("", None, "blank"),
        said("／", None, "na"),
        said("若干", None, "unsure", guess=9),
    ]
    for number, one in enumerate(written):
        file(story, number, **{"3_2": one})

    found = of(story, "3.2")

    assert (found.total, found.reported, found.nil, found.approx) == (12, 2, 1, 1)
    assert (found.blank, found.na, found.unsure) == (1, 1, 1)


def test_nothing_said_is_not_zero(story: Story) -> None:
    file(story, 0, **{"3_2": said("", None, "blank")})

    assert of(story, "3.2").total is None


def test_decimals_are_added_exactly_and_averages_not_at_all(story: Story) -> None:
    for number, value in enumerate((4.5, 0.1, 2)):
        file(story, number, **{"3_2": said(str(value), value, "filled")})
    found = figures(story)
    field = of(story, "3.2").field
    average = replace(field, label="人均阅读量", unit="册")

    assert of(story, "3.2").total == 6.6
    assert _figures(average, found.returns, ()).total is None


def test_a_number_from_a_scan_waits_until_it_is_accepted(story: Story) -> None:
    read = said("12", 12, "filled", evidence="ocr")
    file(story, 0, **{"3_2": read})
    file(story, 1, **{"3_2": {**read, "accepted": True}})

    assert (of(story, "3.2").total, of(story, "3.2").unsure) == (12, 1)


def test_a_choice_is_yes_if_any_unit_says_so(story: Story) -> None:
    for number, option in enumerate(("否", "否", "是")):
        file(story, number, **{"1_3": said(option, option, "filled")})
    file(story, 3, **{"1_3": said("", None, "blank")})

    found = of(story, "1.3")

    assert (found.answer, found.counts, found.blank) == ("是", (("是", 1), ("否", 2)), 1)


def test_a_choice_that_nobody_ticked_stays_open(story: Story) -> None:
    file(story, 0, **{"1_3": said("", None, "blank")})

    assert of(story, "1.3").answer is None


def test_every_unit_that_owes_it_stands_in_exactly_one_group(campaign: Campaign) -> None:
    found = figures(june(campaign, "2021-06-09 09:00"))

    groups = (
        [r.unit for r in found.returns],
        found.unread,
        found.missing,
        found.doubtful,
        found.waived,
    )
    assert sorted(u.id for g in groups for u in g) == sorted(u.id for u in campaign.expected)
    assert [len(g) for g in groups] == [14, 0, 4, 1, 1]


def test_a_return_on_paper_counts_as_received_but_not_as_blank(story: Story) -> None:
    unit = story.campaign.expected[0]
    story.filed(unit.id, [EIGHTH], "2021-06-08 09:00", {"outcome": "ignored"}, how="纸质")

    assert figures(story).unread == (unit,)
    assert of(story, "3.2").blank == 0


def test_the_last_cumulative_return_is_carried_beside_the_total(story: Story) -> None:
    story.now = moment("2021-06-25 09:00")
    file(story, 0, **{"3_2": said("8", 8, "filled")})
    file(story, 1, TWENTYFOURTH, "2021-06-24 09:00", **{"3_2": said("3", 3, "filled")})

    found = of(story, "3.2", TWENTYFOURTH)

    assert (found.total, found.carried) == (3, 8)


def test_weekly_figures_are_never_carried_into_cumulative_ones(story: Story) -> None:
    file(story, 0, "weekly-0603", "2021-06-03 09:00", **{"3_2": said("8", 8, "filled")})

    assert figures(story).carried == ()
    assert of(story, "3.2").carried is None


def test_a_return_that_says_it_covers_a_week_is_named(story: Story) -> None:
    filed = file(story, 0)
    story.submissions[0] = weekly = replace(filed, read={**filed.read, "coverage": "increment"})
    story.states[filed.unit or "", EIGHTH] = LedgerCell("reported", None, 0, 1, weekly)

    assert [r.unit.id for r in figures(story).contrary] == [filed.unit]


def test_a_waiting_return_adds_nothing(story: Story) -> None:
    filed = file(story, 0)
    story.states[filed.unit or "", EIGHTH] = LedgerCell("doubt", filed.arrived_at)

    assert figures(story).returns == ()


def test_the_fingerprint_changes_exactly_with_figures_and_filers(campaign: Campaign) -> None:
    def print_of(**values: object) -> str:
        story = Story(campaign, moment("2021-06-09 09:00"))
        file(story, 0, at=str(values.pop("at", "2021-06-08 09:00")), **values)
        return figures(story).fingerprint

    same = print_of()

    assert print_of() == same
    assert print_of(at="2021-06-08 10:00") == same
    assert print_of(**{"6_1": said("另一段话", "另一段话", "filled")}) == same
    assert print_of(**{"3_2": said("4711", 4711, "filled")}) != same
    assert print_of(**{"3_2": said("约300", 300, "filled", approx=True)}) != same
    assert figures(june(campaign, "2021-06-09 09:00")).fingerprint != same


def test_two_figures_that_change_but_add_up_alike_change_the_fingerprint(
    campaign: Campaign,
) -> None:
    def print_of(first: int, second: int) -> str:
        story = Story(campaign, moment("2021-06-09 09:00"))
        file(story, 0, **{"3_2": said("", first, "filled")})
        file(story, 1, **{"3_2": said("", second, "filled")})
        return figures(story).fingerprint

    assert print_of(4, 6) != print_of(6, 4)


def test_a_missing_field_is_blank() -> None:
    assert entry(None).state == "blank"


def test_a_written_zero_alone_is_a_total_of_zero(story: Story) -> None:
    file(story, 0, **{"3_2": said("无", 0, "nil")})

    assert of(story, "3.2").total == 0


def test_a_return_in_doubt_leaves_the_fingerprint_alone(story: Story) -> None:
    before = figures(story).fingerprint
    story.states[story.campaign.expected[0].id, EIGHTH] = LedgerCell("doubt", story.now)

    assert figures(story).fingerprint == before
    story.states[story.campaign.expected[0].id, EIGHTH] = LedgerCell("waived")
    assert figures(story).fingerprint != before
