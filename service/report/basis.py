"""What every sheet and paper of one report rests on (依据): campaign, ledger, figures, now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from parsers import formats
from parsers.labels import NUMBERED
from parsers.types import Grid, ParserError
from service.report import plain
from service.report.figures import Figures, totals
from service.types import (
    BlankForm,
    Campaign,
    Deadline,
    Ledger,
    LedgerCell,
    MailFact,
    Submission,
    Unit,
)

_HEADING_CHARS = 24


@dataclass(frozen=True, slots=True)
class Basis:
    """One moment of one deadline. `headings` gives the row heading of each field."""

    campaign: Campaign
    ledger: Ledger
    figures: Figures
    now: datetime
    mails: Mapping[int, MailFact] = field(repr=False)
    headings: Mapping[str, str]

    @property
    def deadline(self) -> Deadline:
        return self.figures.deadline

    def cell(self, unit: Unit, deadline: Deadline) -> LedgerCell | None:
        """How the unit stands, or None where it does not owe this."""
        if not deadline.applies_to(unit):
            return None
        return self.ledger.cells.get((unit.id, deadline.key))

    def mail(self, submission: Submission) -> MailFact | None:
        return self.mails.get(submission.mail)


def gather(campaign: Campaign, ledger: Ledger, deadline_key: str, now: datetime) -> Basis:
    """The basis of a report on `deadline_key`."""
    figures = totals(campaign, ledger, deadline_key)
    return Basis(
        campaign=campaign,
        ledger=ledger,
        figures=figures,
        now=now,
        mails={m.id: m for m in ledger.mails},
        headings=row_headings(figures.blank) if figures.blank else {},
    )


def row_headings(blank: BlankForm) -> dict[str, str]:
    """What names each field's row (活动项目), shortened to its first sentence; a serial number
    before it names nothing."""
    try:
        blocks = formats.read(blank.content).blocks
    except ParserError:
        return {}
    out = {}
    for cell in blank.form.cells:
        block = blocks[cell.block] if cell.block < len(blocks) else None
        if not isinstance(block, Grid) or cell.row < 0 or cell.col == 0:
            continue
        before = [c.text for c in block.rows[cell.row][: cell.col]]
        named = next((text for text in before if not NUMBERED.match(text)), before[0])
        heading = _heading(named)
        out.update({slot.field: heading for slot in cell.slots})
    return out


def _heading(text: str) -> str:
    return plain.line("".join(text.split()).split("。")[0], _HEADING_CHARS)


def latest(submissions: Iterable[Submission]) -> Submission | None:
    """The newest by arrival."""
    return max(submissions, key=lambda s: (s.arrived_at, s.version), default=None)
