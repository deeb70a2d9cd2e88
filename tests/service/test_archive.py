"""The raw store keeps bytes by their hash and takes no name from outside."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.archive import Archive, ArchiveError, write_whole
from service.blob import Blob


def files(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def test_what_is_put_is_got_back(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "raw")
    blob = archive.put(b"mail")

    assert blob == Blob(hashlib.sha256(b"mail").hexdigest(), 4)
    assert archive.get(blob) == b"mail"
    assert archive.get(blob.sha256) == b"mail"
    assert archive.exists(blob.sha256)


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)

    assert archive.put(b"x") == archive.put(b"x")
    assert len(files(tmp_path)) == 1


def test_a_stream_equals_its_bytes(tmp_path: Path) -> None:
    archive = Archive(tmp_path)

    assert archive.put_stream([b"ab", b"", b"c"]) == archive.put(b"abc")


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        Archive(tmp_path).put_stream(broken())

    assert files(tmp_path) == []


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "raw")
    path = archive.path(archive.put(b"x").sha256)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "raw").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 64 + "\n", "a/b"]
)
def test_only_a_hash_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        Archive(tmp_path).path(name)


def test_a_changed_file_is_not_taken_for_the_content(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    blob = archive.put(b"right")
    archive.path(blob.sha256).write_bytes(b"wrong")

    with pytest.raises(ArchiveError, match="DISK_CORRUPT"):
        archive.get(blob)


def test_a_file_cut_short_is_written_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    blob = archive.put(b"whole")
    archive.path(blob.sha256).write_bytes(b"")

    archive.put(b"whole")

    assert archive.get(blob) == b"whole"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="DISK_MISSING"):
        Archive(tmp_path).get("0" * 64)


def test_a_disk_that_refuses_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(b"a file where the folder should be")

    with pytest.raises(ArchiveError, match="DISK_WRITE"):
        Archive(tmp_path / "raw").put(b"x")


def test_file_and_folder_are_fsynced_before_the_handle_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def spy(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", spy)
    archive = Archive(tmp_path)
    target = archive.path(archive.put(b"x").sha256)

    assert any("incoming-" in name for name in synced)
    assert synced[-1] == str(target.parent)


def test_a_small_file_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token.key"
    write_whole(file, b"first")
    monkeypatch.setattr(os, "fsync", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_whole(file, b"second")

    assert files(tmp_path) == ["token.key"]
    assert file.read_bytes() == b"first"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
