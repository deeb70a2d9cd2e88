"""The seam to foreign bytes: plain bytes in (of a large mail the path to them), a plain JSON-able
outcome out.

All reading of what strangers sent happens in killable child processes with limits on memory,
CPU and file size and with an empty environment. A local pool now; the same two functions can
run on a fleet when one machine is outgrown.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as TaskTimeout
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from parsers import (
    arrival,
    authentication,
    bounce,
    extract_part,
    limits,
    message,
    ocr,
    picture,
    read,
    sniff,
    wire,
)
from parsers.dkim_proof import Keys
from parsers.limits import MIB
from parsers.read import Desk
from parsers.types import PartRead
from service import walls
from service.errors import DoorShut
from service.report import thumbnail
from service.types import Campaign

TASK_SECONDS = 300 if ocr.is_installed() else 60
"""A page read by OCR takes 8-10 s on two free cores, four times that on a busy machine, and
limits.OCR_PICTURES of them may stand in one mail."""
MEMORY_BYTES = (2500 if ocr.is_installed() else 1500) * MIB
"""Of address space. With OCR 1.6 GB were the most seen (0.8 GB of it resident), for three
photos of 12 Mpx and one of 48 Mpx; its libraries alone map half a gigabyte."""
FILE_BYTES = 64 * MIB
TASKS_A_CHILD = 500
_THREADS = "OPENBLAS_NUM_THREADS"
"""A thread that numpy starts while it is loaded would stand outside a child's walls."""
_TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""onnxruntime, which reads scans, would tell its maker of each session and keep a number of this
machine; behind the walls it could not, and says so in the log."""
START_SECONDS = 120
"""For a child to load the readers on a machine that has much else to do."""
_GLANCE_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1
_SECRET = "BAOSONG_AUTHCODE"
"""What no child may inherit; who needs it has read it when the first child starts."""
_BROKEN = (BrokenProcessPool, RuntimeError, OSError)
"""How Pebble says that its children do not start, or that it cannot reach them."""

__all__ = ["Bounds", "WorkerFailed", "Workers", "WorkersBroken", "desk"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may take for one task: time, address space, the size of a file."""

    seconds: float = TASK_SECONDS
    memory_bytes: int = MEMORY_BYTES
    file_bytes: int = FILE_BYTES


class WorkerFailed(Exception):
    """A child gave no outcome. `kind`: timeout, died, memory, error; `detail` for the log."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail


class WorkersBroken(DoorShut):
    """No child can be started, or none lives long enough to begin: our own failure, never a
    mail's. What was asked for may be asked again."""

    def __init__(self, detail: object) -> None:
        super().__init__("WORKERS_BROKEN", detail=str(detail) or type(detail).__name__)


def desk(campaigns: Sequence[Campaign], ocr: bool = True) -> Desk:
    """What the readers need of the open campaigns: forms under `slug/key`, and their checks."""
    forms, checks, years, days = [], {}, {}, {}
    for c in campaigns:
        for blank in c.forms:
            key = f"{c.slug}/{blank.key}"
            forms.append(replace(blank.form, key=key))
            years[key] = c.starts.year
            days[key] = (c.starts, c.closes)
            checks[key] = tuple(check for form, check in c.checks if form == blank.key)
    return Desk(tuple(forms), checks, years, days, ocr=ocr)


@dataclass(frozen=True, slots=True)
class _Task:
    kind: str
    content: bytes | Path
    """Of a large mail the path: the child reads it, so that the service holds none of it."""
    name: str | None = None
    arrived_on: date | None = None
    font: bytes = b""
    keys: Keys = field(default_factory=dict)
    scans: bool = True


Work = Callable[[_Task], dict[str, Any]]


class Workers:
    """A pool of reading children. Use as a context manager, or call `close`. `keys` gives the
    DKIM keys that are known when a mail is read; `work` is what a child does with a task; only
    below `kept` may a mail lie that is given by its path."""

    def __init__(
        self,
        desk: Desk,
        processes: int = 2,
        keys: Callable[[], Keys] = dict,
        bounds: Bounds | None = None,
        work: Work | None = None,
        kept: Path | None = None,
    ) -> None:
        self._bounds = bounds or Bounds()
        self._work = work or _outcome
        self.reader = read.version(desk)
        """What the rows of its outcomes say that they were read by."""
        self._keys = keys
        self._processes = processes
        self._desk = desk
        self._kept = kept
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends every child, whatever it does."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def read_mail(self, raw: bytes | Path, arrived_on: date | None = None) -> dict[str, Any]:
        """{"mail": …, "parts": [...]} of a raw mail; WorkerFailed if no child could tell."""
        return self._run(_Task("mail", raw, None, arrived_on, keys=self._keys()))

    def read_without_scans(
        self, raw: bytes | Path, arrived_on: date | None = None
    ) -> dict[str, Any]:
        """As `read_mail`, but its pictures are let alone: they may be what ends the children."""
        return self._run(_Task("mail", raw, None, arrived_on, keys=self._keys(), scans=False))

    def read_head(self, raw: bytes | Path) -> dict[str, Any]:
        """Only who wrote a mail and about what, for one whose whole reading failed."""
        return self._run(_Task("head", _beginning(raw)))

    def read_arrival(self, head: bytes) -> dict[str, Any]:
        """{"received", "date"}: when a mail says that it arrived and was written."""
        return self._run(_Task("arrival", head[: limits.HEADERS_BYTES]))

    def draw(self, content: bytes, name: str | None, font: bytes) -> bytes:
        """A PNG of a file with what was read in it; WorkerFailed where it cannot be drawn."""
        return base64.b64decode(self._run(_Task("draw", content, name, font=font))["png"])

    def part(self, raw: bytes | Path, path: str) -> bytes:
        """The bytes of one part of a mail; WorkerFailed where it cannot be taken out."""
        return base64.b64decode(self._run(_Task("part", raw, path))["content"])

    def thumbnail(self, picture: bytes) -> bytes:
        """A small JPEG of a picture; WorkerFailed where it is none."""
        return base64.b64decode(self._run(_Task("thumbnail", picture))["content"])

    def read_file(self, content: bytes, name: str | None) -> dict[str, Any]:
        """The outcome of one file (DESIGN section 6)."""
        return self._run(_Task("file", content, name))

    def _run(self, task: _Task) -> dict[str, Any]:
        for _ in range(2):
            try:
                return self._checked(task)
            except _BROKEN as e:
                self._renew(e)
        # children start well without this task: it is what breaks them
        raise WorkerFailed("died", "the pool broke twice")

    def _renew(self, error: Exception) -> None:
        """Pebble gives a pool up for good once it broke: a new one, which must prove itself, or
        WorkersBroken."""
        self.close()
        try:
            self._checked(_Task("head", b""))
        except (*_BROKEN, WorkerFailed) as e:
            self.close()
            raise WorkersBroken(e.__cause__ or e) from error

    def _checked(self, task: _Task) -> dict[str, Any]:
        outcome = self._outcome(task)
        if "failed" in outcome:
            raise WorkerFailed("error", outcome["failed"])
        return outcome

    def _outcome(self, task: _Task) -> dict[str, Any]:
        seconds = self._bounds.seconds
        pool = self._ready()
        future = pool.schedule(_do, args=[self._work, seconds, task], timeout=seconds)
        # Pebble may forget a task that it was given while it gave itself up
        left = seconds + START_SECONDS
        while not wait((future,), _GLANCE_SECONDS).done:
            left -= _GLANCE_SECONDS
            if left < 0 or (not pool.active and not future.done()):
                raise RuntimeError("no child took the task")
        try:
            outcome: dict[str, Any] = future.result()
        except TaskTimeout as e:
            raise WorkerFailed("timeout") from e
        except ProcessExpired as e:
            raise WorkerFailed("died", f"exit code {e.exitcode}") from e
        except MemoryError as e:
            raise WorkerFailed("memory") from e
        return outcome

    def _ready(self) -> ProcessPool:
        """The pool; a new one after the last was given up."""
        if self._pool is None:
            os.environ.pop(_SECRET, None)
            os.environ[_THREADS] = "1"
            self._pool = ProcessPool(
                max_workers=self._processes,
                max_tasks=TASKS_A_CHILD,
                initializer=_settle_in,
                initargs=[self._desk, self._bounds, self._kept],
                # spawn: a fork would hand our open database and sockets to the child
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool


_desk = Desk(())


def _settle_in(given: Desk, bounds: Bounds, kept: Path | None) -> None:
    """Runs in the child before its first task: limits, no network and no secrets in reach, no
    life of its own after the service's."""
    global _desk
    _desk = given
    os.environ.clear()
    os.environ[_TELEMETRY] = "1"
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for what, limit in (
        (resource.RLIMIT_AS, bounds.memory_bytes),
        (resource.RLIMIT_FSIZE, bounds.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, limit))
    walls.put_up((kept,) if kept else ())  # what is refused `doctor` tells


def _do(work: Work, seconds: float, task: _Task) -> dict[str, Any]:
    """One task in the child. The one place around a message where anything is caught: a bug of
    a reader is told and costs this mail an attempt, never the daemon."""
    # Pebble ends a task that takes too long; should Pebble itself hang, the kernel does
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime + (seconds + 1) * (os.cpu_count() or 1)
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu) + 1, resource.RLIM_INFINITY))
    try:
        return work(task)
    except Exception as e:
        return {"failed": f"{type(e).__name__}: {e}"[:500]}


def _outcome(task: _Task) -> dict[str, Any]:
    content = task.content if isinstance(task.content, bytes) else task.content.read_bytes()
    here = replace(_desk, arrived_on=task.arrived_on, keys=task.keys, scans_gave_up=not task.scans)
    if task.kind == "arrival":
        received, written = arrival.arrival(content)
        return {"received": received, "date": written}
    if task.kind == "head":
        head = message.parse(content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        return {"mail": wire.mail(head), "parts": []}
    if task.kind == "mail":
        mail, parts = read.read_message(content, here)
        proof = authentication.prove(content, mail.sender, here.keys, here.arrived_on)
        told = wire.mail(mail, proof)
        if mail.automatic == "bounce":
            told["bounce"] = wire.bounce(bounce.read(content))
        return {"mail": told, "parts": [wire.part(p) for p in parts]}
    if task.kind == "part":
        return {"content": _text(extract_part.content(content, task.name or ""))}
    if task.kind == "thumbnail":
        return {"content": _text(thumbnail.shrink(content))}
    if task.kind == "draw":
        found = read.read(content, task.name, here)
        return {"png": _text(picture.draw(content, found, task.font))}
    if sniff.kind(content) == "eml":
        mail, parts = read.read_message(content, here)
        outcome = wire.part(PartRead(task.name, "mail", size=len(content)))
        return {**outcome, "mail": wire.mail(mail), "parts": [wire.part(p) for p in parts]}
    return wire.part(read.read(content, task.name, here))


def _beginning(raw: bytes | Path) -> bytes:
    """As much of a mail as its headers may take."""
    if isinstance(raw, bytes):
        return raw[: limits.HEADERS_BYTES]
    with raw.open("rb") as f:
        return f.read(limits.HEADERS_BYTES)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
