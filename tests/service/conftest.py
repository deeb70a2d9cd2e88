"""The shipped campaign, without and with made-up addresses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from service.types import Campaign
from tests.service import facts
from tests.service import office as offices
from tests.service.office import Office
from tests.service.report import stories


@pytest.fixture(scope="session")
def campaign() -> Campaign:
    """Every unit with one confirmed address, its id at units.example."""
    return facts.with_addresses(stories.load())


@pytest.fixture(scope="session")
def shipped() -> Campaign:
    """As shipped: nobody has a confirmed address."""
    return stories.load()


@pytest.fixture
def few(campaign: Campaign) -> Campaign:
    """Three units only: what a test says of letters can be read at a glance."""
    units = tuple(u for u in campaign.units if u.id in ("dongchen", "dingyan", "baipu"))
    return replace(campaign, units=units)


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office after its first week; copied by those who change anything."""
    made = offices.open_(tmp_path_factory.mktemp("office") / "baosong")
    offices.work(made)
    return made


@pytest.fixture
def office(worked: Office, tmp_path: Path) -> Office:
    """A copy of the office after its first week, to do with as one likes."""
    return offices.copy(worked, tmp_path / "baosong")
