"""Writes answers into a blank .xlsx (填表): the cells with slots change, no other.

A number goes in as a number, so that the blank's own sums work; text never as a formula.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from parsers.fill_text import slot_text
from parsers.foreign import border
from parsers.formats import xlsx
from parsers.types import BlankCell, Field, Form, Unsupported

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


def fill(blank: bytes, form: Form, texts: Mapping[str, str]) -> bytes:
    """The blank with these texts, by field key and header label, in its slots."""
    xlsx.read(blank)  # openpyxl knows no limits
    fields = {f.key: f for f in (*form.fields, *form.header)}
    with border("broken_xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(blank), rich_text=True)
    sheets = _sheets(book)
    for cell in form.cells:
        if cell.block >= len(sheets):
            raise Unsupported("blank_differs", block=cell.block)
        _fill_cell(sheets[cell.block], cell, fields, texts)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _sheets(book: Workbook) -> list[Worksheet]:
    """The sheets that reading counts: visible ones that say anything."""
    return [
        sheet
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
        and any(value not in (None, "") for row in sheet.values for value in row)
    ]


def _fill_cell(
    sheet: Worksheet, cell: BlankCell, fields: Mapping[str, Field], texts: Mapping[str, str]
) -> None:
    slots = [s for s in cell.slots if texts.get(s.field) and fields[s.field].kind != "list"]
    if not slots:
        return
    text = cell.text
    # from the last to the first, so that earlier spans stay true
    for slot in reversed(slots):
        said = slot_text(cell.text[slot.start : slot.end], texts[slot.field], fields[slot.field])
        text = text[: slot.start] + said + text[slot.end :]
    target = sheet.cell(cell.row + 1, cell.col + 1)
    is_count = fields[slots[0].field].kind == "number"
    if is_count and not cell.text.strip() and _NUMBER.fullmatch(text):
        target.value = float(text) if "." in text else int(text)
    else:
        target.value = text
        target.data_type = "s"  # what begins with = is a text all the same
