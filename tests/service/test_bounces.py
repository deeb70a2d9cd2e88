"""Letters that come back: which letter, which address, and what the staff are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from parsers import bounce, message, wire
from service import bounces
from service.types import Campaign
from tests.fakes import postfix
from tests.fakes.postfix import CannotStart, PrivatePostfix
from tests.service import facts
from tests.service.machines import ACCOUNT, Office, office

GONE = "dongchen@units.example"
DAY = "reminder/dongchen/liaison/eve"


@pytest.fixture
def here(few: Campaign, tmp_path: Path) -> Iterator[Office]:
    """3 June, a minute past nine: three units were reminded of their liaison form."""
    units = tuple(replace(u, contact="王小明", phone="139-0000-0001") for u in few.units)
    with office(replace(few, units=units), tmp_path, "06-01 08:00") as made:
        made.tick("06-03 09:00")
        yield made


def said(**given: Any) -> dict[str, Any]:
    """What parsers/bounce.py takes out of a bounce."""
    return wire.bounce(bounce.Bounce()) | given


def came_back(here: Office, at: str = "06-03 09:05", **given: Any) -> None:
    mail = {
        "sender": "postmaster@mx.example",
        "automatic": "bounce",
        "subject": "系统退信",
        "message_id": f"<{at}@mx.example>",
    }
    here.arrive(at, bounce=said(**given), **mail)
    here.tick(facts.when(at) + timedelta(minutes=1))


def alerts(here: Office) -> list[str]:
    return [k.split("/")[1] for k in here.sent("alert")]


def test_by_the_token_the_address_is_given_up_and_the_staff_are_told_once(here: Office) -> None:
    row = here.row(DAY)
    failed = [[GONE, "5.1.1", "550 no such user"]]

    came_back(here, tokens=[row.token], failed=failed)
    came_back(here, "06-03 09:20", tokens=[row.token], failed=failed)
    here.tick("06-03 10:00")

    assert here.store.bad_addresses() == {GONE: facts.when("06-03 09:20")}
    assert here.row(DAY).state == "sent"
    assert here.row(DAY).said == f"对方退信：{GONE} 5.1.1 550 no such user"
    assert alerts(here) == ["bad_address"], "not also that no reminder can go there"
    text = here.store.letter_text(f"{here.campaign.slug}/{here.sent('alert')[0]}")
    assert f"东陈镇综合执法局　王小明　139-****-0001　{GONE}" in text


def test_no_reminder_goes_there_until_staff_bind_it_anew(here: Office) -> None:
    came_back(here, tokens=[here.row(DAY).token], failed=[[GONE, "5.1.1", ""]])

    here.tick("06-04 09:00")
    assert not [k for k in here.reminded() if k == "dongchen liaison day"]

    here.clock.move_to(facts.when("06-04 14:59"))
    here.decide("bind", unit="dongchen", address=GONE)
    here.tick("06-04 15:00")
    assert [k for k in here.reminded() if k == "dongchen liaison call"]


def test_by_the_message_id_where_the_token_is_lost(here: Office) -> None:
    came_back(here, ids=[here.row(DAY).message_id], mentioned=[GONE])

    assert set(here.store.bad_addresses()) == {GONE}


def test_by_the_recipient_where_nothing_else_is_said(here: Office) -> None:
    came_back(here, mentioned=[GONE, "postmaster@mx.example"], said="550 User not found")

    assert set(here.store.bad_addresses()) == {GONE}


def test_a_bounce_about_nobody_we_wrote_to_marks_nobody(here: Office) -> None:
    came_back(here, mentioned=["other@mx.example"])
    came_back(here, "06-03 09:10", mentioned=[GONE, "baipu@units.example"])

    assert here.store.bad_addresses() == {}
    assert alerts(here) == []


def test_a_refusal_for_pace_gives_no_address_up_but_is_told(here: Office) -> None:
    words = "550 Connection frequency limited"

    came_back(here, tokens=[here.row(DAY).token], failed=[[GONE, "5.7.0", words]])

    assert here.store.bad_addresses() == {}
    assert alerts(here) == ["bounced"]


def test_a_server_that_still_tries_changes_nothing(here: Office) -> None:
    came_back(here, tokens=[here.row(DAY).token], delayed=True)

    assert here.store.bad_addresses() == {}
    assert here.store.heard(here.campaign.slug) == ()


def test_a_forged_bounce_gives_no_address_up(here: Office) -> None:
    given = said(tokens=[here.row(DAY).token], failed=[[GONE, "5.1.1", ""]])

    here.arrive("06-03 09:05", bounce=given, automatic="bounce", proof={"verdict": "forged"})
    here.tick("06-03 09:06")

    assert here.store.bad_addresses() == {}


def test_a_forwarding_server_names_another_address(here: Office) -> None:
    row = here.row(DAY)
    given = said(tokens=[row.token], failed=[["hidden@inner.example", "5.2.1", "full"]])

    found = bounces.match(given, (row,), facts.when("06-03 09:05"))

    assert found is not None
    assert found.failed == ((GONE, "5.2.1", "full"),)


def test_the_digest_names_whom_to_phone(here: Office) -> None:
    came_back(here, tokens=[here.row(DAY).token], failed=[[GONE, "5.1.1", "550 no such user"]])

    here.tick("06-04 08:30")

    text = here.store.letter_text(f"{here.campaign.slug}/digest/2021-06-04")
    assert "■ 被退回的信\n  东陈镇综合执法局 王小明 139-****-0001 dongchen@units.example" in text


@pytest.mark.real_server
@pytest.mark.skipif(bool(postfix.why_not()), reason=postfix.why_not() or "postfix can be tried")
def test_a_real_report_of_postfix_is_recognised_and_told(here: Office) -> None:
    letter = next(p.content for p in here.post.posted if GONE in p.recipients)
    try:
        with PrivatePostfix(ACCOUNT, "units.example") as server:
            server.send(GONE, letter)
            raw = server.delivered()
    except CannotStart as e:
        pytest.skip(f"no private Postfix here: {e}")

    mail = message.parse(raw)
    assert mail.automatic == "bounce"
    given = wire.bounce(bounce.read(raw))
    here.arrive(
        "06-03 09:05",
        sender=mail.sender,
        automatic=mail.automatic,
        subject=mail.subject,
        bounce=given,
    )
    here.tick("06-03 09:06")

    assert here.row(DAY).token in given["tokens"]
    assert set(here.store.bad_addresses()) == {GONE}
    assert alerts(here).count("bad_address") == 1
