"""The whole month where the staff's address is the polled mailbox itself, as QQ's From = login
makes it: every letter of ours stands in INBOX too, the clerk forwards and answers from it."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from service import demo_paper
from service.demo_story import Incoming
from service.moments import ZONE, moment
from service.postman import Delivery
from service.store import Store
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.story import june, playing

pytestmark = pytest.mark.proof

BOX = playing.USER
BROUGHT = "shizhuang"
"""The unit whose returns come by WeChat: the clerk mails them to the mailbox."""
ASKED = moment("2021-06-17 10:00")


@dataclass
class Mailbox:
    """INBOX and the postman of one account: what leaves to anybody comes back."""

    comes_back: bool
    box: ListMailbox = field(default_factory=ListMailbox)
    post: ListPostman = field(default_factory=ListPostman)
    returned: int = 0

    def __post_init__(self) -> None:
        self.post.behaviour = self._returns

    def _returns(self, sender: str, to: Sequence[str], raw: bytes) -> Delivery | None:
        if self.comes_back:
            said = email.message_from_bytes(raw, policy=email.policy.default)["Date"]
            self.returned += 1
            # QQ puts its own Message-ID in the place of ours
            own = b"Message-ID: <tencent_%d@qq.com>" % self.returned
            copy = re.sub(rb"(?im)^Message-ID:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", own, raw, count=1)
            self.box.deliver(copy, said.datetime.astimezone(ZONE))
        return None

    def letters(self) -> list[tuple[str, str, str]]:
        return playing.letters((p.recipients, p.content) for p in self.post.posted)


def sender_of(mail: Incoming) -> str:
    said = str(email.message_from_bytes(mail.raw, policy=email.policy.default)["From"])
    return said.partition("<")[2].partition("@")[0]


def forwarded(mail: Incoming) -> Incoming:
    """What the clerk makes of a unit's mail: a mail from the mailbox to itself."""
    old = email.message_from_bytes(mail.raw, policy=email.policy.default)
    files = [(str(p.get_filename()), p.get_payload(decode=True)) for p in old.iter_attachments()]
    subject = f"转发：{old['Subject']}"
    return Incoming(
        mail.when,
        demo_paper.mail(("安全科", BOX), BOX, subject, mail.when, "微信发来的。", files),
    )


def play(folder: Path, comes_back: bool) -> tuple[Mailbox, Store]:
    settings, campaign, mails = playing.set_up(folder)
    assert BOX in campaign.staff.addresses
    assert settings.sender == BOX
    here = Mailbox(comes_back)
    brought = [forwarded(m) if sender_of(m) == BROUGHT else m for m in mails]
    asked = Incoming(ASKED, b"")
    every = sorted([*brought, asked], key=lambda m: m.when)

    def deliver(raw: bytes, when: datetime) -> None:
        here.box.deliver(raw or answer(here.post, when), when)

    doors = here.box, here.post
    playing.play(settings, campaign, every, doors, deliver, remember=True)
    return here, Store(settings.database)


def answer(post: ListPostman, when: datetime) -> bytes:
    """The clerk's reply to the morning's digest, from the mailbox itself."""
    subjects = [
        str(email.message_from_bytes(p.content, policy=email.policy.default)["Subject"])
        for p in post.posted
    ]
    digest = next(s for s in reversed(subjects) if s.startswith("【日报】"))
    return demo_paper.mail(("安全科", BOX), BOX, f"回复：{digest}", when, "汇总", [])


def test_the_whole_june_from_the_mailbox_itself(tmp_path: Path) -> None:
    alone, _ = play(tmp_path / "alone", comes_back=False)
    here, store = play(tmp_path / "june", comes_back=True)
    told, facts = here.letters(), store.mail_facts()
    store.close()

    # not one letter more or less than where nothing comes back, to anybody, on any day
    assert Counter(told) == Counter(alone.letters())
    assert here.returned == len(told) > 250
    assert sum(m.ours for m in facts) == here.returned
    # what the clerk wrote is a person's: five returns of one unit, and one command
    clerks = [m for m in facts if m.sender == BOX and not m.ours]
    assert len(clerks) == 5 + 1
    assert [k for u, day, k in told if (u, day) == ("staff", f"{ASKED:%m%d}")].count(
        "【汇总】"
    ) == 1
    # every unit was told what the table says; receipts of what the clerk brought go to the clerk
    others = [t for t in told if t[0] not in (BROUGHT, "staff")]
    wanted = {k: v for k, v in june.expected().items() if k[0] != BROUGHT}
    assert {k: sorted(k3 for u, d, k3 in others if (u, d) == k) for k in wanted} == wanted
    brought = [(day, kind) for unit, day, kind in told if unit == BROUGHT and kind == "reminder"]
    assert brought == [
        (day, "reminder")
        for (unit, day), kinds in june.expected().items()
        for kind in kinds
        if unit == BROUGHT and kind == "reminder"
    ]
