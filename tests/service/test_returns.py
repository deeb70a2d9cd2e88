"""What each part of a mail is, or may be: a form, a material, or something that only an eye can
tell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from service import returns
from service.types import Campaign, PartFact
from tests.service import facts
from tests.service.facts import part

LONG = "本单位组织学习，开展宣传，排查隐患，落实整改。" * 20
FORM = facts.form("progress", "东陈镇", path="9")
EVERYTHING = ("liaison", "progress", "summary", "media")


def file(name: str | None, text: str = LONG) -> PartFact:
    return part("material", name, text=text)


def unread(name: str | None, outcome: str = "damaged") -> PartFact:
    return part(outcome, name)


def picture(name: str | None, outcome: str = "scan_unread", kind: str = "image") -> PartFact:
    return part(outcome, name, kind=kind)


@dataclass(frozen=True)
class Case:
    """A mail, and the (material, unread, targets) of what is no form in it."""

    what: str
    parts: tuple[PartFact, ...]
    found: tuple[str | None, str, tuple[str, ...]] | None
    subject: str = ""
    more: dict[str, Any] = field(default_factory=dict)


CASES = (
    # written papers
    Case("a summary by its name", (file("安全生产月总结.docx"),), ("summary", "", ())),
    Case("by its title", (file("1.docx", "活动总结\n" + LONG),), ("summary", "", ())),
    Case("not by a word in its middle",
         (file("1.docx", LONG + "总结"),), (None, "unclassified", ("summary", "experience"))),
    Case("too short to be one", (file("总结.docx", "总结" * 30),),
         (None, "unclassified", ("summary", "experience"))),
    Case("a table about it is none: its name speaks of the form",
         (file("总结统计表.docx"),), (None, "not_recognised", ("progress",))),
    Case("experience by its name", (file("经验做法.docx"),), ("experience", "", ())),
    Case("text under a form's name, width folded", (file("附件１.txt", "姓名"),),
         (None, "not_recognised", ("liaison",))),
    Case("or under a form's subject", (file("1.txt", "姓名"),),
         (None, "not_recognised", ("liaison",)), "联络员反馈表"),
    Case("forty-nine characters are a covering note", (file("1.txt", "好" * 49),), None),
    Case("fifty are a document", (file("1.txt", "好" * 50),),
         (None, "unclassified", ("summary", "experience"))),
    Case("beside a form a document is its covering letter", (file("1.txt"), FORM), None),
    Case("three hundred characters are enough", (file("总结.docx", "总结" * 150),),
         ("summary", "", ())),
    Case("words about photos are no photo", (file("照片说明.docx"),),
         (None, "unclassified", ("summary", "experience"))),
    Case("a paper without a name", (file(None),),
         (None, "unclassified", ("summary", "experience"))),
    # what cannot be read
    Case("by its own name", (unread("附件1.doc"),), (None, "damaged", ("liaison",)), "统计表"),
    Case("a material by its name", (unread("总结.doc"),), (None, "damaged", ("summary",))),
    Case("beside a form that form's copy", (unread("1.pdf", "scan_unread"), FORM),
         (None, "scan_unread", ("progress",))),
    Case("by the subject", (unread("1.doc"),), (None, "damaged", ("liaison",)), "联络员"),
    Case("by the text", (unread("1.doc"),), (None, "damaged", ("liaison",)), "",
         {"text": "联络员反馈表见附件"}),
    Case("else anything that is due", (unread("1.doc"),), (None, "damaged", EVERYTHING)),
    Case("without a name", (unread(None),), (None, "damaged", EVERYTHING)),
    Case("a damaged picture may be anything too", (picture("1.jpg", "damaged"),),
         (None, "damaged", EVERYTHING), "照片"),
    # pictures and films
    Case("a film, whatever the words", (picture("1.mp4", "material", "video"),),
         ("media", "", ()), "统计表"),
    Case("a picture named so", (picture("活动照片.jpg"),), ("media", "", ()), "统计表"),
    Case("a picture in a mail about photos", (picture("1.jpg"),), ("media", "", ()), "照片"),
    Case("in a mail about photos and a form nobody knows", (picture("1.jpg"),),
         (None, "scan_unread", ("progress", "media")), "照片和统计表"),
    Case("in such a mail beside the form it is a photo", (picture("1.jpg"), FORM),
         ("media", "", ()), "照片和统计表"),
    Case("beside a form, without a word", (picture("1.jpg"), FORM),
         (None, "scan_unread", ("progress", "media"))),
    Case("beside a form, named as another", (picture("附件1.jpg"), FORM),
         (None, "scan_unread", ("liaison",))),
    Case("alone, named as a form", (picture("统计表.jpg"),), (None, "scan_unread", ("progress",))),
    Case("alone, in a mail about a form", (picture("1.jpg"),),
         (None, "scan_unread", ("progress",)), "统计表"),
    Case("named as a form in a mail about photos", (picture("统计表.jpg"),),
         (None, "scan_unread", ("progress", "media")), "照片"),
    Case("a picture without a name", (picture(None),), ("media", "", ()), "照片"),
    Case("what only calls itself a picture", (part("material", "1.bin", text=LONG),),
         (None, "unclassified", ("summary", "experience")), "照片"),
    # links and words
    Case("a film behind a link", (), ("media", "", ()), "", {"links": ({"name": "1.MP4"},)}),
    Case("an archive behind a link", (), (None, "oversize_link", EVERYTHING), "",
         {"links": ({"name": "1.zip"},)}),
    Case("an archive of photos behind a link", (), ("media", "", ()), "照片",
         {"links": ({"name": "1.zip"},)}),
    Case("by the name of the link alone", (), ("media", "", ()), "",
         {"links": ({"name": "照片.zip"},)}),
    Case("a link without a name", (), (None, "oversize_link", EVERYTHING), "", {"links": ({},)}),
    Case("no photos", (), ("media", "", ()), "无照片", {"nil": True}),
    Case("nothing this week", (), (None, "nil", ("progress",)), "本周无", {"nil": True}),
    Case("who says that there is nothing and sends something sent that",
         (unread("附件1.doc"),), (None, "damaged", ("liaison",)), "无", {"nil": True}),
    # robots and our own
    Case("a robot's document", (file("总结.docx"),), None, "", {"automatic": "list"}),
    Case("a bounce with our form", (FORM,), None, "", {"automatic": "bounce"}),
    Case("a form behind a robot's marks is seen", (FORM,), (None, "automatic", ("progress",)), "",
         {"automatic": "list"}),
    Case("a mail that nobody could read", (), (None, "mail", EVERYTHING), "", {"state": "failed"}),
    Case("and of which nobody knows who sent it", (), None, "",
         {"state": "failed", "sender": None}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.what)
def test_each_part_is_what_it_says_or_may_be(shipped: Campaign, case: Case) -> None:
    mail = facts.mail("06-08 09:00", *case.parts, subject=case.subject, **case.more)
    others = [c for c in returns.candidates(shipped, mail) if c.form is None]

    assert [(c.material, c.unread, c.targets) for c in others] == (
        [case.found] if case.found else []
    )


def test_what_is_sure_is_filed_before_what_is_not(shipped: Campaign) -> None:
    mail = facts.mail("06-08 09:00", unread("附件1.doc"), FORM)

    assert [bool(c.unread) for c in returns.candidates(shipped, mail)] == [False, True]


def test_our_own_letter_come_back_brings_nothing(shipped: Campaign) -> None:
    assert returns.candidates(shipped, facts.mail("06-08 09:00", FORM, ours=True)) == ()


def test_a_form_of_a_campaign_that_is_over_is_no_return_and_no_companion(shipped: Campaign) -> None:
    old = replace(FORM, form=None)
    mail = facts.mail("06-08 09:00", old, unread("1.pdf"), picture("2.jpg"))
    robot = facts.mail("06-08 09:00", old, automatic="list")

    assert [c.targets for c in returns.candidates(shipped, mail)] == [EVERYTHING, EVERYTHING]
    assert returns.candidates(shipped, robot) == ()


def test_where_no_photos_are_asked_for_none_are_taken(shipped: Campaign) -> None:
    written = tuple(m for m in shipped.materials if not m.media)
    links = ({"name": "照片.mp4"},)
    mail = facts.mail("06-08 09:00", picture("照片.jpg"), subject="无照片", nil=True, links=links)
    found = returns.candidates(replace(shipped, materials=written), mail)

    assert [(c.material, c.unread) for c in found] == [
        (None, "scan_unread"),
        (None, "oversize_link"),
    ]


def test_a_mail_is_announced_by_its_subject_or_by_a_files_name(shipped: Campaign) -> None:
    def announced(subject: str, name: str) -> bool:
        return returns.is_announced(shipped, facts.mail("06-08 09:00", file(name), subject=subject))

    assert announced("统计表", "1.doc") and announced("", "活动总结.doc")
    assert not announced("你好", "1.doc")


def test_where_nothing_is_weekly_a_nil_return_may_be_of_any_form(shipped: Campaign) -> None:
    once = tuple(replace(d, week=None) for d in shipped.deadlines)
    mail = facts.mail("06-08 09:00", subject="本月无", nil=True)

    (found,) = returns.candidates(replace(shipped, deadlines=once), mail)
    assert (found.unread, set(found.targets)) == ("nil", {"progress"})
