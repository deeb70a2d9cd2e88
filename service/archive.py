"""The door to the raw store (原件库): bytes in, a handle out, fsynced before the handle exists.

Every path is made from the SHA-256 of the content: no name from outside reaches the disk.
Nothing is overwritten; what is stored twice is stored once. Only a person's wish to be
forgotten deletes anything (`discard`).
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from service.blob import Blob

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class ArchiveError(Exception):
    """The disk refused, or what it holds is not what was stored.

    Codes: DISK_WRITE, DISK_READ, DISK_MISSING, DISK_CORRUPT.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code} {self.detail}"


class Archive:
    """Files under `root`, two hex digits of the hash as folder, the rest as name."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> Blob:
        """Stores the bytes; when it returns they survive a power cut."""
        return self.put_stream((content,))

    def put_stream(self, chunks: Iterable[bytes]) -> Blob:
        """Stores what the chunks make up, without ever holding it whole in memory.

        An error raised by the chunks themselves passes through and leaves nothing behind.
        """
        source = iter(chunks)
        try:
            self._make_folder(self._root)
            handle, name = tempfile.mkstemp(prefix="incoming-", dir=self._root)
        except OSError as e:
            raise ArchiveError("DISK_WRITE", str(e)) from e
        temporary = Path(name)
        try:
            blob = _write(handle, source)
            self._settle(temporary, blob)
        finally:
            temporary.unlink(missing_ok=True)
        return blob

    def get(self, blob: Blob | str) -> bytes:
        """The stored bytes, their hash verified."""
        sha = blob if isinstance(blob, str) else blob.sha256
        try:
            content = self.path(sha).read_bytes()
        except FileNotFoundError as e:
            raise ArchiveError("DISK_MISSING", sha) from e
        except OSError as e:
            raise ArchiveError("DISK_READ", str(e)) from e
        if hashlib.sha256(content).hexdigest() != sha:
            raise ArchiveError("DISK_CORRUPT", sha)
        return content

    def exists(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def hashes(self) -> Iterator[str]:
        """The hash of everything that is stored, by the names of the files."""
        for file in self._root.glob("??/*.eml"):
            sha256 = file.parent.name + file.stem
            if _SHA256.match(sha256):
                yield sha256

    def discard(self, sha256: str) -> None:
        """Deletes these bytes for good; what is not there is as good as deleted."""
        path = self.path(sha256)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _fsync_folder(path.parent)
        except OSError as e:
            raise ArchiveError("DISK_WRITE", str(e)) from e

    def path(self, sha256: str) -> Path:
        """Where these bytes lie or would lie; raises ValueError for anything but a SHA-256."""
        if not _SHA256.match(sha256):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self._root / sha256[:2] / f"{sha256[2:]}.eml"

    def _settle(self, temporary: Path, blob: Blob) -> None:
        """Gives the written file its name; the name itself is fsynced with its folder."""
        target = self.path(blob.sha256)
        try:
            self._make_folder(target.parent)
            if not _holds(target, blob.size):
                temporary.replace(target)
            _fsync_folder(target.parent)
        except OSError as e:
            raise ArchiveError("DISK_WRITE", str(e)) from e

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _fsync_folder(folder.parent)


def write_whole(file: Path, content: bytes) -> None:
    """Puts a small private file in its place: at any moment it is there whole or not at all,
    and survives a power cut."""
    try:
        handle, name = tempfile.mkstemp(prefix=f"{file.name}-", dir=file.parent)
        try:
            _write(handle, (content,))
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)
        _fsync_folder(file.parent)
    except OSError as e:
        raise ArchiveError("DISK_WRITE", str(e)) from e


def _write(handle: int, source: Iterable[bytes]) -> Blob:
    """Writes and fsyncs; only the disk's own errors become ours, not those of the source."""
    digest = hashlib.sha256()
    size = 0
    try:
        for chunk in source:
            digest.update(chunk)
            size += len(chunk)
            _write_all(handle, chunk)
        _fsync(handle)
    finally:
        os.close(handle)
    return Blob(digest.hexdigest(), size)


def _write_all(handle: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    try:
        while rest:
            rest = rest[os.write(handle, rest) :]
    except OSError as e:
        raise ArchiveError("DISK_WRITE", str(e)) from e


def _fsync(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as e:
        raise ArchiveError("DISK_WRITE", str(e)) from e


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _holds(target: Path, size: int) -> bool:
    """A file cut short by a full disk or a power cut must not stand in for the content."""
    try:
        return target.stat().st_size == size
    except FileNotFoundError:
        return False
