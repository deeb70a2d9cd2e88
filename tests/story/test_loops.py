"""Who might write to himself for ever: a mailbox that is the staff's own, and robots."""

from __future__ import annotations

import email
import email.policy
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from service import demo_paper, demo_story
from service.assembly import Machine, running
from service.clock import MovingClock
from service.moments import ZONE, moment
from service.outlook import survey
from service.postman import Delivery
from service.types import Campaign
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman, Posted
from tests.story import june, playing

BOX = "1137652316@qq.com"
MORNING = moment("2021-06-08 09:00")


def subject(posted: Posted) -> str:
    return str(email.message_from_bytes(posted.content, policy=email.policy.default)["Subject"])


def kinds(post: ListPostman) -> Counter[str]:
    """Letters by the first word of their subject."""
    return Counter(
        subject(p).strip("【").partition("】")[0].partition("：")[0] for p in post.posted
    )


def small(campaign: Campaign, *units: str) -> Campaign:
    """The campaign with these units only, and without reports."""
    return replace(campaign, reports=(), units=tuple(u for u in campaign.units if u.id in units))


def unit_of(mail: demo_story.Incoming) -> str:
    sender = str(email.message_from_bytes(mail.raw)["From"])
    return sender.partition("<")[2].partition("@")[0]


def one(campaign: Campaign, day: str = "2021-06-08") -> demo_story.Incoming:
    """A unit's own mail of that day with its form."""
    mails = demo_story.mails(campaign, june.story())
    return next(m for m in mails if m.when > moment(f"{day} 00:00") and "progress" in _what(m))


def _what(mail: demo_story.Incoming) -> str:
    said = str(email.message_from_bytes(mail.raw, policy=email.policy.default)["Subject"])
    return "progress" if "进展情况统计表" in said else ""


def attached(raw: bytes) -> list[tuple[str, bytes]]:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    return [(str(p.get_filename()), p.get_payload(decode=True)) for p in mail.iter_attachments()]


def tick(machine: Machine, clock: MovingClock, when: datetime) -> None:
    clock.move_to(when)
    assert machine.daemon.tick().problem is None


def test_the_staff_may_write_from_the_polled_mailbox_itself(tmp_path: Path) -> None:
    """QQ demands From = login, so digests, Sent copies and the clerk's own mail all come
    back into INBOX: ours are ignored, the clerk's are a person's, nothing goes in circles."""
    settings, campaign, _ = playing.set_up(tmp_path / "june")
    assert BOX in campaign.staff.addresses
    assert settings.sender == BOX
    box, post, clock = ListMailbox(), ListPostman(), MovingClock(moment("2021-06-07 08:00"))

    def comes_back(sender: str, to: Sequence[str], raw: bytes) -> Delivery | None:
        """Every letter stands in INBOX too: to ourselves, or a copy to ourselves."""
        box.deliver(raw, clock.now())
        return None

    post.behaviour = comes_back
    original = one(campaign)
    unit = unit_of(original)
    few = small(campaign, unit, "baipu")
    with running(settings, (few,), box, post, clock) as machine:
        tick(machine, clock, moment("2021-06-07 08:30"))
        tick(machine, clock, MORNING)
        letters = len(post.posted)
        said = str(email.message_from_bytes(original.raw, policy=email.policy.default)["Subject"])
        files = attached(original.raw)
        forwarded = demo_paper.mail(
            ("安全科", BOX), BOX, f"转发：{said}", clock.now(), "微信发来的", files
        )
        box.deliver(forwarded, MORNING + timedelta(minutes=20))
        after = []
        for minute in (21, 24, 27):
            tick(machine, clock, MORNING + timedelta(minutes=minute))
            after.append(len(post.posted) - letters)
        facts = machine.store.mail_facts()
        book = survey(machine.store, few, clock.now()).ledger

    ours = [m for m in facts if m.ours]
    theirs = [m for m in facts if not m.ours]
    (submission,) = book.submissions
    assert len(ours) == len(post.posted)
    assert [m.sender for m in theirs] == [BOX]
    assert (submission.trust, submission.unit, submission.status) == ("staff", unit, "governing")
    assert book.cell(unit, "progress-0608").state == "reported"
    assert after[1:] == after[:1] * 2
    assert kinds(post)["回执"] == 1


def test_a_robot_that_answers_everything_is_answered_little(tmp_path: Path) -> None:
    """It bears no mark of a robot and adds ever new files to its replies: at most one receipt
    a day and three a campaign for what brings nothing."""
    settings, campaign, _ = playing.set_up(tmp_path / "june")
    box, post, clock = ListMailbox(), ListPostman(), MovingClock(moment("2021-06-07 08:00"))
    filed = one(campaign)
    robot = f"{unit_of(filed)}@units.example"
    answers: list[bytes] = []
    (filed_file,) = [content for _, content in attached(filed.raw)]

    def answers_all(sender: str, to: Sequence[str], raw: bytes) -> Delivery | None:
        if robot in to:
            said = str(email.message_from_bytes(raw, policy=email.policy.default)["Subject"])
            files = [
                (f"签名{len(answers)}.jpg", demo_paper.photo(f"{robot}{len(answers)}")),
                (f"统计表{len(answers)}.docx", filed_file[: 9000 + len(answers)]),
                ("ATT00001.txt", f"本邮件已经安全网关检查，编号{len(answers)}。".encode() * 9),
            ]
            answers.append(
                demo_paper.mail(("机器人", robot), BOX, f"回复：{said}", clock.now(), "收到", files)
            )
            box.deliver(answers[-1], clock.now())
        return None

    post.behaviour = answers_all
    few = small(campaign, unit_of(filed))
    with running(settings, (few,), box, post, clock) as machine:
        tick(machine, clock, moment("2021-06-07 08:30"))
        box.deliver(filed.raw, MORNING)
        for day in range(6):
            for hour in (1, 6):
                tick(machine, clock, MORNING + timedelta(days=day, hours=hour))

    told = [p for p in post.posted if robot in p.recipients]
    replies = [p for p in told if subject(p).startswith(("回执", "请重新"))]
    days = Counter(_day(p) for p in replies[1:])
    assert len(answers) == len(told)
    assert 1 < len(replies) <= 1 + 3
    assert max(days.values()) == 1


def _day(posted: Posted) -> str:
    said = email.message_from_bytes(posted.content, policy=email.policy.default)["Date"]
    return f"{said.datetime.astimezone(ZONE):%m%d}"
