"""A line that was not understood is answered with the exact words to write instead."""

from __future__ import annotations

import pytest

from service import replies, staff_mail
from service.reply_hints import hints
from service.reply_words import NotUnderstood
from service.standing import Standing
from tests.service.test_replies import standing, why_not  # noqa: F401

EAST = "东陈镇综合执法局"
EIGHTH = "6月8日进展情况统计表"


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("免报东城6.8", f"免报 {EAST} {EIGHTH}"),
        ("东陈6月8日免报", f"免报 {EAST} {EIGHTH}"),
        ("东陈镇开会，6月8日的不用报了", f"免报 {EAST} {EIGHTH}"),
        ("东陈别催了", f"免报 {EAST} 联络员反馈表"),
        ("认领 2 白浦镇", "认领 #2 白蒲镇综合执法局"),
        ("#2是白蒲镇的", "认领 #2 白蒲镇综合执法局"),
        ("都认可", "认可 #2"),
        ("删除 #2", "不是 #2"),
        ("同意放行", "放行"),
        ("发吧", "放行"),
        ("请发汇总表", "汇总"),
        ("撤消 3", "撤销 3"),
        ("撤销上一条", "撤销 3"),
        ("全部绑定", "绑定 全部"),
        ("绑定 环卫处 12345678", "绑定 环卫处 12345678@qq.com"),
        ("环卫处 1.2 改成 12", "改 环卫处 1.2 12"),
        ("6月8日延期到6月10日", f"延期 {EIGHTH} 6月10日"),
        ("延期到6月10日", f"延期 {EIGHTH} 6月10日"),
        ("物管科6月8日的微信交了", f"收到 物管科 {EIGHTH} 微信"),
        ("撤回", "撤回 全部"),
        ("改 环卫处 1.2 从5改为12", "改 环卫处 1.2 12"),
    ],
)
def test_what_it_may_have_meant_comes_first(standing: Standing, line: str, first: str) -> None:  # noqa: F811
    with pytest.raises(NotUnderstood):
        replies.understand(line, standing)

    found = hints(line, standing)
    assert found[0] == first
    assert all(replies.understand(each, standing) for each in found)


@pytest.mark.parametrize(
    "line",
    [
        "先不放行",
        "不要放行",
        "转给领导看一下",
        "白蒲附件1里的数是对的",
        "今天开会",
        "免报 综合执法局 6月8日",
    ],
)
def test_nobody_gets_a_line_put_into_his_mouth(standing: Standing, line: str) -> None:  # noqa: F811
    assert hints(line, standing) == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("撤销7", "没有编号为7的决定。有的是：3。"),
        ("认可", "没有写编号。如果是要办下面的，请照抄一行回复：“认可 #2”。"),
        ("免报 全部 6月8日", "如“免报 如城街道综合执法局、城北街道综合执法局 6月8日”。"),
        ("免报 西场 6月8日", "“西场 6月8日”处看不出是哪个单位。有的是：如城街道综合执法局、"),
        ("延期 6月8日 至 周五", "“周五”处应写新的日期，如“6月10日”或“6月10日12:00”。"),
    ],
)
def test_the_answer_says_what_there_is(standing: Standing, line: str, said: str) -> None:  # noqa: F811
    with pytest.raises(NotUnderstood) as raised:
        replies.understand(line, standing)

    assert said in staff_mail._problem(line, raised.value, standing)


@pytest.mark.parametrize(
    "line",
    [
        "「认可 #2」",
        "“认可#2”",
        "回复：认可 #2",
        "认　可　＃2",
        "#2 认可",
        "2号认可",
        "『认可 2』。",
    ],
)
def test_quotes_spaces_and_order_change_nothing(standing: Standing, line: str) -> None:  # noqa: F811
    assert replies.understand(line, standing) == replies.understand("认可 #2", standing)


@pytest.mark.parametrize(
    "line", ["认可 #2，放行", "认可 #2 放行", "免报 东陈 6月8日 绑定 全部", "放行、汇总"]
)
def test_two_things_in_one_line_are_neither_done_nor_lost(standing: Standing, line: str) -> None:  # noqa: F811
    assert why_not(line, standing) in ("two_things", "left_over", "unit_unknown")


def test_a_reason_may_begin_like_a_command(standing: Standing) -> None:  # noqa: F811
    assert replies.understand("免报 东陈 6月8日 收到请假条", standing)


def test_numbered_things_in_one_line_are_parted(standing: Standing) -> None:  # noqa: F811
    assert replies.lines(standing.campaign, "1、认可#2；2、放行") == ("1、认可#2", "2、放行")


def test_what_leads_in_or_signs_says_nothing(standing: Standing) -> None:  # noqa: F811
    text = (
        "请办理以下几项：\n一、认可#2；二、放行\n安全科回复：\n\n来自QQ邮箱手机版\n免报 东陈 6月8日"
    )

    assert replies.lines(standing.campaign, text) == ("一、认可#2", "二、放行")
    assert replies.lines(standing.campaign, "来自白蒲的是 #2\n放行")[-1] == "放行"


def test_each_address_of_a_line_is_bound(standing: Standing) -> None:  # noqa: F811
    acts = replies.understand("绑定 东陈 abc@qq.com、def@163.com", standing)

    assert [a.args["address"] for a in acts] == ["abc@qq.com", "def@163.com"]


def test_another_day_behind_the_way_is_not_dropped(standing: Standing) -> None:  # noqa: F811
    assert why_not("收到 东陈 6.8 微信发的 昨天", standing) == "time_unclear"
