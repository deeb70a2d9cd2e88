"""Reads .xls and Kingsoft .et workbooks (Excel 97-2003): each visible sheet is a Grid.

Calamine does the reading. Before it may allocate a sheet the workbook's records are
walked for far cells and for the record of a password ([MS-XLS] 2.3, 2.4.117).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import olefile

from parsers import limits
from parsers.foreign import border
from parsers.formats import books_looks, sheets
from parsers.formats.shown import shown
from parsers.types import Damaged, Document, Encrypted, OverLimit, Unsupported

_FIRST_DIFAT = 68
"""Where the header names the first sector of the table of tables ([MS-CFB] 2.2)."""
_FILE_PASS = 0x002F
_FILLED = {0x00FD, 0x0203, 0x027E, 0x00BD, 0x0204, 0x0006, 0x0206, 0x0406, 0x0205, 0x00D6}
"""Records of cells that hold something: LABELSST, NUMBER, RK, MULRK, LABEL, FORMULA …"""
_MULTIPLE = 0x00BD
_STREAMS = ("Workbook", "Book", "WORKBOOK", "BOOK")


def read(content: bytes) -> Document:
    """Read an .xls or .et; raises Damaged, Encrypted, OverLimit or Unsupported."""
    with border("broken_xls"):
        records = _workbook(content)
        _check(records)
        looks = books_looks.looks(records)
    return shown(sheets.read(content, "xls"), looks)


def _workbook(content: bytes) -> bytes:
    if not content.startswith(olefile.MAGIC):
        raise Unsupported("old_excel")
    with olefile.OleFileIO(io.BytesIO(content)) as ole:
        if ole.exists("EncryptedPackage"):
            raise Encrypted("password")
        _check_chains(content, ole)
        for name in _STREAMS:
            if ole.exists(name):
                return bytes(ole.openstream(name).read())
    raise Damaged("broken_xls", why="no workbook")


def _check_chains(content: bytes, ole: olefile.OleFileIO) -> None:
    """Raises for sectors that lead back to themselves: calamine follows them for ever."""
    ole.loadminifat()
    for table in (ole.fat, ole.minifat):
        if _has_circle(table):
            raise Damaged("broken_xls", why="circle of sectors")
    sector = struct.unpack_from("<I", content, _FIRST_DIFAT)[0]
    for _ in range(len(content) // ole.sectorsize + 1):
        end = (sector + 2) * ole.sectorsize
        if end > len(content):
            return
        sector = struct.unpack_from("<I", content, end - 4)[0]
    raise Damaged("broken_xls", why="circle of tables")


def _has_circle(table: Sequence[int]) -> bool:
    """Whether any chain of a table (each entry names the next sector) runs in a circle."""
    walked_in = [-1] * len(table)
    for start in range(len(table)):
        at = start
        while at < len(table) and walked_in[at] < 0:
            walked_in[at] = start
            at = table[at]
        if at < len(table) and walked_in[at] == start:
            return True
    return False


def _check(records: bytes) -> None:
    """Raises for a password, or a cell beyond the limits."""
    at = rows = columns = 0
    while at + 4 <= len(records):
        kind, size = struct.unpack_from("<HH", records, at)
        at += 4
        if kind == _FILE_PASS:
            raise Encrypted("password")
        if kind in _FILLED and size >= 4:
            row, column = struct.unpack_from("<HH", records, at)
            if kind == _MULTIPLE and at + size <= len(records):
                column = struct.unpack_from("<H", records, at + size - 2)[0]
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        at += size
    if rows > limits.SHEET_ROWS or columns > limits.SHEET_COLUMNS:
        raise OverLimit("sheet_too_large", rows=rows, columns=columns)
