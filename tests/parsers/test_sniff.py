"""Kinds are told by marks in the bytes; a name is never asked."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from parsers.sniff import kind

FORMS = Path(__file__).parents[1] / "specimens" / "forms"


def zipped(**members: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("f2_u1.docx", "docx"),
        ("f2_u1.doc", "doc"),
        ("f1_u1.wps", "doc"),
        ("f2_u1.xlsx", "xlsx"),
        ("f2_u1.xls", "xls"),
        ("f2_u1.pdf", "pdf"),
        ("f2_u1.rtf", "rtf"),
        ("f2_u1.html", "html"),
        ("f2_u1.odt", "odt"),
        ("f2_u1.ods", "ods"),
        ("truth.json", "text"),
    ],
)
def test_specimens(name: str, said: str) -> None:
    assert kind((FORMS / name).read_bytes()) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"), (b"\xef\xbb\xbf \r\n", "empty"), (b"\x00\x00", "empty"),
        (b"Rar!\x1a\x07\x01\x00rest", "rar"), (b"7z\xbc\xaf\x27\x1c\x00", "7z"),
        (b"\x78\x9f\x3e\x22\x01", "tnef"), (b"\x89PNG\r\n\x1a\n\0", "image"),
        (b"\xff\xd8\xff\xe0\0", "image"), (b"\0\0\0\x18ftypmp42\0", "video"),
        (b"\0\0\0\x18ftypheic\0", "image"), (b"\0\0\0\x18ftypM4A \0", "audio"),
        (b"RIFF\1\1\1\1AVI LIST\0", "video"), (b"\x01\x02\x03\x04\x05", "unknown"),
        ("单位：青石镇".encode(), "text"), ("单位：青石镇".encode("gb18030"), "text"),
        ("单位".encode("utf-16"), "text"), (b"{\\rtf1\\ansi", "rtf"),
        (b"<html><table>", "html"), (b"\xef\xbb\xbf<!DOCTYPE html>", "html"),
        (b"From: a@example.com\r\nSubject: x\r\n\r\nhi", "eml"),
        (b"Subject: not a mail, a note\nhello", "text"),
        (b"junk before %PDF-1.4", "pdf"),
    ],
)  # fmt: skip
def test_marks(content: bytes, said: str) -> None:
    assert kind(content) == said


def test_a_zip_is_what_it_holds() -> None:
    assert kind(zipped(a="x")) == "zip"
    assert kind(zipped(**{"[Content_Types].xml": "", "word__document.xml": ""})) == "docx"
    assert kind(zipped(**{"[Content_Types].xml": "", "ppt__presentation.xml": ""})) == "pptx"


def test_a_torn_docx_is_still_a_docx() -> None:
    assert kind((FORMS / "f2_u1.docx").read_bytes()[:30_000]) == "docx"


def test_the_lock_file_of_an_open_document() -> None:
    assert kind(b"\x05admin" + b"\0" * 156) == "owner_file"


def test_a_directory_that_lies_is_read_as_a_torn_file() -> None:
    docx = (FORMS / "f1_u1.docx").read_bytes()
    rng = random.Random(3)
    for _ in range(300):
        torn = bytearray(docx)
        torn[-rng.randint(1, 900)] = rng.randrange(256)

        assert kind(bytes(torn)) in ("docx", "zip")


def test_a_macs_resource_fork_is_known() -> None:
    assert kind(b"\x00\x05\x16\x07\x00\x02\x00\x00" + bytes(36)) == "mac_resource"


@pytest.mark.parametrize(
    ("content", "wanted"),
    (
        (b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n", "encrypted"),
        (b"\r\n(This file must be converted with BinHex 4.0)\r\n:$f*TEQ:\r\n", "unknown"),
    ),
)
def test_a_file_in_letters_is_not_text(content: bytes, wanted: str) -> None:
    assert kind(content) == wanted
