"""The service is down over the hour that matters; what is stale is missed, never sent late."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import Busy
from service.lock import sole_writer
from service.types import Campaign
from tests.service import facts
from tests.service.machines import Office, office, short
from tests.service.report import stories

P8 = "progress-0608"


@pytest.fixture
def campaign() -> Campaign:
    return facts.with_addresses(stories.load())


@pytest.fixture
def here(campaign: Campaign, tmp_path: Path) -> Iterator[Office]:
    """The service runs since 1 June; every liaison form is in."""
    with office(campaign, tmp_path, "06-01 08:00", words=short) as made:
        made.tick()
        for unit in campaign.expected:
            made.files("06-02 09:00", unit.id, "liaison")
        made.tick("06-02 09:05")
        made.tick("06-07 09:00")
        yield made


def stages(here: Office, unit: str) -> dict[str, str]:
    """The stages of 8 June for a unit: what became of each."""
    said, missed = here.store.settled(here.campaign.slug)
    start = f"reminder/{unit}/{P8}/"
    told = {d.removeprefix(start): "said" for d in said if d.startswith(start)}
    return told | {d.removeprefix(start): "missed" for d in missed if d.startswith(start)}


def test_down_over_nine_o_clock_on_the_day(here: Office) -> None:
    here.restart()
    here.tick("06-08 10:40")
    here.tick("06-08 15:00")

    assert stages(here, "baipu") == {"eve": "said", "day": "said", "call": "said"}
    assert len([r for r in here.reminded() if r.endswith("day")]) == 20


def test_what_is_caught_up_leaves_room_for_the_letters_of_the_day(
    campaign: Campaign, tmp_path: Path
) -> None:
    """Down over the 7th: at 08:30 neither `eve` nor the overdue liaison form is asked for; the
    letter of 09:00 names both forms, and there is one left for 15:00."""
    with office(campaign, tmp_path, "06-01 08:00", words=short) as here:
        here.tick()
        for at in ("06-08 08:30", "06-08 09:00", "06-08 15:00"):
            here.tick(at)

        assert stages(here, "baipu") == {"eve": "missed", "day": "said", "call": "said"}
        said, _ = here.store.settled(campaign.slug)
        assert "reminder/baipu/liaison/overdue-1" in said
        letters = [g for g in here.gone if g.kind == "reminder" and "/baipu/" in g.key]
        assert [f"{g.at:%H:%M}" for g in letters] == ["09:00", "15:00"]


def test_down_until_the_afternoon_the_call_replaces_the_day(here: Office) -> None:
    here.restart()
    here.tick("06-08 15:20")

    assert stages(here, "baipu") == {"eve": "said", "day": "missed", "call": "said"}
    assert len([r for r in here.reminded() if "baipu" in r]) == 2


def test_down_over_the_whole_day(here: Office) -> None:
    here.restart()
    here.tick("06-09 07:00")
    assert stages(here, "baipu") == {"eve": "said", "day": "missed", "call": "missed"}

    here.tick("06-09 09:00")
    assert here.reminded()[-1].endswith("overdue-1")
    assert len([r for r in here.reminded() if r.startswith("baipu")]) == 2


def test_down_three_days_with_the_form_in_the_mailbox(here: Office) -> None:
    here.files("06-08 16:00", "baipu")
    here.restart()
    here.tick("06-11 09:30")

    assert stages(here, "baipu") == {"eve": "said"}
    assert here.outlook().ledger.cell("baipu", P8).state == "reported"
    assert here.sent("receipt")[-1:] and len(here.sent("receipt")) == 21
    others = [r for r in here.reminded() if r.startswith("dongchen")]
    assert others == [f"dongchen {P8} eve", f"dongchen {P8} overdue-2"]


def test_down_from_the_evening_to_after_the_holiday(here: Office) -> None:
    """12 to 14 June are 端午: what was due on the 11th was to leave by the 16th."""
    here.tick("06-09 09:00")
    here.tick("06-12 09:30")
    assert not [g for g in here.gone if g.kind == "reminder" and g.at.day == 12]

    here.tick("06-15 09:00")
    assert here.reminded()[-1].endswith("overdue-2")


def test_a_first_start_in_the_middle_misses_what_was_before(
    campaign: Campaign, tmp_path: Path
) -> None:
    with office(campaign, tmp_path, "06-08 10:00", words=short) as here:
        here.tick()
        assert here.reminded() == []
        assert stages(here, "baipu") == {"eve": "missed", "day": "missed"}

        here.tick("06-08 15:00")
        assert stages(here, "baipu")["call"] == "said"
        assert len(here.reminded()) == 20


def test_a_clock_that_jumps_ahead_says_nothing_twice(here: Office) -> None:
    for at in ("06-08 09:00", "06-08 12:10", "06-08 16:00", "06-10 09:00", "06-17 09:00"):
        here.tick(at)

    assert len(here.sent()) == len(set(here.sent()))


def test_two_starts_at_once_one_wins(tmp_path: Path) -> None:
    with sole_writer(tmp_path), pytest.raises(Busy) as e, sole_writer(tmp_path):
        pass

    assert e.value.exit_code == 4


def test_no_letter_to_a_unit_outside_the_campaign(campaign: Campaign, tmp_path: Path) -> None:
    """The shipped campaign under a later clock: a week, not one letter."""
    with office(campaign, tmp_path, "07-16 08:00", words=short) as here:
        here.files("07-16 08:30", "baipu")
        for day in range(16, 24):
            here.tick(f"07-{day} 09:00")

        assert here.gone == []
        assert here.outlook().ledger.cell("baipu", P8).state == "missing"
