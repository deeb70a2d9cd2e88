"""Sheets as a person sees them, and files that would burn a machine."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date

import openpyxl
import pytest

from parsers import limits
from parsers.formats.xlsx import read
from parsers.types import Damaged, OverLimit


def book(*rows: list[object], merge: str = "", hidden: str = "") -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    if hidden:
        made.create_sheet(hidden).sheet_state = "hidden"
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def texts(content: bytes) -> list[list[str]]:
    return [[c.text for c in row] for row in read(content).grids[0].rows]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"), (3.0, "3"), (3.5, "3.5"), (13900000001, "13900000001"), (0.1, "0.1"),
        (0.1 + 0.2, "0.3"), (2.9999999999999996, "3"),
        (1e-7, "0.0000001"), (date(2021, 6, 8), "2021-06-08"), ("0513-80001101", "0513-80001101"),
        ("两\n行", "两\n行"), (True, "TRUE"),
    ],
)  # fmt: skip
def test_values_as_they_are_seen(value: object, text: str) -> None:
    assert texts(book([value])) == [[text]]


def test_merged_cells_stand_at_every_address_even_beyond_the_last_text() -> None:
    assert texts(book(["单位", "青石镇"], merge="B1:D1")) == [
        ["单位", "青石镇", "青石镇", "青石镇"]
    ]


def test_addresses_begin_at_the_corner() -> None:
    made = openpyxl.Workbook()
    made.active["C3"] = "3"
    target = io.BytesIO()
    made.save(target)

    assert texts(target.getvalue())[2][2] == "3"


def test_a_percentage_is_what_the_sheet_shows() -> None:
    made = openpyxl.Workbook()
    made.active["B2"], made.active["B3"], made.active["B4"] = 0.85, 0.125, 0.85
    made.active["B2"].number_format, made.active["B3"].number_format = "0%", "0.0%;-0.0%"
    target = io.BytesIO()
    made.save(target)

    assert [row[1] for row in texts(target.getvalue())[1:]] == ["85%", "12.5%", "0.85"]


def test_a_hidden_sheet_is_named() -> None:
    assert [d.code for d in read(book(["a"], hidden="旧表")).doubts] == ["hidden_sheet"]


def with_sheet(cells: str) -> bytes:
    """A workbook whose sheet's XML holds just these cells."""
    source, target = io.BytesIO(book(["a"])), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/"):
                main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
                content = (
                    f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'.encode()
                )
            new.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c s="1" r="ZZZ1"><v>1</v></c></row>',
        "".join(
            f'<row r="{r}">' + "".join(f'<c r="{c}{r}"><v>1</v></c>' for c in "ABCDEFGH") + "</row>"
            for r in range(1, 4000)
        ),
    ],
    ids=["far cell", "far column", "32,000 cells"],
)
def test_what_would_cost_too_much_is_refused_at_once(cells: str) -> None:
    content = with_sheet(cells)
    started = time.perf_counter()

    with pytest.raises(OverLimit):
        read(content)
    assert time.perf_counter() - started < 2


def test_many_sheets_of_nothing_are_refused_before_they_are_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "WORKBOOK_BYTES", 2**20)
    target = io.BytesIO(book(["a"]))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"xl/worksheets/more{number}.xml", b" " * 2**17)

    with pytest.raises(OverLimit) as refusal:
        read(target.getvalue())
    assert refusal.value.code == "unpacked_too_large"


def test_a_far_cell_that_only_carries_a_format_is_nothing() -> None:
    assert texts(
        with_sheet(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="9000"><c r="A9000" s="1"/></row>'
        )
    ) == [["1"]]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", book(["a"])[:900]])
def test_broken_files_are_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        read(content)


def test_a_formula_that_came_to_nothing_is_not_blank() -> None:
    """A cell that shows an error, or keeps no value of its formula, was meant to say something."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet["A1"], sheet["B1"], sheet["C1"], sheet["D1"] = "数量", "=10+20", "#REF!", "末"
    sheet["C1"].data_type = "e"
    target = io.BytesIO()
    made.save(target)

    assert texts(target.getvalue()) == [["数量", "#=10+20", "#REF!", "末"]]
