"""rar and 7z through libarchive. The rar files are made here, byte by byte."""

from __future__ import annotations

import struct
import zlib

import pytest

from parsers.containers import MEMBERS, Budget, packed
from parsers.types import Damaged, Encrypted, OverLimit, Unsupported

libarchive = pytest.importorskip("libarchive")


def rar4(name: bytes, content: bytes, flags: int = 0) -> bytes:
    """A RAR 4 archive with one stored file (technote.txt of RAR 4)."""

    def block(kind: int, flags: int, body: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head

    size = len(content)
    file = struct.pack("<IIBIIBBHI", size, size, 0, zlib.crc32(content), 0, 29, 0x30, len(name), 32)
    return (
        b"Rar!\x1a\x07\x00"
        + block(0x73, 0, bytes(6))
        + block(0x74, 0x8000 | flags, file + name)
        + content
        + block(0x7B, 0x4000, b"")
    )


def rar5(name: bytes, content: bytes) -> bytes:
    """A RAR 5 archive with one stored file."""

    def block(body: bytes, data: bytes = b"") -> bytes:
        sized = bytes([len(body)]) + body
        return struct.pack("<I", zlib.crc32(sized)) + sized + data

    size = bytes([len(content)])
    file = b"\x02\x02" + size + b"\x04" + size + b"\x20" + struct.pack("<I", zlib.crc32(content))
    return (
        b"Rar!\x1a\x07\x01\x00"
        + block(b"\x01\x00\x00")
        + block(file + b"\x00\x00" + bytes([len(name)]) + name, content)
        + block(b"\x05\x00\x00")
    )


def seven(*entries: tuple[str, bytes]) -> bytes:
    out = bytearray()

    def take(data: bytes) -> int:
        out.extend(data)
        return len(data)

    with libarchive.custom_writer(take, "7zip") as archive:
        for name, content in entries:
            archive.add_file_from_memory(name, len(content), content)
    return bytes(out)


def test_7z_gives_its_members():
    found = MEMBERS["7z"](seven(("示例镇/附件2.docx", b"1"), ("Thumbs.db", b"2")), Budget())

    assert [(m.name, m.content) for m in found] == [
        ("示例镇/附件2.docx", b"1"),
        ("Thumbs.db", None),
    ]
    assert [d.code for d in found[1].doubts] == ["ignored_entry"]


@pytest.mark.parametrize("archive", [rar4(b"form.docx", b"abc"), rar5(b"form.docx", b"abc")])
def test_both_rar_formats_give_their_members(archive):
    (member,) = MEMBERS["rar"](archive, Budget())

    assert (member.name, member.content) == ("form.docx", b"abc")


def test_old_rar_names_in_gbk_are_read():
    (member,) = MEMBERS["rar"](rar4("附件2.docx".encode("gbk"), b"abc"), Budget())

    assert member.name == "附件2.docx"


def test_a_locked_rar_is_encrypted():
    with pytest.raises(Encrypted):
        MEMBERS["rar"](rar4(b"form.docx", b"abc", flags=0x04), Budget())


def test_a_bomb_is_stopped_while_it_unpacks():
    with pytest.raises(OverLimit) as refusal:
        MEMBERS["7z"](seven(("a", bytes(30_000_000))), Budget())

    assert refusal.value.code == "archive_ratio"


def test_a_file_cut_short_is_damaged():
    with pytest.raises(Damaged) as refusal:
        MEMBERS["7z"](seven(("a", b"1"))[:40], Budget())

    assert "archive_p" not in str(refusal.value)


def test_without_libarchive_the_file_is_named_as_unreadable(monkeypatch):
    monkeypatch.setattr(packed, "libarchive", None)

    with pytest.raises(Unsupported) as refusal:
        packed.members(b"Rar!\x1a\x07\x00", Budget())

    assert refusal.value.code == "no_libarchive"
