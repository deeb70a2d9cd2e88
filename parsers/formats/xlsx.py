"""Reads .xlsx (and .xlsm, .xlsb) into a Document: each visible sheet that says anything
is one Grid, each number written as a person sees it.

Calamine does the reading; before it may allocate a sheet the sheet's own XML is searched
for far cells (a 1 KB file with one cell at XFD1048576 burnt 20 s).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from parsers import limits
from parsers.foreign import border
from parsers.formats import sheets
from parsers.formats.docx import check, member
from parsers.formats.xlsx_percent import percent_cells
from parsers.types import Cell, Document, Grid, OverLimit, Paragraph

_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.(xml|bin)$", re.I)


def read(content: bytes) -> Document:
    """Read an .xlsx; raises Damaged, Encrypted or OverLimit."""
    with border("broken_xlsx"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check(archive)
        shown = percent_cells(archive, _member)
    document = sheets.read(content, "xlsx")
    if not any(shown.values()):
        return document
    return replace(document, blocks=tuple(_as_shown(b, shown) for b in document.blocks))


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    return member(archive, name, limits.XML_BYTES)


def _as_shown(block: Paragraph | Grid, shown: dict[str, set[str]]) -> Paragraph | Grid:
    """The grid with its percentages written out: 85%, not 0.85."""
    places = shown.get(block.name or "", set()) if isinstance(block, Grid) else set()
    if not isinstance(block, Grid) or not places:
        return block
    return replace(
        block, rows=tuple(tuple(_percent(cell, places) for cell in row) for row in block.rows)
    )


def _percent(cell: Cell, places: set[str]) -> Cell:
    if _address(cell) not in places or not _NUMBER.fullmatch(cell.text):
        return cell
    return replace(cell, text=format((Decimal(cell.text) * 100).normalize(), "f") + "%")


def _address(cell: Cell) -> str:
    letters, column = "", cell.col + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{cell.row + 1}"


def _check(archive: zipfile.ZipFile) -> None:
    check(archive)
    for entry in archive.infolist():
        if entry.file_size > limits.XML_BYTES:
            raise OverLimit("unpacked_too_large", limit=limits.XML_BYTES)
        if _SHEET.search(entry.filename):
            _check_far(member(archive, entry.filename, limits.XML_BYTES))


def _check_far(xml: bytes) -> None:
    for column, row in _filled_cells(xml):
        if row > limits.SHEET_ROWS or column > limits.SHEET_COLUMNS:
            raise OverLimit("sheet_too_large", rows=row, columns=column)


def _filled_cells(xml: bytes) -> Iterator[tuple[int, int]]:
    """(column, row) of the cells that hold something: `<c …/>` only carries a format."""
    for letters, digits in _CELL.findall(xml):
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        yield column, int(digits)
