"""The secret behind our tokens is never seen half written: with half of it every token that
left before would be a stranger's."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.assembly import token_secret
from service.errors import DoorShut

SECRET = "token.key"


@contextmanager
def files_of(size: int) -> Iterator[None]:
    """No file takes more bytes than this: what is beyond is refused midway, as by a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 1, 20, 63])
def test_a_secret_that_was_cut_off_is_none(tmp_path: Path, size: int) -> None:
    with files_of(size), pytest.raises(DoorShut, match="DISK_SHUT"):
        token_secret(tmp_path)

    assert list(tmp_path.iterdir()) == []
    assert token_secret(tmp_path) == token_secret(tmp_path)
    assert len(token_secret(tmp_path)) == 32


def test_a_secret_is_on_the_disk_before_it_has_its_name_and_then_its_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, str]] = []
    fsync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        done.append(("fsync", "folder" if path == tmp_path else path.name[: len(SECRET)]))
        assert path == tmp_path or path.stat().st_size == 64
        fsync(handle)

    def named(path: Path, target: Path) -> Path:
        done.append(("replace", target.name))
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", named)
    token_secret(tmp_path)

    assert done == [("fsync", SECRET), ("replace", SECRET), ("fsync", "folder")]
    assert (tmp_path / SECRET).stat().st_mode & 0o077 == 0
