"""kill -9 at any step while the SMTP server misbehaves: nothing twice, nothing kept secret."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.faulty_smtp import FaultySmtp
from tests.service.machines import ACCOUNT
from tests.story.smtp_deaths import BEHAVIOURS, CODE, Morning

EVERY = 20 if os.environ.get("SIZE") == "ci" else 1
SOME = 2
"""Deaths of a behaviour in the suite: 46 in all."""


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that costs no disk: kill -9 leaves to the kernel what was written."""
    shm = Path("/dev/shm")
    where = shm if os.access(shm, os.W_OK) else tmp_path_factory.mktemp("deaths")
    with tempfile.TemporaryDirectory(dir=where) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def morning(in_memory: Path) -> Iterator[Morning]:
    with FaultySmtp({ACCOUNT: CODE}) as sink:
        yield Morning.of(in_memory / "before", sink)


def test_every_behaviour_with_a_few_deaths(morning: Morning, in_memory: Path) -> None:
    count = morning.steps("well", in_memory / "whole")
    found = []
    for number, name in enumerate(BEHAVIOURS):
        for turn in range(SOME):
            # spread over the steps, other ones for each behaviour
            last = 1 + (number * 37 + turn * count // SOME) % count
            found += morning.faults(name, last, in_memory / f"{number}-{turn}")

    assert count > 60
    assert found == []


@pytest.mark.proof
@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_death_at_every_step(morning: Morning, in_memory: Path, name: str) -> None:
    """Every step of every behaviour (SIZE=ci: each twentieth)."""
    slug = name.replace(" ", "-")
    count = morning.steps(name, in_memory / f"{slug}-whole")
    found = []
    for last in range(1, count + 1, EVERY):
        found += morning.faults(name, last, in_memory / f"{slug}-{last}")

    assert found == []
