"""The sheets 联络员名册 (full data, for the section only) and 影像资料 (photos, videos, links)."""

from __future__ import annotations

from service.report import look, plain, wording
from service.report.basis import Basis
from service.report.liaisons import liaison_form, liaisons
from service.report.media import Medium, media
from service.report.sheet import Book, Column, Styled, Value
from service.report.wording import say

_PERSON_WIDTHS = {"通信地址": 26, "单位名称": 22, "性别": 6, "姓名": 9}
_PERSON_WIDTH = 16


def write_people(book: Book, basis: Basis) -> None:
    """Every unit with what its liaison form says and the addresses that are confirmed."""
    form = liaison_form(basis.campaign)
    labels = [f.key for f in form.form.fields] if form else [say("person"), say("phone")]
    columns = [
        *(Column(h, w) for h, w in wording.PEOPLE_HEADINGS),
        *(Column(label, _PERSON_WIDTHS.get(label, _PERSON_WIDTH)) for label in labels),
        *(Column(h, w) for h, w in wording.PEOPLE_LAST_HEADINGS),
    ]
    page = book.page(
        wording.PEOPLE,
        columns,
        title=say("people_title", campaign=basis.campaign.title),
        note=say("people_note"),
    )
    for number, person in enumerate(liaisons(basis.campaign, basis.ledger), start=1):
        said = dict(person.said)
        if not said:
            name_at = form.person_field if form else labels[0]
            phone_at = form.phone_field if form else labels[1]
            said = {name_at: person.name, phone_at: person.phone}
        addresses = basis.ledger.addresses.get(person.unit.id, person.unit.addresses)
        source = say(f"source_{person.source}")
        state: Value = Styled(source, look.WARNING) if person.source == "none" else source
        told = [said.get(label, "") for label in labels]
        page.add([number, person.unit.name, state, *told, "\n".join(addresses)])
    page.finish(frozen_columns=2)


def write_material(book: Book, basis: Basis) -> None:
    """Photos, videos and links to oversize files with the day they lapse."""
    styles = {"名称": look.TEXT, "单位": look.TEXT, "链接": look.TEXT, "到达时间": look.WHEN}
    page = book.page(
        wording.MATERIAL,
        [Column(h, w, styles.get(h, look.CENTRE)) for h, w in wording.MATERIAL_HEADINGS],
        title=say("material_title", campaign=basis.campaign.title),
        note=say("material_note"),
    )
    for number, medium in enumerate(media(basis), start=1):
        page.add([number, *_medium_row(medium)])
    page.finish(frozen_columns=2)


def _medium_row(m: Medium) -> list[Value]:
    unit = m.unit.name if m.unit else say("unknown_unit")
    lapses: Value = Styled(m.expires, look.WARNING) if m.expires else ""
    number = say("mail_number", number=m.mail)
    name = plain.discreet(m.name)
    return [unit, say(f"medium_{m.kind}"), name, m.size, m.arrived_at, lapses, number, m.url]
