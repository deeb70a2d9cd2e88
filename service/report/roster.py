"""联络员名册.docx: the liaison forms of all units in one table, in the manner of 附件1.

Full phone numbers: this paper and its sheet are for the section only.
"""

from __future__ import annotations

from service.report import paper, rendering, wording
from service.report.basis import Basis
from service.report.liaisons import Liaison, liaison_form, liaisons
from service.report.wording import say
from service.types import Attachment

_WIDTHS = {
    "姓名": 18.0,
    "性别": 12.0,
    "职务": 22.0,
    "办公电话": 38.0,
    "手机": 35.0,
    "微信号": 35.0,
    "通信地址": 42.0,
}
_WIDTH = 31.0
_NUMBER_WIDTH, _UNIT_WIDTH, _PAGE_WIDTH = 12.0, 42.0, 256.0


def roster(basis: Basis) -> Attachment:
    """One row a unit; a unit that sent no liaison form is shown with what is known of it."""
    form = liaison_form(basis.campaign)
    unit_field = form.unit_field if form else ""
    labels = [f.key for f in form.form.fields if f.key != unit_field] if form else []
    labels = labels or [say("person"), say("phone")]
    widths = [_NUMBER_WIDTH, _UNIT_WIDTH, *(_WIDTHS.get(label, _WIDTH) for label in labels)]
    scale = min(1.0, _PAGE_WIDTH / sum(widths))
    headings = [say("number"), say("unit"), *labels]
    people = liaisons(basis.campaign, basis.ledger)
    shown_at = (form.person_field, form.phone_field) if form else (labels[0], labels[1])
    table = paper.Table(
        tuple((h, w * scale) for h, w in zip(headings, widths, strict=True)),
        tuple(
            (str(i), p.unit.name, *_told(p, labels, shown_at))
            for i, p in enumerate(people, start=1)
        ),
    )
    lines = rendering.lines(
        "roster",
        campaign=basis.campaign,
        at=wording.moment(basis.now),
        filed=sum(p.source == "form" for p in people),
        expected=len(people),
    )
    blocks: list[paper.Block] = [*paper.marked(lines), table]
    content = paper.write(wording.ROSTER, blocks, basis.now, landscape=True)
    return Attachment(wording.ROSTER, content)


def _told(person: Liaison, labels: list[str], shown_at: tuple[str, str]) -> tuple[str, ...]:
    said = person.said or dict(zip(shown_at, (person.name, person.phone), strict=True))
    return tuple(said.get(label, "") for label in labels)
