"""Addresses and letters in a reply: 全部 means what the answered letter showed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service import replies
from service.decisions import Decided
from service.proposals import Proposal
from service.reply_words import NotUnderstood
from service.standing import Standing, Waiting
from service.types import Campaign
from tests.service import facts

NOW = facts.when("06-09 10:00")
BEFORE, AFTER = facts.when("06-08 11:00"), facts.when("06-09 09:30")
KEY = "2021-safety-month/reminder/{}/progress-0608/day"


@pytest.fixture
def standing(campaign: Campaign) -> Standing:
    """The digest of 08:30 is answered at ten; meanwhile another address wrote."""
    proposals = (
        Proposal(2, "old@new.example", "baipu", "form", BEFORE),
        Proposal(3, "disputed@new.example", "dingyan", "form", BEFORE, contested=True),
        Proposal(4, "late@new.example", "dongchen", "form", AFTER),
    )
    waiting = tuple(
        Waiting(KEY.format(unit), unit, state)
        for unit, state in (("dongchen", "held"), ("baipu", "queued"), ("dingyan", "held"))
    )
    book = facts.book(campaign, (), "06-09 10:00")
    seen = facts.when("06-09 08:30")
    return Standing(campaign, book, Decided(), NOW, seen, proposals, waiting, {3: True, 4: False})


def asked(standing: Standing, line: str) -> list[dict[str, object]]:
    return [dict(act.args) for act in replies.understand(line, standing)]


def why_not(standing: Standing, line: str) -> str:
    with pytest.raises(NotUnderstood) as raised:
        replies.understand(line, standing)
    return raised.value.code


def test_all_addresses_are_those_that_the_letter_showed_and_nobody_disputes(
    standing: Standing,
) -> None:
    assert asked(standing, "绑定 全部") == [{"unit": "baipu", "address": "old@new.example"}]
    assert (
        why_not(replace(standing, seen_at=BEFORE.replace(day=1)), "绑定 全部") == "nothing_to_bind"
    )


def test_by_its_number_an_address_is_bound_also_when_disputed(standing: Standing) -> None:
    assert [a["unit"] for a in asked(standing, "绑定 3 4")] == ["dingyan", "dongchen"]
    assert asked(standing, "不绑定 3") == [{"unit": "dingyan", "address": "disputed@new.example"}]


def test_letters_are_released_or_withdrawn_by_unit_or_all_together(standing: Standing) -> None:
    assert asked(standing, "放行") == [{"letters": []}]
    assert asked(standing, "放行 东陈、丁堰") == [
        {"letters": [KEY.format("dongchen"), KEY.format("dingyan")]}
    ]
    assert len(asked(standing, "撤回 全部")[0]["letters"]) == 3  # type: ignore[arg-type]
    assert why_not(standing, "放行 白蒲") == "nothing_held"
    assert why_not(replace(standing, waiting=()), "撤回 全部") == "nothing_waits"


def test_nothing_is_released_twice(standing: Standing) -> None:
    released = replace(standing, decided=Decided(released=True), waiting=())

    assert why_not(released, "放行") == "nothing_held"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("汇总", "progress-0608"),
        ("汇总 6月24日统计表", "progress-0624"),
        ("汇总 附件1", "liaison"),
    ],
)
def test_a_report_is_of_the_last_one_due_or_of_the_one_named(
    standing: Standing, line: str, key: str
) -> None:
    assert asked(standing, line) == [{"deadline": key}]


def test_what_has_no_figures_has_no_report(standing: Standing) -> None:
    assert why_not(standing, "汇总 总结") == "no_figures"


def test_decisions_are_undone_by_their_numbers(standing: Standing) -> None:
    assert asked(standing, "撤销 3号") == [{"number": 3}]
    assert why_not(standing, "撤销 4") == "undone_already"
    assert why_not(standing, "撤销 5") == "decision_unknown"
    assert why_not(standing, "撤销") == "number_missing"
