"""What a staff reply is read against (现状), and what its lines ask for: plain values.

Pure data between replies.py, which understands, and staff_mail.py, which applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.decisions import Decided
from service.proposals import Proposal
from service.types import Campaign, Ledger

REPORT = "report"
"""Not a decision: 汇总 asks for a letter."""
UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to be done: a decision's verb and arguments, 汇总 or 撤销."""

    verb: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that has not left."""

    key: str
    unit: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand when a line is read."""

    campaign: Campaign
    ledger: Ledger
    decided: Decided
    at: datetime
    """When the reply arrived."""
    seen_at: datetime
    """When the letter that it answers left: 全部 means what stood there."""
    proposals: tuple[Proposal, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    numbers: Mapping[int, bool] = field(default_factory=dict)
    """Numbers of decisions, and whether they are in force."""
