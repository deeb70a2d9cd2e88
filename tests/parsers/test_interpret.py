"""From a document to part reads: which forms stand in it, and what they say."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from parsers.blank import derive
from parsers.interpret import interpret
from parsers.types import Document, Paragraph, Picture
from tests.parsers.papers import SPECIMENS, blank, blanks, grid, paper, specimen

TRUTH = json.loads((SPECIMENS / "truth.json").read_text("utf-8"))
LABELS = [
    ["姓名", "王小明", "性别", "男", "职务", "安全员"],
    ["办公电话", "", "手机", "13900000001.0", "微信号", "／"],
]


TITLE = "城管局“安全生产月”活动联络员反馈表"


def joined(*documents: Document) -> Document:
    return Document("docx", tuple(b for d in documents for b in d.blocks))


def read(document: Document):
    return interpret(document, blanks(), "x")


def assert_true(part) -> None:
    truth = TRUTH["f1_u1" if part.form.key == "liaison" else "f2_u1"]
    read_ = {v.field: "" if v.value is None else str(v.value) for v in part.reading.values}
    assert read_ == truth.get("fields", truth)


def test_two_forms_in_one_file() -> None:
    parts = read(joined(specimen("f1_u1.docx"), specimen("f2_u1.docx")))

    assert [p.form.key for p in parts] == ["liaison", "progress"]
    for part in parts:
        assert_true(part)


def test_a_form_on_each_sheet_and_twice_the_same() -> None:
    parts = read(joined(specimen("f2_u1.xlsx"), specimen("f2_u1.xlsx"), specimen("f1_u1.xlsx")))

    assert [p.form.key for p in parts] == ["progress", "progress", "liaison"]
    for part in parts:
        assert_true(part)


def test_the_notice_left_in_front() -> None:
    notice = [
        "关于开展“安全生产月”活动的通知",
        "各单位要指定联络员，向局安全科上报好的做法和经验。",
        "附件：1.城管局“安全生产月”活动联络员反馈表",
        "2.城管局“安全生产月”活动进展情况统计表",
    ]
    parts = read(joined(paper(*notice), blank("liaison"), specimen("f2_u1.docx")))

    assert [(p.outcome, p.form.key) for p in parts] == [
        ("blank_form", "liaison"),
        ("form", "progress"),
    ]
    assert_true(parts[1])


def test_a_notice_alone_is_material() -> None:
    parts = read(paper("关于开展“安全生产月”活动的通知", "请各单位认真落实，及时报送材料。"))

    assert [p.outcome for p in parts] == ["material"]


def test_an_unfilled_template_is_no_return_even_with_its_header() -> None:
    document = blank("progress")
    header = Paragraph(
        "填报单位（盖章）：青石镇   联系人：王小明   电话：0513-80001101   填报日期：2021年6月8日"
    )
    blocks = tuple(
        header if isinstance(b, Paragraph) and "填报单位" in b.text else b for b in document.blocks
    )

    assert read(document)[0].outcome == "blank_form"
    assert read(replace(document, blocks=blocks))[0].outcome == "blank_form"


def test_a_picture_alone_is_a_scan_and_nothing_is_empty() -> None:
    assert read(Document("docx", (), (Picture("a.png", b""),)))[0].outcome == "scan_unread"
    assert read(paper("", " "))[0].outcome == "empty"


def test_labels_blank_and_not_applicable() -> None:
    part = read(
        paper(
            "附件1",
            "城管局“安全生产月”活动联络员反馈表",
            [*LABELS, ["单位名称", "青石镇", "<", "<", "<", "<"]],
        )
    )[0]
    said = {v.field: (v.state, v.value) for v in part.reading.values}

    assert said["手机"] == ("filled", "13900000001")
    assert said["办公电话"] == ("blank", None)
    assert said["微信号"] == ("na", None)
    assert said["单位名称"] == ("filled", "青石镇")
    assert said["通信地址"] == ("unsure", None)


def test_labels_in_another_order_and_typed_as_lines() -> None:
    lines = [
        "城管局“安全生产月”活动联络员反馈表",
        "姓名：王小明",
        "性别：男",
        "职务：安全员",
        "办公电话：0513-80001101",
    ]
    part = read(
        paper(*lines, "手机：13900000001", "微信号：wxm", "单位名称：青石镇", "通信地址：示例路1号")
    )[0]
    said = {v.field: v.value for v in part.reading.values if v.value is not None}

    assert said.items() <= {
        "姓名": "王小明", "性别": "男", "职务": "安全员", "办公电话": "0513-80001101",
        "手机": "13900000001", "微信号": "wxm", "单位名称": "青石镇", "通信地址": "示例路1号",
    }.items()  # fmt: skip
    assert len(said) >= 6


def test_answers_below_their_labels_leave_no_field_blank() -> None:
    truth = TRUTH["f1_u1"]
    labels = list(truth)
    rows = [labels[:4], [truth[k] for k in labels[:4]], labels[4:], [truth[k] for k in labels[4:]]]
    (part,) = read(paper(TITLE, rows))

    assert [v.state for v in part.reading.values if v.state == "blank"] == []
    assert all(str(v.value) == truth[v.field] for v in part.reading.values if v.state == "filled")


def test_a_header_broken_over_lines() -> None:
    blocks = []
    for block in specimen("f2_u1.docx").blocks:
        if isinstance(block, Paragraph) and "填报单位" in block.text:
            blocks += [
                Paragraph(t)
                for t in (
                    "填报单位（盖章）：",
                    "青石镇综合执法局",
                    "联系人：王小明  电话：0513-80001101",
                    "填报日期：2021年6月8日",
                )
            ]
        else:
            blocks.append(block)
    part = read(Document("docx", tuple(blocks)))[0]

    assert dict(part.reading.header) == TRUTH["f2_u1"]["header"]


@pytest.mark.parametrize("kept", ["{prompt}\n{answer}", "{answer}\n{prompt}", "{prompt}：{answer}"])
def test_a_prompt_left_standing_is_not_the_answer(kept: str) -> None:
    prompt = "条目式简要表述相关工作经验做法和成效（字数200字以内）"
    answer = "1.开展培训3次。"
    document = _with_narrative(kept.format(prompt=prompt, answer=answer))
    value = read(document)[0].reading.value("6.1")

    assert (value.state, value.value) == ("filled", answer)


def test_an_untouched_prompt_is_blank_and_a_long_text_a_soft_doubt() -> None:
    prompt = "条目式简要表述相关工作经验做法和成效（字数200字以内）"

    for untouched in (prompt, prompt + "："):
        assert read(_with_narrative(untouched))[0].reading.value("6.1").state == "blank"
    part = read(_with_narrative("开展工作" * 60))[0]
    assert part.reading.value("6.1").state == "filled"
    assert [(d.code, d.where) for d in part.reading.doubts] == [("too_long", "6.1")]


def _with_narrative(text: str) -> Document:
    document = specimen("f2_u1.docx")
    blocks = []
    for block in document.blocks:
        if not isinstance(block, Paragraph):
            rows = [[c.text for c in row] for row in block.rows]
            rows[6][2] = text
            for row in rows[6:]:
                row[1] = "<"
            block = grid(rows)
        blocks.append(block)
    return Document("docx", tuple(blocks))


def test_the_same_document_gives_the_same_reading() -> None:
    assert read(specimen("f2_u1.docx")) == read(specimen("f2_u1.docx"))


def test_a_label_form_filled_as_a_list_of_units() -> None:
    labels = ["姓名", "性别", "职务", "办公电话", "手机", "微信号", "单位名称", "通信地址"]
    rows = [
        [
            "1",
            "王小明",
            "男",
            "安全员",
            "0513-80001101",
            "13900000001",
            "wxm",
            "青石镇",
            "示例路1号",
        ],
        ["2", "李小红", "女", "科员", "", "13900000002", "／", "白石镇", "示例路2号"],
    ]
    parts = read(paper("城管局“安全生产月”活动联络员反馈表", [["序号", *labels], *rows]))

    assert [p.reading.value("姓名").value for p in parts] == ["王小明", "李小红"]
    assert parts[1].reading.value("办公电话").state == "blank"
    assert parts[1].reading.value("微信号").state == "na"


def test_an_answer_below_the_table_is_nobodys_for_sure() -> None:
    rows = [["姓名", "", "性别", "", "职务", ""], ["办公电话", "", "手机", "", "微信号", ""]]
    rows += [["单位名称", "", "<", "<", "<", "<"], ["通信地址", "", "<", "<", "<", "<"]]
    part = read(paper(TITLE, [*rows, ["王小明", "", "", "", "", ""]]))[0]

    assert part.outcome == "form"
    assert {v.field for v in part.reading.values if v.state == "unsure"} == {"通信地址"}


def test_an_answer_where_nobody_looks_leaves_no_field_surely_blank() -> None:
    rows = [
        ["姓名", "", "性别", "", "职务", "", ""],
        ["办公电话", "", "手机", "", "微信号", "", ""],
    ]
    rows += [["王小明", "", "<", "<", "<", "<", ""], ["单位名称", "", "<", "<", "<", "<", ""]]
    part = read(paper(TITLE, [*rows, ["通信地址", "", "<", "<", "<", "<", ""]]))[0]

    assert part.outcome == "form"
    assert "filled" not in {v.state for v in part.reading.values}
    assert any(v.state == "unsure" for v in part.reading.values)


def test_a_form_of_another_year_is_a_doubt() -> None:
    parts = read(
        paper(
            "附件1",
            "2020年城管局“安全生产月”活动联络员反馈表",
            [*LABELS, ["单位名称", "青石镇", "<", "<", "<", "<"]],
        )
    )

    assert "other_title" in {d.code for d in parts[0].doubts}


def _with_answer(change) -> Document:
    """The filled specimen with the answers of its first row changed."""
    document = specimen("f2_u1.docx")
    blocks = []
    for block in document.blocks:
        if not isinstance(block, Paragraph):
            rows = [[c.text for c in row] for row in block.rows]
            rows[1][2] = change(rows[1][2])
            for row in rows[6:]:
                row[1] = "<"
            block = grid(rows)
        blocks.append(block)
    return Document("docx", tuple(blocks))


def test_a_cell_that_says_all_twice_is_for_a_person() -> None:
    """The blank's words left standing with the answers below them, or two weeks' answers."""
    printed = next(c.text for c in blanks()[1].cells if c.slots and c.slots[0].field == "1.1")
    part = read(_with_answer(lambda text: f"{printed}\n{text}"))[0]

    first = [v for v in part.reading.values if v.field.startswith("1.")]
    assert {v.state for v in first} == {"unsure"}
    assert "written_twice" in {v.why for v in first}
    assert part.reading.value("2.1").state == "filled"


def test_a_number_behind_the_sentence_may_be_any_empty_slots() -> None:
    printed = next(c.text for c in blanks()[1].cells if c.slots and c.slots[0].field == "1.1")
    part = read(_with_answer(lambda text: f"{printed}\n11"))[0]

    assert {v.state for v in part.reading.values if v.field.startswith("1.")} == {"unsure"}


def test_a_forms_title_over_another_layout_is_told() -> None:
    title = "城管局“安全生产月”活动进展情况统计表"
    part = read(paper("附件2", title, [["1", "11、12、是、13"], ["2", "18、19、20"]]))[0]

    assert (part.outcome, [d.code for d in part.doubts]) == ("material", ["own_layout"])
    assert not read(paper("附件3", "城管局“安全生产月”活动物资需求表", [["宣传册", "500"]]))[
        0
    ].doubts


def test_short_labels_within_cells_are_told_apart() -> None:
    def receipt(unit: str, person: str, meal: str) -> Document:
        rows = [[f"单位：{unit}", f"联系人：{person}"], ["参会领导", "李红"], ["是否用餐", meal]]
        return paper("参会回执", rows)

    blank_paper = paper(
        "参会回执",
        [["单位：______", "联系人：______"], ["参会领导", ""], ["是否用餐", "□是□否"]],
    )
    part = interpret(receipt("青石镇", "王小明", "☑是□否"), [derive(blank_paper, "x")], "x")[0]

    assert [v.value for v in part.reading.values] == ["青石镇", "王小明", "李红", "是"]


def test_words_printed_behind_a_header_answer_are_not_part_of_it() -> None:
    rows = [["项目", "检查（次）"], ["甲", ""], ["乙", ""]]
    form = derive(paper("某某统计表", "填报单位：________  计量单位：万元", rows), "x")
    filled = paper(
        "某某统计表", "填报单位：青石镇  计量单位：万元", [rows[0], ["甲", "3"], ["乙", "4"]]
    )
    part = interpret(filled, [form], "x")[0]

    assert dict(part.reading.header) == {"填报单位": "青石镇"}
    assert not part.reading.doubts


def test_where_most_places_are_lost_no_empty_one_is_surely_blank() -> None:
    """As in a PDF whose table was cut off at the right edge of a box."""
    cut_off = (
        "理论学习中心组参与（12）人次\n记关于安全生产\n观看（13）场\n"
        "“大讲堂”“大家谈”“公开课”“微课堂”和在线访谈、基层宣讲（  ）场，参与（  ）人次； "
        "“我为群众办实事”实践活动项目（）个。"
    )
    part = read(_with_answer(lambda text: cut_off))[0]

    assert "blank" not in {v.state for v in part.reading.values if v.field.startswith("1.")}
