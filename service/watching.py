"""That silence is noticed (看护): heartbeat file, systemd's watchdog, metrics, masked logs.

A pass that hangs sends no sign of life, and systemd ends the service. Nothing here may stop
the service: a sign that cannot be given is left out.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from service import space
from service.clock import Clock
from service.masking import masked
from service.moments import iso

HEARTBEAT = "heartbeat.json"
METRICS = "metrics.prom"
_HELP = {
    "baosong_pass_timestamp_seconds": "When the last pass ended.",
    "baosong_complete_look_timestamp_seconds": "When the last complete look at the mailbox ended.",
    "baosong_passes_total": "Passes since the start.",
    "baosong_failed_passes_total": "Passes that failed since the start.",
    "baosong_mails_total": "Mails fetched since the start.",
    "baosong_read_total": "Mails read since the start.",
    "baosong_letters_total": "Letters sent since the start.",
    "baosong_problem": "1 while something is wrong.",
    "baosong_free_bytes": "Free space where the data lies.",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """What one pass did; `problem` is what kept it from its work."""

    complete: bool = False
    new: int = 0
    read: int = 0
    sent: int = 0
    problem: str | None = None


class Watcher(Protocol):
    """Who is told that the service lives."""

    def passed(self, sign: Sign) -> None: ...

    def alive(self) -> None: ...


class Nobody:
    """For a single pass and for tests."""

    def passed(self, sign: Sign) -> None:
        return None

    def alive(self) -> None:
        return None


@dataclass(slots=True)
class Watch:
    """Tells systemd, the heartbeat file and Prometheus."""

    data: Path
    clock: Clock
    totals: dict[str, float] = field(default_factory=dict)

    def passed(self, sign: Sign) -> None:
        """After each pass."""
        self._count(sign)
        now = self.clock.now()
        beat = {
            "at": iso(now),
            "complete": sign.complete,
            "new": sign.new,
            "read": sign.read,
            "sent": sign.sent,
            "problem": masked(sign.problem) if sign.problem else None,
        }
        with contextlib.suppress(OSError):
            _replace(self.data / HEARTBEAT, json.dumps(beat, ensure_ascii=False) + "\n")
            _replace(self.data / METRICS, metrics(self.totals))
        if sign.problem:
            self._make_room()
        notify(f"STATUS={beat['problem'] or 'ok'}\nWATCHDOG=1")

    def alive(self) -> None:
        """While waiting for the next pass."""
        notify("WATCHDOG=1")

    def _count(self, sign: Sign) -> None:
        now = self.clock.now().timestamp()
        failed = sign.problem is not None
        for name, more in (
            ("passes", 1),
            ("failed_passes", failed),
            ("mails", sign.new),
            ("read", sign.read),
            ("letters", sign.sent),
        ):
            key = f"baosong_{name}_total"
            self.totals[key] = self.totals.get(key, 0) + more
        self.totals["baosong_pass_timestamp_seconds"] = now
        self.totals["baosong_problem"] = int(failed)
        if sign.complete:
            self.totals["baosong_complete_look_timestamp_seconds"] = now
        with contextlib.suppress(OSError):
            self.totals["baosong_free_bytes"] = space.free_bytes(self.data)

    def _make_room(self) -> None:
        """On a disk that is full to the brim the database cannot even say so."""
        with contextlib.suppress(OSError):
            if space.free_bytes(self.data) < space.BRIM_BYTES:
                space.drop_ballast(self.data)


def metrics(totals: Mapping[str, float]) -> str:
    """The text format of Prometheus, for the node exporter's textfile collector."""
    lines = []
    for name, value in sorted(totals.items()):
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} {kind}", f"{name} {value:.17g}"]
    return "\n".join(lines) + "\n"


def notify(state: str) -> None:
    """sd_notify(3): one datagram to the socket that systemd names; nothing without systemd."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(state.encode(), address)


class MaskingFormatter(logging.Formatter):
    """Formats a record, traceback included, and masks what came out."""

    def __init__(self, pattern: str, secrets: Iterable[str] = ()) -> None:
        super().__init__(pattern)
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record), self._secrets)


def keep_logs(secrets: Iterable[str], level: int = logging.INFO) -> None:
    """Logs go to standard error, where systemd or cron picks them up, with people masked."""
    handler = logging.StreamHandler()
    pattern = "%(asctime)s %(levelname)s %(name)s %(message)s"
    handler.setFormatter(MaskingFormatter(pattern, secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _replace(file: Path, text: str) -> None:
    """A file that is whole at any moment; private, as it may name what is wrong."""
    new = file.with_name(f"{file.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as f:
        f.write(text)
    new.replace(file)
