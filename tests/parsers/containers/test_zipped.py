"""Zip archives as Windows, macOS, WPS and attackers pack them."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from parsers.containers import MEMBERS, Budget
from parsers.types import Damaged, Encrypted, OverLimit

members = MEMBERS["zip"]


def packed(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def renamed(archive: bytes, old: bytes, new: bytes) -> bytes:
    """The archive with an ASCII name replaced by other bytes of the same length."""
    assert len(old) == len(new)
    return archive.replace(old, new)


def flagged(archive: bytes, bit: int, which: int = 0) -> bytes:
    """The archive with a flag set in one entry's local and central header."""
    raw = bytearray(archive)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        for _ in range(which + 1):
            at = raw.index(magic, at + 1)
        flags = struct.unpack_from("<H", raw, at + offset)[0]
        struct.pack_into("<H", raw, at + offset, flags | bit)
    return bytes(raw)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_unmarked_names_are_chinese(encoding):
    name = "示例镇/附件2.txt".encode(encoding)
    placeholder = "x" * len(name)

    (member,) = members(renamed(packed((placeholder, b"1")), placeholder.encode(), name), Budget())

    assert member.name == "示例镇/附件2.txt"
    assert member.content == b"1"


def test_marked_names_are_taken_as_they_are():
    (member,) = members(packed(("附件2.txt", b"1")), Budget())

    assert member.name == "附件2.txt"


def test_backslashes_of_windows_packers_become_slashes():
    archive = renamed(packed(("aXb.txt", b"1")), b"aXb", b"a\\b")

    assert members(archive, Budget())[0].name == "a/b.txt"


@pytest.mark.parametrize(
    "name",
    ["目录/", "__MACOSX/._附件2.docx", "a/.DS_Store", "~$附件2.docx", "Thumbs.db", "a/._b"],
)
def test_what_programs_leave_behind_is_named_and_not_taken_out(name):
    member, other = members(packed((name, b""), ("b", b"1")), Budget())

    assert member.content is None
    assert [d.code for d in member.doubts] == ["ignored_entry"]
    assert other.content == b"1"


def test_one_locked_entry_is_named_and_the_others_are_read():
    archive = flagged(packed(("a", b"1"), ("b", b"2")), 1, which=0)

    locked, other = members(archive, Budget())

    assert locked.content is None
    assert [d.code for d in locked.doubts] == ["encrypted"]
    assert locked.outcome == "encrypted"
    assert other.content == b"2"


def test_an_archive_with_nothing_but_locked_entries_is_encrypted():
    with pytest.raises(Encrypted):
        members(flagged(packed(("a", b"1")), 1), Budget())


def test_a_broken_entry_is_named_and_the_others_are_read():
    archive = packed(("a", b"first"), ("b", b"2"), method=zipfile.ZIP_STORED)

    broken, other = members(archive.replace(b"first", b"worst"), Budget())

    assert [d.code for d in broken.doubts] == ["damaged_entry"]
    assert broken.outcome == "damaged"
    assert other.content == b"2"


def test_a_bomb_is_refused_before_a_byte_is_unpacked():
    with pytest.raises(OverLimit) as refusal:
        members(packed(("a", bytes(40_000_000))), Budget())

    assert refusal.value.code == "archive_ratio"


def test_entries_that_lie_over_one_another_are_refused():
    archive = bytearray(packed(("a", bytes(3000)), ("b", bytes(3000)), method=0))
    first = archive.index(b"PK\x01\x02")
    second = archive.index(b"PK\x01\x02", first + 1)
    archive[second + 42 : second + 46] = archive[first + 42 : first + 46]

    with pytest.raises(OverLimit) as refusal:
        members(bytes(archive), Budget())

    assert refusal.value.code == "overlapping_entries"


def test_the_budget_counts_entries_of_all_archives_together():
    budget = Budget(entries_left=5)
    archive = packed(*((str(i), b"1") for i in range(3)))
    members(archive, budget)

    with pytest.raises(OverLimit):
        members(archive, budget)


def test_the_budget_counts_bytes_of_all_archives_together():
    budget = Budget(bytes_left=500)
    archive = packed(("a", bytes(300)))
    members(archive, budget)

    with pytest.raises(OverLimit):
        members(archive, budget)


def test_a_zip_in_a_zip_is_read_and_one_more_is_refused():
    budget = Budget()
    archive = packed(("a", b"1"))
    members(archive, budget)

    with budget.deeper():
        assert members(archive, budget)
        with budget.deeper(), pytest.raises(OverLimit) as refusal:
            members(archive, budget)

    assert refusal.value.code == "archive_too_deep"
    assert budget.depth == 0


def test_an_archive_cut_short_is_damaged():
    with pytest.raises(Damaged):
        members(packed(("a", b"1"))[:-10], Budget())


def test_an_entry_too_large_to_read_is_over_the_limit_and_never_ignored(monkeypatch):
    monkeypatch.setattr("parsers.limits.PART_IN_MEMORY_BYTES", 10)

    large, other = members(packed(("附件2.pdf", b"12345678901"), ("b", b"1")), Budget())

    assert (large.content, large.outcome) == (None, "over_limit")
    assert other.content == b"1"
