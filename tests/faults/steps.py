"""Stops a process at its n-th act upon the outside world: disk, database or network.

No hook of the service is needed: in a child that is about to die anyway, the doors of Python
itself are counted. An act that was to write may first be done by half, as a real death does.
"""

from __future__ import annotations

import functools
import io
import os
import socket
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_QUIET = ("select", "pragma", "with recursive")
"""Statements that change nothing."""


@dataclass(slots=True)
class Steps:
    """Counts acts; just before number `last` (from 1) it calls `stop`.

    With `torn` half of what was to be written is written before that.
    """

    last: int | None
    torn: bool
    stop: Callable[[], None]
    count: int = 0

    def watch(self) -> None:
        """From here on every act of this process is counted; there is no way back."""
        for name in ("open", "fsync", "replace", "unlink", "mkdir", "close"):
            setattr(os, name, self._counted(getattr(os, name)))
        io.open = self._counted(io.open)  # type: ignore[assignment]
        os.write = self._writing(os.write)  # type: ignore[assignment]
        for name in ("connect", "recv_into"):
            setattr(socket.socket, name, self._counted(getattr(socket.socket, name)))
        socket.socket.sendall = self._writing(socket.socket.sendall)  # type: ignore[assignment]
        steps = self

        class Counted(sqlite3.Connection):
            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                if not sql.lstrip().lower().startswith(_QUIET):
                    steps.step()
                return super().execute(sql, *args)

        sqlite3.connect = functools.partial(sqlite3.connect, factory=Counted)  # type: ignore[assignment]

    def step(self, writes: bool = False) -> bool:
        """Counts one act; True if it is to be done by half now, and then to be stopped at."""
        self.count += 1
        if self.count != self.last:
            return False
        if writes and self.torn:
            return True
        self.stop()
        return False

    def _counted(self, act: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(act)
        def counted(*args: Any, **named: Any) -> Any:
            self.step()
            return act(*args, **named)

        return counted

    def _writing(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def writing(where: Any, octets: bytes, *rest: Any) -> Any:
            if self.step(writes=True):
                act(where, bytes(octets)[: len(octets) // 2], *rest)
                self.stop()
            return act(where, octets, *rest)

        return writing
