"""Room on the disk (余量): the floor below which nothing is fetched, and the ballast to free.

SQLite cannot even delete on a full disk, so a ballast file is kept that a person, or the
service itself when the disk has run full, can give up.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from service.errors import DoorShut

FLOOR_BYTES = 200 * 1024 * 1024
BRIM_BYTES = 1024 * 1024
BALLAST_BYTES = 4 * 1024 * 1024
BALLAST = "ballast"


def free_bytes(folder: Path) -> int:
    """What is left for us on the disk of this folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def check(folder: Path, floor: int = FLOOR_BYTES) -> None:
    """DoorShut when less than the floor is left: mail stays in the mailbox, where it is safe."""
    try:
        free = free_bytes(folder)
    except OSError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e
    if free < floor:
        raise DoorShut("DISK_FULL", folder=folder, free=free // 1024**2, floor=floor // 1024**2)


def lay_ballast(folder: Path, size: int = BALLAST_BYTES, floor: int = FLOOR_BYTES) -> None:
    """Puts the ballast file in place while there is plenty of room; never at any price."""
    file = folder / BALLAST
    with contextlib.suppress(OSError):
        if file.is_file() or free_bytes(folder) < floor + size:
            return
        handle = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(handle, 0, size)
        finally:
            os.close(handle)


def drop_ballast(folder: Path) -> None:
    """Gives the ballast up, so that the database can at least say what happened."""
    with contextlib.suppress(OSError):
        (folder / BALLAST).unlink(missing_ok=True)
