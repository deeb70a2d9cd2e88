"""Random Junes of forty units: nothing twice, nothing wrong, nothing forgotten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service.types import Campaign
from tests.service.report import stories
from tests.story import simulated_junes
from tests.story.simulated_junes import Figures, Span


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return simulated_junes.forty(stories.load())


def test_twenty_halves_of_june(
    campaign: Campaign, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    _play(campaign, tmp_path, range(20), capsys, simulated_junes.HALVES)


JUNES = 10 if os.environ.get("SIZE") == "ci" else 1_000


@pytest.mark.proof
def test_a_thousand_junes(
    campaign: Campaign, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    _play(campaign, tmp_path, range(20, 20 + JUNES), capsys, (simulated_junes.WHOLE,))


def _play(
    campaign: Campaign,
    folder: Path,
    seeds: range,
    capsys: pytest.CaptureFixture,
    spans: tuple[Span, ...],
) -> None:
    total = Figures()
    for n, seed in enumerate(seeds, start=1):
        total.add(simulated_junes.run(campaign, folder / str(seed), seed, spans[n % len(spans)]))
        if n % 50 == 0:
            with capsys.disabled():
                print(f"  {total}", flush=True)
    with capsys.disabled():
        print(f"\n  {total}")

    assert total.faults == []
    nought = (total.duplicates, total.to_filed, total.too_many_a_day, total.out_of_hours)
    assert nought == (0, 0, 0, 0)
    assert (total.answered_twice, total.unanswered, total.unflagged) == (0, 0, 0)
    assert total.reminders > 50 * total.junes and total.kills > 0
