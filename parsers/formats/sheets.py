"""Turns a workbook that calamine can open (xlsx, xlsb, xls, et, ods) into a Document.

Each visible sheet that says anything is one Grid. The caller has checked the file's own
marks and sizes: calamine allocates whatever rectangle the cells span.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from decimal import Decimal

import python_calamine as calamine

from parsers import limits
from parsers.foreign import border
from parsers.formats import tables
from parsers.types import Cell, Damaged, Document, Doubt, Encrypted, Grid, OverLimit

_Value = int | float | str | bool | datetime.date | datetime.time | datetime.timedelta


def read(content: bytes, format: str) -> Document:
    """Read every visible sheet; raises Damaged, Encrypted or OverLimit."""
    grids: list[Grid] = []
    doubts: list[Doubt] = []
    try:
        with border(f"broken_{format}"):
            book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
            for index, sheet in enumerate(book.sheets_metadata):
                if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
                    continue
                if sheet.visible != calamine.SheetVisibleEnum.Visible:
                    doubts.append(Doubt.of("hidden_sheet", "", name=sheet.name))
                    continue
                grid = _grid(book.get_sheet_by_index(index))
                grids.extend([grid] if grid.rows else [])
    except calamine.PasswordError as error:
        raise Encrypted("password") from error
    except calamine.CalamineError as error:
        raise Damaged(f"broken_{format}", why=str(error)[:200]) from error
    except BaseException as error:
        # a panic in Rust is no Exception: pyo3_runtime.PanicException
        if type(error).__name__ == "PanicException":
            raise Damaged(f"broken_{format}", why=str(error)[:200]) from error
        raise
    return Document(format, tuple(grids), doubts=tuple(doubts))


def _grid(sheet: calamine.CalamineSheet) -> Grid:
    end = sheet.end
    if end is None:
        return Grid((), sheet.name)
    if end[0] >= limits.SHEET_ROWS or end[1] >= limits.SHEET_COLUMNS:
        raise OverLimit("sheet_too_large", rows=end[0] + 1, columns=end[1] + 1)
    rows = [[seen(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    while rows and not any(rows[-1]):
        rows.pop()
    merged = list(_merged(sheet, len(rows)))
    width = max([len(row) for row in rows] + [c.col + c.colspan for c in merged], default=0)
    tables.bound(len(rows), width)
    return tables.lay(_cells(rows, merged), sheet.name)


def _cells(rows: list[list[str]], merged: list[Cell]) -> Iterator[Cell]:
    """Merged cells first: where two claim an address, the earlier keeps it."""
    for cell in merged:
        text = rows[cell.row][cell.col] if cell.col < len(rows[cell.row]) else ""
        yield Cell(text, cell.row, cell.col, cell.rowspan, cell.colspan)
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            yield Cell(text, r, c)


def _merged(sheet: calamine.CalamineSheet, height: int) -> Iterator[Cell]:
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        bottom, right = min(bottom, height - 1), min(right, limits.SHEET_COLUMNS - 1)
        if top <= bottom and left <= right:
            yield Cell("", top, left, bottom - top + 1, right - left + 1)


def seen(value: _Value) -> str:
    """A cell's value as a person sees it: 13900000001, not 1.39e10; a date as a date."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # a sheet shows 15 figures: 0.3 where 0.1 + 0.2 keeps 0.30000000000000004
        return format(Decimal(f"{value:.15g}").normalize(), "f")
    if isinstance(value, datetime.datetime):
        return (
            value.isoformat(" ", "minutes")
            if value.time() != datetime.time()
            else str(value.date())
        )
    if isinstance(value, datetime.time):
        return value.isoformat("minutes")
    return str(value).replace("\r\n", "\n").replace("_x000D_", "")
