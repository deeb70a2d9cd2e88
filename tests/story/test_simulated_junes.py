"""Random Junes of forty units: nothing twice, nothing wrong, nothing forgotten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service.types import Campaign
from tests.service.report import stories
from tests.story import many_junes, simulated_junes
from tests.story.simulated_junes import Figures

JUNES = 6 if os.environ.get("SIZE") == "ci" else 1_000


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return simulated_junes.forty(stories.load())


@pytest.mark.parametrize("seed", range(20))
def test_half_a_june(campaign: Campaign, tmp_path: Path, seed: int) -> None:
    """Twenty halves: every second begins with a service installed late."""
    span = simulated_junes.HALVES[seed % 2]

    check(simulated_junes.run(campaign, tmp_path, seed, span))


@pytest.mark.proof
def test_a_thousand_junes(capsys: pytest.CaptureFixture) -> None:
    """1,000 whole Junes (SIZE=ci: 6)."""
    with capsys.disabled():
        print()
        figures = many_junes.play(JUNES, many_junes.ROOT / "out" / "proof")

    check(figures)
    assert figures.kills > 0


def check(figures: Figures) -> None:
    print(figures)
    assert figures.faults == []
    nought = (figures.duplicates, figures.to_filed, figures.too_many_a_day, figures.out_of_hours)
    assert nought == (0, 0, 0, 0)
    assert (figures.answered_twice, figures.unanswered, figures.unflagged) == (0, 0, 0)
    assert figures.reminders > 20 * figures.junes
