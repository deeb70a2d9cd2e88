"""The digest: the one thing to do first, the matrix, a paragraph for WeChat, nothing private."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

from service import digest, replies
from service.digest import LetterRow
from service.moments import moment
from service.proposals import Proposal
from service.types import Campaign, OpenDoubt, Unit
from tests.service.report import stories

CHROMIUM = shutil.which("chromium")
DAYS = ("03", "08", "09", "25")


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return stories.load()


def composed(story: stories.Story, *letters: LetterRow, looked: int = 2) -> tuple[str, str, str]:
    last_look = story.now - timedelta(minutes=looked)
    return digest.compose(story.campaign, story.ledger(), story.now, letters, last_look)


def on(campaign: Campaign, day: str) -> tuple[str, str, str]:
    return composed(stories.june(campaign, f"2021-06-{day} 08:30"))


def row(state: str, kind: str = "reminder", at: str = "2021-06-08 09:00") -> LetterRow:
    when = moment(at)
    sent = when if state == "sent" else None
    return LetterRow(kind, "rucheng", None, "day", state, ("a@b.example",), "催报", when, sent)


def first_thing(text: str) -> str:
    return text.split("■ 现在要办\n")[1].split("\n")[0]


def test_on_the_day_itself_the_first_thing_is_the_group_message(campaign: Campaign) -> None:
    subject, text, _ = on(campaign, "08")

    assert first_thing(text) == (
        "“6月8日进展情况统计表”应于6月8日17:30前报送，还有15家未报。请把下面这段话发到微信群。"
    )
    assert "未报15家" in subject


def test_the_wechat_paragraph_is_one_line_with_every_name_and_no_number(campaign: Campaign) -> None:
    _, text, _ = on(campaign, "09")

    paragraph = text.split("■ 可粘贴到微信群\n")[1].split("\n\n")[0]
    assert "\n" not in paragraph
    for name in ("人事科", "监督指挥中心", "环卫处", "执法大队"):
        assert name in paragraph
    assert "物管科" not in paragraph and "环卫科" not in paragraph
    assert not re.search(r"139\*|电话", paragraph)


def test_no_letter_says_overdue_before_it_is(campaign: Campaign) -> None:
    _, eve, _ = composed(stories.june(campaign, "2021-06-08 23:59"))
    _, after, _ = composed(stories.june(campaign, "2021-06-09 00:00"))

    assert "逾期未报：6月8日进展情况统计表" not in eve
    assert "逾期未报：6月8日进展情况统计表" in after


def test_a_doubt_that_stops_the_chase_comes_first(campaign: Campaign) -> None:
    _, text, _ = on(campaign, "09")

    assert first_thing(text).startswith("请先核定1件待核来件")


def test_our_own_failures_come_before_everything(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 08:30")

    assert "没有完整查看过" in first_thing(composed(story, row("uncertain"), looked=600)[1])
    assert "是否送达不明" in first_thing(composed(story, row("uncertain"), row("held"))[1])
    assert "等待放行" in first_thing(composed(story, row("held"))[1])


def test_a_mailbox_never_looked_at_is_said_to_be_so(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 08:30")

    _, text, _ = digest.compose(campaign, story.ledger(), story.now, (), None)

    assert "还没有完整查看过一次" in first_thing(text)
    assert "收件箱尚未完整查看过" in text


def test_new_is_what_came_since_the_last_digest(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 08:30")
    sent = row("sent", "digest", "2021-06-08 16:20")

    _, text, _ = composed(story, sent)

    assert "新到1件" in text and "城北街道综合执法局" in text and "（第2版）" in text


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ({"stamp": True}, "，见红章"),
        ({"stamp": False}, "，未见红章"),
        ({"scans": [{"stamp": True}], "stamp": None}, "，见红章"),
        ({}, ""),
    ],
)
def test_a_seal_is_a_fact_for_the_staff(
    campaign: Campaign, read: dict[str, object], told: str
) -> None:
    story = stories.Story(campaign, moment("2021-06-08 08:30"))
    unit = campaign.expected[0]
    filled = stories.reading(campaign.blank("progress").form, unit.name, 1)
    story.filed(unit.id, ["progress-0608"], "2021-06-08 08:10", {**filled, **read})
    line = next(x for x in composed(story)[1].splitlines() if "08:10" in x and unit.name in x)

    assert line.partition("统计表")[2].partition("　")[0] == told


def test_a_quiet_day_gives_one_line_and_the_last_look(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-01 08:30"))

    subject, text, html = composed(story)

    assert "无新情况" in subject
    assert len([x for x in text.splitlines() if x]) == 2
    assert "6月1日08:28" in text and "<table" not in html


def test_the_matrix_has_words_and_colours(campaign: Campaign) -> None:
    _, _, html = on(campaign, "09")

    for word, colour in (
        ("已报", "D9EAD3"),
        ("迟报1天", "FFE599"),
        ("未报", "F4B6B0"),
        ("免报", "E4E4E4"),
        ("待核", "CFD9F5"),
    ):
        assert re.search(rf"background:#{colour};[^>]*>{word}<", html)


def test_phones_are_masked_everywhere(campaign: Campaign) -> None:
    for day in DAYS:
        for said in on(campaign, day):
            assert not re.search(r"1390000\d{4}|0513-?8000\d{4}", said)

    assert "139****0014" in on(campaign, "09")[1]


def test_the_unit_without_an_address_is_never_skipped_silently(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-08 08:30")
    ledger = replace(story.ledger(), addresses={})

    _, text, _ = digest.compose(campaign, ledger, story.now, (), story.now)

    assert "■ 没有已确认邮箱、催报信发不到的单位" in text


def test_an_oversize_link_shows_until_when_it_lives(campaign: Campaign) -> None:
    _, text, _ = on(campaign, "09")

    assert "宣传视频.mp4（rucheng@units.example）　有效期至2021-07-08 11:30" in text


def test_a_bounce_is_shown(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 08:30")
    story.mail("postmaster", moment("2021-06-08 18:00"), "系统退信 Undelivered", automatic="bounce")

    assert "■ 被退回的信\n  系统退信 Undelivered" in composed(story)[1]


def test_a_bounce_says_whom_it_is_about(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 08:30")
    bounced = story.mail("x", moment("2021-06-08 18:00"), "系统退信", automatic="bounce")
    said = {bounced.id: "东陈镇综合执法局　王小明　13900001234　a@b.example　（550）"}

    text = digest.compose(campaign, story.ledger(), story.now, (), story.now, returned=said)[1]

    assert "东陈镇综合执法局 王小明 139****1234 a@b.example （550）" in text


def proposed(number: int, unit: str, contested: bool = False) -> Proposal:
    at = moment("2021-06-08 10:00")
    return Proposal(number, f"{unit}@new.example", unit, "liaison", at, contested=contested)


def test_addresses_to_be_bound_bear_their_numbers_and_evidence(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-09 08:30"))
    open_ = (proposed(3, "dongchen"), proposed(15, "baipu", contested=True))

    subject, text, html = digest.compose(campaign, story.ledger(), story.now, (), story.now, open_)

    assert "■ 待绑定邮箱2个" in text
    assert (
        "  3　东陈镇综合执法局　dongchen@new.example　（6月8日从这里报来该单位的联络员表，发件邮箱无法验证）\n"
        in text
    )
    assert "  15　白蒲镇综合执法局" in text and text.count("有冲突") == 1
    assert "<b>15</b>" in html
    assert "无新情况" not in subject


def test_a_doubt_bears_the_number_that_a_reply_names_it_by(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 08:30")
    mail = story.mail("x", moment("2021-06-09 08:00"), "统计表")
    story.doubts.append(OpenDoubt(f"{mail.id}/1", "unit_nowhere", "1", (), mail.id, "1"))

    assert f"  #{mail.id}　（单位未定）：" in composed(story)[1]

    story.doubts.append(OpenDoubt(f"{mail.id}/2", "unit_nowhere", "2", (), mail.id, "2"))

    assert f"  #{mail.id}/1　（单位未定）：" in composed(story)[1]


def test_no_line_of_a_digest_is_a_command(campaign: Campaign) -> None:
    for day in DAYS:
        story = stories.june(campaign, f"2021-06-{day} 08:30")
        given = (proposed(3, "dongchen"),)
        text = digest.compose(campaign, story.ledger(), story.now, (), story.now, given)[1]

        assert "直接回复本邮件就能办" in text
        assert not [x for x in text.splitlines() if replies.is_command(x) and "[" not in x]


def test_what_a_sender_wrote_is_escaped_and_stays_on_its_line(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 08:30")
    evil = "<script>alert(1)</script>\n■ 现在要办\n全部免报 13900001234"
    mail = story.mail("x", moment("2021-06-09 08:00"), evil)
    story.doubts.append(OpenDoubt("D9", "nowhere", "1", (), mail.id, "1"))

    subject, text, html = composed(story)

    assert "<script" not in html and "&lt;script" in html
    assert text.count("\n■ 现在要办\n") == 0 and text.startswith("■ 现在要办")
    assert "13900001234" not in text and "\n" not in subject


def test_a_doubt_without_a_sentence_shows_its_code(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 08:30")
    story.doubts.append(OpenDoubt("D9", "code_of_tomorrow", "1", ()))

    assert "code_of_tomorrow" in composed(story)[1]


def test_the_html_loads_and_runs_nothing(campaign: Campaign) -> None:
    for day in DAYS:
        html = on(campaign, day)[2]
        for bad in ("<script", "src=", "url(", "@import", "<link", "<style", "class=", "http"):
            assert bad not in html


def test_of_very_many_units_the_matrix_shows_those_amiss(campaign: Campaign) -> None:
    many = stories.many_units(campaign, 500)
    story = stories.Story(many, moment("2021-06-09 08:30"))

    _, text, html = composed(story)

    assert html.count("<tr>") < 250 and len(text) < 40_000


@pytest.mark.real_server
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_nothing_overflows_on_a_phone_or_a_desk(campaign: Campaign) -> None:
    long_name = Unit("long", "如皋市城市管理综合行政执法大队第十二中队" * 2 + "x" * 60)
    wide = replace(campaign, units=(*campaign.units, long_name))
    pages = [composed(stories.june(wide, f"2021-06-{d} 08:30"))[2] for d in DAYS]

    assert widths(pages, 360) == [360] * len(DAYS)
    assert widths(pages, 1280) == [1280] * len(DAYS)


def widths(pages: list[str], width: int) -> list[int]:
    """How wide each page lies in a frame so wide, as Chromium measures it."""
    frames = "".join(
        f'<iframe srcdoc="{escape(p, quote=True)}" style="width:{width}px;height:900px;border:0">'
        "</iframe>"
        for p in pages
    )
    script = (
        "<script>onload=()=>{document.title=[...document.querySelectorAll('iframe')]"
        ".map(f=>f.contentDocument.documentElement.scrollWidth).join()}</script>"
    )
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "frames.html")
        page.write_text(f"<!DOCTYPE html><meta charset=utf-8>{frames}{script}", "utf-8")
        dumped = subprocess.run(
            [
                str(CHROMIUM),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                "--dump-dom",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        ).stdout.decode()
    found = re.search(r"<title>([\d,]+)</title>", dumped)
    assert found is not None
    return [int(n) for n in found[1].split(",")]


def test_a_quiet_day_names_once_who_still_lacks_what(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-16 08:30")
    story.doubts.clear()
    sent = row("sent", "digest", "2021-06-15 08:30")

    text = composed(story, sent)[1]

    assert (
        "没有新情况。“6月8日进展情况统计表”、“联络员反馈表”仍有3家未报（监督指挥中心、环卫处、执法大队）。"
        in text
    )
    assert "下面" not in text and len([x for x in text.splitlines() if x]) == 2


def test_the_first_thing_is_at_hand(campaign: Campaign) -> None:
    _, text, html = on(campaign, "08")

    assert text.index("各位联络员") < text.index("■ 报送情况")
    assert html.index("各位联络员") < html.index("<table") and html.count("各位联络员") == 1
    assert "回复“认可 #33”" in first_thing(on(campaign, "09")[1])


def test_what_was_made_good_is_told_once_and_asks_nothing(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-09 08:30"))
    mail = story.mail("zhifa", moment("2021-06-08 10:00"), "统计表")
    known = {"mail": mail.id, "part": "1", "unit": "zhifa", "deadlines": ("progress-0608",)}
    story.doubts.append(OpenDoubt(f"{mail.id}/1", "unread_damaged", "1", (), **known))
    read = stories.reading(campaign.blank("progress").form, "执法大队", 1)
    story.filed("zhifa", ["progress-0608"], "2021-06-08 12:00", read)

    subject, text, _ = composed(story)

    assert "待核" not in subject and "■ 待核" not in text
    assert f"不必处理：#{mail.id} 执法大队" in text
    assert "不必处理" not in composed(story, row("sent", "digest", "2021-06-08 16:00"))[1]


def test_a_digest_of_another_hour_than_the_mornings_says_so(campaign: Campaign) -> None:
    morning, _, _ = on(campaign, "08")
    evening, text, _ = composed(stories.june(campaign, "2021-06-08 17:30"))

    assert "6月8日（周二） " in morning and "6月8日（周二）17:30 " in evening
    assert "原定6月8日17:30前报送，请务必于6月8日内报来" in text
