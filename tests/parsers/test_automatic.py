"""Robots are told from people: neither is taken for the other."""

from __future__ import annotations

import pytest

from parsers import message
from tests.generate.automatic_mails import automatic, by_people, mail

ROBOTS = list(automatic())
PEOPLE = list(by_people())


@pytest.mark.parametrize("raw", [r for _, r in ROBOTS], ids=[k for k, _ in ROBOTS])
def test_an_automatic_mail_is_known_with_a_reason(raw: bytes) -> None:
    assert message.parse(raw).automatic


@pytest.mark.parametrize("raw", [r for _, r in PEOPLE], ids=[k for k, _ in PEOPLE])
def test_a_persons_mail_is_not_called_automatic(raw: bytes) -> None:
    assert message.parse(raw).automatic is None


def test_the_collection_is_wide_enough() -> None:
    assert len(ROBOTS) >= 100
    assert len({kind for kind, _ in ROBOTS}) >= 12


def test_bounces_are_called_bounces() -> None:
    kinds = {
        message.parse(raw).automatic for kind, raw in ROBOTS if "bounce" in kind or kind == "DSN"
    }

    assert kinds == {"bounce"}


def test_a_vacation_reply_of_qq_is_named_even_beside_rfc_3834() -> None:
    raw = mail("Auto-Submitted: auto-replied", "X-QQ-HolidayReply: 1")

    assert message.parse(raw).automatic == "qq_vacation"
