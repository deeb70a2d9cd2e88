"""HTML files and HTML bodies of mails."""

from __future__ import annotations

import pytest

from parsers.formats import html
from parsers.types import Empty, OverLimit


def lines(text: str) -> list[str]:
    return [p.text for p in html.read_html(text).paragraphs]


def rows(text: str) -> list[list[str]]:
    (grid,) = html.read_html(text).grids
    return [[c.text for c in row] for row in grid.rows]


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("gb18030", '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'),
        ("gb18030", ""),
        ("utf-8", '<meta charset="utf-8">'),
        ("utf-8", '<meta charset="gb2312">'),
        ("utf-8-sig", ""),
        ("utf-16", ""),
    ],
)
def test_the_charset_is_found_whatever_the_page_says(encoding, head):
    page = f"<html><head>{head}</head><body><p>填报单位：示例镇，联系人：王小明</p></body></html>"

    (line,) = html.read(page.encode(encoding)).paragraphs

    assert line.text == "填报单位：示例镇，联系人：王小明"


def test_spans_cover_every_address():
    table = (
        "<table><tr><td rowspan=2>A<td colspan=2>B</tr>"
        "<tr><td>C<td>D</tr><tr><td>E<td>F<td>G</tr></table>"
    )

    assert rows(table) == [["A", "B", "B"], ["A", "C", "D"], ["E", "F", "G"]]


def test_a_rowspan_of_zero_reaches_the_end_and_a_false_one_no_further():
    table = "<table><tr><td rowspan=0>A<td>1</tr><tr><td>2</tr><tr><td rowspan=99>3</tr></table>"

    assert rows(table) == [["A", "1"], ["A", "2"], ["A", "3"]]


def test_scripts_styles_and_hidden_elements_are_out():
    page = (
        "<style>x</style><script>x</script><p>A<span style='display:none'>x</span>"
        "<span style='mso-hide:all'>x</span><del>x</del><ins>B</ins></p><p hidden>x</p>"
    )

    assert lines(page) == ["AB"]


def test_lines_end_where_a_browser_ends_them():
    assert lines("<div>甲<br>乙</div><div>丙  丁\n戊</div>") == ["甲\n乙", "丙 丁 戊"]


def test_layout_tables_of_a_mail_dissolve_and_the_form_in_them_stays():
    inner = "<table><tr><td>姓名<td>王小明</tr><tr><td>性别<td>男</tr></table>"
    page = f"<table><tr><td><p>您好</p>{inner}</td></tr></table>"

    assert lines(page) == ["您好"]
    assert rows(page) == [["姓名", "王小明"], ["性别", "男"]]


def test_a_table_inside_a_forms_cell_is_text_of_that_cell():
    inner = "<table><tr><td>1<td>2</tr></table>"
    page = f"<table><tr><td>一个比较长的标签文字<td>说明文字{inner}</tr></table>"

    assert rows(page) == [["一个比较长的标签文字", "说明文字\n1\t2"]]


def test_controls_of_a_saved_form_show_what_was_entered():
    page = (
        "<p><input type=checkbox checked>是<input type=checkbox>否"
        "<input value=3>场<select><option>甲<option selected>乙</select></p>"
    )

    assert lines(page) == ["☑是□否3场乙"]


def test_ruled_blanks_and_symbol_fonts():
    page = "<p>单位：<u>&nbsp;&nbsp;&nbsp;</u><font face='Wingdings 2'>R</font>是</p>"

    assert lines(page) == ["单位：___☑是"]


def test_nothing_to_see_is_empty():
    with pytest.raises(Empty):
        html.read_html("  \n ")


def test_too_many_cells_are_refused():
    with pytest.raises(OverLimit):
        html.read_html("<table>" + "<tr>" + "<td>" * 30_000 + "</table>")


def test_spans_that_claim_millions_of_cells_are_refused():
    row = "<td rowspan=60000 colspan=60000>x"

    with pytest.raises(OverLimit):
        html.read_html("<table>" + ("<tr>" + row) * 300 + "</table>")
