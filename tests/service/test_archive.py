"""The raw store keeps bytes by their hash and takes no name from outside."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service import archive as archive_module
from service.archive import Archive, ArchiveError, write_whole
from service.assembly import running
from service.blob import Blob
from service.clock import MovingClock
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.story import playing


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

    assert "incoming-" in synced[0]
    assert {*synced[1:]} == {str(target.parent), str(tmp_path)}


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


def test_what_is_settled_together_is_there_together(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    staged = [archive.stage([b"%d" % n]) for n in (1, 2, 1)]
    assert list(archive.hashes()) == []

    archive.settle(staged)

    assert [archive.get(s.blob) for s in staged] == [b"1", b"2", b"1"]
    assert len(files(tmp_path)) == 2


def test_every_file_is_safe_before_any_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, done = Archive(tmp_path), []
    staged = [archive.stage([b"%d" % n]) for n in range(3)]
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append(is_file(fd)), fsync(fd)))
    monkeypatch.setattr(Path, "replace", lambda a, b: (done.append("name"), replace(a, b)))

    archive.settle(staged)

    names = [d for d in done if d != "folder"]
    assert names == ["file"] * 3 + ["name"] * 3
    assert done[-1] == "folder"


def is_file(handle: int) -> str:
    return "file" if stat.S_ISREG(os.fstat(handle).st_mode) else "folder"


def test_a_disk_that_refuses_to_settle_keeps_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(5, "I/O error")

    archive = Archive(tmp_path)
    staged = [archive.stage([b"1"]), archive.stage([b"2"])]
    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(ArchiveError, match="DISK_WRITE"):
        archive.settle(staged)
    assert files(tmp_path) == []


class Disk:
    """libc, with a disk that takes many files or refuses them."""

    def __init__(self, refuses: bool) -> None:
        self.refuses = refuses
        self.synced: list[int] = []

    def syncfs(self, handle: int) -> int:
        self.synced.append(os.fstat(handle).st_dev)
        ctypes.set_errno(errno.EIO if self.refuses else 0)
        return -1 if self.refuses else 0


@pytest.mark.parametrize("refuses", [False, True])
def test_many_files_are_synced_in_one_go_before_their_names_and_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    disk = Disk(refuses)
    archive = Archive(tmp_path)
    staged = [archive.stage([b"%d" % n]) for n in range(60)]
    monkeypatch.setattr(archive_module, "_libc", disk)
    monkeypatch.setattr(os, "fsync", lambda _: 1 / 0)

    if refuses:
        with pytest.raises(ArchiveError, match="DISK_WRITE"):
            archive.settle(staged)
        assert files(tmp_path) == []
    else:
        archive.settle(staged)
        assert len(files(tmp_path)) == 60
    assert disk.synced == [tmp_path.stat().st_dev] * (1 if refuses else 2)


def test_what_was_staged_may_be_dropped(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.drop(archive.stage([b"x"]))

    assert files(tmp_path) == []


def test_a_large_file_is_lent_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "LARGE_BYTES", 4)
    archive = Archive(tmp_path)
    small, large = archive.put(b"four").sha256, archive.put(b"larger").sha256

    assert archive.lend(small) == b"four"
    assert archive.lend(large) == archive.path(large)

    archive.path(large).write_bytes(b"damaged")
    with pytest.raises(ArchiveError, match="DISK_CORRUPT"):
        archive.lend(large)
    with pytest.raises(ArchiveError, match="DISK_MISSING"):
        archive.lend("0" * 64)


def test_what_a_killed_process_left_is_swept_when_it_is_old(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    kept = archive.put(b"kept").sha256
    old, young = (archive.stage([b"half"]).file for _ in range(2))
    now = datetime.fromtimestamp(young.stat().st_mtime, UTC)
    two_days_ago = (now - timedelta(days=2)).timestamp()
    for path in (old, archive.path(kept)):
        os.utime(path, (two_days_ago, two_days_ago))

    assert archive.sweep(now) == 1
    assert files(tmp_path) == sorted([young.name, f"{kept[:2]}/{kept[2:]}.eml"])
    assert Archive(tmp_path / "none").sweep(now) == 0


def test_the_service_sweeps_when_it_starts(tmp_path: Path) -> None:
    settings, campaign, _ = playing.set_up(tmp_path / "office")
    stale = Archive(settings.archive).stage([b"half"]).file
    clock = MovingClock(datetime.fromtimestamp(stale.stat().st_mtime, UTC) + timedelta(days=2))

    with running(settings, (campaign,), ListMailbox(), ListPostman(), clock):
        assert not stale.exists()
