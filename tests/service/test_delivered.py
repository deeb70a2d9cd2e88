"""A file by another road is a mail like any other that counts by its decision alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from parsers import message
from service import delivered
from service.store import Store
from service.types import Campaign, MailFact
from tests.service import facts
from tests.service.facts import decision, form, mail, when

P8 = "progress-0608"
AT = when("06-08 16:00")


def brought(*parts: object) -> MailFact:
    """From the staff's own mailbox, as `wrapped` makes it."""
    made = mail("06-08 16:00", *parts, sender="1137652316@qq.com", subject="收到")  # type: ignore[arg-type]
    return replace(made, source=delivered.RECEIVED, proof="unproved")


def received(number: int, fact: MailFact, unit: str = "baipu", deadline: str = P8):  # type: ignore[no-untyped-def]
    given = {"unit": unit, "deadline": deadline, "when": "2021-06-08 16:00", "how": "微信"}
    return decision(number, "06-08 17:00", "received", mail=fact.sha256, **given)


def test_the_file_is_an_attachment_octet_for_octet() -> None:
    name, content = "微信 统计表（终稿）.docx", bytes(range(256)) * 40
    raw = delivered.wrapped(name, content, "东陈镇 已收到", "已收到", "gk@qq.example", AT)
    read = message.parse(raw)
    (part,) = (p for p in read.parts if p.name)

    assert (part.name, read.sender, read.subject) == (name, "gk@qq.example", "东陈镇 已收到")
    assert hashlib.sha256(content).hexdigest() == hashlib.sha256(part.content).hexdigest()
    assert raw == delivered.wrapped(name, content, "东陈镇 已收到", "已收到", "gk@qq.example", AT)


def test_without_its_decision_it_is_not_there(campaign: Campaign) -> None:
    fact = brought(form("progress", "白蒲镇"))
    made = facts.book(campaign, [fact], "06-09 10:00")

    assert made.submissions == () and made.mails == () and made.doubts == ()


def test_it_is_the_units_that_staff_say_whatever_stands_on_it(campaign: Campaign) -> None:
    fact = brought(form("progress", "丁堰镇", "丁堰.docx"))
    made = facts.book(campaign, [fact], "06-09 10:00", [received(1, fact)])
    (filed,) = made.submissions

    assert (filed.unit, filed.deadlines, filed.status) == ("baipu", (P8,), "governing")
    assert (filed.trust, filed.how, filed.sender) == ("staff", "微信", None)
    assert made.cell("baipu", P8).days_late == 0 and made.cell("dingyan", P8).state == "missing"


def test_what_nobody_can_read_is_received_all_the_same(campaign: Campaign) -> None:
    fact = brought(facts.part("scan_unread", "拍照.jpg", kind="image"))
    made = facts.book(campaign, [fact], "06-09 10:00", [received(1, fact)])

    assert made.cell("baipu", P8).state == "reported"
    assert not [d for d in made.doubts if not d.soft]


def test_a_forgotten_file_goes_on_counting(tmp_path: Path) -> None:
    store = Store(tmp_path / "baosong.db")
    sha = "ab" * 32
    store.add_mail(delivered.place("gk", sha), sha, 1, AT, AT, delivered.RECEIVED)
    store.decide("c", AT, "科室", "", "received", {"mail": sha})
    mark = store.erase_mail(sha, True, AT)

    (decided,) = store.decisions("c", AT)
    assert decided.args == {"mail": mark}
    assert [m.sha256 for m in store.mail_facts()] == [mark]
    store.close()
