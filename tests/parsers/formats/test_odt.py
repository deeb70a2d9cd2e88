"""OpenDocument: what LibreOffice's own files do not show."""

from __future__ import annotations

import io
import zipfile

import pytest

from parsers.formats import odt
from parsers.types import Damaged, Encrypted, OverLimit

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("style", "style"),
    )
)


def packed(body: str, styles: str = "", manifest: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr(
            "content.xml",
            f"<office:document-content {NAMES}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body>{body}</office:body>"
            "</office:document-content>",
        )
    return out.getvalue()


def text(body: str, styles: str = "") -> list[str]:
    document = odt.read(packed(f"<office:text>{body}</office:text>", styles))
    return [p.text for p in document.paragraphs]


def sheet(rows: str) -> bytes:
    table = f'<table:table table:name="表一">{rows}</table:table>'
    return packed(f"<office:spreadsheet>{table}</office:spreadsheet>")


def cell(words: str, **attributes: int) -> str:
    said = "".join(f' table:{k.replace("_", "-")}="{v}"' for k, v in attributes.items())
    return f"<table:table-cell{said}><text:p>{words}</text:p></table:table-cell>"


def test_spaces_tabs_and_breaks_are_characters():
    assert text('<text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d</text:p>') == [
        "a   b\tc\nd"
    ]


def test_deleted_text_and_notes_are_out():
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>no</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        "<text:p>yes<office:annotation><text:p>no</text:p></office:annotation></text:p>"
    )

    assert text(body) == ["yes"]


def test_a_text_box_is_read_after_its_paragraph():
    box = "<draw:frame><draw:text-box><text:p>in</text:p></draw:text-box></draw:frame>"

    assert text(f"<text:p>out{box}</text:p><text:p>next</text:p>") == ["out", "in", "next"]


def test_a_sheet_is_read_as_it_is_shown():
    rows = (
        f"<table:table-row>{cell('电话')}{cell('13900000001')}</table:table-row>"
        f"<table:table-row>{cell('完成率')}{cell('50%')}</table:table-row>"
    )

    (grid,) = odt.read_sheets(sheet(rows)).grids

    assert grid.name == "表一"
    assert [[c.text for c in row] for row in grid.rows] == [
        ["电话", "13900000001"],
        ["完成率", "50%"],
    ]


def test_empty_rows_and_columns_up_to_the_edge_cost_nothing():
    rows = (
        f"<table:table-row>{cell('a')}"
        '<table:table-cell table:number-columns-repeated="16383"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )

    (grid,) = odt.read_sheets(sheet(rows)).grids

    assert [[c.text for c in row] for row in grid.rows] == [["a"]]


def test_repeated_cells_and_rows_stand_as_often_as_they_say():
    row = cell("x", number_columns_repeated=2)
    rows = f'<table:table-row table:number-rows-repeated="2">{row}</table:table-row>'

    (grid,) = odt.read_sheets(sheet(rows)).grids

    assert [[c.text for c in row] for row in grid.rows] == [["x", "x"], ["x", "x"]]


def test_a_full_cell_beyond_the_limit_is_refused():
    with pytest.raises(OverLimit):
        odt.read_sheets(
            sheet(f"<table:table-row>{cell('x', number_columns_repeated=201)}</table:table-row>")
        )


def test_a_password_is_seen_in_the_manifest():
    with pytest.raises(Encrypted):
        odt.read(packed("<office:text/>", manifest="<x:encryption-data/>"))


def test_a_document_without_text_is_damaged():
    with pytest.raises(Damaged):
        odt.read(packed("<office:spreadsheet/>"))
