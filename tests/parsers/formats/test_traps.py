"""One document with every trap, in each format that can hold it: tracked changes, hidden
text, symbol ticks, form fields, spans, a nested table, a text box, a picture.

The specimens were made by python-docx and LibreOffice, which loses some traps on its way
to HTML and PDF; what a format holds is read alike in all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers import formats
from parsers.types import Document

SPECIMENS = Path(__file__).parents[2] / "specimens" / "traps"
WORD = ["traps.doc", "traps.docx", "traps.odt", "traps.rtf"]
ALL = [*WORD, "traps.html"]


def read(name: str) -> Document:
    return formats.read((SPECIMENS / name).read_bytes())


def texts(document: Document) -> list[str]:
    return [p.text for p in document.paragraphs if p.text]


@pytest.mark.parametrize("name", WORD)
def test_deleted_text_is_out_and_inserted_text_stands(name):
    assert "修订：共15场" in texts(read(name))


@pytest.mark.parametrize("name", [n for n in ALL if n != "traps.html"])
def test_hidden_text_is_out(name):
    assert "可见之后" in texts(read(name))


@pytest.mark.parametrize("name", [*ALL, "traps.pdf"])
def test_symbol_fonts_show_their_ticks(name):
    (line,) = [t for t in texts(read(name)) if t.startswith("是否观看")]

    assert line.replace("☐", "□") == "是否观看：☑是□否，备选☑甲□乙"


@pytest.mark.parametrize("name", [n for n in ALL if n != "traps.rtf"])
def test_form_fields_show_their_state(name):
    # LibreOffice's RTF drops the state of check boxes
    (line,) = [t for t in texts(read(name)) if t.startswith("旧式")]

    assert line.replace("☐", "□") == "旧式：☑完成□未完成"


@pytest.mark.parametrize("name", WORD)
def test_a_list_field_shows_the_chosen_entry(name):
    assert "下拉：乙类" in texts(read(name))


@pytest.mark.parametrize("name", WORD)
def test_ruled_blanks_become_underscores(name):
    assert "填报单位：________联系人：王小明" in texts(read(name))


@pytest.mark.parametrize("name", [*ALL, "traps.pdf"])
def test_field_codes_are_out_and_results_in(name):
    assert "邮箱：demo@example.com" in texts(read(name))


@pytest.mark.parametrize("name", [*ALL, "traps.pdf"])
def test_letters_beyond_the_first_plane_survive(name):
    assert "生僻字𠮷林" in texts(read(name))


@pytest.mark.parametrize("name", ALL)
def test_merged_cells_keep_their_spans(name):
    grid = read(name).grids[0]
    spans = {c.text: (c.row, c.col, c.rowspan, c.colspan) for c in grid.corners()}

    assert (len(grid.rows), len(grid.rows[0])) == (5, 4)
    assert spans["合并标题"] == (0, 0, 1, 4)
    assert spans["纵向合并"] == (1, 0, 3, 1)
    assert spans["方块"] == (2, 1, 2, 2)
    assert grid.rows[3][2] is grid.rows[2][1]


@pytest.mark.parametrize("name", ALL)
def test_a_nested_table_is_text_of_its_cell(name):
    assert read(name).grids[0].rows[4][1].text == "r4c1\n内00\t内01\n内10\t内11"


@pytest.mark.parametrize("name", [*ALL, "traps.pdf"])
def test_lines_of_a_cell_are_kept_apart(name):
    grid = read(name).grids[0]

    assert grid.rows[4][-1].text == "第一段\n同段换行\n第二段（3）场"


@pytest.mark.parametrize("name", [*ALL, "traps.pdf"])
def test_two_tables_stay_two_with_the_text_between_them(name):
    document = read(name)
    between = [b for b in document.blocks if getattr(b, "text", "") == "表间文字"]
    at = document.blocks.index(between[0])

    assert len(document.grids) == 2
    assert document.blocks.index(document.grids[0]) < at < document.blocks.index(document.grids[1])
    assert [c.text for c in document.grids[1].rows[0]] == ["二00", "二01", "二02"]


@pytest.mark.parametrize("name", ["traps.doc", "traps.docx", "traps.html", "traps.odt"])
def test_text_boxes_are_read_after_their_paragraph(name):
    lines = texts(read(name))

    assert lines[lines.index("文本框在此段") + 1] == "框内文字：（7）个"


@pytest.mark.parametrize("name", WORD)
def test_pictures_come_along(name):
    (picture,) = read(name).images

    assert picture.content.startswith(b"\x89PNG")
    assert picture.name.endswith(".png")
