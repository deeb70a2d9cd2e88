"""Old workbooks: values as a person sees them, and what is refused before calamine runs."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from parsers.formats import books, books_looks, sheets
from parsers.formats import read as read_any
from parsers.types import Damaged, Encrypted, OverLimit, Unsupported

SPECIMENS = Path(__file__).parents[2] / "specimens" / "forms"
FORM = (SPECIMENS / "f2_u1.xls").read_bytes()


def test_xls_and_xlsx_of_one_form_are_the_same_grid():
    assert books.read(FORM).blocks == read_any((SPECIMENS / "f2_u1.xlsx").read_bytes()).blocks


def test_merged_cells_stand_at_every_address():
    (grid,) = books.read(FORM).grids
    wide = [c for c in grid.corners() if c.colspan > 1]

    assert wide
    assert all(grid.rows[c.row][c.col + 1] is grid.rows[c.row][c.col] for c in wide)


def test_a_password_is_seen_by_its_record():
    records = struct.pack("<HH", 0x0809, 4) + bytes(4) + struct.pack("<HH", 0x002F, 6) + bytes(6)

    with pytest.raises(Encrypted):
        books._check(records)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (0x0203, struct.pack("<HHHd", 5000, 0, 0, 1.0)),
        (0x00FD, struct.pack("<HHHI", 0, 200, 0, 1)),
        (0x00BD, struct.pack("<HHHIHIH", 0, 199, 0, 0, 0, 0, 200)),
    ],
)
def test_a_cell_beyond_the_limits_is_seen_in_its_record(kind, body):
    with pytest.raises(OverLimit):
        books._check(struct.pack("<HH", kind, len(body)) + body)


def test_a_cell_within_the_limits_is_not_refused():
    books._check(struct.pack("<HHHHHd", 0x0203, 14, 4999, 199, 0, 1.0))


def test_a_sheet_without_a_compound_file_is_named():
    with pytest.raises(Unsupported):
        books.read(b"\x09\x08\x06\x00" + bytes(100))


def test_a_panic_in_calamine_is_a_damaged_file():
    with pytest.raises(Damaged) as refusal:
        sheets.read(FORM[:11264], "xls")

    assert type(refusal.value.__cause__).__name__ == "PanicException"


def test_sectors_that_run_in_a_circle_are_damaged_and_never_followed():
    broken = bytearray(FORM)
    broken[512:640] = bytes(128)  # the table of sectors: each now names sector 0

    with pytest.raises(Damaged) as refusal:
        books.read(bytes(broken))

    assert refusal.value.facts["why"] == "circle of sectors"


@pytest.mark.parametrize(
    ("table", "circle"),
    [([1, 2, 0xFFFFFFFE], False), ([1, 0], True), ([0], True), ([2, 2, 0xFFFFFFFE], False)],
)
def test_circles_are_told_from_chains(table, circle):
    assert books._has_circle(table) is circle


@pytest.mark.parametrize(
    ("kind", "body", "shown"),
    [
        (0x0205, struct.pack("<HHHBB", 1, 2, 0, 0x17, 1), "#REF!"),
        (0x0205, struct.pack("<HHHBB", 1, 2, 0, 1, 0), None),
        (0x0006, struct.pack("<HHHBxBxxxH", 1, 2, 0, 2, 0x07, 0xFFFF) + bytes(8), "#DIV/0!"),
        (0x0006, struct.pack("<HHHd", 1, 2, 0, 30.0) + bytes(8), None),
    ],
)
def test_an_error_that_a_cell_shows_is_kept(kind: int, body: bytes, shown: str | None):
    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    start = struct.pack("<H", 0x0600) + bytes(14)
    sheet = struct.pack("<IBBBB", 20 + 4 + 10 + 4, 0, 0, 2, 0) + b"S1"
    records = record(0x0809, start) + record(0x0085, sheet) + record(0x000A, b"")
    records += record(0x0809, start) + record(kind, body)

    assert books_looks.looks(records)["S1"].unsaid == ({"C2": shown} if shown else {})
