"""The power fails at any step: the disk holds what was synced, and nothing acted upon is lost.

The data lie on an ext4 image. A cut is a copy of the image's blocks at that moment; what the
kernel had not written back is not in it. The copy is mounted (its journal replayed) and the
next life goes on with it.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.dovecot import is_installed
from tests.faults import mounts
from tests.faults.bureau import NINE
from tests.faults.lives import Child, Life, as_if_many, lived, with_normal, without_fsync
from tests.faults.servers import World, faults, letters, world

pytestmark = [
    pytest.mark.real_server,
    pytest.mark.skipif(not is_installed(), reason="dovecot-imapd is not installed"),
]
MANY = 30 if os.environ.get("SIZE") == "ci" else 100


@pytest.fixture(scope="module")
def servers() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh image; left out where we may not mount it."""
    shm = Path("/dev/shm")
    base = shm if os.access(shm, os.W_OK) else tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(dir=base) as folder:
        image = Path(folder) / "blank"
        try:
            mounts.make_image(image)
            with mounts.ext4(image):
                pass
        except mounts.Refused as e:
            pytest.skip(f"mounting an ext4 image is refused here: {e}")
        yield image


@pytest.fixture(scope="module")
def whole(servers: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, frozenset[str]]:
    """How many acts an undisturbed life takes, and the letters that leave in it."""
    servers.forget_sent()
    place = servers.place(tmp_path_factory.mktemp("whole") / "bureau")
    return lived(Life(place, (NINE,))), letters(place)


def lost(
    servers: World,
    blank: Path,
    last: int,
    wanted: frozenset[str],
    variant: Callable[[], None] | None = None,
) -> list[str]:
    """Cuts the power before this act, goes on with what the disk had; what is wrong then."""
    servers.forget_sent()
    before, after = blank.with_name("before"), blank.with_name("after")
    log = blank.with_name("log")
    log.unlink(missing_ok=True)
    shutil.copyfile(blank, before)
    with mounts.ext4(before) as disk:
        child = Child(Life(servers.place(disk / "bureau", log), (NINE,), last, variant=variant))
        child.met()
        mounts.cut(before, after)
        child.kill()
    servers.file_sent()
    with mounts.ext4(after) as disk:
        place = servers.place(disk / "bureau", log)
        lived(Life(place, (NINE, "06-08 09:02"), variant=variant))
        return faults(place, servers, wanted)


def spread(count: int, number: int) -> list[int]:
    chance = random.Random(number)
    return [
        chance.randint(1 + i * count // number, (i + 1) * count // number) for i in range(number)
    ]


def found(
    servers: World, blank: Path, whole: tuple[int, frozenset[str]], number: int
) -> dict[int, list[str]]:
    """What was lost at which cuts; at every other one the files were synced together."""
    wrong = {}
    for i, at in enumerate(spread(whole[0], number)):
        if left := lost(servers, blank, at, whole[1], as_if_many if i % 2 else None):
            wrong[at] = left
    return wrong


def test_six_cuts(servers: World, blank: Path, whole: tuple[int, frozenset[str]]) -> None:
    assert found(servers, blank, whole, 6) == {}


@pytest.mark.parametrize("broken", [with_normal, without_fsync])
def test_a_broken_promise_is_caught(
    servers: World,
    blank: Path,
    whole: tuple[int, frozenset[str]],
    broken: Callable[[], None],
) -> None:
    """Else a cut would prove nothing."""
    count, wanted = whole

    assert any(lost(servers, blank, count - back, wanted, broken) for back in (3, 40, 80))


@pytest.mark.proof
def test_a_hundred_cuts(servers: World, blank: Path, whole: tuple[int, frozenset[str]]) -> None:
    wrong = found(servers, blank, whole, MANY)
    cuts = spread(whole[0], MANY // 4)
    caught = {
        broken.__name__: sum(bool(lost(servers, blank, at, whole[1], broken)) for at in cuts)
        for broken in (with_normal, without_fsync)
    }
    print(f"\n{MANY} cuts; of {len(cuts)} each were caught: {caught}")

    assert wrong == {}
    assert min(caught.values()) > 0
