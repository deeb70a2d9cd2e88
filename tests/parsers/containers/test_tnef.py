"""winmail.dat, made here byte by byte ([MS-OXTNEF] 2.1.3)."""

from __future__ import annotations

import struct

import pytest

from parsers.containers import MEMBERS, Budget
from parsers.types import Damaged, OverLimit

members = MEMBERS["tnef"]


def attribute(level: int, kind: int, data: bytes) -> bytes:
    checksum = sum(data) & 0xFFFF
    return struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", checksum)


def winmail(*files: tuple[bytes, bytes]) -> bytes:
    raw = struct.pack("<IH", 0x223E9F78, 1)
    raw += attribute(1, 0x00089006, struct.pack("<I", 0x00010000))
    raw += attribute(1, 0x00069007, struct.pack("<II", 936, 0))
    for name, content in files:
        raw += attribute(2, 0x00069002, bytes(14))
        raw += attribute(2, 0x00018010, name + b"\0")
        raw += attribute(2, 0x0006800F, content)
    return raw


def test_attachments_come_out_under_their_chinese_names():
    found = members(
        winmail(("附件2.docx".encode("gbk"), b"abc"), (b"b.txt", b"two words")), Budget()
    )

    assert [(m.name, m.content) for m in found] == [("附件2.docx", b"abc"), ("b.txt", b"two words")]


def test_a_name_that_is_a_path_loses_it():
    (member,) = members(winmail((b"C:\\x\\b.txt", b"two words")), Budget())

    assert member.name == "b.txt"


def test_the_budget_holds():
    with pytest.raises(OverLimit):
        members(winmail((b"a", bytes(100))), Budget(bytes_left=50))


@pytest.mark.parametrize("size", [0, 3, 6, 20, 60])
def test_a_file_cut_short_raises_nothing_strange(size):
    try:
        found = members(winmail((b"a", b"abc"))[:size], Budget())
    except Damaged:
        return
    assert all(m.content is None or isinstance(m.content, bytes) for m in found)


def test_a_million_small_attributes_are_refused_at_once():
    raw = winmail() + attribute(1, 0x00089006, b"") * 1_000_000

    with pytest.raises(OverLimit):
        members(raw, Budget())
