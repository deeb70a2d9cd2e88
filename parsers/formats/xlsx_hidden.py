"""What a workbook holds and does not show, and what it shows and does not hold in a cell.

Hidden rows and columns keep last week's figures; a text box or a control laid over the sheet
may hold the answer. Format: ECMA-376 part 1, 18.3.1.73 row, 18.3.1.13 col, 20.5.2.33 (drawing's
txBody), 18.5.1 control properties.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from parsers import limits
from parsers.formats.docx import member
from parsers.formats.xlsx_parts import Parts, parsed

_ON = {"1", "true"}
_DRAWING = re.compile(r"xl/drawings/drawing\d*\.xml$")
_CONTROL = re.compile(r"xl/ctrlProps/[^/]+\.xml$")
_MOST = 200


def hidden_lines(parts: Parts) -> dict[str, tuple[set[int], set[int]]]:
    """By sheet name its hidden rows and columns, from 0."""
    marked = {name: xml for name, xml in parts.sheets.items() if b"hidden=" in xml}
    return {name: _hidden(xml) for name, xml in marked.items()}


def _hidden(xml: bytes) -> tuple[set[int], set[int]]:
    root, columns = parsed(xml), set[int]()
    for part in root.iter("{*}col"):
        if part.get("hidden") in _ON:
            first, last = int(part.get("min", "0")), int(part.get("max", "0"))
            columns.update(range(first - 1, min(last, limits.SHEET_COLUMNS)))
    rows = (row.get("r", "") for row in root.iter("{*}row") if row.get("hidden") in _ON)
    return {int(r) - 1 for r in rows if r.isdigit()}, columns


def over_sheet(archive: zipfile.ZipFile) -> Iterator[str]:
    """The words of each text box, and ☑ for each control that is ticked."""
    for name in archive.namelist()[:_MOST]:
        if _DRAWING.match(name):
            root = parsed(member(archive, name, limits.XML_BYTES))
            for box in root.iter("{*}txBody"):
                yield "".join(text.text or "" for text in box.iter("{*}t"))
        elif _CONTROL.match(name):
            control = parsed(member(archive, name, limits.MIB))
            if control.get("checked") == "Checked":
                yield "☑"
