"""Rich Text Format: constructs that Word and WPS write and LibreOffice does not."""

from __future__ import annotations

import pytest

from parsers.formats import rtf
from parsers.types import Damaged, OverLimit

HEAD = (
    r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset0 Times;}"
    r"{\f1\fcharset134 \'cb\'ce\'cc\'e5;}{\f2\fcharset2 Wingdings 2;}}"
)


def read(body: str, head: str = HEAD):
    return rtf.read((head + body + "}").encode("ascii"))


def lines(body: str) -> list[str]:
    return [p.text for p in read(body).paragraphs]


def gbk(text: str) -> str:
    return "".join(rf"\'{byte:02x}" for byte in text.encode("gb18030"))


def test_code_page_bytes_are_read_by_their_font():
    assert lines(rf"\f1 {gbk('附件')}\par") == ["附件"]


def test_chinese_bytes_in_a_font_that_claims_latin_are_chinese():
    assert lines(rf"\f0 {gbk('填报单位')}\par") == ["填报单位"]


def test_a_second_byte_that_is_a_plain_letter_belongs_to_its_character():
    assert "丂".encode("gb18030") == b"\x81@"
    assert lines(r"\f1 \'81@\par") == ["丂"]


def test_unicode_words_swallow_their_fallback():
    assert lines(r"\uc1\u38468?\u-30698 ?x\par") == ["附" + chr(65536 - 30698) + "x"]
    assert lines(r"\uc2\u38468\'b8\'bd\uc0\u20214 y\par") == ["附件y"]


def test_ticks_of_symbol_fonts_and_symbol_fields():
    assert lines(r"{\f2\'52}A{\f2\u-3933 ?}B\par") == ["☑A☐B"]
    assert lines(r'{\field{\*\fldinst SYMBOL 82 \\f "Wingdings 2"}{\fldrslt }}A\par') == ["☑A"]


def test_a_ringed_tick_shows_a_ticked_box():
    assert lines(r"{\field{\*\fldinst eq \\o\\ac(\u9633?,\u8730?)}{\fldrslt }}A\par") == ["☑A"]


@pytest.mark.parametrize(("state", "shown"), [("1", "☑"), ("0", "□"), ("25\\ffdefres1", "☑")])
def test_a_check_box_field_shows_its_state(state, shown):
    field = rf"{{\field{{\*\fldinst FORMCHECKBOX {{\*\formfield{{\fftype1\ffres{state}}}}}}}"

    assert lines(field + r"{\fldrslt }}A\par") == [shown + "A"]


def test_a_text_box_is_read_after_its_paragraph():
    box = r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt 7\par 8\par}}{\shprslt no}}"

    assert lines(rf"before{box} after\par next\par") == ["before after", "7", "8", "next"]


def test_a_text_box_in_a_cell_stays_in_the_cell():
    box = r"{\shp{\*\shpinst{\shptxt 7\par}}}"
    (grid,) = read(rf"\trowd\cellx100\cellx200\intbl A{box}\cell B\cell\row\pard end\par").grids

    assert [c.text for c in grid.rows[0]] == ["A\n7", "B"]


def test_headers_styles_and_unknown_destinations_are_out():
    body = r"{\header no\par}{\stylesheet{\s0 no;}}{\*\unknown no}{\info{\author no}}yes\par"

    assert lines(body) == ["yes"]


def test_merged_cells_across_and_down():
    first = r"\trowd\clvmgf\cellx100\clmgf\cellx200\clmrg\cellx300\intbl A\cell B\cell\cell\row"
    second = r"\trowd\clvmrg\cellx100\cellx200\cellx300\intbl\cell C\cell D\cell\row"
    (grid,) = read(rf"{first}{second}\pard\par").grids

    spans = {c.text: (c.rowspan, c.colspan) for c in grid.corners()}
    assert spans == {"A": (2, 1), "B": (1, 2), "C": (1, 1), "D": (1, 1)}


def test_binary_data_is_jumped_over():
    raw = HEAD.encode() + rb"A{\*\blob\bin4 {}\}" + b"}" + rb"B\par}"

    assert [p.text for p in rtf.read(raw).paragraphs] == ["AB"]


def test_a_missing_end_keeps_what_was_said():
    assert [p.text for p in rtf.read((HEAD + r"A\par B").encode()).paragraphs] == ["A", "B"]


def test_groups_nested_without_end_are_refused():
    with pytest.raises(OverLimit):
        read("{" * 5_000)


def test_no_header_is_damaged():
    with pytest.raises(Damaged):
        rtf.read(b"{\\rt")
