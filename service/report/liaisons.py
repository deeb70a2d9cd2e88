"""Who speaks for each unit (联络员): from the liaison form, else the header of its latest
form, else units.csv. Full numbers leave only with the roster; all else masks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from service.report.basis import latest
from service.types import BlankForm, Campaign, Ledger, Submission, Unit

Source = Literal["form", "header", "roster", "none"]


@dataclass(frozen=True, slots=True)
class Liaison:
    """The person of a unit to ring; `said` are all fields of the liaison form."""

    unit: Unit = field(repr=False)
    name: str
    phone: str = field(repr=False)
    source: Source = "none"
    said: Mapping[str, str] = field(default_factory=dict, repr=False)


def liaison_form(campaign: Campaign) -> BlankForm | None:
    """The form that names people: labels and values, with a person and a phone."""
    forms = [b for b in campaign.forms if b.form.layout == "labels" and b.person_field]
    return forms[0] if forms else None


def liaisons(campaign: Campaign, ledger: Ledger) -> tuple[Liaison, ...]:
    """One for each unit that owes something, in the roster's order."""
    returns: dict[str, list[Submission]] = {}
    for s in ledger.submissions:
        if s.unit and s.form and s.status in ("governing", "counted"):
            returns.setdefault(s.unit, []).append(s)
    return tuple(_liaison(campaign, u, returns.get(u.id, [])) for u in campaign.expected)


def _liaison(campaign: Campaign, unit: Unit, returns: list[Submission]) -> Liaison:
    form = liaison_form(campaign)
    own = latest(s for s in returns if form and s.form == form.key and s.status == "governing")
    if form and own:
        said = _texts(own)
        name, phone = said.get(form.person_field, ""), said.get(form.phone_field, "")
        if name or phone:
            return Liaison(unit, name, phone, "form", said)
    for s in sorted(returns, key=lambda s: s.arrived_at, reverse=True):
        blank = campaign.blank(s.form or "")
        header = s.read.get("header") or {}
        name = str(header.get(blank.person_field) or "")
        phone = str(header.get(blank.phone_field) or "")
        if name or phone:
            return Liaison(unit, name, phone, "header")
    if unit.contact or unit.phone:
        return Liaison(unit, unit.contact, unit.phone, "roster")
    return Liaison(unit, "", "")


def _texts(submission: Submission) -> dict[str, str]:
    fields: Mapping[str, Any] = submission.read.get("fields") or {}
    return {key: str(said.get("value") or "") for key, said in fields.items()}
