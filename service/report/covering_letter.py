"""The covering letter of the consolidated report: what is in it, what is not, what to do."""

from __future__ import annotations

from datetime import datetime

from service.report import rendering, totals_sheets, wording
from service.report.basis import Basis, gather
from service.report.figures import FieldFigures
from service.types import Campaign, Deadline, Ledger

_MOST_NAMED = 30


def covering(
    campaign: Campaign, ledger: Ledger, deadline_key: str, now: datetime, update: bool
) -> tuple[str, str, str]:
    """Subject, text and html; `update` marks a report that follows an earlier one."""
    basis = gather(campaign, ledger, deadline_key, now)
    figures = basis.figures
    return rendering.letter(
        "report",
        campaign=campaign,
        deadline=figures.deadline,
        figures=figures,
        update=update,
        at=wording.moment(now),
        standing=_standing(basis, figures.deadline),
        also=[_standing(basis, d) for d in _also(campaign, figures.deadline, now)],
        absences=totals_sheets.absences(figures),
        contrary=wording.names([r.unit for r in figures.contrary]),
        choices=[_choice(f) for f in figures.fields if f.field.kind == "choice"],
        about=[f.field for f in figures.fields if f.approx],
        unsure=[f.field for f in figures.fields if f.unsure],
        doubts=len(ledger.doubts),
        files=_files(basis),
    )


def _also(campaign: Campaign, deadline: Deadline, now: datetime) -> list[Deadline]:
    """The other deadlines whose state the letter that falls due by now tells."""
    due = [r for r in campaign.reports if r.deadline == deadline.key and r.at <= now]
    keys = [key for r in due[-1:] for key in r.also]
    return [campaign.deadline(key) for key in keys]


def _standing(basis: Basis, deadline: Deadline) -> dict[str, object]:
    """How the units stand with one deadline, in numbers and names."""
    found = [(u, c) for u in basis.campaign.units if (c := basis.cell(u, deadline)) is not None]
    states = [c.state for _, c in found]
    missing = [u for u, c in found if c.state in ("missing", "open", "not_due")]
    return {
        "name": deadline.name,
        "expected": len(found),
        "received": states.count("reported") + states.count("late"),
        "late": states.count("late"),
        "missing": len(missing),
        "doubt": states.count("doubt"),
        "waived": states.count("waived"),
        "missing_names": wording.names(missing, _MOST_NAMED),
    }


def _choice(f: FieldFigures) -> dict[str, object]:
    return {
        "key": f.field.key,
        "label": f.field.label,
        "counts": f.counts,
        "blank": f.blank + f.na + f.unsure,
        "answer": f.answer,
    }


def _files(basis: Basis) -> list[str]:
    filled = wording.filled_name(basis.figures.blank)
    names = [
        wording.WORKBOOK,
        filled,
        wording.COMPILATION,
        wording.BULLETIN,
        wording.ROSTER,
        wording.INDEX,
    ]
    return [n for n in names if n]
