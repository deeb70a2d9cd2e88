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

from parsers import limits
from parsers.foreign import border
from parsers.formats import sheets
from parsers.formats.docx import check, member
from parsers.formats.shown import Looks, shown
from parsers.formats.told import told
from parsers.formats.xlsx_formulas import unsaid_cells
from parsers.formats.xlsx_hidden import hidden_lines, over_sheet
from parsers.formats.xlsx_parts import Parts, parts
from parsers.formats.xlsx_percent import percent_cells
from parsers.formats.xlsx_struck import struck_cells
from parsers.types import Document, OverLimit

_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.(xml|bin)$", re.I)


def read(content: bytes) -> Document:
    """Read an .xlsx; raises Damaged, Encrypted or OverLimit."""
    with border("broken_xlsx"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check(archive)
        looks = _looks(parts(archive))
        laid_over = told("over_sheet", over_sheet(archive))
    document = shown(sheets.read(content, "xlsx"), looks)
    return replace(document, doubts=(*document.doubts, *laid_over))


def _looks(found: Parts) -> dict[str, Looks]:
    looks = struck_cells(found)
    for sheet, places in percent_cells(found).items():
        looks.setdefault(sheet, Looks()).percent = places
    for sheet, unsaid in unsaid_cells(found).items():
        looks.setdefault(sheet, Looks()).unsaid = unsaid
    for sheet, (rows, columns) in hidden_lines(found).items():
        look = looks.setdefault(sheet, Looks())
        look.hidden_rows, look.hidden_columns = rows, columns
    return looks


def _check(archive: zipfile.ZipFile) -> None:
    check(archive)
    entries = archive.infolist()
    # each sheet is held while the looks are gathered: together they are bounded too
    if sum(entry.file_size for entry in entries) > limits.WORKBOOK_BYTES:
        raise OverLimit("unpacked_too_large", limit=limits.WORKBOOK_BYTES)
    for entry in entries:
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
