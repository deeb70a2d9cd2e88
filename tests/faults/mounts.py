"""Small file systems of our own: an ext4 image on a loop device, a tmpfs of a few megabytes."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

IMAGE_BYTES = 16 * 1024 * 1024


class Refused(Exception):
    """This machine does not let us mount anything."""


@contextlib.contextmanager
def mounted(*what: str) -> Iterator[Path]:
    """Mounts with these arguments of mount(8) on a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="mount-"))
    try:
        _run("mount", *what, str(folder))
        try:
            yield folder
        finally:
            _unmount(folder)
    finally:
        folder.rmdir()


def tmpfs(size: str) -> contextlib.AbstractContextManager[Path]:
    return mounted("-t", "tmpfs", "-o", f"size={size}", "tmpfs")


def ext4(image: Path) -> contextlib.AbstractContextManager[Path]:
    """Nothing reaches the image but what is synced: the kernel's own moment to write back comes
    only after `commit` seconds."""
    return mounted("-t", "ext4", "-o", "loop,commit=300", str(image))


def make_image(image: Path) -> None:
    """An empty ext4 with a journal."""
    with image.open("wb") as f:
        f.truncate(IMAGE_BYTES)
    _run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))


def cut(image: Path, copy: Path) -> None:
    """What would stand on the disk if the power failed now: the blocks of the image as the
    loop device was given them, without whatever the kernel still keeps in memory."""
    shutil.copyfile(image, copy)


def _unmount(folder: Path) -> None:
    try:
        _run("umount", str(folder))
    except Refused:  # something of a test that failed is still at work there
        _run("umount", "--lazy", str(folder))


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except OSError as e:
        raise Refused(str(e)) from e
    if done.returncode:
        raise Refused(f"{' '.join(command)}: {done.stderr.strip()}")
