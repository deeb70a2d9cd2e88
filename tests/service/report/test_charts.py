"""The figures behind the charts: filed by day, and one measure that may be added up."""

from __future__ import annotations

from datetime import date

from service.moments import moment
from service.report.basis import gather
from service.report.charts import filed_by_day, leading_measure
from service.types import Campaign
from tests.service.report import stories

EIGHTH = "progress-0608"


def test_each_day_counts_all_who_had_filed_by_its_end(after_eighth: stories.Story) -> None:
    basis = gather(after_eighth.campaign, after_eighth.ledger(), EIGHTH, after_eighth.now)

    days = dict(filed_by_day(basis))

    assert min(days) == date(2021, 6, 4) and max(days) == date(2021, 6, 8)
    assert (days[date(2021, 6, 6)], days[date(2021, 6, 7)], days[date(2021, 6, 8)]) == (0, 5, 14)


def test_a_late_return_prolongs_the_line(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-11 09:00")

    days = filed_by_day(gather(campaign, story.ledger(), EIGHTH, story.now))

    assert days[-1] == (date(2021, 6, 10), 15)


def test_before_anything_is_in_the_line_is_flat(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-02 09:00"))

    assert filed_by_day(gather(campaign, story.ledger(), EIGHTH, story.now)) == [
        (date(2021, 6, 4), 0)
    ]


def test_people_are_added_up_and_nothing_is_mixed_with_them(after_eighth: stories.Story) -> None:
    basis = gather(after_eighth.campaign, after_eighth.ledger(), EIGHTH, after_eighth.now)

    assert leading_measure(basis.figures) == "人次"
