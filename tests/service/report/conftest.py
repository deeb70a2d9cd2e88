"""The shipped campaign and a June of made-up returns."""

from __future__ import annotations

import pytest

from service.types import Campaign
from tests.service.report import stories


@pytest.fixture(scope="session")
def campaign() -> Campaign:
    return stories.load()


@pytest.fixture(scope="session")
def after_eighth(campaign: Campaign) -> stories.Story:
    """9 June, 09:00: the morning of the first report."""
    return stories.june(campaign, "2021-06-09 09:00")


@pytest.fixture(scope="session")
def after_twentyfourth(campaign: Campaign) -> stories.Story:
    """25 June, 09:00: the morning of the second report."""
    return stories.june(campaign, "2021-06-25 09:00")
