"""Lines of a reply: what is the sender's own, what is a command, and that nothing crashes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import message
from service import replies, words
from service.decisions import Decided
from service.proposals import Proposal
from service.reply_words import NotUnderstood
from service.standing import Act, Standing, Waiting
from service.types import Campaign
from tests.service import facts

NOW = facts.when("06-09 10:00")


@pytest.fixture(scope="module")
def standing(campaign: Campaign) -> Standing:
    """9 June: 环卫处 filed on the 8th and as a weekly return on the 3rd, two addresses wait."""
    mails = (
        facts.mail(
            "06-08 10:00", facts.form("progress", "环卫处"), sender="huanwei-chu@units.example"
        ),
        facts.mail("06-08 11:00", facts.form("progress", "白蒲镇"), sender="x@new.example"),
    )
    mails = tuple(replace(m, id=n) for n, m in enumerate(mails, start=1))
    at = facts.when("06-08 11:00")
    return Standing(
        campaign,
        facts.book(campaign, mails, "06-09 10:00"),
        Decided(waived=frozenset({("dongchen", "liaison")})),
        NOW,
        NOW,
        (Proposal(2, "x@new.example", "baipu", "form", at),),
        (Waiting("reminder/dongchen/progress-0608/overdue-1", "dongchen", "queued"),),
        {3: True, 4: False},
    )


def why_not(line: str, standing: Standing) -> str:
    """The code of the sentence that says why a line is not understood."""
    with pytest.raises(NotUnderstood) as raised:
        replies.understand(line, standing)
    return raised.value.code


@pytest.mark.parametrize(
    ("line", "copies"),
    [
        ("免报 城北 6月24日 会议",
         ("免报 城北 6月24日进展情况统计表 会议", "免报 城北 6月24日周报 会议")),
        ("请延期 6月30日 7月2日", ("延期 活动总结 7月2日", "延期 视频、照片资料 7月2日")),
        ("收到 环卫 6月8日 微信", ("收到 环卫科 6月8日 微信", "收到 环卫处 6月8日 微信")),
    ],
)  # fmt: skip
def test_a_line_that_may_mean_two_things_is_answered_with_the_lines_to_copy(
    standing: Standing, line: str, copies: tuple[str, ...]
) -> None:
    with pytest.raises(NotUnderstood) as raised:
        replies.understand(line, standing)
    said = words.say("reply", raised.value.code, raised.value.facts)

    assert all(f"“{copy}”" in said for copy in copies)
    assert len({repr(replies.understand(copy, standing)) for copy in copies}) == len(copies)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("免报 环卫 6月8日", "unit_ambiguous"),
        ("免报 城北", "deadline_missing"),
        ("免报 城北 6月24日", "deadline_ambiguous"),
        ("免报 城北 7月1日", "deadline_ambiguous"),
        ("免报 城北 统计表", "deadline_ambiguous"),
        ("免报 安全科 6月8日", "deadline_not_owed"),
        ("免报 城北 6月8日 6月24日", "left_over"),
        ("恢复 城北 6月8日", "not_waived"),
        ("改 环卫处 9.9 12", "key_unknown"),
        ("改 东陈 1.2 12", "no_return"),
        ("改 环卫处 1.2 若干", "number_needed"),
        ("改 环卫处 1.2 约12", "number_needed"),
        ("认领 #2 东陈、白蒲", "one_unit"),
        ("认领 #2 白蒲 总结", "other_form"),
        ("认可 #1", "no_doubt"),
        ("不是 #7", "mail_unknown"),
        ("不是 #2 是东陈的", "left_over"),
        ("绑定 7", "proposal_unknown"),
        ("绑定 东陈", "address_missing"),
        ("绑定 东陈 1137652316@qq.com", "own_address"),
        ("绑定 东陈 baipu@units.example", "address_taken"),
        ("解绑 东陈 who@mail.example", "not_bound"),
        ("收到 物管科 6月8日 微信 6月30日", "time_ahead"),
        ("延期 6月8日", "time_missing"),
        ("延期 6月8日 6月7日", "not_later"),
        ("延期 6月8日 8月1日", "after_close"),
        ("放行 东陈", "nothing_held"),
        ("撤回 白蒲", "nothing_waits"),
        ("汇总 总结", "no_figures"),
        ("撤销 4", "undone_already"),
        ("撤销 全部", "left_over"),
        ("撤销", "number_missing"),
        ("请办一下", "no_verb"),
    ],
)
def test_each_doubt_has_its_own_reason(line: str, code: str, standing: Standing) -> None:
    assert why_not(line, standing) == code


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("6月8日", "progress-0608"),
        ("六月八日", "progress-0608"),
        ("6.8", "progress-0608"),
        ("6-8", "progress-0608"),
        ("8日", "progress-0608"),
        ("progress-0608", "progress-0608"),
        ("6月24日统计表", "progress-0624"),
        ("6月24日的周报", "weekly-0624"),
        ("6月10日", "weekly-0610"),
        ("第二周", "weekly-0610"),
        ("联络员反馈表", "liaison"),
        ("附件1", "liaison"),
        ("总结", "summary"),
        ("照片", "media"),
    ],
)
def test_a_deadline_has_many_names(words: str, key: str, standing: Standing) -> None:
    acts = replies.understand(f"免报 城北 {words} 有事", standing)

    assert acts == (Act("waive", {"unit": "chengbei", "deadline": key}),)


def test_a_reply_at_the_end_of_the_day_counts_at_its_own_hour(standing: Standing) -> None:
    (act,) = replies.understand("收到 物管科 6月8日 电话", standing)

    assert act.args["when"] == "2021-06-09T10:00:00+08:00"


def test_letters_are_named_by_their_unit(standing: Standing) -> None:
    (act,) = replies.understand("撤回 东陈", standing)

    assert act.args == {"letters": ["reminder/dongchen/progress-0608/overdue-1"]}


def test_what_is_quoted_without_marks_is_known_by_the_letter(campaign: Campaign) -> None:
    answered = "■ 现在要办\n免报 东陈 6月8日\n  3　东陈镇综合执法局"
    text = "纸质 东陈\n\n免报 东陈 6月8日\n3 东陈镇综合执法局"

    assert replies.lines(campaign, text, answered) == ("纸质 东陈",)


@pytest.mark.parametrize(
    "text",
    [
        "您好\n好的，收到\n谢谢！",
        "刘露璐\n如皋市城市管理局安全科\n电话：139-0000-0000\n2021年6月9日",
        "-- \n免报 东陈 6月8日",
        "发自我的iPhone\n免报 东陈 6月8日",
        "---------- 转发的邮件 ----------\n发件人: x@y.example\n免报 东陈 6月8日",
        "> 免报 东陈 6月8日",
    ],
)
def test_greetings_signatures_and_other_peoples_words_are_no_lines(
    text: str, campaign: Campaign
) -> None:
    assert replies.lines(campaign, text) == ()


QQ_WEB = """<div>免报 城北 6月8日 会议</div><div>绑定 2</div><div><br></div>
<div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0;">------------------&nbsp;原始邮件&nbsp;------------------</div>
<div style="font-size: 12px;background:#efefef;"><div><b>发件人:</b>&nbsp;"安全科"&lt;gk@qq.example&gt;;</div></div>
<div>免报 东陈 6月8日</div>"""
FOXMAIL = """<div><span>免报 城北 6月8日 会议</span></div><div>绑定 2</div><hr style="width: 210px;">
<div><span>刘露璐</span></div><blockquote><div>发件人：安全科</div><div>发送时间：2021-06-09 08:30</div>
<div>免报 东陈 6月8日</div></blockquote>"""
NETEASE = """<p>免报 城北 6月8日 会议<br>绑定 2</p><div class="ntes-quote"><div>---- 回复的原邮件 ----</div>
<table><tr><td>发件人</td><td>安全科</td></tr></table><p>免报 东陈 6月8日</p></div>"""


@pytest.mark.parametrize("html", [QQ_WEB, FOXMAIL, NETEASE], ids=["qq", "foxmail", "163"])
def test_replies_of_the_usual_mail_programs_are_read_from_their_bytes(
    html: str, campaign: Campaign
) -> None:
    raw = b"From: <1137652316@qq.com>\r\nContent-Type: text/html; charset=gb18030\r\n\r\n"

    text = message.parse(raw + html.encode("gb18030")).text

    assert replies.lines(campaign, text) == ("免报 城北 6月8日 会议", "绑定 2")


PIECES = (
    *replies.VERBS, "东陈", "环卫处", "白蒲镇", "6月8日", "6.8", "3.2", "12", "#2", "#2/1", "全部",
    "微信", "a@b.example", "24:61", "99月99日", "，", " ", "是", "和", "第", "１２", "𠮷", "\u202e", "",
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=8))
def test_nothing_written_breaks_the_reader(standing: Standing, pieces: list[str]) -> None:
    text = "".join(pieces)
    for line in (*replies.lines(standing.campaign, text), text):
        try:
            acts = replies.understand(line, standing)
        except NotUnderstood:
            continue
        assert acts
