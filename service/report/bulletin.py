"""通报.docx: one page in official form, who filed on time, late, not at all."""

from __future__ import annotations

from service.moments import ZONE, spoken, spoken_day
from service.report import paper, rendering, wording
from service.report.basis import Basis
from service.report.numerals import chinese
from service.types import Attachment, CellState, LedgerCell, Unit

_GROUPS: tuple[tuple[str, tuple[CellState, ...]], ...] = (
    ("on_time", ("reported",)),
    ("late", ("late",)),
    ("missing", ("missing",)),
    ("open", ("open", "not_due")),
    ("doubt", ("doubt",)),
    ("waived", ("waived",)),
)


def bulletin(basis: Basis) -> Attachment:
    """The notice that the section may sign and send round."""
    standing = [
        (u, c) for u in basis.campaign.units if (c := basis.cell(u, basis.deadline)) is not None
    ]
    groups = {key: [_name(u, c) for u, c in standing if c.state in of] for key, of in _GROUPS}
    lines = rendering.lines(
        "bulletin",
        campaign=basis.campaign,
        deadline=basis.deadline,
        due=spoken(basis.deadline.late_after),
        at=wording.moment(basis.now),
        day=wording.day(basis.now),
        expected=len(standing),
        groups=groups,
        chinese=chinese,
    )
    content = paper.write(wording.BULLETIN, paper.marked(lines), basis.now, on_one_page=True)
    return Attachment(wording.BULLETIN, content)


def _name(unit: Unit, cell: LedgerCell) -> str:
    if cell.state != "late" or cell.arrived_at is None:
        return unit.name
    arrived = spoken_day(cell.arrived_at.astimezone(ZONE).date())
    return wording.say("late_unit", name=unit.name, day=arrived, days=cell.days_late)
