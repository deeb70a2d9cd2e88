"""Plain text, and tables in it where they are clear."""

from __future__ import annotations

import pytest

from parsers.formats import plain
from parsers.types import Empty, Grid

TEXT = "填报单位：示例镇\n组织集中学习观看（1）场"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "gbk"])
def test_every_encoding_gives_the_same_lines(encoding):
    assert [p.text for p in plain.read(TEXT.encode(encoding)).paragraphs] == TEXT.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        "姓名\t王小明\n性别\t男",
        "| 姓名 | 王小明 |\n|---|---|\n| 性别 | 男 |",
        "┌──┬──┐\n│姓名│王小明│\n├──┼──┤\n│性别│男│\n└──┴──┘",
        "姓名,王小明,\n性别,男,",
    ],
)
def test_clear_columns_become_a_grid(text):
    (grid,) = plain.read_text(text).blocks

    assert isinstance(grid, Grid)
    assert [[c.text for c in row[:2]] for row in grid.rows] == [["姓名", "王小明"], ["性别", "男"]]


@pytest.mark.parametrize(
    "text", ["甲\t乙\n丙\t丁\t戊", "好的,收到\n谢谢", "姓名    王小明\n性别    男", "A|B\nC"]
)
def test_what_is_no_clear_table_stays_text(text):
    assert [p.text for p in plain.read_text(text).paragraphs] == text.split("\n")


def test_a_quoted_cell_of_a_csv_keeps_its_lines():
    (grid,) = plain.read_text('项目,进展,备注\n学习,"第一行\n第二行",无\n').grids

    assert grid.rows[1][1].text == "第一行\n第二行"


def test_nothing_is_empty():
    with pytest.raises(Empty):
        plain.read(b"\xef\xbb\xbf \r\n\0")
