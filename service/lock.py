"""One writer at a time: an advisory lock on the data folder, gone with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import Busy, DoorShut


@contextmanager
def sole_writer(data: Path) -> Iterator[None]:
    """Holds the data folder; Busy when another process does."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise Busy("BUSY", who=os.pread(handle, 100, 0).decode(errors="replace")) from e
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"pid {os.getpid()}".encode(), 0)
        yield
    finally:
        os.close(handle)
