"""How far a sender may speak: the one full address and what proves it, nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.trust import RANK, judge
from service.types import Campaign
from service.units import Roster
from tests.service import facts

UNIT = "dongchen@units.example"
HEAD = "head@rugao.example"


def level(campaign: Campaign, sender: str | None, proof: str) -> str:
    staff = replace(campaign.staff, addresses=("clerk@rugao.example",), head=(HEAD,))
    mail = facts.mail("06-08 09:00", sender=sender, proof=proof)
    return judge(mail, Roster(campaign.units, {UNIT: "dongchen"}), staff, campaign.mailbox)


@pytest.mark.parametrize(
    ("sender", "proof", "trust"),
    [
        (UNIT, "pass", "verified"),
        (UNIT, "none", "provisional"),
        (UNIT, "unproved", "provisional"),
        (UNIT, "fail", "failed"),
        (UNIT, "forged", "failed"),
        ("other@units.example", "pass", "unknown"),
        (None, "pass", "failed"),
        ("clerk@rugao.example", "pass", "staff"),
        ("clerk@rugao.example", "none", "staff"),
        (HEAD, "none", "staff"),
        (HEAD, "unproved", "provisional"),
        (HEAD, "fail", "failed"),
        ("1137652316@qq.com", "none", "staff"),
        ("1137652316@qq.com", "forged", "failed"),
    ],
)
def test_a_sender_is_trusted_as_far_as_address_and_proof_go(
    campaign: Campaign, sender: str | None, proof: str, trust: str
) -> None:
    assert level(campaign, sender, proof) == trust


def test_staff_rank_above_all_and_what_failed_below_a_stranger() -> None:
    ranked = ["failed", "unknown", "provisional", "verified", "staff"]

    assert sorted(RANK, key=lambda t: RANK[t]) == ranked
