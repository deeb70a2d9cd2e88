"""What a sheet holds and does not show is named; so is what is laid over its cells.

Specimens: a row and a column hidden with openpyxl, the .xls and .ods made of it by LibreOffice.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from parsers import formats
from tests.parsers.formats.test_xlsx import book

SPECIMENS = Path(__file__).parents[2] / "specimens" / "traps"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
BOX = f'<x:wsDr xmlns:x="{_XDR}" xmlns:a="{_A}"><x:txBody><a:p><a:r><a:t>共37</a:t></a:r><a:r><a:t>场</a:t></a:r></a:p></x:txBody></x:wsDr>'
TICK = '<formControlPr xmlns="urn:x" objectType="CheckBox" checked="Checked"/>'


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_hidden_rows_and_columns_are_read_and_named(suffix: str) -> None:
    document = formats.read((SPECIMENS / f"hidden.{suffix}").read_bytes())

    assert [c.text for c in document.grids[0].rows[2]] == ["乙", "4", "8"]
    (doubt,) = document.doubts
    assert (doubt.code, dict(doubt.facts)) == ("hidden_cells", {"raw": "旧、9、乙、4、8、7"})


def test_text_boxes_and_ticked_controls_are_named() -> None:
    target = io.BytesIO(book(["活动"]))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/drawings/drawing1.xml", BOX)
        archive.writestr("xl/ctrlProps/ctrlProp1.xml", TICK)
    (doubt,) = formats.read(target.getvalue()).doubts

    assert (doubt.code, dict(doubt.facts)) == ("over_sheet", {"raw": "共37场、☑"})
