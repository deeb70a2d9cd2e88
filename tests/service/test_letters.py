"""What units read: receipts, questions, reminders; nothing is overdue before it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from parsers import formats
from service import duties, letters
from service.decisions import in_force
from service.types import Campaign, Letter
from service.wants import Said
from tests.service import facts
from tests.service.facts import decision, form, mail, part, when


def answer(campaign: Campaign, *mails: Any, at: str = "06-08 12:00") -> list[Letter]:
    made = facts.book(campaign, mails, at)
    found = duties.answers(campaign, made, Said(), when(at))
    return [letters.compose(campaign, made, in_force(()), w) for w in found]


def remind(campaign: Campaign, at: str, *mails: Any, decisions: Any = ()) -> dict[str, Letter]:
    made, decided = facts.book(campaign, mails, at, decisions), in_force(decisions)
    found = duties.reminders(campaign, made, decided, Said(), when(at))
    return {w.unit or "": letters.compose(campaign, made, decided, w) for w in found}


def test_a_receipt_says_what_was_read_and_what_it_counts_for(campaign: Campaign) -> None:
    (letter,) = answer(
        campaign, mail("06-08 09:00", form("progress", "东陈镇综合执法局"), subject="报表")
    )

    assert letter.subject == "回执：东陈镇综合执法局报送的附件2 进展情况统计表已收到"
    assert "您于6月8日09:00发来的邮件“报表”已收到" in letter.text
    assert "计入：6月8日进展情况统计表（已报）、6月10日周报（已报）。" in letter.text
    assert "1.1 第1.1项：5次" in letter.text
    assert "不需要再做什么" in letter.text
    assert "回复本邮件" in letter.text


def test_a_late_return_is_told_so_and_a_correction_its_version(campaign: Campaign) -> None:
    first = mail("06-10 09:00", form("progress", "东陈镇"), subject="补报6月8日统计表")
    second = mail("06-10 10:00", form("progress", "东陈镇", base=7), subject="更正：6月8日统计表")
    one, two = answer(campaign, first, second, at="06-10 12:00")

    assert "迟报2天" in one.text
    assert "为第2次报送，以本次为准" in two.text


def test_what_is_blank_is_asked_for(campaign: Campaign) -> None:
    (letter,) = answer(campaign, mail("06-08 09:00", form("progress", "东陈镇", filled=7)))

    assert "其中2项未填" in letter.text and "不需要再做什么" not in letter.text


def test_a_grid_left_empty_is_asked_for_though_no_unit_stands_behind_it(campaign: Campaign) -> None:
    part = form("progress", "东陈镇")
    part.read["fields"]["1.1"] |= {"unit": "", "state": "blank", "value": None, "raw": ""}
    (letter,) = answer(campaign, mail("06-08 09:00", part))

    assert "其中1项未填" in letter.text


def test_a_tick_that_is_not_sure_is_asked_for_as_a_tick(campaign: Campaign) -> None:
    part = form("progress", "东陈镇", name="body")
    part.read["fields"]["1.3"] |= {"state": "unsure", "value": None, "raw": "□是√□否"}
    (letter,) = answer(campaign, mail("06-08 09:00", part))

    assert "“□是√□否”看不准勾了哪一项，请重新勾选" in letter.text
    assert "（邮件正文）" in letter.text


def test_figures_that_went_down_are_asked_about(campaign: Campaign) -> None:
    old = mail("06-08 09:00", form("progress", "东陈镇", base=50))
    new = mail("06-22 09:00", form("progress", "东陈镇", base=5))
    letter = answer(campaign, old, new, at="06-22 10:00")[-1]

    assert "有9项累计数比上次少了" in letter.text and "请核对" in letter.text
    assert "1.1 第1.1项（上次50，本次5）；" in letter.text and "，等等。" in letter.text


def test_the_same_file_as_last_time_is_asked_about(campaign: Campaign) -> None:
    old = mail("06-08 09:00", form("progress", "东陈镇"))
    new = mail("06-22 09:00", form("progress", "东陈镇"))

    assert "内容与6月8日所报完全相同" in answer(campaign, old, new, at="06-22 10:00")[-1].text


STAFF_WORDS = ("请指定", "请确认是不是该单位", "名册里没有")


def test_a_waiting_return_is_told_in_words_for_the_unit(campaign: Campaign) -> None:
    (letter,) = answer(
        campaign, mail("06-08 09:00", form("progress", "东陈镇"), sender="new@other.example")
    )

    assert "还没有登记，核实后计入" in letter.text
    assert "核对期间不会就此催报" in letter.text
    assert not any(w in letter.text for w in STAFF_WORDS)
    assert letter.to == ("new@other.example", "dongchen@units.example")


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("damaged", "文件损坏，打不开。请重新保存后再发一次。"),
        ("encrypted", "文件加了密码。请去掉密码后再发一次。"),
        ("over_limit", "文件超出可处理的大小。请拆小或只发表格。"),
    ],
)
def test_what_nobody_can_read_is_to_be_sent_again(
    campaign: Campaign, outcome: str, said: str
) -> None:
    (letter,) = answer(campaign, mail("06-08 09:00", part(outcome, "统计表.doc"), subject="报表"))

    assert letter.kind == "question" and letter.subject == "请重新发送：报表"
    assert said in letter.text and "人工" not in letter.text


def test_a_blank_form_is_to_be_filled(campaign: Campaign) -> None:
    (letter,) = answer(campaign, mail("06-08 09:00", part("blank_form", "附件2.docx")))

    assert letter.kind == "question" and "请填好后再发一次" in letter.text


def test_a_reminder_has_all_open_items_and_their_blanks_filled_in(campaign: Campaign) -> None:
    filed = mail("06-02 09:00", form("liaison", "白蒲镇"), sender="baipu@units.example")
    letter = remind(campaign, "06-08 09:00", filed)["baipu"]

    assert letter.subject == "报送提醒：6月8日进展情况统计表（6月8日）"
    assert "6月8日进展情况统计表：请于今日17:30前报送" in letter.text
    assert "逾期" not in letter.subject
    text = "\n".join(
        c.text
        for f in letter.files
        for b in formats.read(f.content).blocks
        for c in ([b] if hasattr(b, "text") else b.corners())
    )
    assert "白蒲镇综合执法局" in text and "2021年6月8日" in text
    assert any(s in letter.text for s in campaign.slogans)


def test_the_liaison_of_the_form_is_addressed(campaign: Campaign) -> None:
    filed = mail("06-02 09:00", form("liaison", "白蒲镇"), sender="baipu@units.example")
    letter = remind(campaign, "06-08 09:00", filed)["baipu"]

    assert letter.text.startswith("白蒲镇综合执法局王小明同志：")


@pytest.mark.parametrize("at", ["06-07 09:00", "06-08 09:00", "06-08 15:00", "06-24 09:00", "06-24 15:00", "06-30 15:00"])  # fmt: skip
def test_no_letter_says_overdue_of_what_is_not(campaign: Campaign, at: str) -> None:
    for letter in remind(campaign, at).values():
        for line in re.findall(r"^\d+\. (.*)$", letter.text, re.M):
            name = line.partition("：")[0]
            due = next(d for d in campaign.deadlines if d.name == name)
            assert ("逾期" in line) == (when(at) >= due.late_after)


def test_after_noon_of_24_june_the_lenient_time_is_named(campaign: Campaign) -> None:
    letter = remind(campaign, "06-24 15:00")["baipu"]

    assert "6月24日进展情况统计表：请于今日24:00前报送" in letter.text


def test_the_last_reminder_has_the_head_in_copy(campaign: Campaign) -> None:
    last = remind(campaign, "06-16 09:00")["baipu"]

    assert last.stage == "overdue-3" and last.cc == campaign.staff.head


def test_a_moved_deadline_is_named_by_its_new_time(campaign: Campaign) -> None:
    moved = decision(
        1, "06-07 08:00", "extend", deadline="progress-0608", time="2021-06-10 17:30", unit=None
    )
    letter = remind(campaign, "06-10 09:00", decisions=(moved,))["baipu"]

    assert "请于今日17:30前报送" in letter.text


def test_strangers_words_cannot_break_the_page(campaign: Campaign) -> None:
    evil = "<script>alert(1)</script>\r\nBcc: x@y.example"
    (letter,) = answer(
        campaign, mail("06-08 09:00", form("progress", "东陈镇", name=evil), subject=evil)
    )

    assert "<script>" not in letter.html and "&lt;script&gt;" in letter.html
    assert "\n" not in letter.subject and "\r" not in letter.subject


def test_the_same_letter_is_worded_the_same(campaign: Campaign) -> None:
    assert remind(campaign, "06-08 09:00") == remind(campaign, "06-08 09:00")


def test_a_nameless_return_is_mentioned_to_all(campaign: Campaign) -> None:
    nobody = mail("06-07 10:00", form("progress"), sender="x@other.example")
    letter = remind(campaign, "06-08 09:00", nobody)["baipu"]

    assert "收到1份未写明单位的材料" in letter.text


def test_how_to_send_is_said_of_what_is_lacking(campaign: Campaign) -> None:
    form_words, material_words = "没有开展的项目填", "材料作为附件发来"
    eighth = remind(campaign, "06-08 09:00")["baipu"].text
    assert form_words in eighth and material_words not in eighth

    filed = [
        mail("06-08 09:00", form("progress", "白蒲镇")),
        mail("06-02 09:00", form("liaison", "白蒲镇")),
    ]
    filed.append(mail("06-24 09:00", form("progress", "白蒲镇", base=90)))
    thirtieth = remind(campaign, "06-30 09:00", *filed)["baipu"]
    assert form_words not in thirtieth.text and material_words in thirtieth.text
    assert material_words in thirtieth.html and thirtieth.files == ()


def test_a_unit_with_no_known_liaison_is_addressed_by_name(campaign: Campaign) -> None:
    units = tuple(replace(u, contact="") for u in campaign.units)
    letter = remind(replace(campaign, units=units), "06-08 09:00")["baipu"]

    assert letter.text.startswith("白蒲镇综合执法局：")
