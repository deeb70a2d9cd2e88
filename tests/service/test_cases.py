"""What waits for a person: every case says what to reply, and the reply is understood."""

from __future__ import annotations

import re

import pytest

from service import cases, replies
from service.decisions import in_force
from service.desk import Case, Desk
from service.moments import moment
from service.standing import Standing
from service.types import Campaign, OpenDoubt
from tests.service.report import stories


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return stories.load()


def waiting(
    campaign: Campaign, codes: tuple[str, ...], deadlines: tuple[str, ...]
) -> tuple[stories.Story, Desk, Case]:
    """One file of 执法大队 that waits for these reasons."""
    story = stories.Story(campaign, moment("2021-06-25 08:30"))
    read = stories.reading(campaign.blank("progress").form, "执法大队", 1)
    found = story.filed("zhifa", deadlines, "2021-06-24 10:00", read, status="waiting")
    for code in codes:
        story.doubts.append(OpenDoubt(found.id, code, "1", (), found.mail, "1", "zhifa", deadlines))
    desk = Desk(campaign, story.ledger(), story.now, (), story.now)
    return story, desk, desk.cases()[0]


@pytest.mark.parametrize(
    ("codes", "deadlines", "asked"),
    [
        (("unread_scan_unread",), ("progress-0624", "weekly-0624"), "认可"),
        (("unread_scan_unread",), ("progress-0624", "media"), "认领"),
        (("sender_unknown",), ("progress-0624",), "认可"),
        (("unit_nowhere", "sender_unknown"), ("progress-0624",), "认领"),
        (("deadline_conflict",), ("progress-0608", "progress-0624"), "认领"),
        (("version_half",), ("progress-0624",), "认可"),
    ],
)
def test_a_case_says_what_to_reply(
    campaign: Campaign, codes: tuple[str, ...], deadlines: tuple[str, ...], asked: str
) -> None:
    _, desk, case = waiting(campaign, codes, deadlines)

    first, *others = re.findall("“(.+?)”", cases.how(desk, case))

    assert first.startswith(asked)
    assert others == [f"不是 {case.number}"]


@pytest.mark.parametrize("code", ["sender_unknown", "version_half", "deadline_conflict"])
def test_what_it_says_is_understood_when_somebody_replies_it(campaign: Campaign, code: str) -> None:
    several = ("progress-0608", "progress-0624") if code == "deadline_conflict" else ()
    story, desk, case = waiting(campaign, (code,), several or ("progress-0624",))
    standing = Standing(campaign, story.ledger(), in_force(()), story.now, story.now)

    for line in re.findall("“(.+?)”", cases.how(desk, case)):
        said = line.replace("[期次]", "6月24日进展情况统计表")
        (act,) = replies.understand(said, standing)
        assert act.verb in ("accept", "reject", "assign")


def test_of_two_versions_it_asks_which_one_holds(campaign: Campaign) -> None:
    _, desk, case = waiting(campaign, ("version_half",), ("progress-0624",))

    assert cases.how(desk, case).startswith("以后来的为准回复")


def test_no_line_of_it_is_a_command(campaign: Campaign) -> None:
    _, desk, case = waiting(campaign, ("unit_nowhere",), ("progress-0624",))

    for said in cases.told(desk, case).values():
        assert not replies.is_command(said)
        assert not any(replies.is_command(x) for x in replies.lines(campaign, said))
