"""kill -9 at every step of intake and sending: nothing lost, nothing said twice."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.dovecot import is_installed
from tests.faults.bureau import NINE, Place
from tests.faults.lives import Child, Life, lived
from tests.faults.servers import World, faults, letters, world

pytestmark = [
    pytest.mark.real_server,
    pytest.mark.skipif(not is_installed(), reason="dovecot-imapd is not installed"),
]
AFTER = (NINE, "06-08 09:02")
MANY = 80 if os.environ.get("SIZE") == "ci" else 1_000


@pytest.fixture(scope="module")
def servers() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder that costs no disk: what a killed process wrote the kernel has, synced or not."""
    shm = Path("/dev/shm")
    where = shm if os.access(shm, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=where) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def whole(servers: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, frozenset[str]]:
    """How many acts an undisturbed life takes, and the letters that leave in it."""
    place = servers.place(tmp_path_factory.mktemp("whole") / "bureau")
    count = lived(Life(place, (NINE,)))
    assert faults(place, servers, letters(place)) == []
    return count, letters(place)


def points(count: int, number: int) -> Iterator[list[tuple[int, bool]]]:
    """Deaths spread over all acts: each second one in the middle of a write, after each fourth
    another one while what it left is taken up."""
    chance = random.Random(number)
    for i in range(number):
        first = (1 + i * count // number, i % 2 == 1)
        yield [first, (chance.randint(1, count), False)] if i % 4 == 3 else [first]


def killed(place: Place, servers: World, deaths: list[tuple[int, bool]]) -> bool:
    """One life after another is killed at its act; the next takes up what it left. Whether the
    first was: the number of acts differs by a few, as the network cuts what it carries."""
    servers.forget_sent()
    met = []
    for last, torn in deaths:
        child = Child(Life(place, (NINE,), last, torn))
        met.append(child.met())
        child.kill()
        servers.file_sent()
    lived(Life(place, AFTER))
    return met[0] == "reached"


def found(
    servers: World, whole: tuple[int, frozenset[str]], folder: Path, number: int
) -> dict[str, list[str]]:
    """What was lost, doubled or said aloud at which deaths."""
    wrong, struck = {}, 0
    for at, deaths in enumerate(points(whole[0], number)):
        place = servers.place(folder / str(at))
        struck += killed(place, servers, deaths)
        if left := faults(place, servers, whole[1]):
            wrong[str(deaths)] = left
    assert struck > 0.97 * number
    return wrong


def test_forty_deaths_lose_nothing_and_say_nothing_twice(
    servers: World, whole: tuple[int, frozenset[str]], in_memory: Path
) -> None:
    assert len(whole[1]) == 6
    assert found(servers, whole, in_memory, 40) == {}
    assert servers.is_untouched()


@pytest.mark.proof
def test_a_thousand_deaths(
    servers: World, whole: tuple[int, frozenset[str]], in_memory: Path
) -> None:
    print(f"\n{MANY} deaths at the {whole[0]} acts of a pass")
    assert found(servers, whole, in_memory, MANY) == {}
    assert servers.is_untouched()
