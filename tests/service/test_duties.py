"""When the staff are written to: digests and reports, at their hours and not twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from service import duties
from service.decisions import Decided
from service.moments import moment
from service.types import Campaign
from service.wants import Left, Said

REPORT = "report/progress-0608/2021-06-09"


def digests(campaign: Campaign, at: str) -> list[str]:
    return [w.key for w in duties.digests(campaign, moment(at))]


@pytest.mark.parametrize(
    ("at", "keys"),
    [
        ("2021-06-08 08:29", []),
        ("2021-06-08 08:30", ["digest/2021-06-08"]),
        ("2021-06-08 17:29", ["digest/2021-06-08"]),
        ("2021-06-08 17:30", ["digest/2021-06-08", "digest/2021-06-08T17:30"]),
        ("2021-06-24 12:00", ["digest/2021-06-24", "digest/2021-06-24T12:00"]),
        ("2021-06-08 20:30", ["digest/2021-06-08"]),
        ("2021-06-10 17:30", ["digest/2021-06-10"]),
        ("2021-06-05 09:00", []),
        ("2021-06-14 09:00", []),
    ],
)
def test_a_digest_each_working_morning_and_when_a_deadline_has_passed(
    campaign: Campaign, at: str, keys: list[str]
) -> None:
    assert digests(campaign, at) == keys


def test_deadlines_of_one_hour_give_one_digest(campaign: Campaign) -> None:
    at_half_past_five = digests(campaign, "2021-06-30 17:30")

    assert at_half_past_five == ["digest/2021-06-30", "digest/2021-06-30T17:30"]


def test_the_clock_stops_where_a_digest_falls_due(campaign: Campaign) -> None:
    after = moment("2021-06-08 15:00")

    assert duties.next_event(campaign, Decided(), after) == moment("2021-06-08 17:30")


def reports(
    campaign: Campaign, at: str, *left: Left, figures: str = "new"
) -> list[tuple[str, bool]]:
    said = Said.of(left=left, duties=(), missed=(), started_at=None, bad_addresses=())
    found = duties.reports(campaign, said, moment(at), {"progress-0608": figures})
    return [(w.key, w.update) for w in found]


def gone(key: str, at: str, figures: str = "old") -> Left:
    return Left("report", None, moment(at), key, figures)


FIRST = gone(REPORT, "2021-06-09 09:00")


@pytest.mark.parametrize(
    ("at", "updates"),
    [
        ("2021-06-09 15:00", False),  # the same day
        ("2021-06-10 09:00", True),
        ("2021-06-10 11:59", True),
        ("2021-06-10 12:00", False),  # never in the middle of a day
        ("2021-06-12 09:00", False),  # a Saturday
        ("2021-06-15 09:00", True),  # after the Dragon Boat Festival
    ],
)
def test_an_update_waits_for_a_working_morning(campaign: Campaign, at: str, updates: bool) -> None:
    key = f"report/progress-0608/{at[:10]}"

    assert reports(campaign, at, FIRST) == ([(key, True)] if updates else [])


def test_without_a_change_there_is_no_update(campaign: Campaign) -> None:
    assert reports(campaign, "2021-06-10 09:00", FIRST, figures="old") == []


def test_the_first_report_is_wanted_until_it_left(campaign: Campaign) -> None:
    assert reports(campaign, "2021-06-09 08:59") == []
    for hours in (0, 5, 30):
        at = moment("2021-06-09 09:00") + timedelta(hours=hours)
        assert (REPORT, False) in reports(campaign, f"{at:%Y-%m-%d %H:%M}")


def test_after_the_campaign_no_report_leaves(campaign: Campaign) -> None:
    assert campaign.closes == date(2021, 7, 15)
    assert reports(campaign, "2021-07-16 09:00") == []
