"""What staff must be told at once: whom no reminder reaches, once a day and in office hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.types import Campaign
from tests.service.machines import Office, office

SILENT = "dongchen"


@pytest.fixture
def here(few: Campaign, tmp_path: Path) -> Iterator[Office]:
    """One of three units has no address."""
    units = tuple(
        replace(u, addresses=(), contact="王小明", phone="139-0000-0001") if u.id == SILENT else u
        for u in few.units
    )
    with office(replace(few, units=units), tmp_path, "06-01 08:00") as made:
        made.tick()
        yield made


def told(here: Office) -> list[str]:
    return [f"{g.at:%m-%d %H:%M}" for g in here.gone if "/alert/no_address/" in g.key]


def test_a_unit_without_an_address_is_told_of_when_it_ought_to_be_reminded(here: Office) -> None:
    here.tick("06-03 08:00")
    here.tick("06-03 09:00")

    assert told(here) == ["06-03 09:00"]
    text = here.store.letter_text(f"{here.campaign.slug}/{here.sent('alert')[0]}")
    name = here.campaign.unit(SILENT).name
    assert f"{name}　王小明　139-****-0001　联络员反馈表　（没有登记邮箱）" in text
    assert not any(u.name in text for u in here.campaign.units if u.id != SILENT)


def test_once_a_day_in_office_hours_until_it_has_one(here: Office) -> None:
    for at in ("06-03 09:00", "06-03 10:00", "06-03 15:00", "06-04 08:00", "06-04 09:00",
               "06-04 12:30", "06-04 15:00"):  # fmt: skip
        here.tick(at)
    assert told(here) == ["06-03 09:00", "06-04 09:00"]

    here.decide("bind", unit=SILENT, address="dongchen@units.example")
    here.tick("06-07 09:00")

    assert len(told(here)) == 2
    assert f"{SILENT} liaison overdue-1" in here.reminded()


def test_an_address_that_came_back_is_named_as_the_reason(few: Campaign, tmp_path: Path) -> None:
    with office(few, tmp_path, "06-01 08:00") as here:
        here.tick()
        gone = "dongchen@units.example"
        here.store.mark_address(gone, SILENT, "bad", "550 no such user", here.clock.now())
        here.tick("06-01 08:10")
        here.tick("06-03 09:00")
        text = here.store.letter_text(f"{few.slug}/{here.sent('alert')[-1]}")

        assert told(here) == ["06-03 09:00"]
        assert gone in text
        assert [r.split()[0] for r in here.reminded()] == ["baipu", "dingyan"]
