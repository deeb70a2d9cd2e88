"""Blanks as offices really lay them out: heads spread over cells, labels above a grid,
units in a column of their own, remarks across the page, signatures at the foot."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.blank import derive
from parsers.interpret import interpret
from parsers.types import Document, Form, PartRead
from tests.parsers.papers import grid, paper

Rows = list[list[str]]


def sheet(rows: Rows) -> Document:
    return Document("xlsx", (grid(rows, "Sheet1"),))


def fields(form: Form) -> list[tuple[str, str, str, str]]:
    return [(f.key, f.label, f.kind, f.unit) for f in form.fields]


def read(blank: Document, filled: Document) -> tuple[PartRead, dict[str, Any]]:
    part = interpret(filled, [derive(blank, "x")], "x")[0]
    assert part.reading is not None
    return part, {v.field: v.value for v in part.reading.values if v.state != "blank"}


SCHOOLS: Rows = [
    ["校园安全隐患排查周报表", "<", "<", "<"],
    ["填报单位：", "", "填报日期：", ""],
    ["排查项目", "检查场所（处）", "发现隐患（个）", "完成整改（个）"],
    ["消防设施", "", "", ""],
    ["食堂食品", "", "", ""],
    ["合计", "", "", ""],
    ["存在问题及建议（100字以内）", "", "<", "<"],
]


def test_a_grid_between_a_spread_head_and_a_remark() -> None:
    form = derive(sheet(SCHOOLS), "x")

    assert form.title == "校园安全隐患排查周报表"
    assert fields(form) == [
        ("填报单位", "填报单位", "text", ""),
        ("填报日期", "填报日期", "date", ""),
        ("1.1", "消防设施 · 检查场所", "number", "处"),
        ("1.2", "消防设施 · 发现隐患", "number", "个"),
        ("1.3", "消防设施 · 完成整改", "number", "个"),
        ("2.1", "食堂食品 · 检查场所", "number", "处"),
        ("2.2", "食堂食品 · 发现隐患", "number", "个"),
        ("2.3", "食堂食品 · 完成整改", "number", "个"),
        ("存在问题及建议", "存在问题及建议", "narrative", ""),
    ]
    assert form.fields[-1].limit == 100


@pytest.mark.parametrize(
    "head",
    [
        ["填报单位：第一中学", "", "填报日期：2026.11.3", ""],
        ["填报单位：", "第一中学", "填报日期：", "2026.11.3"],
    ],
    ids=["in the label's cell", "beside it"],
)
def test_a_head_is_read_in_its_label_s_cell_or_beside_it(head: list[str]) -> None:
    filled = [SCHOOLS[0], head, SCHOOLS[2], ["消防设施", "12", "约3", "3个"],
              ["食堂食品", "5", "无", "／"], ["合计", "17", "3.0", "3"],
              ["存在问题及建议（100字以内）", "通风橱老化。", "<", "<"]]  # fmt: skip
    part, values = read(sheet(SCHOOLS), sheet(filled))

    assert values == {
        "填报单位": "第一中学", "填报日期": "2026-11-03", "1.1": 12, "1.2": 3, "1.3": 3,
        "2.1": 5, "2.2": 0, "2.3": None, "存在问题及建议": "通风橱老化。",
    }  # fmt: skip
    assert part.doubts == ()  # the sums are nobody's answer, and no stray text


FORESTS: Rows = [
    ["森林防火工作情况统计表", "", "", "", ""],
    ["填报单位：", "", "", "", "单位：人次、万元"],
    ["序号", "工作内容", "计量单位", "数量", "备注"],
    ["1", "开展宣传活动", "场", "", ""],
    ["2", "发放宣传资料", "份", "", ""],
    ["3", "投入经费", "万元", "", ""],
    ["填表人：", "", "审核人：", "", "联系电话："],
]


def test_a_column_may_say_in_what_each_row_is_counted() -> None:
    form = derive(sheet(FORESTS), "x")

    assert [f[0] for f in fields(form)] == [
        "填报单位", "1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "填表人", "审核人",
    ]  # fmt: skip
    assert [(f.label, f.unit) for f in form.fields if f.kind == "number"] == [
        ("开展宣传活动 · 数量", "场"),
        ("发放宣传资料 · 数量", "份"),
        ("投入经费 · 数量", "万元"),
    ]
    assert [f.label for f in form.header] == ["联系电话"]


def test_an_answer_may_equal_a_serial_number() -> None:
    filled = [FORESTS[0], ["填报单位：青石镇", "", "", "", "单位：人次、万元"], FORESTS[2],
              ["1", "开展宣传活动", "场", "3", ""], ["2", "发放宣传资料", "份", "1", ""],
              ["3", "投入经费", "万元", "2.5", "含补助"],
              ["填表人：", "王明", "审核人：", "李红", "联系电话：13900000002"]]  # fmt: skip
    part, values = read(sheet(FORESTS), sheet(filled))

    assert values == {
        "填报单位": "青石镇", "1.1": 3, "2.1": 1, "3.1": 2.5, "3.2": "含补助",
        "填表人": "王明", "审核人": "李红",
    }  # fmt: skip
    assert part.reading and part.reading.header == (("联系电话", "13900000002"),)


MARKETS: Rows = [
    ["单位名称", "", "联系人", ""],
    ["联系电话", "", "填报日期", ""],
    ["整治项目", "排查数（处）", "整改数（处）", "备注"],
    ["占道经营", "", "", ""],
    ["乱搭乱建", "", "", ""],
    ["下一步打算（200字以内）", "", "<", "<"],
]


def test_labels_above_a_grid_in_one_word_table() -> None:
    form = derive(paper("农贸市场整治工作进展表", MARKETS), "x")

    assert [f.key for f in form.fields] == [
        "单位名称", "联系人", "联系电话", "填报日期",
        "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "下一步打算",
    ]  # fmt: skip
    filled = [["单位名称", "青石市场", "联系人", "王明"], ["联系电话", "13900000003", "填报日期", ""],
              MARKETS[2], ["占道经营", "12", "十", "限期"], ["乱搭乱建", "0", "", ""],
              ["下一步打算（200字以内）", "继续巡查。", "<", "<"]]  # fmt: skip
    _, values = read(paper("农贸市场整治工作进展表", MARKETS), paper("进展表", filled))

    assert values == {
        "单位名称": "青石市场", "联系人": "王明", "联系电话": "13900000003", "1.1": 12,
        "1.2": 10, "1.3": "限期", "2.1": 0, "下一步打算": "继续巡查。",
    }  # fmt: skip


def test_labels_under_section_titles_with_boxes_among_them() -> None:
    rows: Rows = [
        ["一、基本情况", "<", "<", "<"],
        ["企业名称", "", "法定代表人", ""],
        ["职工人数（人）", "", "是否配备安全员", ""],
        ["二、检查情况", "<", "<", "<"],
        ["自查次数（次）", "", "发现隐患（处）", ""],
        ["整改情况", "□全部完成 □部分完成", "<", "<"],
    ]
    form = derive(paper("企业安全管理情况调查表", rows), "x")

    assert [(f.key, f.kind) for f in form.fields] == [
        ("企业名称", "text"), ("法定代表人", "text"), ("职工人数", "number"),
        ("是否配备安全员", "choice"), ("自查次数", "number"), ("发现隐患", "number"), ("5.1", "choice"),
    ]  # fmt: skip
    filled = [rows[0], ["企业名称", "青石环卫", "法定代表人", ""], ["职工人数（人）", "120人", "是否配备安全员", "是"],
              rows[3], ["自查次数（次）", "4", "发现隐患（处）", "无"],
              ["整改情况", "☑全部完成 □部分完成", "<", "<"]]  # fmt: skip
    _, values = read(paper("企业安全管理情况调查表", rows), paper("调查表", filled))

    assert values == {
        "企业名称": "青石环卫", "职工人数": 120, "是否配备安全员": "是", "自查次数": 4, "发现隐患": 0, "5.1": "全部完成",
    }  # fmt: skip


def test_figures_of_the_month_and_to_date_below_two_rows_of_headings() -> None:
    blank: Rows = [
        ["执法情况月报表", "<", "<", "<", "<", "<"],
        ["单位（盖章）：", "", "", "    年   月", "", ""],
        ["类别", "项目", "本月", "<", "累计", "<"],
        ["^", "^", "件数（件）", "罚款（万元）", "件数（件）", "罚款（万元）"],
        ["市容", "占道经营", "", "", "", ""],
        ["^", "乱贴乱画", "", "", "", ""],
        ["合计", "<", "", "", "", ""],
    ]
    form = derive(sheet(blank), "x")

    assert [f.label for f in form.header] == ["日期"]
    assert [f[:2] for f in fields(form)] == [
        ("单位", "单位"),
        ("1.1", "市容·占道经营 · 本月/件数"), ("1.2", "市容·占道经营 · 本月/罚款"),
        ("1.3", "市容·占道经营 · 累计/件数"), ("1.4", "市容·占道经营 · 累计/罚款"),
        ("2.1", "市容·乱贴乱画 · 本月/件数"), ("2.2", "市容·乱贴乱画 · 本月/罚款"),
        ("2.3", "市容·乱贴乱画 · 累计/件数"), ("2.4", "市容·乱贴乱画 · 累计/罚款"),
    ]  # fmt: skip
    filled = [blank[0], ["单位（盖章）：城东中队", "", "", "2026年11月", "", ""], *blank[2:4],
              ["市容", "占道经营", "3", "0.5", "30", "2.6"], ["^", "乱贴乱画", "0", "0", "12", "1"],
              ["合计", "<", "3", "0.5", "42", "3.6"]]  # fmt: skip
    part, values = read(sheet(blank), sheet(filled))

    assert values == {
        "单位": "城东中队", "1.1": 3, "1.2": 0.5, "1.3": 30, "1.4": 2.6,
        "2.1": 0, "2.2": 0, "2.3": 12, "2.4": 1,
    }  # fmt: skip
    assert part.reading and part.reading.header == (("日期", "2026年11月"),)


def test_a_list_below_an_unmerged_title_and_head() -> None:
    blank: Rows = [
        ["安全员花名册", "", "", ""],
        ["填报单位：", "", "", ""],
        ["序号", "姓名", "职务", "手机号码"],
        ["1", "", "", ""],
        ["2", "", "", ""],
    ]
    form = derive(sheet(blank), "x")

    assert (form.title, [f.key for f in form.fields]) == ("安全员花名册", ["填报单位", "1.1"])
    filled = [*blank[:1], ["填报单位：青石镇", "", "", ""], blank[2],
              ["1", "王明", "主任", "13900000004"], ["2", "李红", "", "139-0000-0005"]]  # fmt: skip
    _, values = read(sheet(blank), sheet(filled))

    assert values["填报单位"] == "青石镇"
    assert [r["姓名"]["value"] for r in values["1.1"]] == ["王明", "李红"]


BULLETIN = (
    "防汛工作周报",
    "填报单位：            填报日期：    年  月  日",
    "1．出动巡查人员____人次，检查低洼路段____处；",
    "2．是否启动应急响应：□是 □否",
    "3．存在困难（100字以内）：",
)


def test_items_in_lines_without_any_table() -> None:
    form = derive(paper(*BULLETIN), "x")

    assert fields(form) == [
        ("1.1", "出动巡查人员", "number", "人次"),
        ("1.2", "检查低洼路段", "number", "处"),
        ("2.1", "是否启动应急响应", "choice", ""),
        ("3.1", "存在困难", "narrative", ""),
    ]
    assert [f.label for f in form.header] == ["填报单位", "填报日期"]


@pytest.mark.parametrize(
    "last",
    [
        ("3．存在困难（100字以内）：水泵老化，需更换。",),
        ("3．存在困难（100字以内）：", "水泵老化，需更换。"),
    ],
    ids=["behind the words", "below them"],
)
def test_lines_are_answered_behind_the_words_or_below(last: tuple[str, ...]) -> None:
    filled = ("防汛工作周报", "填报单位：青石镇    填报日期：2026年7月3日",
              "1．出动巡查人员__30__人次，检查低洼路段 12 处；", "2．是否启动应急响应：☑是 □否", *last)  # fmt: skip
    _, values = read(paper(*BULLETIN), paper(*filled))

    assert values == {"1.1": 30, "1.2": 12, "2.1": "是", "3.1": "水泵老化，需更换。"}
