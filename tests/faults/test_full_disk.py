"""The disk runs full at any step and has room again later: nothing lost, nothing said twice."""

from __future__ import annotations

import random
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.store import Store
from tests.fakes.dovecot import is_installed
from tests.faults import mounts
from tests.faults.bureau import CAMPAIGN, NINE, Place
from tests.faults.lives import STOP, Child, Life, lived
from tests.faults.servers import World, faults, letters, world

pytestmark = [
    pytest.mark.real_server,
    pytest.mark.skipif(not is_installed(), reason="dovecot-imapd is not installed"),
]
FLOOR = 1024 * 1024
TIMES = (NINE, "06-08 09:02", "06-08 09:04", STOP, "06-08 09:06", "06-08 09:08")
OPENED = 60
"""Acts until the database is open: without room a service does not even start."""

Fault = Callable[[Place, int], None]


@pytest.fixture(scope="module")
def servers() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A few megabytes of our own; left out where we may not mount them."""
    try:
        with mounts.tmpfs("12m") as folder:
            yield folder
    except mounts.Refused as e:
        pytest.skip(f"mounting a tmpfs is refused here: {e}")


@pytest.fixture(scope="module")
def whole(servers: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, frozenset[str]]:
    """How many acts an undisturbed life takes, and the letters that leave in it."""
    servers.forget_sent()
    place = servers.place(tmp_path_factory.mktemp("whole") / "bureau")
    return lived(Life(place, (NINE,))), letters(place)


def endured(servers: World, place: Place, last: int, begin: Fault, end: Fault) -> None:
    """One life: before this act the fault begins; it ends after three passes."""
    servers.forget_sent()
    child = Child(Life(place, TIMES, last))
    assert child.met() == "reached"
    pid = child.process.pid or 0
    begin(place, pid)
    child.go_on()
    assert child.met() == "reached"
    servers.file_sent(of_the_dead=False)
    end(place, pid)
    child.go_on()
    met = child.met()
    child.join()
    assert isinstance(met, int), place.log.read_text(encoding="utf-8")[-3000:]


def spread(count: int, number: int) -> Iterator[int]:
    chance = random.Random(number)
    step = (count - OPENED) / number
    yield from (OPENED + int((i + chance.random()) * step) for i in range(number))


# -- no room on the disk ---------------------------------------------------------------------


def fill(place: Place, _: int) -> None:
    """To the last byte."""
    with (place.folder / "filler").open("wb", buffering=0) as f:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while f.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


def clear(place: Place, _: int) -> None:
    (place.folder / "filler").unlink()


def alerts(place: Place) -> list[str]:
    """The kinds of alerts that left, in order."""
    store = Store(place.database, create=False)
    try:
        sent = [r for r in store.letters(CAMPAIGN.slug, "sent") if r.kind == "alert"]
        return [str(r.stage) for r in sorted(sent, key=lambda r: r.queued_at)]
    finally:
        store.close()


def filled(servers: World, disk: Path, whole: tuple[int, frozenset[str]], number: int) -> None:
    for last in spread(whole[0], number):
        place = servers.place(disk / str(last), disk.with_name(f"{disk.name}.log"), FLOOR)
        place.folder.mkdir()
        endured(servers, place, last, fill, clear)

        assert faults(place, servers, whole[1]) == [], f"at {last}"
        assert [a for a in alerts(place) if a != "uncertain"] == ["disk_full", "over"], f"at {last}"
        for path in sorted(place.folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        place.log.unlink()


def test_a_disk_that_runs_full(
    servers: World, disk: Path, whole: tuple[int, frozenset[str]]
) -> None:
    filled(servers, disk, whole, 5)


@pytest.mark.proof
def test_a_disk_that_runs_full_at_twenty_steps(
    servers: World, disk: Path, whole: tuple[int, frozenset[str]]
) -> None:
    filled(servers, disk, whole, 20)


# -- no byte more in any file: also where nothing may be mounted ----------------------------------


def choke(_: Place, pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def relieve(_: Place, pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


def choked(
    servers: World, folder: Path, whole: tuple[int, frozenset[str]], number: int
) -> dict[int, list[str]]:
    wrong = {}
    for last in spread(whole[0], number):
        place = servers.place(folder / str(last))
        endured(servers, place, last, choke, relieve)
        if left := faults(place, servers, whole[1]):
            wrong[last] = left
    return wrong


def test_files_that_take_no_byte_more(
    servers: World, tmp_path: Path, whole: tuple[int, frozenset[str]]
) -> None:
    assert choked(servers, tmp_path, whole, 5) == {}


@pytest.mark.proof
def test_files_that_take_no_byte_more_at_fifty_steps(
    servers: World, tmp_path: Path, whole: tuple[int, frozenset[str]]
) -> None:
    assert choked(servers, tmp_path, whole, 50) == {}
