"""The account of a unit: late costs by the day, never filing costs more than filing late."""

from __future__ import annotations

from service.moments import moment
from service.report.basis import gather
from service.report.scoring import Account, Rule, accounts
from service.types import Campaign
from tests.service.report.stories import Story, june

EIGHTH = "progress-0608"


def account(story: Story, number: int) -> Account:
    return accounts(gather(story.campaign, story.ledger(), EIGHTH, story.now))[number]


def test_filing_on_time_keeps_the_full_mark(campaign: Campaign) -> None:
    found = account(june(campaign, "2021-06-09 09:00"), 0)

    assert (found.on_time, found.late, found.missing, found.score(Rule())) == (3, 0, 0, 100)


def test_each_day_over_costs_a_point(campaign: Campaign) -> None:
    found = account(june(campaign, "2021-06-11 09:00"), 14)

    assert (found.late, found.days, found.score(Rule())) == (1, 2, 98)


def test_what_is_missing_costs_for_every_day_so_far_and_once_more(campaign: Campaign) -> None:
    found = account(june(campaign, "2021-06-11 09:00"), 19)

    assert (found.missing, found.days) == (2, 7 + 3)
    assert found.score(Rule()) == 100 - 10 - 2 * 5


def test_missing_always_costs_more_than_late(campaign: Campaign) -> None:
    for day in range(9, 31):
        story = june(campaign, f"2021-06-{day:02d} 20:00")
        late = Story(campaign, story.now)
        read = {"outcome": "form", "form": "progress", "header": {}, "fields": {}}
        unit = campaign.expected[0]
        for key in ("liaison", EIGHTH):
            late.filed(unit.id, [key], f"2021-06-{day:02d} 19:00", read)

        absent = account(Story(campaign, story.now), 0)
        assert account(late, 0).score(Rule()) > absent.score(Rule())


def test_points_stop_at_zero_and_days_at_the_campaigns_end(campaign: Campaign) -> None:
    august, closing = (Story(campaign, moment(t)) for t in ("2021-08-31 09:00", "2021-07-15 09:00"))

    assert account(august, 0).days == account(closing, 0).days
    assert account(august, 0).score(Rule(per_day=50)) == 0


def test_waived_and_doubtful_items_cost_nothing(campaign: Campaign) -> None:
    story = june(campaign, "2021-06-09 09:00")

    assert account(story, 16).doubtful == 1 and account(story, 16).score(Rule()) == 100


def test_recorded_deadlines_are_not_counted(campaign: Campaign) -> None:
    assert account(Story(campaign, moment("2021-06-04 09:00")), 0).due == 0
