"""Ticks drawn with symbol fonts."""

from __future__ import annotations

import pytest

from parsers.formats import symbols


@pytest.mark.parametrize(
    ("font", "code", "shown"),
    [
        ("Wingdings 2", 0x52, "☑"),
        ("Wingdings 2", 0xF0A3, "☐"),
        ("Wingdings", 0xFE, "☑"),
        ("Wingdings", 0xF0A8, "☐"),
        ("Wingdings", 0xFC, "√"),
        ("Symbol", 0xF0D6, "√"),
        ("宋体", ord("是"), "是"),
        ("宋体", 0xF0AA, ""),
        ("Wingdings", 0x21, ""),
    ],
)
def test_a_code_shows_its_picture(font, code, shown):
    assert symbols.seen(font, code) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (r"eq \o\ac(□,√)", "☑"),
        (r" EQ \o\ac(○,3)", "3"),
        (r"eq \o(□,×)", "☒"),
        (r'SYMBOL 163 \f "Wingdings 2" \s 12', "☐"),
        (r"SYMBOL 0xFE \f Wingdings", "☑"),
        (r"HYPERLINK x", ""),
        (r"PAGE", ""),
    ],
)
def test_fields_that_show_something_by_their_code(code, shown):
    assert symbols.shown_by_code(code) == shown
