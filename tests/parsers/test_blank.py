"""The blank is the schema: fields, labels, units and keys follow from the paper alone."""

from __future__ import annotations

import pytest

from parsers.blank import NoFields, derive
from tests.parsers.papers import blank, blanks, paper


def test_annex_2_has_its_fifty_two_fields() -> None:
    form = blanks()[1]
    kinds = [f.kind for f in form.fields]

    assert (kinds.count("number"), kinds.count("choice"), kinds.count("narrative")) == (44, 2, 6)
    assert [f.key for f in form.fields if f.kind == "choice"] == ["1.3", "5.10"]
    assert [f.key for f in form.fields if f.kind == "narrative"] == [f"{n}.1" for n in range(6, 12)]
    assert (form.fields[0].key, form.fields[-1].key) == ("1.1", "11.1")
    assert [f.label for f in form.header] == ["填报单位", "联系人", "电话", "填报日期"]
    assert form.title == "城管局“安全生产月”活动进展情况统计表"


@pytest.mark.parametrize(
    ("key", "label", "unit"),
    [
        ("1.1", "理论学习中心组学习", "次"),
        ("1.2", "理论学习中心组学习 · 参与", "人次"),
        ("3.9", "社区居民、企业员工举报重大隐患和违法违规行为", "条次"),
        ("5.1", "制作各类安全宣传产品", "部"),
        ("5.10", "使用全国安全宣教和应急科普平台", ""),
    ],
)
def test_annex_2_labels_and_units(key: str, label: str, unit: str) -> None:
    field = next(f for f in blanks()[1].fields if f.key == key)

    assert (field.label, field.unit) == (label, unit)


def test_narratives_keep_their_limit() -> None:
    assert {f.limit for f in blanks()[1].fields if f.kind == "narrative"} == {200}


def test_annex_1_has_its_eight_labels_and_no_header() -> None:
    form = blanks()[0]

    assert [f.key for f in form.fields] == [
        "姓名", "性别", "职务", "办公电话", "手机", "微信号", "单位名称", "通信地址",
    ]  # fmt: skip
    assert (form.layout, form.header) == ("labels", ())


def test_labels_lose_white_space_colons_and_remarks() -> None:
    form = derive(paper([["姓 名：", "", "填报单位（盖章）：", ""]]), "x")

    assert [f.key for f in form.fields] == ["姓名", "填报单位"]


def test_rows_are_counted_through_all_tables() -> None:
    head = ["项目", "进展"]
    form = derive(paper([head, ["甲", "检查（ ）次"]], "续表", [head, ["乙", "整改____处"]]), "x")

    assert [(f.key, f.unit) for f in form.fields] == [("1.1", "次"), ("2.1", "处")]


def test_options_of_every_kind_of_box() -> None:
    text = "进度□已完成□进行中□未开始；是否验收：是□否□；备案 是（）、否（）已报送"
    form = derive(paper([["项目", "进展"], ["甲", text]]), "x")

    assert [f.options for f in form.fields] == [
        ("已完成", "进行中", "未开始"),
        ("是", "否"),
        ("是", "否"),
    ]


def test_a_grid_has_keys_by_row_and_column_and_no_totals() -> None:
    form = derive(
        paper(
            [
                ["街道", "检查（次）", "合计", "投入（万元）"],
                ["甲", "", "", ""],
                ["合计", "", "", ""],
            ]
        ),
        "x",
    )

    assert form.layout == "grid"
    assert [(f.key, f.label, f.unit) for f in form.fields] == [
        ("1.1", "甲 · 检查", "次"),
        ("1.3", "甲 · 投入", "万元"),
    ]


@pytest.mark.parametrize("sums", [["0", "0"], ["#=SUM(B2:B3)", "#=SUM(C2:C3)"]])
def test_a_total_that_the_sheet_works_out_is_no_heading(sums: list[str]) -> None:
    rows = [["学段", "班级数", "学生数"], ["小学", "", ""], ["初中", "", ""], ["合计", *sums]]

    assert [f.key for f in derive(paper(rows), "x").fields] == ["1.1", "1.2", "2.1", "2.2"]


@pytest.mark.parametrize("who", ["学校（盖章）", "填报学校", "园所", "社区", "县区"])
def test_a_form_may_be_headed_by_who_fills_it(who: str) -> None:
    form = derive(paper(f"{who}：　　　　填表人：　　　　", [["姓名", ""]]), "x")

    assert [f.key for f in form.header] == [who.removesuffix("（盖章）"), "填表人"]


def test_a_grid_asks_yes_or_no_and_nothing_left_of_its_answers() -> None:
    rows = [["类别", "<", "立案数", "是否公示"], ["市容", "占道", "", ""], ["", "乱贴", "", ""]]
    form = derive(paper(rows), "x")

    assert [(f.key, f.kind) for f in form.fields] == [
        ("1.1", "number"), ("1.2", "choice"), ("2.1", "number"), ("2.2", "choice"),
    ]  # fmt: skip


def test_a_grid_may_have_an_empty_corner() -> None:
    form = derive(paper([["", "检查（次）", "整改（处）"], ["甲", "", ""], ["乙", "", ""]]), "x")

    assert form.layout == "grid"
    assert [(f.key, f.label) for f in form.fields][:2] == [
        ("1.1", "甲 · 检查"),
        ("1.2", "甲 · 整改"),
    ]


def test_several_ticks_may_be_allowed_beside_the_boxes() -> None:
    form = derive(paper([["方式（可多选）", "□广播□横幅□微信群"], ["是否用餐", "□是□否"]]), "x")

    assert [f.several for f in form.fields] == [True, False]


def test_a_list_is_one_field_with_its_columns() -> None:
    form = derive(paper("隐患台账", [["序号", "地点", "内容"], ["1", "", ""], ["2", "", ""]]), "x")

    assert form.layout == "list"
    assert [(f.kind, f.columns) for f in form.fields] == [("list", ("地点", "内容"))]


def test_sentences_without_any_table() -> None:
    form = derive(paper("安全检查情况表", "单位：______", "出动____人次，检查____家次。"), "x")

    assert [(f.key, f.unit) for f in form.fields] == [("1.1", "人次"), ("1.2", "家次")]
    assert [f.label for f in form.header] == ["单位"]


def test_a_sheet_gives_the_same_form_as_its_word_twin() -> None:
    sheet = derive(
        paper(
            [
                ["附件1", "", ""],
                ["某某情况统计表", "<", "<"],
                ["项目", "要求", "进展"],
                ["甲", "乙", "检查（ ）次"],
            ]
        ),
        "x",
    )

    assert sheet.title == "某某情况统计表"
    assert [f.key for f in sheet.fields] == ["1.1"]


def test_a_paper_that_asks_nothing_is_no_blank() -> None:
    with pytest.raises(NoFields) as error:
        derive(paper("关于开展活动的通知", "请各单位认真落实。"), "x")

    assert error.value.code == "blank_without_fields"


def test_the_same_blank_gives_the_same_form() -> None:
    assert derive(blank("progress"), "progress") == blanks()[1]
