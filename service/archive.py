"""The door to the raw store (原件库): bytes in, a handle out, fsynced before the handle exists.

Every path is made from the SHA-256 of the content: no name from outside reaches the disk.
Nothing is overwritten; what is stored twice is stored once. Only a person's wish to be
forgotten deletes anything (`discard`).
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from service.blob import Blob

LARGE_BYTES = 8 * 1024 * 1024
"""Above this a stored file is handed on by its path, never loaded here."""
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_INCOMING = "incoming-"
_DAMAGED = ".damaged"
_STALE = timedelta(days=1)
_BLOCK = 1024 * 1024
_MANY = 8
_libc = ctypes.CDLL(None, use_errno=True)


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


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes that are written and not yet safe."""

    blob: Blob
    file: Path


class Archive:
    """Files under `root`, two hex digits of the hash as folder, the rest as name."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> Blob:
        """Stores the bytes; when it returns they survive a power cut."""
        return self.put_stream((content,))

    def put_stream(self, chunks: Iterable[bytes]) -> Blob:
        """Stores what the chunks make up, without ever holding it whole in memory."""
        staged = self.stage(chunks)
        self.settle((staged,))
        return staged.blob

    def stage(self, chunks: Iterable[bytes]) -> Staged:
        """Writes what the chunks make up beside the archive: not safe before `settle`.

        An error raised by the chunks themselves passes through and leaves nothing behind.
        """
        source = iter(chunks)
        self.lay()
        try:
            handle, name = tempfile.mkstemp(prefix=_INCOMING, dir=self._root)
        except OSError as e:
            raise ArchiveError("DISK_WRITE", str(e)) from e
        try:
            return Staged(_write(handle, source), Path(name))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def settle(self, staged: Sequence[Staged]) -> None:
        """Takes them in; when it returns all of them survive a power cut. Written together and
        then waited for together, they cost the disk far less than one by one."""
        try:
            _fsync_all(one.file for one in staged)
            _fsync_all({f for one in staged for f in self._take_in(one)})
        except OSError as e:
            raise ArchiveError("DISK_WRITE", str(e)) from e
        finally:
            for one in staged:
                self.drop(one)

    def drop(self, staged: Staged) -> None:
        """Forgets what was staged and not settled."""
        staged.file.unlink(missing_ok=True)

    def lay(self) -> None:
        """Makes the folder, if there is none yet."""
        try:
            if not self._root.is_dir():
                self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
                _fsync_path(self._root.parent)
        except OSError as e:
            raise ArchiveError("DISK_WRITE", str(e)) from e

    def sweep(self, now: datetime, age: timedelta = _STALE) -> int:
        """Deletes what a killed process left half written a day ago (or `age`) or earlier; how
        many. For the one process that holds this folder."""
        swept = 0
        for file in self._root.glob(f"{_INCOMING}*"):
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < (now - age).timestamp():
                    file.unlink()
                    swept += 1
        return swept

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

    def lend(self, sha256: str) -> bytes | Path:
        """The stored bytes for a reader; of a large file, whose hash is verified piece by
        piece, its path: what reads it is another process with room for it."""
        path = self.path(sha256)
        try:
            if path.stat().st_size <= LARGE_BYTES:
                return self.get(sha256)
            with path.open("rb") as f:
                found = hashlib.sha256()
                while block := f.read(_BLOCK):
                    found.update(block)
        except FileNotFoundError as e:
            raise ArchiveError("DISK_MISSING", sha256) from e
        except OSError as e:
            raise ArchiveError("DISK_READ", str(e)) from e
        if found.hexdigest() != sha256:
            raise ArchiveError("DISK_CORRUPT", sha256)
        return path

    def set_aside(self, sha256: str) -> None:
        """Makes room for a damaged file's sound copy; what is left of it stays beside."""
        path = self.path(sha256)
        try:
            path.replace(path.with_suffix(_DAMAGED))
        except FileNotFoundError:
            return
        except OSError as e:
            raise ArchiveError("DISK_WRITE", str(e)) from e

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
            path.with_suffix(_DAMAGED).unlink(missing_ok=True)
            if path.parent.is_dir():
                _fsync_path(path.parent)
        except OSError as e:
            raise ArchiveError("DISK_WRITE", str(e)) from e

    def path(self, sha256: str) -> Path:
        """Where these bytes lie or would lie; raises ValueError for anything but a SHA-256."""
        if not _SHA256.match(sha256):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self._root / sha256[:2] / f"{sha256[2:]}.eml"

    def _take_in(self, staged: Staged) -> Iterator[Path]:
        """Gives the written file its name; the folders that must be fsynced yet."""
        target = self.path(staged.blob.sha256)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            yield self._root
        if not _holds(target, staged.blob.size):
            staged.file.replace(target)
        yield target.parent


def write_whole(file: Path, content: bytes) -> None:
    """Puts a small private file in its place: at any moment it is there whole or not at all,
    and survives a power cut."""
    try:
        handle, name = tempfile.mkstemp(prefix=f"{file.name}-", dir=file.parent)
        try:
            _write(handle, (content,))
            _fsync_path(Path(name))
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)
        _fsync_path(file.parent)
    except OSError as e:
        raise ArchiveError("DISK_WRITE", str(e)) from e


def _write(handle: int, source: Iterable[bytes]) -> Blob:
    """Only the disk's own errors become ours, not those of the source."""
    digest = hashlib.sha256()
    size = 0
    try:
        for chunk in source:
            digest.update(chunk)
            size += len(chunk)
            _write_all(handle, chunk)
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


def _fsync_all(paths: Iterable[Path]) -> None:
    """Many at once are left to syncfs(2): one flush of the disk's cache instead of one each.
    Since Linux 5.8 it tells of failed writes as fsync does."""
    every = list(paths)
    if len(every) < _MANY:
        for path in every:
            _fsync_path(path)
        return
    handle = os.open(every[0], os.O_RDONLY)
    try:
        if _libc.syncfs(handle) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(handle)


def _fsync_path(path: Path) -> None:
    """A file's bytes, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
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
