"""What lies on the desk: what presses, what is new, when a day is quiet."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from service.desk import Desk, LetterRow
from service.moments import moment
from service.types import Campaign
from tests.service.report import stories


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return stories.load()


def desk(campaign: Campaign, at: str, *letters: LetterRow, looked: datetime | None = None) -> Desk:
    story = stories.june(campaign, at)
    return Desk(campaign, story.ledger(), story.now, letters, looked or story.now)


def test_todays_deadline_comes_before_what_is_overdue(campaign: Campaign) -> None:
    found = desk(campaign, "2021-06-08 08:30").pressing()

    assert [d.key for d in found] == ["progress-0608", "liaison"]


def test_of_what_is_overdue_the_newest_comes_first(campaign: Campaign) -> None:
    found = desk(campaign, "2021-06-25 08:30").pressing()

    assert [d.key for d in found] == ["progress-0624", "progress-0608", "liaison"]


def test_recorded_deadlines_never_press(campaign: Campaign) -> None:
    days = range(1, 31)

    found = {d.mode for n in days for d in desk(campaign, f"2021-06-{n:02d} 08:30").pressing()}
    assert found == {"chase"}


def test_a_phone_can_show_the_columns_of_any_day(campaign: Campaign) -> None:
    for n in range(1, 31):
        assert 1 <= len(desk(campaign, f"2021-06-{n:02d} 08:30").columns()) <= 6


def test_an_old_shortage_alone_makes_no_news(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-16 08:30"))

    sixteenth = Desk(campaign, story.ledger(), story.now, (), story.now)

    assert sixteenth.behind() and sixteenth.is_quiet()


def test_the_day_after_a_deadline_is_not_quiet(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-09 08:30"))

    assert not Desk(campaign, story.ledger(), story.now, (), story.now).is_quiet()


def test_a_held_letter_is_news(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-16 08:30"))
    held = LetterRow("reminder", None, None, None, "held", (), "催报", story.now, None)

    assert not Desk(campaign, story.ledger(), story.now, (held,), story.now).is_quiet()


def test_a_look_two_hours_old_is_stale(campaign: Campaign) -> None:
    now = moment("2021-06-08 08:30")

    assert not desk(campaign, "2021-06-08 08:30", looked=now - timedelta(hours=1)).is_stale
    assert desk(campaign, "2021-06-08 08:30", looked=now - timedelta(hours=3)).is_stale


def test_a_waiver_and_a_doubt_are_not_absent(campaign: Campaign) -> None:
    found = desk(campaign, "2021-06-09 08:30")

    names = {u.name for u in found.absent(campaign.deadline("progress-0608"))}
    assert names == {"人事科", "监督指挥中心", "环卫处", "执法大队"}
