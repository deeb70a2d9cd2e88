"""Confirmations: what was understood, with names and not codes, and the way back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service import confirmations
from service.moments import moment
from service.types import Campaign, Heard

NOW = moment("2021-06-09 10:00")


def heard(*lines: dict[str, Any], number: int = 1, kind: Any = "reply", minutes: int = 0) -> Heard:
    told = {"subject": "回复：日报", "arrived": "2021-06-09T09:59:00+08:00", "lines": list(lines)}
    at = NOW - timedelta(minutes=minutes)
    sha = f"{number:064x}"[::-1]
    return Heard(sha, "2021-safety-month", kind, number, at, f"<{number}@x>", "a@b.example", told)


def done(verb: str, **args: object) -> dict[str, Any]:
    return {"said": "…", "acts": [{"verb": verb, "args": args, "number": 7, "sentence": "办了"}]}


UNCLEAR = {"said": "免报 长安", "problem": "看不出是哪个单位。", "verb": True}
IDLE = {"said": "今天开会", "problem": "不是系统认得的写法。", "verb": False}


def test_each_reply_that_said_anything_is_confirmed_once(campaign: Campaign) -> None:
    found = list(confirmations.wanted(campaign, [heard(done("paper", unit="dongchen"))], NOW))

    assert [(w.kind, w.to) for w in found] == [("notice", ("a@b.example",))]
    assert list(confirmations.wanted(campaign, [heard()], NOW)) == []


def test_a_week_later_it_is_too_late_to_confirm(campaign: Campaign) -> None:
    old = [heard(UNCLEAR)]

    assert list(confirmations.wanted(campaign, old, NOW + timedelta(days=7))) == []


@pytest.mark.parametrize(("line", "most"), [(IDLE, 3), (UNCLEAR, 30)])
def test_a_robot_cannot_keep_us_writing(
    campaign: Campaign, line: dict[str, Any], most: int
) -> None:
    many = [heard(line, number=n) for n in range(1, 41)]

    assert len(list(confirmations.wanted(campaign, many, NOW))) == most


def test_a_report_that_was_asked_for_is_wanted_until_the_next_day_ends(campaign: Campaign) -> None:
    asked = [heard(done("report", deadline="progress-0608"))]

    def kinds(hours: int) -> list[str]:
        now = NOW + timedelta(hours=hours)
        return [w.kind for w in confirmations.wanted(campaign, asked, now)]

    assert kinds(0) == ["notice", "report"]
    assert kinds(48) == ["notice"]


@pytest.mark.parametrize(
    ("verb", "args", "said"),
    [
        (
            "waive",
            {"unit": "dongchen", "deadline": "liaison"},
            "东陈镇综合执法局 联络员反馈表 免报",
        ),
        ("undo", {"number": 7}, "决定 7 已撤销"),
        (
            "extend",
            {"unit": None, "deadline": "progress-0608", "time": "2021-06-10T17:30:00+08:00"},
            "6月8日进展情况统计表 改为 6月10日17:30 截止（全部）",
        ),
        (
            "withdraw",
            {"letters": ["2021-safety-month/reminder/dongchen/progress-0608/overdue-1"]},
            "撤回信件：东陈镇综合执法局的催报信",
        ),
        (
            "correct",
            {"unit": "dongchen", "deadline": "progress-0608", "key": "3.2", "value": 12},
            "东陈镇综合执法局 6月8日进展情况统计表 第3.2项改为 12",
        ),
        (
            "correct",
            {"unit": "dongchen", "deadline": "progress-0608", "key": "1.3", "value": ["甲", "乙"]},
            "东陈镇综合执法局 6月8日进展情况统计表 第1.3项改为 甲、乙",
        ),
        ("reject", {"doubt": "12/1:3.2:unclear"}, "不作为报送：#12/1"),
    ],
)
def test_a_decision_is_told_in_names(
    campaign: Campaign, verb: str, args: dict[str, Any], said: str
) -> None:
    assert confirmations.sentence(campaign, verb, args) == said


def test_what_cannot_be_called_back_is_said_to_be_so(campaign: Campaign) -> None:
    assert "发出去的收不回来" in confirmations.sentence(campaign, "release", {"letters": []})
    report = confirmations.sentence(campaign, "report", {"deadline": "progress-0608"})
    assert "不改动任何数" in report


def test_the_letter_tells_line_by_line_and_how_to_write_what_was_unclear(
    campaign: Campaign,
) -> None:
    told = [heard(done("paper", unit="dongchen"), UNCLEAR)]
    (want,) = confirmations.wanted(campaign, told, NOW)

    letter = confirmations.letter(campaign, told, want)

    assert letter.subject.startswith("【办了1项，1行没看懂】") and letter.in_reply_to == "<1@x>"
    assert "已办：办了。编号7，要撤销请回复“撤销 7”。" in letter.text
    assert "没有看懂，什么也没有改动：看不出是哪个单位。" in letter.text
    assert "这一期不用报：免报 [单位] [期次] [原因]" in letter.text
    assert "这一期不用报" in letter.html


def test_a_clear_reply_is_not_lectured(campaign: Campaign) -> None:
    told = [heard(done("paper", unit="dongchen"))]
    (want,) = confirmations.wanted(campaign, told, NOW)

    assert "写法" not in confirmations.letter(campaign, told, want).text
