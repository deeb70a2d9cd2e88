"""Who is answered: every mail that brought something, once; robots and strangers' noise not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service import duties
from service.types import Campaign, MailFact
from service.wants import Left, Said, Wanted
from tests.service import facts
from tests.service.facts import decision, form, mail, part, when


def wanted(
    campaign: Campaign, mails: Any, at: str, said: Said | None = None, decisions: Any = ()
) -> list[Wanted]:
    made = facts.book(campaign, mails, at, decisions)
    return list(duties.answers(campaign, made, said or Said(), when(at)))


def said(*answered: tuple[Wanted, str]) -> Said:
    return Said.of(Left(w.kind, w.unit, when(at), w.key) for w, at in answered)


def test_a_return_gets_one_receipt_at_any_hour(campaign: Campaign) -> None:
    night = mail("06-12 03:00", form("progress", "东陈镇"))
    (one,) = wanted(campaign, [night], "06-12 03:01")

    assert (one.kind, one.to, one.unit) == ("receipt", ("dongchen@units.example",), "dongchen")
    assert wanted(campaign, [night], "06-12 03:02", said((one, "06-12 03:01"))) == []


@pytest.mark.parametrize(
    "odd",
    [
        {"automatic": "vacation"},
        {"ours": True},
        {"sender": None},
        {"sender": "mailer-daemon@qq.com"},
        {"sender": "noreply@x.example"},
    ],
    ids=str,
)
def test_robots_and_quarantined_mail_get_none(campaign: Campaign, odd: dict[str, Any]) -> None:
    assert (
        wanted(campaign, [mail("06-08 09:00", form("progress", "东陈镇"), **odd)], "06-08 10:00")
        == []
    )


def test_outside_the_campaign_nobody_is_answered(campaign: Campaign) -> None:
    early = mail("05-31 09:00", form("liaison", "东陈镇"))
    late = mail("07-16 09:00", form("progress", "东陈镇"))

    assert wanted(campaign, [early, late], "07-16 10:00") == []


def test_a_letter_without_a_file_is_not_answered(campaign: Campaign) -> None:
    assert wanted(campaign, [mail("06-08 09:00", subject="请问几号交？")], "06-08 10:00") == []


def blanks(*days: str) -> list[MailFact]:
    return [mail(d, part("blank_form", f"附件2({d}).docx")) for d in days]


def test_what_brings_nothing_is_answered_once_a_day_and_three_times_in_all(
    campaign: Campaign,
) -> None:
    mails = blanks("06-07 09:00", "06-07 10:00", "06-08 09:00", "06-09 09:00", "06-10 09:00")
    told: list[tuple[Wanted, str]] = []
    for day in ("06-07 12:00", "06-08 12:00", "06-09 12:00", "06-10 12:00", "06-11 12:00"):
        told += [
            (w, day)
            for w in wanted(
                campaign, [m for m in mails if m.received_at <= when(day)], day, said(*told)
            )
        ]

    assert [day[:5] for _, day in told] == ["06-07", "06-08", "06-09"]


def test_a_backlog_is_not_answered_at_once(campaign: Campaign) -> None:
    assert (
        len(wanted(campaign, blanks("06-07 09:00", "06-08 09:00", "06-09 09:00"), "06-09 12:00"))
        == 1
    )


def test_a_robot_that_sends_our_receipt_back_with_the_form_is_answered_three_times(
    campaign: Campaign,
) -> None:
    """It bears no mark of a robot: each receipt makes it send the same form again."""
    mails = [mail("06-07 09:00", form("progress", "东陈镇"))]
    told: list[tuple[Wanted, str]] = []
    at = when("06-07 09:01")
    for n in range(200):
        now = f"{at:%m-%d %H:%M}"
        new = wanted(campaign, mails, now, said(*told))
        told += [(w, now) for w in new]
        at += timedelta(hours=3)
        mails.append(
            mail(f"{at:%m-%d %H:%M}", form("progress", "东陈镇"), subject=f"Re: 回执 {n // 9}")
        )
        if at > when("06-17 00:00"):
            break

    assert len(told) <= 1 + 3 + 2  # the first, three repeats, and the windows that open meanwhile


def test_a_signature_picture_in_a_reply_is_no_return_worth_a_receipt_each_time(
    campaign: Campaign,
) -> None:
    mails = [
        mail(
            f"06-08 {h}:00",
            part("scan_unread", "logo.jpg", kind="image"),
            subject="回复：回执〔ABCDEFGH〕",
            text=str(h),
        )
        for h in range(10, 20)
    ]

    assert len(wanted(campaign, mails, "06-08 20:00")) == 1


def test_a_strangers_noise_is_seen_by_staff_only(campaign: Campaign) -> None:
    spam = mail(
        "06-08 09:00", part("unsupported", "open.exe"), sender="ad@spam.example", subject="发票"
    )

    assert wanted(campaign, [spam], "06-08 10:00") == []
    assert facts.book(campaign, [spam], "06-08 10:00").doubts


def test_what_staff_rejected_is_not_answered(campaign: Campaign) -> None:
    new = mail("06-08 09:00", part("damaged", "统计表.doc"))
    (waiting,) = facts.book(campaign, [new], "06-08 10:00").submissions
    rejected = decision(1, "06-08 09:30", "reject", doubt=waiting.id)

    assert wanted(campaign, [new], "06-08 10:00", decisions=[rejected]) == []


def test_who_was_asked_for_a_file_gets_no_receipt_too_when_staff_accept_it(
    campaign: Campaign,
) -> None:
    torn = mail("06-08 09:00", part("damaged", "统计表.doc"))
    (question,) = wanted(campaign, [torn], "06-08 09:01")
    accepted = [decision(1, "06-08 10:00", "accept", doubt=f"{torn.id}/1")]

    assert question.kind == "question"
    assert [w.kind for w in wanted(campaign, [torn], "06-08 10:01", None, accepted)] == ["receipt"]
    asked = said((question, "06-08 09:01"))
    assert wanted(campaign, [torn], "06-08 10:01", asked, accepted) == []


def test_nobody_files_for_another_unseen(campaign: Campaign) -> None:
    (one,) = wanted(
        campaign,
        [mail("06-08 09:00", form("progress", "东陈镇"), sender="new@x.example")],
        "06-08 10:00",
    )

    assert one.to == ("new@x.example", "dongchen@units.example")
