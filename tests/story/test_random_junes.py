"""Laws that hold in every June that hypothesis can think of (tests/story/random_junes.py)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.service import facts
from tests.service.report import stories
from tests.story import random_junes
from tests.story.random_junes import EVENTS, Event

JUNES = 60 if os.environ.get("SIZE") == "ci" else 1_000
CAMPAIGN = random_junes.three(facts.with_addresses(stories.load()))


def _hold(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert random_junes.broken(CAMPAIGN, Path(folder), events) == {}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(EVENTS)
def test_the_laws_hold_in_some_junes(events: list[Event]) -> None:
    _hold(events)


@pytest.mark.proof
@settings(max_examples=JUNES, deadline=None, suppress_health_check=list(HealthCheck))
@given(EVENTS)
def test_the_laws_hold_in_a_thousand_junes(events: list[Event]) -> None:
    """1,000 Junes (SIZE=ci: 60)."""
    _hold(events)
