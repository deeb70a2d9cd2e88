"""Struck-out words are no answer, in any format that can show a line through them; the
reader says that they were there. Specimens: python-docx, openpyxl and LibreOffice."""

from __future__ import annotations

import struct
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest

from parsers import formats
from parsers.formats import html, pdf
from parsers.formats.books_strings import struck_texts
from parsers.formats.pdf_drawing import Rule
from parsers.formats.pdf_glyph import Glyph, strike_out
from parsers.types import Document
from tests.parsers.formats.test_docx import packed, run
from tests.parsers.formats.test_pdf import _wide, saved
from tests.parsers.formats.test_rtf import gbk
from tests.parsers.formats.test_rtf import read as read_rtf

SPECIMENS = Path(__file__).parents[2] / "specimens" / "traps"


def read(name: str) -> Document:
    return formats.read((SPECIMENS / name).read_bytes())


def codes(document: Document) -> list[str]:
    return [d.code for d in document.doubts]


@pytest.mark.parametrize("suffix", ["docx", "doc", "rtf", "odt", "pdf"])
def test_struck_words_are_out_and_underlined_ones_stand(suffix: str) -> None:
    document = read(f"struck.{suffix}")
    line = document.paragraphs[0].text.replace(" ", "").replace("_", "")

    # 374（）12: of it （）12 is struck out; 旧 is a tracked deletion
    assert line == "召开学习会（374）次，参加88人次；下划线（5）"
    assert [[c.text for c in row] for row in document.grids[0].rows] == [["", "12"], ["下划", ""]]
    assert codes(document) == ["struck_out"]
    assert "（）" in dict(document.doubts[0].facts)["raw"]


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_struck_cells_and_words_of_a_sheet_are_out(suffix: str) -> None:
    document = read(f"struck.{suffix}")

    assert [[c.text for c in row] for row in document.grids[0].rows] == [
        ["活动（37）次", "", "", ""],
        ["", "", "12", ""],
        ["参加（12）人", "", "", ""],
        ["", "", "", "50%"],
    ]
    assert [(d.code, dict(d.facts)) for d in document.doubts] == [
        ("struck_out", {"raw": "374、374"})
    ]


@pytest.mark.parametrize(
    ("style", "text"),
    [("<w:strike/>", "共次"), ('<w:strike w:val="0"/>', "共5次"), ("<w:dstrike/>", "共次")],
)
def test_words_strike_in_word(style: str, text: str) -> None:
    document = formats.read(packed(f"<w:p>{run('共')}{run('5', style)}{run('次')}</w:p>"))

    assert document.paragraphs[0].text == text
    assert bool(document.doubts) == (text == "共次")


@pytest.mark.parametrize(
    "markup",
    ["<s>5</s>", "<strike>5</strike>", "<del>5</del>", '<span style="text-decoration: line-through">5</span>'],
)  # fmt: skip
def test_words_struck_out_in_a_mail(markup: str) -> None:
    document = html.read_html(f"<p>共{markup}6次</p>")

    assert [p.text for p in document.paragraphs] == ["共6次"]
    assert codes(document) == ["struck_out"]


def test_a_struck_cell_of_a_mail_is_empty() -> None:
    table = '<table><tr><td>场次</td><td style="text-decoration:line-through"><p>5</p></td></tr></table>'

    assert [c.text for c in html.read_html(table).grids[0].corners()] == ["场次", ""]


def test_a_strike_of_rtf_ends_where_it_is_taken_back() -> None:
    document = read_rtf(rf"\f1 {gbk('共')}\strike 5\strike0 6{{\striked1 7}}\plain 8\par")

    assert [p.text for p in document.paragraphs] == ["共68"]


def letters(text: str, left: float = 100.0) -> list[Glyph]:
    return [Glyph(c, left + 10 * i, left + 10 + 10 * i, 100.0, 10.0) for i, c in enumerate(text)]


def left_of(glyphs: list[Glyph]) -> str:
    return "".join(g.char for g in glyphs if not g.struck)


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (Rule(97.0, 110.0, 130.0), "14"),  # through the middle of 2 and 3
        (Rule(95.0, 109.0, 131.0), "14"),
        (Rule(101.0, 110.0, 130.0), "1234"),  # an underline
        (Rule(90.5, 110.0, 130.0), "1234"),  # above: the underline of the line before
        (Rule(97.0, 60.0, 220.0), "1234"),  # much longer than the letters on it
        (Rule(97.0, 118.0, 122.0), "1234"),  # touches two letters, crosses none
    ],
)
def test_a_line_through_the_middle_strikes_out(rule: Rule, left: str) -> None:
    glyphs = letters("1234")
    rest = strike_out(glyphs, [rule], [])

    assert left_of(glyphs) == left
    assert rest == ([] if left == "14" else [rule])


def test_a_border_between_two_upright_rules_is_no_strike() -> None:
    glyphs, border = letters("1234"), Rule(96.0, 100.0, 140.0)
    sides = [Rule(100.0, 50.0, 150.0), Rule(140.0, 50.0, 150.0)]

    assert strike_out(glyphs, [border], sides) == [border]
    assert left_of(glyphs) == "1234"


def drawn_page(strike: bool, mark: bool) -> bytes:
    """A page with "374 12", a line drawn or a mark set over 374, and an underline below 12."""
    document = pdfium.PdfDocument.new()
    page = document.new_page(300, 300)
    for text, x in (("374", 100), ("12", 140)):
        thing = raw.FPDFPageObj_NewTextObj(document, b"Helvetica", 12.0)
        raw.FPDFText_SetText(thing, _wide(text))
        raw.FPDFPageObj_Transform(thing, 1, 0, 0, 1, x, 200)
        raw.FPDFPage_InsertObject(page, thing)
    for x, y in [(140, 198.0), *([(100, 203.5)] if strike else [])]:
        line = raw.FPDFPageObj_CreateNewRect(x, y, 20 if x == 100 else 13, 0.6)
        raw.FPDFPath_SetDrawMode(line, raw.FPDF_FILLMODE_WINDING, False)
        raw.FPDFPage_InsertObject(page, line)
    if mark:
        note = raw.FPDFPage_CreateAnnot(page, raw.FPDF_ANNOT_STRIKEOUT)
        corners = raw.FS_QUADPOINTSF(100, 211, 120, 211, 100, 197, 120, 197)
        raw.FPDFAnnot_AppendAttachmentPoints(note, corners)
        raw.FPDFPage_CloseAnnot(note)
    page.gen_content()
    page.close()
    return saved(document)


@pytest.mark.parametrize(
    ("strike", "mark", "text"),
    [(False, False, "374 12"), (True, False, "12"), (False, True, "12")],
)
def test_a_line_drawn_on_a_page_strikes_out_and_so_does_a_mark(
    strike: bool, mark: bool, text: str
) -> None:
    document = pdf.read(drawn_page(strike, mark))

    assert [p.text.strip() for p in document.paragraphs] == [text]
    assert bool(document.doubts) == (text == "12")


def test_shared_texts_go_on_in_the_next_record() -> None:
    """The second part of a text begins with its own flags ([MS-XLS] 2.4.58)."""
    head = struct.pack("<II", 2, 2)
    plain = struct.pack("<HB", 2, 1) + "共次".encode("utf-16-le")
    rich = struct.pack("<HBH", 4, 8, 2) + b"AB"
    rest = b"\1" + "甲乙".encode("utf-16-le") + struct.pack("<HHHH", 1, 6, 3, 0)

    assert struck_texts([head + plain + rich, rest], {6}) == {1: ("A乙", "B甲")}
