"""Every code has its sentence; one without is shown, not a crash."""

from __future__ import annotations

import pytest

from service import answers, returns, words


def test_a_missing_sentence_is_an_error_and_a_missing_fact_is_shown() -> None:
    with pytest.raises(words.MissingWords):
        words.say("doubt", "no such code")
    assert words.say("outcome", "damaged", {}) == "文件损坏，打不开"
    assert "〔sender〕" in words.say("doubt", "sender_unknown")


CODES = [f"unread_{x}" for x in (*returns.UNREAD, "mail", "nil", "automatic", "unclassified", "not_recognised", "oversize_link")]  # fmt: skip
CODES += ["sender_failed", "sender_unknown", "unit_conflict", "unit_conflict_around"]
CODES += [
    "unit_ambiguous",
    "unit_unknown",
    "unit_nowhere",
    "deadline_conflict",
    "deadline_not_open",
]
CODES += [
    "form_blank",
    "form_other_year",
    "form_rejected",
    "form_scanned",
    "version_blank",
    "version_half",
    "version_older_copy",
    "version_same_mail",
]
CODES += ["version_earlier_date", "version_less_trusted"]


@pytest.mark.parametrize("code", CODES)
def test_every_reason_to_wait_has_its_sentence(code: str) -> None:
    assert words.section("doubt")[code]


@pytest.mark.parametrize("code", answers.MUST_RESEND)
def test_what_must_be_sent_again_has_its_advice(code: str) -> None:
    assert words.section("advice")[code.removeprefix("unread_")]


def test_every_way_of_counting_has_its_sentence() -> None:
    for why in ("named", "corrected", "window", "late_for", "early", "again", "none", "decided"):
        assert words.section("counting")[why]
