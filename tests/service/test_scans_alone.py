"""A form that came only as a scan: it stops the chase and counts once a person compared it."""

from __future__ import annotations

from dataclasses import replace

from service import ledger
from service.types import Campaign, Decision, Ledger, MailFact, PartFact
from tests.service import facts
from tests.service.facts import when

DUE = "progress-0608"


def scan() -> PartFact:
    typed = facts.form("progress", "东陈镇综合执法局", "表.jpg")
    fields = {k: {**f, "evidence": "ocr"} for k, f in typed.read["fields"].items()}
    return replace(typed, read={**typed.read, "fields": fields})


def book(campaign: Campaign, mails: list[MailFact], *decided: Decision) -> Ledger:
    return ledger.build(campaign, mails, decided, when("06-09 09:00"))


def test_it_waits_for_a_person_and_stops_the_chase(campaign: Campaign) -> None:
    here = book(campaign, [facts.mail("06-08 09:00", scan())])

    assert here.cell("dongchen", DUE).state == "doubt"
    assert [d.code for d in here.doubts if not d.soft] == ["form_scanned"]


def test_once_accepted_it_counts_with_its_numbers(campaign: Campaign) -> None:
    mail = facts.mail("06-08 09:00", scan())
    here = book(campaign, [mail], facts.decision(1, "06-08 10:00", "accept", doubt=f"{mail.id}/1"))

    governing = here.governing("dongchen", DUE)
    assert governing is not None
    assert all(f["accepted"] for f in governing.read["fields"].values())
    assert here.doubts == ()


def test_the_forms_own_file_after_it_settles_it(campaign: Campaign) -> None:
    typed = facts.form("progress", "东陈镇综合执法局", base=7)
    mails = [facts.mail("06-08 09:00", scan()), facts.mail("06-08 10:00", typed)]
    here = book(campaign, mails)

    assert here.cell("dongchen", DUE).state == "reported"
    assert here.doubts == ()


def test_who_filled_it_in_is_not_yet_an_answer(campaign: Campaign) -> None:
    """A sheet of the school's name and phone above an empty grid is a blank form."""
    blank = replace(campaign.blank("progress"), unit_field="1.1", person_field="1.2")
    asked = replace(campaign, forms=(campaign.forms[0], blank))
    part = facts.form("progress", "东陈镇综合执法局", filled=2)
    part.read["fields"]["1.1"] |= {"raw": "东陈镇", "value": "东陈镇"}

    here = book(asked, [facts.mail("06-08 09:00", part)])
    assert [d.code for d in here.doubts if not d.soft] == ["form_blank"]
