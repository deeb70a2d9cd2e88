"""What lies on the desk: what presses, what is new, when a day is quiet."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from service.desk import Desk, LetterRow
from service.moments import moment
from service.types import Campaign, LedgerCell, OpenDoubt
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


def test_deadlines_that_the_same_units_lack_are_told_as_one(campaign: Campaign) -> None:
    first, second = desk(campaign, "2021-06-25 08:30").shortages()

    assert [d.key for d in first.deadlines] == ["progress-0624"] and len(first.units) == 9
    assert [d.key for d in second.deadlines] == ["progress-0608", "liaison"]
    assert {first.phase, second.phase} == {"overdue"}


def test_past_the_strict_time_a_deadline_is_not_yet_over(campaign: Campaign) -> None:
    found = desk(campaign, "2021-07-01 08:30")

    phases = {d.key: s.phase for s in found.shortages() for d in s.deadlines}
    assert phases["summary"] == phases["media"] == "last"
    assert phases["progress-0624"] == "overdue"


def test_a_unit_with_more_time_of_its_own_is_not_called_overdue(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 08:30")
    story.states["renshi", "progress-0608"] = LedgerCell("open")

    found = Desk(campaign, story.ledger(), story.now, (), story.now)

    assert "人事科" not in {u.name for u in found.absent(campaign.deadline("progress-0608"))}


def unread(story: stories.Story, unit: str, at: str, *codes: str) -> int:
    """A mail whose one part waits for these reasons."""
    mail = story.mail(unit, moment(at), "统计表")
    for code in codes:
        known = {"mail": mail.id, "part": "1", "unit": unit, "deadlines": ("progress-0608",)}
        story.doubts.append(OpenDoubt(f"{mail.id}/1", code, "1", (), **known))
    return mail.id


def test_all_that_is_doubtful_about_one_file_is_one_case(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-09 08:30"))
    number = unread(story, "zhifa", "2021-06-08 10:00", "unit_unknown", "sender_unknown")

    (case,) = Desk(campaign, story.ledger(), story.now, (), story.now).cases()

    assert case.number == f"#{number}" and case.codes == ("unit_unknown", "sender_unknown")


def test_what_the_unit_made_good_later_needs_nobody(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-09 08:30"))
    form = campaign.blank("progress").form
    unread(story, "zhifa", "2021-06-08 10:00", "unread_damaged")
    unread(story, "renshi", "2021-06-08 11:00", "version_half")
    for unit, at in (("zhifa", "2021-06-08 12:00"), ("renshi", "2021-06-08 10:30")):
        story.filed(unit, ["progress-0608"], at, stories.reading(form, unit, 1))

    found = Desk(campaign, story.ledger(), story.now, (), story.now)

    assert [c.unit for c in found.cases()] == ["renshi"]
    assert [c.unit for c in found.overtaken()] == ["zhifa"]
