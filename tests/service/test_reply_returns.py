"""Returns in a reply: whose, which, from when; several units in one line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service import replies
from service.decisions import Decided
from service.reply_words import NotUnderstood
from service.standing import Standing
from service.types import Campaign
from tests.service import facts


@pytest.fixture(scope="module")
def standing(campaign: Campaign) -> Standing:
    """A stranger sent two forms in one mail (#1)."""
    parts = (
        facts.form("progress", "白蒲镇", path="1"),
        facts.form("progress", "丁堰镇", path="2", name="丁堰.docx"),
    )
    mail = replace(facts.mail("06-08 10:00", *parts, sender="x@y.example"), id=1)
    waived = Decided(waived=frozenset({("dongchen", "liaison")}))
    now = facts.when("06-09 10:00")
    return Standing(campaign, facts.book(campaign, (mail,), "06-09 10:00"), waived, now, now)


def asked(standing: Standing, line: str) -> list[tuple[str, dict[str, object]]]:
    return [(act.verb, dict(act.args)) for act in replies.understand(line, standing)]


def why_not(standing: Standing, line: str) -> str:
    with pytest.raises(NotUnderstood) as raised:
        replies.understand(line, standing)
    return raised.value.code


def test_one_line_may_waive_several_units(standing: Standing) -> None:
    found = asked(standing, "免报 东陈、白蒲 6月8日 抢险")

    assert [a["unit"] for _, a in found] == ["dongchen", "baipu"]
    assert {a["deadline"] for _, a in found} == {"progress-0608"}


def test_only_what_was_waived_is_owed_again(standing: Standing) -> None:
    assert asked(standing, "恢复 东陈 联络员") == [
        ("unwaive", {"unit": "dongchen", "deadline": "liaison"})
    ]
    assert why_not(standing, "恢复 东陈 6月8日") == "not_waived"


def test_of_several_files_the_part_is_named(standing: Standing) -> None:
    assert why_not(standing, "认领 #1 白蒲") == "several_parts"
    ((verb, args),) = asked(standing, "认领 #1/2 白蒲 6月8日统计表")
    assert verb == "assign"
    assert args == {"part": "1/2", "unit": "baipu", "deadlines": ["progress-0608"]}


def test_a_verdict_may_name_several_mails(standing: Standing) -> None:
    assert [a["doubt"] for _, a in asked(standing, "不是 #1/1 #1/2")] == ["1/1", "1/2"]
    assert [v for v, _ in asked(standing, "认可 #1/1")] == ["accept"]
    assert why_not(standing, "认可 #9") == "mail_unknown"


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("收到 物管科 6月8日 微信 6月8日16:00", "2021-06-08T16:00:00+08:00"),
        ("收到 物管科 6月8日 6月7日 当面", "2021-06-07T12:00:00+08:00"),
        ("收到 物管科 6月8日 电话", "2021-06-09T10:00:00+08:00"),
    ],
)
def test_when_it_came_is_as_said_or_the_hour_of_the_reply(
    standing: Standing, line: str, when: str
) -> None:
    ((_, args),) = asked(standing, line)

    assert args["when"] == when


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("收到 物管科 6月8日", "how_missing"),
        ("收到 物管科 6月8日 微信 昨天", "time_unclear"),
        ("延期 6月8日统计表 6月5日", "not_later"),
        ("延期 6月8日统计表 8月1日", "after_close"),
        ("延期 总结", "time_missing"),
    ],
)
def test_a_time_that_cannot_be_is_refused(standing: Standing, line: str, code: str) -> None:
    assert why_not(standing, line) == code
