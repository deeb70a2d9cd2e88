"""The shipped campaign, without and with made-up addresses."""

from __future__ import annotations

import pytest

from service.types import Campaign
from tests.service import facts
from tests.service.report import stories


@pytest.fixture(scope="session")
def campaign() -> Campaign:
    """Every unit with one confirmed address, its id at units.example."""
    return facts.with_addresses(stories.load())


@pytest.fixture(scope="session")
def shipped() -> Campaign:
    """As shipped: nobody has a confirmed address."""
    return stories.load()
