"""附件2-汇总.docx: the notice's own blank with the bureau's header and the totals in its slots.

Narratives keep their prompts for the clerk's texts; a slot about which nobody said
anything stays as it is, for an empty slot is not a zero.
"""

from __future__ import annotations

from parsers import fill
from service.report import wording
from service.report.basis import Basis
from service.report.figures import FieldFigures
from service.report.wording import say
from service.types import Attachment, BlankForm, Campaign


def filled_form(basis: Basis) -> Attachment | None:
    """The consolidated form, or None for a deadline without a blank that can be written into."""
    blank = basis.figures.blank
    name = wording.filled_name(blank)
    if blank is None or name is None:
        return None
    values = {f.field.key: said for f in basis.figures.fields if (said := _said(f)) is not None}
    header = _header(basis.campaign, blank, wording.day(basis.now))
    content = fill.fill(blank.content, blank.form, header, values)
    return Attachment(name, content)


def _header(campaign: Campaign, blank: BlankForm, day: str) -> dict[str, str]:
    known = {f.key for f in (*blank.form.header, *blank.form.fields)}
    said = {
        blank.unit_field: campaign.issuer,
        blank.person_field: campaign.staff.contact,
        blank.phone_field: campaign.staff.phone,
        blank.date_field: day,
    }
    return {label: text for label, text in said.items() if label in known and text}


def _said(f: FieldFigures) -> str | None:
    """What goes into the slot."""
    if f.field.kind == "choice":
        return f.answer
    if f.field.kind != "number" or f.total is None:
        return None
    return say("about_value", value=f.total) if f.approx else str(f.total)
