"""Documents damaged at random: every one is read or refused, none raises anything else.

1,000 in the suite, 10,000 in the proof. The same seed gives the same files.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile

import pytest
from PIL import Image

from parsers import containers, formats, images, sniff
from parsers.types import Document, ParserError
from tests.generate.document_damage import damaged, sources

COUNT = 1_000
PROOF = {"ci": 2_000}.get(os.environ.get("SIZE", ""), 10_000)
SEED = 20210608
_READERS = {"wps": "doc", "txt": "text"}


def made() -> list[tuple[str, bytes]]:
    """Originals that are made here: a zip, a picture, a winmail.dat, a text."""
    archive, picture = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo("附件2.txt"), "组织集中学习观看（1）场" * 50)
    Image.new("RGB", (60, 40), "red").save(picture, "JPEG")
    attribute = struct.pack("<BII", 2, 0x00069002, 14) + bytes(16)
    data = struct.pack("<BII", 2, 0x0006800F, 40) + b"x" * 40 + struct.pack("<H", 40 * 120)
    return [
        ("a.zip", archive.getvalue()),
        ("a.image", picture.getvalue()),
        ("a.tnef", struct.pack("<IH", 0x223E9F78, 1) + attribute * 3 + data),
        ("a.txt", ("姓名\t王小明\n" * 20).encode("gb18030")),
    ]


def take_in(name: str, content: bytes) -> None:
    """By its kind before the damage: sniffing alone would turn many away at the door."""
    kind = name.partition("#")[0].rpartition(".")[2]
    kind = _READERS.get(kind, kind)
    sniff.kind(content)
    if kind in containers.MEMBERS:
        assert isinstance(containers.MEMBERS[kind](content, containers.Budget()), tuple)
    elif kind == "image":
        assert len(images.size(content)) == 2
    else:
        assert isinstance(formats.READERS[kind](content), Document)


@pytest.mark.parametrize("count", [COUNT, pytest.param(PROOF, marks=pytest.mark.proof)])
def test_every_damaged_document_is_read_or_refused(count: int):
    read = refused = 0
    for name, content in damaged(count, SEED, made()):
        try:
            take_in(name, content)
            read += 1
        except ParserError:
            refused += 1

    assert read + refused == count
    assert read > count / 5
    assert refused > count / 10


def test_the_damage_is_the_same_for_the_same_seed():
    assert list(damaged(50, 7, made())) == list(damaged(50, 7, made()))


def test_every_format_is_among_the_originals():
    kinds = {name.rpartition(".")[2] for name, _ in sources() + made()}

    assert {_READERS.get(kind, kind) for kind in kinds} >= set(formats.READERS)
