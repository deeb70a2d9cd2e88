"""Whom to phone of a unit (联络员): its liaison, by the newest word that there is. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from service import filing
from service.types import Campaign, Ledger, Submission, Unit


def liaison(campaign: Campaign, ledger: Ledger, unit: Unit) -> tuple[str, str]:
    """The liaison's name and phone: from the unit's liaison form, else from units.csv."""
    for deadline in campaign.deadlines:
        if deadline.form is None:
            continue
        blank = campaign.blank(deadline.form)
        filed = ledger.governing(unit.id, deadline.key)
        if filed is None or not blank.person_field or blank.unit_field not in _field_keys(filed):
            continue
        person = filing.written(filed.read, blank.person_field)
        if person:
            return person, filing.written(filed.read, blank.phone_field) or unit.phone
    return unit.contact, unit.phone


def _field_keys(filed: Submission) -> Iterable[str]:
    """Only a form whose unit is a field of its own names a liaison (附件1)."""
    return (filed.read.get("fields") or {}).keys()
