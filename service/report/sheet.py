"""One table on one sheet: title, note, headings, rows, filter, frozen panes, print set-up.

Text of senders goes in as text whatever it begins with; a formula is only what our own
code says is one (`Formula`), together with the value that it must come to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from math import ceil
from typing import cast
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from service.moments import ZONE
from service.report import look, plain
from service.report.sealed import seal

_A_FORMULA_TO_EXCEL = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")
_LINE_POINTS = 14.5
_MOST_POINTS = 409
"""No row in Excel is higher."""
# ECMA-376 22.9.2.19 ST_Xstring: readers decode _xHHHH_, so a sender's own is escaped
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of ours and the value it comes to, shown by viewers that do not calculate
    (QQ Mail and WeChat previews)."""

    text: str
    shown: int | float


@dataclass(frozen=True, slots=True)
class Styled:
    """A value with a style other than its column's, perhaps with a note (批注)."""

    value: Scalar
    style: str
    note: str = ""


Scalar = str | int | float | datetime | Formula | None
Value = Scalar | Styled


@dataclass(frozen=True, slots=True)
class Column:
    """A column: heading, width in characters, style of its cells."""

    heading: str
    width: float
    style: str = look.TEXT


class Book:
    """A workbook in the making."""

    def __init__(self, title: str, now: datetime) -> None:
        self._workbook = Workbook()
        self._workbook.remove(self._workbook.worksheets[0])
        self._now = now
        self._shown: dict[str, dict[str, int | float]] = {}
        properties = self._workbook.properties
        properties.title = plain.line(title)
        properties.creator = properties.lastModifiedBy = "Baosong"
        properties.created = now.astimezone(ZONE).replace(tzinfo=None)
        self._workbook.calculation.fullCalcOnLoad = True
        look.add_styles(self._workbook)

    def page(
        self,
        name: str,
        columns: Sequence[Column],
        *,
        title: str,
        note: str = "",
        above: Sequence[Sequence[Value]] = (),
    ) -> Page:
        """A new sheet with its title, note, `above` rows and headings written."""
        sheet = self._workbook.create_sheet(name)
        shown = self._shown.setdefault(name, {})
        return Page(sheet, columns, shown, title=title, note=note, above=above)

    def content(self) -> bytes:
        """The .xlsx, the same bytes for the same content and `now`."""
        out = BytesIO()
        self._workbook.save(out)
        shown = [self._shown[s.title] for s in self._workbook.worksheets]
        return seal(out.getvalue(), self._now, shown)


class Page:
    """One sheet; rows are added from top to bottom."""

    def __init__(
        self,
        sheet: Worksheet,
        columns: Sequence[Column],
        shown: dict[str, int | float],
        *,
        title: str,
        note: str,
        above: Sequence[Sequence[Value]],
    ) -> None:
        self.sheet = sheet
        self._columns = columns
        self._shown = shown
        self._styles: dict[str, StyleArray] = {}
        for i, column in enumerate(columns, start=1):
            sheet.column_dimensions[get_column_letter(i)].width = column.width
        self.put(1, 1, Styled(title, look.TITLE))
        sheet.row_dimensions[1].height = 26
        self._note(note)
        self.last_row = 2
        for values in above:
            self.add(values)
        self.heading_row = self.last_row + 1
        self.add([Styled(c.heading, look.HEADING) for c in columns])

    def add(self, values: Iterable[Value]) -> int:
        """Writes the next row, as high as its texts need; answers its number.

        LibreOffice and some phones take the height that stands there, so none is left open.
        """
        self.last_row += 1
        lines = 1
        for i, value in enumerate(values, start=1):
            self.put(self.last_row, i, value)
            said = value.value if isinstance(value, Styled) else value
            # most texts are short: measure only what may need a second line
            width = self._columns[i - 1].width - 0.5
            if isinstance(said, str) and (2 * len(said) > width or "\n" in said):
                lines = max(lines, _lines(said, width))
        points = min(_MOST_POINTS, _LINE_POINTS * lines + 3)
        self.sheet.row_dimensions[self.last_row].height = points
        return self.last_row

    def put(self, row: int, col: int, value: Value) -> None:
        """Writes one cell."""
        cell = cast(Cell, self.sheet.cell(row, col))
        given = value if isinstance(value, Styled) else None
        self._dress(cell, given.style if given else self._columns[col - 1].style)
        self._fill(cell, given.value if given else value)  # type: ignore[arg-type]
        if given and given.note:
            cell.comment = Comment(plain.text(given.note), "Baosong", height=160, width=320)

    def finish(
        self,
        *,
        frozen_columns: int,
        landscape: bool = True,
        one_page_wide: bool = True,
        heading_from: int | None = None,
    ) -> None:
        """Filter, frozen panes and print set-up, once the rows are in."""
        last = get_column_letter(len(self._columns))
        first_heading = heading_from or self.heading_row
        self.sheet.auto_filter.ref = f"A{self.heading_row}:{last}{self.last_row}"
        corner = f"{get_column_letter(frozen_columns + 1)}{self.heading_row + 1}"
        self.sheet.freeze_panes = corner
        look.set_print(
            self.sheet,
            landscape=landscape,
            heading_rows=f"{first_heading}:{self.heading_row}",
            one_page_wide=one_page_wide,
        )

    def _note(self, note: str) -> None:
        """The note spans the first columns that a page can show; its height is worked out
        because Excel does not fit the height of merged cells."""
        if not note:
            return
        self.put(2, 1, Styled(note, look.NOTE))
        width, span = 0.0, 0
        while span < len(self._columns) and (width < 60 or width + self._columns[span].width < 125):
            width += self._columns[span].width
            span += 1
        self.sheet.row_dimensions[2].height = _LINE_POINTS * _lines(note, width) + 4
        if span > 1:
            self.sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=span)

    def _dress(self, cell: Cell, style: str) -> None:
        """By name the first time; copied from there on, for a name costs a third of a sheet."""
        known = self._styles.get(style)
        if known is None:
            cell.style = style
            self._styles[style] = copy(cell._style)  # type: ignore[attr-defined]
        else:
            cell._style = copy(known)  # type: ignore[attr-defined]

    def _fill(self, cell: Cell, value: Scalar) -> None:
        if value is None:
            return
        if isinstance(value, Formula):
            cell.value = value.text
            self._shown[cell.coordinate] = value.shown
        elif isinstance(value, datetime):
            cell.value = value.astimezone(ZONE).replace(tzinfo=None, second=0, microsecond=0)
        elif isinstance(value, str):
            _write_text(cell, value)
        else:
            cell.value = value


def _write_text(cell: Cell, raw: str) -> None:
    """Text as text: openpyxl takes "=…" for a formula and "#N/A" for an error value."""
    said = plain.text(raw)
    cell.value = _ESCAPE.sub("_x005F_", said)
    if said:
        cell.data_type = "s"
    if said.startswith(_A_FORMULA_TO_EXCEL):
        # without the quote prefix Excel would take it for a formula once somebody edits the cell
        cell.quotePrefix = True


def _lines(text: str, width: float) -> int:
    """How many lines the text takes in a column so wide."""
    return sum(ceil(max(1, _width(part)) / width) for part in text.split("\n"))


def _width(text: str) -> int:
    """Width in half-width characters: a Chinese sign takes two, and so do “ and … in Chinese
    fonts (UAX 11, class A)."""
    return sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)
