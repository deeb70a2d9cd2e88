"""Finds which cells of an .xls show a percentage or an error, or are struck out.

Walks the workbook's records: fonts and formats, the cell formats (XF) that name them, the
cells that name those. Format: [MS-XLS] 2.4.122 Font, 2.4.126 Format, 2.4.353 XF, 2.4.28
BoundSheet8.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers import limits
from parsers.formats.books_strings import struck_texts
from parsers.formats.shown import Looks, Words, address

_BOF, _SHEET, _FONT, _FORMAT, _XF = 0x0809, 0x0085, 0x0031, 0x041E, 0x00E0
_CELLS = {0x00FD, 0x0203, 0x027E, 0x0204, 0x0006, 0x0206, 0x0406, 0x0205}
"""LABELSST, NUMBER, RK, LABEL, FORMULA …: row, column, XF."""
_BOOLEAN_OR_ERROR, _FORMULA, _NO_NUMBER = 0x0205, 0x0006, b"\xff\xff"
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
"""[MS-XLS] 2.5.10 Bes, 2.5.133 FormulaValue."""
_STRINGS, _CONTINUE, _SHARED = 0x00FC, 0x003C, 0x00FD
_MULTIPLE = 0x00BD
"""MULRK: row, first column, then (XF, number) for each, last column."""
_ROW, _COLUMNS, _ZERO_HEIGHT, _HIDDEN = 0x0208, 0x007D, 0x0020, 0x0001
"""Row: its number at 0, fDyZero at 12; ColInfo: first, last, flags at 8 ([MS-XLS] 2.4.221,
2.4.53)."""
_STRUCK = 0x0008
_BIFF8 = 0x0600
_PERCENT = (9, 10)
_NO_FONT = 4
"""No font bears this number ([MS-XLS] 2.5.129)."""


@dataclass(slots=True)
class _Styles:
    """What the first part of a workbook says for all its sheets."""

    struck_fonts: set[int] = field(default_factory=set)
    percent_formats: set[int] = field(default_factory=lambda: set(_PERCENT))
    fonts: int = 0
    struck: set[int] = field(default_factory=set)
    percent: set[int] = field(default_factory=set)
    cells: int = 0
    """Cell formats met so far: a cell names them by their number."""
    sheets: dict[int, str] = field(default_factory=dict)
    """Sheet names by the place of their first record."""
    strings: list[bytes] = field(default_factory=list)
    """The record of shared texts and those that continue it."""
    last: int = 0
    """The kind of the record before, a Continue apart."""
    is_open: bool = True
    known_texts: dict[int, Words] | None = None

    def take(self, kind: int, body: bytes) -> None:
        self.last = kind = self.last if kind == _CONTINUE else kind
        if kind == _STRINGS:
            self.strings.append(body)
        elif kind == _FONT:
            if struct.unpack_from("<H", body, 2)[0] & _STRUCK:
                self.struck_fonts.add(self.fonts)
            self.fonts += 2 if self.fonts == _NO_FONT - 1 else 1
        elif kind == _FORMAT and b"%" in body[5:]:
            self.percent_formats.add(struct.unpack_from("<H", body)[0])
        elif kind == _XF:
            self.cell_format(*struct.unpack_from("<HH", body))
        elif kind == _SHEET:
            place, _, _, size, flags = struct.unpack_from("<IBBBB", body)
            raw = body[8 : 8 + size * (1 + (flags & 1))]
            self.sheets[place] = raw.decode("utf-16-le" if flags & 1 else "latin-1", "replace")

    def cell_format(self, font: int, shape: int) -> None:
        if font in self.struck_fonts:
            self.struck.add(self.cells)
        if shape in self.percent_formats:
            self.percent.add(self.cells)
        self.cells += 1

    def texts(self) -> dict[int, Words]:
        """Shared texts with struck words, read once and only where a font strikes out."""
        if self.known_texts is None:
            self.known_texts = struck_texts(self.strings, self.struck_fonts)
        return self.known_texts


def looks(records: bytes) -> dict[str, Looks]:
    """The looks of a workbook stream's cells by sheet; nothing of one older than Excel 97."""
    styles = _Styles()
    found: dict[str, Looks] = {}
    sheet: Looks | None = None
    for at, kind, body in _records(records):
        if kind == _BOF:
            if not at and struct.unpack_from("<H", body)[0] != _BIFF8:
                return {}
            name = styles.sheets.get(at)
            sheet = None if name is None else found.setdefault(name, Looks())
            styles.is_open = not at
        elif sheet is not None:
            _look(kind, body, sheet, styles)
        elif styles.is_open:
            styles.take(kind, body)
    return found


def _look(kind: int, body: bytes, sheet: Looks, styles: _Styles) -> None:
    if kind == _ROW and struct.unpack_from("<H", body, 12)[0] & _ZERO_HEIGHT:
        sheet.hidden_rows.add(struct.unpack_from("<H", body)[0])
    elif kind == _COLUMNS and struct.unpack_from("<H", body, 8)[0] & _HIDDEN:
        first, last = struct.unpack_from("<HH", body)
        sheet.hidden_columns.update(range(first, min(last, limits.SHEET_COLUMNS) + 1))
    for row, column, style in _styled(kind, body):
        place = address(row, column)
        if style in styles.percent:
            sheet.percent.add(place)
        if style in styles.struck:
            sheet.struck.add(place)
        error = _error(kind, body)
        if error:
            sheet.unsaid[place] = error
        if kind == _SHARED and styles.struck_fonts and len(body) >= 10:
            words = styles.texts().get(struct.unpack_from("<I", body, 6)[0])
            if words is not None:
                sheet.partly[place] = words


def _error(kind: int, body: bytes) -> str:
    """The error that a cell shows, if it shows one."""
    if kind == _BOOLEAN_OR_ERROR and len(body) >= 8 and body[7]:
        return _ERRORS.get(body[6], "#N/A")
    if kind == _FORMULA and body[12:14] == _NO_NUMBER and body[6] == 2:
        return _ERRORS.get(body[8], "#N/A")
    return ""


def _records(records: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(records):
        kind, size = struct.unpack_from("<HH", records, at)
        yield at, kind, records[at + 4 : at + 4 + size]
        at += 4 + size


def _styled(kind: int, body: bytes) -> Iterator[tuple[int, int, int]]:
    """Row, column and cell format of the cells in a record."""
    if kind in _CELLS and len(body) >= 6:
        row, column, style = struct.unpack_from("<HHH", body)
        yield row, column, style
    elif kind == _MULTIPLE and len(body) >= 6:
        row, column = struct.unpack_from("<HH", body)
        for i, at in enumerate(range(4, len(body) - 6, 6)):
            yield row, column + i, struct.unpack_from("<H", body, at)[0]
