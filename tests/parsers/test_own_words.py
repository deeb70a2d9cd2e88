"""The sender's own words: what a mail quotes is not said by it."""

from __future__ import annotations

import pytest

from parsers import own_words

NOTHING = (
    "本周无", "本周无活动。", "您好，我单位本周未开展活动，谢谢", "无照片", "零报告", "东陈镇本周无",
    "本周活动情况：无", "我局没有照片", "我校本月未开展活动，无数据。", "南圩小学未开展该项活动，零报告",
)  # fmt: skip
SOMETHING = (
    "本周无。附件见表",
    "请查收",
    "张科长，表格在附件",
    "",
    "本周开展活动3场",
    "无锡来信",
    "我校无校车，其他见附件",
    "我园正在筹备，下周报送",
)


@pytest.mark.parametrize("text", NOTHING)
def test_a_nil_return_is_heard(text: str) -> None:
    assert own_words.says_nothing_to_report(text)


@pytest.mark.parametrize("text", SOMETHING)
def test_anything_else_in_the_mail_is_no_nil_return(text: str) -> None:
    assert not own_words.says_nothing_to_report(text)


@pytest.mark.parametrize(
    "separator",
    (
        "------------------ 原始邮件 ------------------",
        "在 2021-06-08 09:00:00，\"安全科\" <1137652316@qq.com> 写道：",
        "发件人： 安全科\n发送时间： 2021年6月8日 09:00\n收件人： 东陈",
        "-----Original Message-----",
        "From: someone\nSent: Tuesday\nTo: x",
        "________________________________",
    ),
)  # fmt: skip
def test_what_is_quoted_is_not_said(separator: str) -> None:
    text = f"已报，请查收。\n\n{separator}\n本周无\n3.2 改为12"

    assert own_words.own(text) == "已报，请查收。"
    assert own_words.changes(text) == ()


def test_lines_with_a_quote_mark_are_not_said() -> None:
    assert own_words.own("好的\n> 请于6月8日前报送\n谢谢") == "好的\n谢谢"


def test_a_forwarded_mail_is_kept() -> None:
    text = "请看\n-------- 转发的邮件 --------\n发件人：东陈\n3.2 改为12"

    assert "3.2" in own_words.own(text)


def test_a_correction_of_one_cell_is_a_proposal() -> None:
    assert own_words.changes("3.2 改为12，5.10应为“是”") == (("3.2", "12"), ("5.10", "是"))


def test_a_quoted_table_is_cut_from_the_html() -> None:
    html = "<div>好</div><blockquote><table><tr><td>表</td></tr></table></blockquote>"

    assert own_words.own_html(html) == "<div>好</div>"
