"""The covering letter of the consolidated report: what is in it, what is not, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from service.desk import Desk
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
        day=wording.day(now),
        filled=wording.filled_name(figures.blank),
        texts=sum(f.field.kind == "narrative" for f in figures.fields),
        standing=_standing(basis, figures.deadline),
        also=[_standing(basis, d) for d in _also(campaign, figures.deadline, now)],
        absences=totals_sheets.absences(figures),
        notes=list(_notes(basis)),
        files=_files(basis),
    )


def _notes(basis: Basis) -> Iterator[str]:
    """What the clerk should look at before the totals go upward."""
    figures, ledger = basis.figures, basis.ledger
    yield from (_choice(f) for f in figures.fields if f.field.kind == "choice")
    about = [f.field.key for f in figures.fields if f.approx]
    unsure = [f.field.key for f in figures.fields if f.unsure]
    average = [f.field.key for f in figures.fields if f.is_average]
    contrary = wording.names([r.unit for r in figures.contrary])
    waiting = len(Desk(basis.campaign, ledger, basis.now, (), None).cases())
    soft = sum(d.soft for d in ledger.doubts)
    for code, there_is, facts in (
        ("about", about, {"count": len(about), "keys": "、".join(about)}),
        ("unsure", unsure, {"count": len(unsure), "keys": "、".join(unsure)}),
        ("average", average, {"count": len(average), "keys": "、".join(average)}),
        ("contrary", contrary, {"names": contrary}),
        ("waiting", waiting, {"count": waiting}),
        ("soft", soft, {"count": soft}),
    ):
        if there_is:
            yield wording.say(f"covering_{code}", **facts)


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


def _choice(f: FieldFigures) -> str:
    counts = "".join(f"{option}{count}家，" for option, count in f.counts)
    answer = wording.say("covering_answer", answer=f.answer) if f.answer else ""
    return wording.say(
        "covering_choice",
        key=f.field.key,
        label=f.field.label,
        counts=counts,
        blank=f.blank + f.na + f.unsure,
        answer=answer or wording.say("covering_no_answer"),
    )


def _files(basis: Basis) -> list[str]:
    filled = wording.filled_name(basis.figures.blank)
    names = (wording.WORKBOOK, filled, wording.COMPILATION, wording.BULLETIN, wording.ROSTER)
    return [n for n in names if n]
