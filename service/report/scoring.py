"""The score of a unit (考核得分): a full mark less so much for each day over and each gap.

A unit that never files loses for every day so far besides the fixed deduction, so that
filing late always beats not filing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from service.moments import ZONE, last_day
from service.report.basis import Basis
from service.types import Deadline, LedgerCell, ScoreRule, Unit

Rule = ScoreRule


@dataclass(frozen=True, slots=True)
class Account:
    """How one unit did over all chased deadlines that have fallen due or were served."""

    unit: Unit
    due: int
    on_time: int
    late: int
    missing: int
    waived: int
    doubtful: int
    days: int
    rejected: int
    items: tuple[tuple[Deadline, LedgerCell], ...]
    """What was late or is missing."""

    def score(self, rule: Rule) -> int:
        lost = rule.per_day * self.days + rule.per_missing * self.missing
        return max(0, rule.full - lost - rule.per_rejected * self.rejected)


def accounts(basis: Basis) -> tuple[Account, ...]:
    """One account for each unit that owes something, in the roster's order."""
    rejected: dict[str, int] = {}
    for s in basis.ledger.submissions:
        if s.status == "rejected" and s.unit:
            rejected[s.unit] = rejected.get(s.unit, 0) + 1
    return tuple(_account(basis, u, rejected.get(u.id, 0)) for u in basis.campaign.expected)


def _account(basis: Basis, unit: Unit, rejected: int) -> Account:
    chased = [d for d in basis.campaign.deadlines if d.mode == "chase"]
    cells = [(d, c) for d in chased if (c := basis.cell(unit, d)) is not None]
    counted = [(d, c) for d, c in cells if c.state not in ("not_due", "open")]
    states = [c.state for _, c in counted]
    items = tuple((d, c) for d, c in counted if c.state in ("late", "missing"))
    today = min(basis.now.astimezone(ZONE).date(), basis.campaign.closes)
    return Account(
        unit=unit,
        due=len(counted),
        on_time=states.count("reported"),
        late=states.count("late"),
        missing=states.count("missing"),
        waived=states.count("waived"),
        doubtful=states.count("doubt"),
        days=sum(days_over(d, c, today) for d, c in items),
        rejected=rejected,
        items=items,
    )


def days_over(deadline: Deadline, cell: LedgerCell, today: date) -> int:
    """Days from the last in-time day to the arrival, or to today while nothing came."""
    if cell.state == "missing":
        return max(timedelta(0), today - last_day(deadline.late_after)).days
    return cell.days_late
