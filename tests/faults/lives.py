"""A bureau's life in a process of its own, forked after all imports, and its end.

The fork server has played a pass by then (warm.py), so that a child starts in milliseconds.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from service import archive, watching
from service.store import Store
from tests.faults.bureau import CODE, Place, bureau, doors
from tests.faults.steps import Steps

STOP = "stop"


@dataclass(frozen=True, slots=True)
class Life:
    """What a child is to do: passes at these times, with a stop wherever it says STOP and one
    before the n-th act, if it has one."""

    place: Place
    at: tuple[str, ...]
    last: int | None = None
    torn: bool = False
    variant: Callable[[], None] | None = None
    """Changes something before anything is done: another way, or a promise taken away."""


def _live(life: Life, end: Connection) -> None:
    log = os.open(life.place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 2)
    watching.keep_logs([CODE], logging.DEBUG)
    logging.getLogger("service").setLevel(logging.NOTSET)
    if life.variant is not None:
        life.variant()

    def report() -> None:
        end.send("reached")
        end.recv()

    steps = Steps(life.last, life.torn, report)
    steps.watch()
    try:
        with bureau(life.place, *doors(life.place)) as here:
            for at in life.at:
                report() if at == STOP else here.tick(at)
    except Exception:
        traceback.print_exc()
        raise
    count = steps.count
    steps.last = None
    end.send(count)


def as_if_many() -> None:
    """Not broken: files are taken to the disk as where many come at once (syncfs)."""
    archive._MANY = 1


def without_fsync() -> None:
    """Broken: what is written to a file is left to the kernel."""
    os.fsync = lambda _: None  # type: ignore[assignment]


def with_normal() -> None:
    """Broken: a commit does not wait for the disk (synchronous=NORMAL)."""
    whole = Store.__init__

    def half(self: Store, *args: Any) -> None:
        whole(self, *args)
        self._db.conn.execute("pragma synchronous=normal")

    Store.__init__ = half  # type: ignore[method-assign]


class Child:
    """A life in a process of its own, forked after all imports."""

    _context = multiprocessing.get_context("forkserver")

    def __init__(self, life: Life) -> None:
        self._context.set_forkserver_preload([__name__, "tests.faults.warm"])
        self._end, other = self._context.Pipe()
        self.process = self._context.Process(target=_live, args=(life, other))
        self.process.start()
        other.close()

    def met(self, seconds: float = 60) -> str | int | None:
        """Waits until it stands still ("reached"), lived to its end (how many acts it did) or
        died otherwise (None)."""
        try:
            return self._end.recv() if self._end.poll(seconds) else None
        except EOFError:
            return None

    def go_on(self) -> None:
        self._end.send("go on")

    def kill(self) -> None:
        self.process.kill()
        self.process.join(60)
        self.process.close()

    def join(self) -> None:
        self.process.join(60)
        self.process.close()


def lived(life: Life) -> int:
    """Lets a life run to its end; how many acts it did."""
    child = Child(life)
    met = child.met()
    child.join()
    assert isinstance(met, int), life.place.log.read_text(encoding="utf-8")[-3000:]
    return met
