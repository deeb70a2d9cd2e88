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

from parsers import limits
from parsers.foreign import border
from parsers.formats import sheets
from parsers.formats.docx import check, member
from parsers.formats.shown import Looks, shown
from parsers.formats.xlsx_formulas import unsaid_cells
from parsers.formats.xlsx_percent import percent_cells
from parsers.formats.xlsx_struck import struck_cells
from parsers.types import Document, OverLimit

_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.(xml|bin)$", re.I)


def read(content: bytes) -> Document:
    """Read an .xlsx; raises Damaged, Encrypted or OverLimit."""
    with border("broken_xlsx"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check(archive)
        looks = struck_cells(archive, _member)
        for sheet, places in percent_cells(archive, _member).items():
            looks.setdefault(sheet, Looks()).percent = places
        for sheet, unsaid in unsaid_cells(archive, _member).items():
            looks.setdefault(sheet, Looks()).unsaid = unsaid
    return shown(sheets.read(content, "xlsx"), looks)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    return member(archive, name, limits.XML_BYTES)


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
