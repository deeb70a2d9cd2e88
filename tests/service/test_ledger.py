"""Who has filed what: whose a form is, what makes it wait, what staff decide about it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import ledger
from service.types import Campaign, Decision, Ledger, MailFact
from tests.service import facts
from tests.service.facts import decision, form, mail, part, when

P8 = "progress-0608"
NIGHT = "06-08 20:00"
STAFF = "1137652316@qq.com"


def state(made: Ledger, unit: str, deadline: str = P8) -> str:
    return made.cell(unit, deadline).state


def reasons(made: Ledger) -> list[str]:
    return [code for s in made.submissions for code, _, _ in s.reasons]


def test_before_during_and_after(campaign: Campaign) -> None:
    at = {
        t: state(facts.book(campaign, [], t), "baipu")
        for t in ("06-03 10:00", "06-04 00:00", "06-08 23:59", "06-09 00:00")
    }

    assert list(at.values()) == ["not_due", "open", "open", "missing"]


def test_one_mail_with_the_forms_of_several_units(campaign: Campaign) -> None:
    """The sender's own counts; the neighbour's stops that chase and waits for a person."""
    new = mail(
        "06-08 09:00",
        form("progress", "东陈镇综合执法局", path="1"),
        form("progress", "丁堰镇综合执法局", path="2", base=9),
    )
    made = facts.book(campaign, [new], NIGHT)

    assert (state(made, "dongchen"), state(made, "dingyan")) == ("reported", "doubt")
    assert reasons(made) == ["unit_conflict"]


def test_staff_passing_on_a_units_form(campaign: Campaign) -> None:
    new = mail("06-08 09:00", form("progress", "丁堰镇"), sender=STAFF, subject="转发：统计表")
    made = facts.book(campaign, [new], NIGHT)

    assert state(made, "dingyan") == "reported"
    assert made.submissions[0].trust == "staff"


def test_staff_passing_on_a_form_without_a_name_by_what_the_mail_says(campaign: Campaign) -> None:
    text = "---------- 转发邮件信息 ----------\n发件人: 丁堰镇综合执法局"
    new = mail("06-08 09:00", form("progress"), sender=STAFF, subject="转发：表", text=text)

    assert state(facts.book(campaign, [new], NIGHT), "dingyan") == "reported"


def test_an_anonymous_form_is_nobodys_and_everybody_can_see_it(campaign: Campaign) -> None:
    new = mail("06-08 09:00", form("progress"), sender="someone@other.example", subject="表")
    made = facts.book(campaign, [new], NIGHT)

    assert reasons(made) == ["sender_unknown", "unit_nowhere"]
    assert {c.state for c in made.cells.values()} == {"open", "not_due", "missing"}
    assert len([d for d in made.doubts if not d.soft]) == 2


def test_a_stamped_scan_beside_its_word_file_is_its_copy(campaign: Campaign) -> None:
    new = mail(
        "06-08 09:00",
        form("progress", "东陈镇"),
        part("scan_unread", "扫描件.pdf", "2", kind="pdf"),
    )
    made = facts.book(campaign, [new], NIGHT)

    assert facts.states(made, "dongchen") == {P8: "reported", "weekly-0610": "reported"}


def test_an_unnamed_photo_beside_the_form_stops_only_the_photos(campaign: Campaign) -> None:
    new = mail(
        "06-08 09:00",
        form("progress", "东陈镇"),
        part("scan_unread", "IMG_1.jpg", "2", kind="image"),
    )
    made = facts.book(campaign, [new], NIGHT)

    assert state(made, "dongchen") == "reported"
    assert state(made, "dongchen", "media") == "doubt"


def test_a_photo_of_the_form_is_no_media(campaign: Campaign) -> None:
    new = mail("06-08 09:00", part("scan_unread", "IMG_1.jpg", kind="image"), subject="统计表照片")
    made = facts.book(campaign, [new], NIGHT)

    assert state(made, "dongchen") == "doubt"


def test_a_document_that_may_be_the_summary_stops_its_chase(campaign: Campaign) -> None:
    new = mail(
        "06-30 09:00", part("material", "安全生产月工作情况.docx", text="一、组织领导。" * 30)
    )
    made = facts.book(campaign, [new], "06-30 10:00")

    assert state(made, "dongchen", "summary") == "doubt"
    assert reasons(made) == ["unread_unclassified"]


def test_a_strangers_papers_are_nobodys_return(campaign: Campaign) -> None:
    new = mail(
        "06-30 09:00",
        part("material", "公司宣传册.docx", text="欢迎选购。" * 30),
        sender="ad@other.example",
    )

    assert facts.book(campaign, [new], "06-30 10:00").submissions == ()


def test_no_photos_is_a_nil_return_of_the_photos(campaign: Campaign) -> None:
    new = mail("06-29 09:00", subject="无照片", nil=True)

    assert state(facts.book(campaign, [new], "06-29 10:00"), "dongchen", "media") == "reported"


def test_nothing_this_week_is_a_nil_return_of_the_week(campaign: Campaign) -> None:
    new = mail("06-10 09:00", subject="本周无", nil=True)

    made = facts.book(campaign, [new], "06-10 10:00")

    assert facts.states(made, "dongchen") == {"weekly-0610": "reported"}


def test_nothing_to_report_on_the_day_itself_is_for_staff(campaign: Campaign) -> None:
    new = mail("06-08 09:00", subject="无开展情况", nil=True)

    assert state(facts.book(campaign, [new], NIGHT), "dongchen") == "doubt"


def test_a_mail_that_cannot_be_read_may_be_anything(campaign: Campaign) -> None:
    new = mail("06-08 09:00", state="failed")
    made = facts.book(campaign, [new], NIGHT)

    assert state(made, "dongchen") == "doubt" and reasons(made) == ["unread_mail"]


def test_robots_file_nothing_but_a_form_in_such_a_mail_is_seen(campaign: Campaign) -> None:
    bounce = mail("06-08 09:00", form("progress", "东陈镇"), automatic="bounce")
    server = mail(
        "06-08 09:00", form("progress", "丁堰镇"), automatic="bulk", sender="dingyan@units.example"
    )
    made = facts.book(campaign, [bounce, server], NIGHT)

    assert (state(made, "dongchen"), state(made, "dingyan")) == ("open", "doubt")


def test_several_froms_are_put_aside(campaign: Campaign) -> None:
    made = facts.book(
        campaign, [mail("06-08 09:00", form("progress", "东陈镇"), sender=None)], NIGHT
    )

    assert made.submissions[0].trust == "failed"
    assert state(made, "dongchen") == "doubt"


def test_a_common_word_is_no_unit(campaign: Campaign) -> None:
    """“宣教” is another name of 人事科."""
    new = mail("06-28 09:00", part("scan_unread", "安全宣教照片.jpg", kind="image"))

    assert (
        state(facts.book(campaign, [new], NIGHT.replace("06-08", "06-28")), "dongchen", "media")
        == "reported"
    )


def test_a_forged_return_never_replaces_a_good_one(campaign: Campaign) -> None:
    good = mail("06-07 09:00", form("progress", "东陈镇", base=5))
    forged = [
        mail("06-08 09:00", form("progress", "东陈镇", base=90), sender=s)
        for s in ("dongchen@evil.example", None, "dingyan@units.example")
    ]
    made = facts.book(campaign, [good, *forged], NIGHT)

    told = made.governing("dongchen", P8)
    assert told is not None and told.mail == good.id
    assert len([s for s in made.submissions if s.status == "waiting"]) == 3


# -- decisions ----------------------------------------------------------------------


def of(made: Ledger, index: int = 0) -> str:
    return made.submissions[index].id


def test_accepting_makes_it_count_from_when_it_arrived(campaign: Campaign) -> None:
    new = mail("06-08 09:00", form("progress", "东陈镇"), sender="new@other.example")
    waiting = facts.book(campaign, [new], NIGHT)
    made = facts.book(
        campaign, [new], "06-11 09:00", [decision(1, "06-10 09:00", "accept", doubt=of(waiting))]
    )

    assert made.cell("dongchen", P8).state == "reported"
    assert made.doubts == ()


def test_rejecting_lets_the_chase_go_on(campaign: Campaign) -> None:
    new = mail("06-08 09:00", part("damaged", "统计表.doc"))
    waiting = facts.book(campaign, [new], NIGHT)
    made = facts.book(
        campaign, [new], NIGHT, [decision(1, "06-08 10:00", "reject", doubt=of(waiting))]
    )

    assert state(waiting, "dongchen") == "doubt" and state(made, "dongchen") == "open"


def test_the_same_form_sent_again_after_it_was_rejected_waits(campaign: Campaign) -> None:
    """Corrected, or from another address, it is a return like any other."""
    first = mail("06-08 09:00", form("progress", "东陈镇"))
    again = mail("06-08 11:00", form("progress", "东陈镇"))
    better = mail("06-08 12:00", form("progress", "东陈镇", base=9))
    elsewhere = mail("06-08 12:00", form("progress", "东陈镇"), sender="1137652316@qq.com")
    no = decision(1, "06-08 10:00", "reject", doubt=f"{first.id}/1")
    yes = decision(2, "06-08 13:00", "accept", doubt=f"{again.id}/1")

    twice = mail("06-08 09:00", form("progress", "东陈镇"), form("progress", "东陈镇", path="2"))
    not_one = decision(1, "06-08 10:00", "reject", doubt=f"{twice.id}/1")

    assert state(facts.book(campaign, [twice], NIGHT, [not_one]), "dongchen") == "reported"
    waits = facts.book(campaign, [first, again], NIGHT, [no])
    assert state(waits, "dongchen") == "doubt"
    assert [d.code for d in waits.doubts] == ["form_rejected"]
    for mails, decisions in (
        ([first, again], [no, yes]),
        ([first, better], [no]),
        ([first, elsewhere], [no]),
    ):
        assert state(facts.book(campaign, mails, NIGHT, decisions), "dongchen") == "reported"


def test_accepting_cannot_say_whose_it_is(campaign: Campaign) -> None:
    new = mail("06-08 09:00", form("progress", "丁堰镇"))
    conflict = facts.book(campaign, [new], NIGHT)
    made = facts.book(
        campaign, [new], NIGHT, [decision(1, "06-08 10:00", "accept", doubt=of(conflict))]
    )

    assert (state(made, "dongchen"), state(made, "dingyan")) == ("doubt", "doubt")
    assert made.doubts


def test_assigning_says_whose_it_is(campaign: Campaign) -> None:
    new = mail("06-08 09:00", form("progress", "丁堰镇"))
    conflict = facts.book(campaign, [new], NIGHT)
    given_ = decision(1, "06-08 10:00", "assign", part=of(conflict), unit="dingyan", deadlines=[])
    made = facts.book(campaign, [new], NIGHT, [given_])

    assert (state(made, "dongchen"), state(made, "dingyan")) == ("open", "reported")


def test_a_scan_assigned_to_a_deadline_counts_for_that_alone(campaign: Campaign) -> None:
    new = mail("06-08 09:00", part("scan_unread", "扫描件.pdf", kind="pdf"))
    waiting = facts.book(campaign, [new], NIGHT)
    given_ = decision(1, "06-08 10:00", "assign", part=of(waiting), unit="dongchen", deadlines=[P8])
    made = facts.book(campaign, [new], NIGHT, [given_])

    assert facts.states(made, "dongchen") == {P8: "reported"}


def test_accepting_a_scan_that_may_be_anything_does_not_count_it_for_everything(
    campaign: Campaign,
) -> None:
    new = mail("06-08 09:00", part("scan_unread", "扫描件.pdf", kind="pdf"))
    waiting = facts.book(campaign, [new], NIGHT)
    made = facts.book(
        campaign, [new], NIGHT, [decision(1, "06-08 10:00", "accept", doubt=of(waiting))]
    )

    assert "reported" not in facts.states(made, "dongchen").values()


def test_extension_for_one_unit_and_for_all(campaign: Campaign) -> None:
    one = decision(1, "06-07 09:00", "extend", deadline=P8, time="2021-06-11 12:00", unit="baipu")
    every = decision(2, "06-07 09:00", "extend", deadline=P8, time="2021-06-15 12:00", unit=None)

    only = facts.book(campaign, [], "06-09 09:00", [one])
    both = facts.book(campaign, [], "06-12 09:00", [one, every])
    assert (state(only, "baipu"), state(only, "jiuhua")) == ("open", "missing")
    assert (state(both, "baipu"), state(both, "jiuhua")) == ("missing", "open")


def test_waiving_and_taking_it_back(campaign: Campaign) -> None:
    waive = decision(1, "06-07 09:00", "waive", unit="baipu", deadline=P8)
    back = decision(2, "06-08 09:00", "unwaive", unit="baipu", deadline=P8)

    assert state(facts.book(campaign, [], "06-07 10:00", [waive, back]), "baipu") == "waived"
    assert state(facts.book(campaign, [], "06-08 10:00", [waive, back]), "baipu") == "open"
    assert (
        state(facts.book(campaign, [], "06-08 10:00", [replace(waive, undone=True)]), "baipu")
        == "open"
    )


def test_a_return_by_another_road_counts_from_its_time(campaign: Campaign) -> None:
    came = decision(
        1,
        "06-10 09:00",
        "received",
        unit="baipu",
        deadline=P8,
        when="2021-06-08T16:00:00+08:00",
        how="微信",
    )
    made = facts.book(campaign, [], "06-10 10:00", [came])

    assert (state(made, "baipu"), made.cell("baipu", P8).arrived_at) == (
        "reported",
        when("06-08 16:00"),
    )


def test_a_corrected_value_is_the_persons(campaign: Campaign) -> None:
    new = mail("06-08 09:00", form("progress", "东陈镇"))
    made = facts.book(
        campaign,
        [new],
        NIGHT,
        [decision(7, "06-08 10:00", "correct", unit="dongchen", deadline=P8, key="1.1", value=0)],
    )

    told = made.governing("dongchen", P8)
    assert told is not None
    field = told.read["fields"]["1.1"]
    assert (field["value"], field["state"], field["decision"]) == (0, "nil", 7)


def test_what_a_unit_writes_after_a_correction_is_asked_about(campaign: Campaign) -> None:
    first = mail("06-08 09:00", form("progress", "东陈镇"))
    later = mail("06-08 11:00", form("progress", "东陈镇", base=20), subject="更正")
    agrees = mail("06-08 11:00", form("progress", "东陈镇", base=99), subject="更正")
    given = {"unit": "dongchen", "deadline": P8, "key": "1.1", "value": 99}
    corrected = [decision(1, "06-08 10:00", "correct", **given)]

    made = facts.book(campaign, [first, later], NIGHT, corrected)
    told = made.governing("dongchen", P8)

    assert told is not None and told.read["fields"]["1.1"]["value"] == 99
    assert [(d.code, d.where, dict(d.facts)) for d in made.doubts] == [
        ("corrected_before", "1.1", {"raw": "20", "value": "99"})
    ]
    assert facts.book(campaign, [first], NIGHT, corrected).doubts == ()
    assert facts.book(campaign, [first, agrees], NIGHT, corrected).doubts == ()


def test_binding_an_address_settles_all_its_mails(campaign: Campaign) -> None:
    new = mail("06-08 09:00", form("progress", "东陈镇"), sender="new@other.example")
    bound = decision(1, "06-08 10:00", "bind", unit="dongchen", address="new@other.example")

    assert state(facts.book(campaign, [new], NIGHT, [bound]), "dongchen") == "reported"


# -- properties ---------------------------------------------------------------------

UNITS = ("dongchen", "dingyan", "baipu")


@st.composite
def mails(draw: st.DrawFn) -> list[MailFact]:
    out = []
    for _ in range(draw(st.integers(1, 9))):
        unit = draw(st.sampled_from(UNITS))
        day, minute = draw(st.integers(2, 28)), draw(st.integers(0, 1439))
        at = f"06-{day:02} {minute // 60:02}:{minute % 60:02}"
        sender = draw(st.sampled_from((f"{unit}@units.example", "x@other.example", STAFF, None)))
        subject = draw(
            st.sampled_from(("", "更正：表", "6月8日统计表", "回复：6月8日", "周报", "6.24"))
        )
        what = draw(st.sampled_from(("form", "form", "form", "damaged", "scan_unread")))
        name = (
            ""
            if draw(st.booleans())
            else {"dongchen": "东陈镇", "dingyan": "丁堰镇", "baipu": "白蒲镇"}[unit]
        )
        made = (
            form(
                "progress",
                name,
                base=draw(st.integers(1, 4)),
                filled=draw(st.sampled_from((0, 4, 9))),
                date=draw(st.sampled_from(("", f"6月{day}日", "6月3日"))),
            )
            if what == "form"
            else part(what, "统计表.doc")
        )
        out.append(mail(at, made, sender=sender, subject=subject))
    return list({m.sha256: m for m in out}.values())


@given(mails(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_arrival_in_our_hands_does_not_matter(
    campaign: Campaign, arrived: list[MailFact], rng: random.Random
) -> None:
    at = when("06-30 12:00")
    first = ledger.build(campaign, arrived, (), at)
    mixed = list(arrived)
    rng.shuffle(mixed)
    again = ledger.build(campaign, mixed, (), at)

    assert (again.cells, again.submissions, again.doubts) == (
        first.cells,
        first.submissions,
        first.doubts,
    )


@given(mails(), st.integers(2, 29), st.booleans())
@settings(max_examples=60, deadline=None)
def test_open_books_give_what_new_ones_give(
    campaign: Campaign, arrived: list[MailFact], day: int, decided: bool
) -> None:
    """Mail by mail, in any order, with a decision on the way."""
    books = ledger.Books(campaign)
    decisions: list[Decision] = []
    for n in range(len(arrived) + 1):
        if decided and n == 2:
            decisions.append(decision(1, "06-01 09:00", "reject", doubt=f"{arrived[0].id}/1"))
        at = when(f"06-{day:02} 12:00")
        kept = books.build(arrived[:n], decisions, at)
        new = ledger.build(campaign, arrived[:n], decisions, at)
        assert (kept.cells, kept.submissions, kept.doubts) == (
            new.cells,
            new.submissions,
            new.doubts,
        )


@given(mails())
@settings(max_examples=60, deadline=None)
def test_nothing_disappears_and_every_waiting_return_stops_a_chase(
    campaign: Campaign, arrived: list[MailFact]
) -> None:
    made = ledger.build(campaign, arrived, (), when("06-30 12:00"))

    assert {s.mail for s in made.submissions} == {m.id for m in arrived}
    for s in made.submissions:
        if s.status == "waiting":
            assert any(d.id == s.id and not d.soft for d in made.doubts)
            for unit in (s.unit,) if s.unit else s.claimed:
                for key in s.deadlines:
                    assert made.cell(unit, key).state in ("doubt", "reported", "late")


def test_what_came_later_does_not_exist_yet(campaign: Campaign) -> None:
    new = mail("06-08 09:00", form("progress", "东陈镇"))

    assert state(facts.book(campaign, [new], "06-08 08:59"), "dongchen") == "open"


@pytest.mark.parametrize(
    ("base", "dates", "statuses"),
    [
        (50, ("", ""), ["governing", "waiting"]),
        (50, ("2021年6月8日", "2021年6月8日"), ["governing", "waiting"]),
        (50, ("2021年6月7日", "2021年6月8日"), ["counted", "governing"]),
        (5, ("", ""), ["governing", "duplicate"]),
    ],
)
def test_two_copies_of_a_form_in_one_mail(
    campaign: Campaign, base: int, dates: tuple[str, str], statuses: list[str]
) -> None:
    first = form("progress", "东陈镇", path="1.1", date=dates[0])
    second = form("progress", "东陈镇", path="1.2", date=dates[1], base=base)
    made = facts.book(campaign, [mail("06-08 09:00", first, second)], "06-08 10:00")

    assert [s.status for s in made.submissions] == statuses
    assert state(made, "dongchen") == "reported"
    waiting = [r for s in made.submissions for r in s.reasons]
    assert [code for code, _, _ in waiting] == ["version_same_mail"] * statuses.count("waiting")
