"""Addresses that may be a unit's: who is proposed, with what evidence, under which number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.decisions import Decided
from service.proposals import Proposal, proposals
from service.types import Campaign, MailFact
from tests.service import facts


@pytest.fixture(scope="module")
def nobody(campaign: Campaign) -> Campaign:
    """Nobody has a confirmed address."""
    return replace(campaign, units=tuple(replace(u, addresses=()) for u in campaign.units))


def numbered(*mails: MailFact) -> tuple[MailFact, ...]:
    return tuple(replace(m, id=n) for n, m in enumerate(mails, start=1))


def found(campaign: Campaign, *mails: MailFact, **decided: Any) -> list[Proposal]:
    book = facts.book(campaign, numbered(*mails), "06-09 10:00")
    return list(proposals(campaign, book, Decided(**decided)))


def said(campaign: Campaign, *mails: MailFact, **decided: Any) -> list[tuple[int, str, str, str]]:
    return [(p.number, p.unit, p.address, p.evidence) for p in found(campaign, *mails, **decided)]


LIAISON = facts.mail("06-02 09:00", facts.form("liaison", "东陈镇"), sender="a@new.example")
PROGRESS = facts.mail("06-07 09:00", facts.form("progress", "东陈镇"), sender="a@new.example")
NAMED = facts.mail("06-03 09:00", sender="b@new.example", subject="白蒲镇联络员邮箱变更")


def test_a_form_from_an_unknown_address_proposes_it(nobody: Campaign) -> None:
    assert said(nobody, LIAISON) == [(1, "dongchen", "a@new.example", "liaison")]
    assert said(nobody, PROGRESS) == [(1, "dongchen", "a@new.example", "form")]


def test_a_mail_that_names_one_unit_proposes_its_sender(nobody: Campaign) -> None:
    several = facts.mail("06-03 10:00", sender="c@new.example", subject="白蒲镇和东陈镇")

    assert said(nobody, NAMED, several) == [(1, "baipu", "b@new.example", "named")]


def test_the_number_is_that_of_the_first_mail_whatever_follows(nobody: Campaign) -> None:
    assert [p.number for p in found(nobody, NAMED, LIAISON)] == [1, 2]
    later = found(nobody, NAMED, LIAISON, PROGRESS)

    assert [(p.number, p.unit, p.mails) for p in later] == [(1, "baipu", 1), (2, "dongchen", 2)]
    assert later[1].evidence == "liaison"


def test_what_staff_bound_or_put_away_is_not_proposed_again(nobody: Campaign) -> None:
    decided = facts.decision(1, "06-05 09:00", "bind", unit="dongchen", address="a@new.example")
    book = facts.book(nobody, numbered(LIAISON, NAMED), "06-09 10:00", [decided])

    assert [p.number for p in proposals(nobody, book, Decided())] == [2]
    assert said(nobody, NAMED, unbound=frozenset({("baipu", "b@new.example")})) == []


def test_a_second_address_and_a_held_one_are_contested(
    campaign: Campaign, nobody: Campaign
) -> None:
    other = facts.mail("06-07 10:00", facts.form("progress", "东陈镇"), sender="z@new.example")

    assert [p.contested for p in found(nobody, LIAISON, other)] == [True, True]
    assert [p.contested for p in found(nobody, LIAISON)] == [False]
    assert [p.contested for p in found(campaign, LIAISON)] == [True]


def test_an_address_written_into_the_liaison_form_is_proposed(nobody: Campaign) -> None:
    part = facts.form("liaison", "东陈镇")
    fields = {**part.read["fields"], "微信号": {"label": "微信号", "raw": "邮箱 Real@Mail.example"}}
    mail = facts.mail(
        "06-02 09:00", replace(part, read={**part.read, "fields": fields}), sender="a@new.example"
    )

    assert said(nobody, mail) == [
        (1, "dongchen", "a@new.example", "liaison"),
        (1, "dongchen", "real@mail.example", "written"),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"automatic": "vacation"},
        {"proof": "fail"},
        {"proof": "forged"},
        {"sender": None},
        {"sender": "1137652316@qq.com"},
        {"sender": "no-reply@mail.example"},
        {"ours": True},
    ],
)
def test_robots_forgers_and_the_section_itself_are_never_proposed(
    nobody: Campaign, given: dict[str, Any]
) -> None:
    assert said(nobody, replace(PROGRESS, **given)) == []


def test_proof_and_a_phone_that_the_roster_has_are_told(nobody: Campaign) -> None:
    units = tuple(replace(u, phone="13900000001") for u in nobody.units)

    (proposal,) = found(replace(nobody, units=units), replace(LIAISON, proof="pass"))

    assert proposal.proved and proposal.same_phone
