"""One writer at a time: an advisory lock on the data folder, gone with its process.

Root is turned away from a folder that belongs to the service's own user: what root writes there
the service could not read any more.
"""

from __future__ import annotations

import fcntl
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import Busy, DoorShut, UsageError


@contextmanager
def sole_writer(data: Path) -> Iterator[None]:
    """Holds the data folder; Busy when another process does."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = owner_if_not_root(data)
        if owner is not None:
            raise UsageError("WRONG_USER", folder=data, owner=owner)
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


def owner_if_not_root(folder: Path) -> str | None:
    """Whose a folder is, if we are root and it is not root's."""
    owner = folder.stat().st_uid
    if os.geteuid() != 0 or owner == 0:
        return None
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)
