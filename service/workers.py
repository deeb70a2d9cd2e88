"""The seam to foreign bytes: plain bytes in, a plain JSON-able outcome out.

All reading of what strangers sent happens in killable child processes with limits on memory,
CPU and file size and with an empty environment. A local pool now; the same two functions can
run on a fleet when one machine is outgrown.
"""

from __future__ import annotations

import base64
import contextlib
import multiprocessing
import os
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as TaskTimeout
from dataclasses import dataclass, field, replace
from datetime import date
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

__all__ = ["WorkerFailed", "Workers", "desk"]


class WorkerFailed(Exception):
    """A child gave no outcome. `kind`: timeout, died, memory, error; `detail` for the log."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail


def desk(campaigns: Sequence[Campaign], ocr: bool = True) -> Desk:
    """What the readers need of the open campaigns: forms under `slug/key`, and their checks."""
    forms, checks = [], {}
    for c in campaigns:
        for blank in c.forms:
            key = f"{c.slug}/{blank.key}"
            forms.append(replace(blank.form, key=key))
            checks[key] = tuple(check for form, check in c.checks if form == blank.key)
    year = campaigns[0].starts.year if campaigns else None
    return Desk(tuple(forms), checks, year, ocr=ocr)


@dataclass(frozen=True, slots=True)
class _Task:
    kind: str
    content: bytes
    name: str | None = None
    arrived_on: date | None = None
    font: bytes = b""
    keys: Keys = field(default_factory=dict)


class Workers:
    """A pool of reading children. Use as a context manager, or call `close`. `keys` gives the
    DKIM keys that are known when a mail is read."""

    def __init__(
        self,
        desk: Desk,
        processes: int = 2,
        seconds: float = TASK_SECONDS,
        keys: Callable[[], Keys] = dict,
    ) -> None:
        self._seconds = seconds
        self.reader = read.version(desk)
        """What the rows of its outcomes say that they were read by."""
        self._keys = keys
        # spawn: a fork would hand our open database and sockets to the child
        self._pool = ProcessPool(
            max_workers=processes,
            max_tasks=TASKS_A_CHILD,
            initializer=_settle_in,
            initargs=[desk],
            context=multiprocessing.get_context("spawn"),
        )

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def read_mail(self, raw: bytes, arrived_on: date | None = None) -> dict[str, Any]:
        """{"mail": …, "parts": [...]} of a raw mail; WorkerFailed if no child could tell."""
        return self._run(_Task("mail", raw, None, arrived_on, keys=self._keys()))

    def read_head(self, raw: bytes) -> dict[str, Any]:
        """Only who wrote a mail and about what, for one whose whole reading failed."""
        return self._run(_Task("head", raw[: limits.HEADERS_BYTES]))

    def read_arrival(self, head: bytes) -> dict[str, Any]:
        """{"received", "date"}: when a mail says that it arrived and was written."""
        return self._run(_Task("arrival", head[: limits.HEADERS_BYTES]))

    def draw(self, content: bytes, name: str | None, font: bytes) -> bytes:
        """A PNG of a file with what was read in it; WorkerFailed where it cannot be drawn."""
        return base64.b64decode(self._run(_Task("draw", content, name, font=font))["png"])

    def part(self, raw: bytes, path: str) -> bytes:
        """The bytes of one part of a mail; WorkerFailed where it cannot be taken out."""
        return base64.b64decode(self._run(_Task("part", raw, path))["content"])

    def thumbnail(self, picture: bytes) -> bytes:
        """A small JPEG of a picture; WorkerFailed where it is none."""
        return base64.b64decode(self._run(_Task("thumbnail", picture))["content"])

    def read_file(self, content: bytes, name: str | None) -> dict[str, Any]:
        """The outcome of one file (DESIGN section 6)."""
        return self._run(_Task("file", content, name))

    def _run(self, task: _Task) -> dict[str, Any]:
        future = self._pool.schedule(_work, args=[task], timeout=self._seconds)
        try:
            outcome: dict[str, Any] = future.result()
        except TaskTimeout as e:
            raise WorkerFailed("timeout") from e
        except ProcessExpired as e:
            raise WorkerFailed("died", f"exit code {e.exitcode}") from e
        except MemoryError as e:
            raise WorkerFailed("memory") from e
        if "failed" in outcome:
            raise WorkerFailed("error", outcome["failed"])
        return outcome


_desk = Desk(())


def _settle_in(given: Desk) -> None:
    """Runs in the child before its first task: limits, and no secrets in reach."""
    global _desk
    _desk = given
    os.environ.clear()
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, limit))


def _work(task: _Task) -> dict[str, Any]:
    """One task in the child. The one place around a message where anything is caught: a bug of
    a reader is told and costs this mail an attempt, never the daemon."""
    try:
        return _outcome(task)
    except Exception as e:
        return {"failed": f"{type(e).__name__}: {e}"[:500]}


def _outcome(task: _Task) -> dict[str, Any]:
    here = replace(_desk, arrived_on=task.arrived_on, keys=task.keys)
    if task.kind == "arrival":
        received, written = arrival.arrival(task.content)
        return {"received": received, "date": written}
    if task.kind == "head":
        head = message.parse(task.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        return {"mail": wire.mail(head), "parts": []}
    if task.kind == "mail":
        mail, parts = read.read_message(task.content, here)
        proof = authentication.prove(task.content, mail.sender, here.keys, here.arrived_on)
        told = wire.mail(mail, proof)
        if mail.automatic == "bounce":
            told["bounce"] = wire.bounce(bounce.read(task.content))
        return {"mail": told, "parts": [wire.part(p) for p in parts]}
    if task.kind == "part":
        return {"content": _text(extract_part.content(task.content, task.name or ""))}
    if task.kind == "thumbnail":
        return {"content": _text(thumbnail.shrink(task.content))}
    if task.kind == "draw":
        found = read.read(task.content, task.name, here)
        return {"png": _text(picture.draw(task.content, found, task.font))}
    if sniff.kind(task.content) == "eml":
        mail, parts = read.read_message(task.content, here)
        outcome = wire.part(PartRead(task.name, "mail", size=len(task.content)))
        return {**outcome, "mail": wire.mail(mail), "parts": [wire.part(p) for p in parts]}
    return wire.part(read.read(task.content, task.name, here))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
