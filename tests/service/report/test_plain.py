"""What a sender wrote stays readable and does no harm."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from service.report import plain


@pytest.mark.parametrize("code", [0, 8, 11, 12, 14, 31, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_what_xml_cannot_hold_is_dropped(code: int) -> None:
    said = plain.text(f"甲{chr(code)}乙")

    assert said == "甲乙"
    etree.fromstring(f"<t>{said}</t>")


def test_signs_outside_the_basic_plane_stay() -> None:
    assert plain.text("𠮷😀\t表\r\n二") == "𠮷😀\t表\n二"


def test_signs_that_turn_the_reading_order_are_dropped() -> None:
    assert plain.text("\u202egpj.exe") == "gpj.exe"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("13900001234", "139****1234"),
        ("139-0000-1234", "139-****-1234"),
        ("0513-80001101", "0513-****1101"),
        ("80001101", "****1101"),
        ("13900001234/0513-80001101", "139****1234/0513-****1101"),
        ("王小明", "王小明"),
        ("", ""),
    ],
)
def test_a_phone_field_shows_only_its_ends(raw: str, shown: str) -> None:
    assert plain.masked(raw) == shown


@pytest.mark.parametrize(
    "raw", ["0513-80001101 13900001234", "１３９００００１２３４", "+8613900001234"]
)
def test_no_phone_field_keeps_its_middle(raw: str) -> None:
    assert not re.search(r"\d{8,}", plain.masked(raw).replace("-", ""))


def test_free_text_keeps_its_figures_and_loses_its_phones() -> None:
    said = plain.discreet("联系13900001234，培训1200人次，编号321322199001011234，2021年06月08日")

    assert said == "联系139****1234，培训1200人次，编号321322199001011234，2021年06月08日"


@pytest.mark.parametrize(
    "raw",
    [
        "CON",
        "nul.txt",
        "com¹.doc",
        "a/b\\c:d*e?.docx",
        "..",
        ".",
        "",
        " ",
        "表.docx. ",
        "x" * 300 + ".docx",
        "甲\x00乙\n.pdf",
        "\u202egpj.exe",
        '"><script>.jpg',
    ],
)
def test_any_name_becomes_one_that_windows_takes(raw: str) -> None:
    name = plain.file_name(raw)

    assert 0 < len(name) <= plain.NAME_CHARS + 1
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert not name.endswith((".", " ")) and not name.startswith(".")
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", name)


def test_a_long_name_keeps_its_suffix() -> None:
    assert plain.file_name("安" * 300 + ".docx").endswith(".docx")
