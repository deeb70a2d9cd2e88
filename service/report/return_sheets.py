"""The sheets 经验做法 (narratives), 待核 (doubts with evidence) and 变动 (old and new values)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.report import look, plain, wording
from service.report.basis import Basis
from service.report.doubts import label, sentence
from service.report.figures import entry
from service.report.narratives import heading, narratives
from service.report.sheet import Book, Column, Styled, Value
from service.report.wording import say
from service.types import OpenDoubt, Submission

_KEPT = ("governing", "counted")
_EVIDENCE_CHARS = 300
_SHOWN_CHARS = 900
"""What fits into the highest row that Excel allows; the compilation has the whole text."""


def write_narratives(book: Book, basis: Basis) -> None:
    """Narratives by row and unit, the over-long ones marked; then the pieces of experience."""
    styles = {"内容": look.TEXT, "工作项目": look.TEXT, "单位": look.TEXT, "到达时间": look.WHEN}
    page = book.page(
        wording.NARRATIVES,
        [Column(h, w, styles.get(h, look.CENTRE)) for h, w in wording.NARRATIVES_HEADINGS],
        title=say("narratives_title", campaign=basis.campaign.title, deadline=basis.deadline.name),
        note=say("narratives_note"),
    )
    for n in narratives(basis):
        excess = Styled(say("excess", count=n.excess), look.WARNING) if n.excess else ""
        arrived = n.found.submission.arrived_at
        unit = n.found.unit.name
        text = n.text if n.length <= _SHOWN_CHARS else n.text[:_SHOWN_CHARS] + say("rest_of_text")
        page.add([n.field.key, heading(basis, n.field), unit, text, n.length, excess, arrived])
    for row in _experience(basis):
        page.add(row)
    page.finish(frozen_columns=3)


def _experience(basis: Basis) -> Iterator[list[Value]]:
    """Good practice sent in of their own accord (好的做法和经验): listed, no deadline."""
    kinds = {m.key: m.name for m in basis.campaign.materials if not m.media}
    owed = {d.material for d in basis.campaign.deadlines}
    for s in basis.ledger.submissions:
        if s.material not in kinds or s.material in owed or s.status not in _KEPT:
            continue
        name = basis.campaign.unit(s.unit).name if s.unit else say("unknown_unit")
        title = s.name or _subject(basis, s)
        yield ["", kinds[s.material], name, plain.discreet(title), None, "", s.arrived_at]


def write_doubts(book: Book, basis: Basis) -> None:
    """Each open doubt with its sentence and its evidence, phone numbers masked."""
    styles = {"编号": look.CENTRE, "到达时间": look.WHEN}
    page = book.page(
        wording.DOUBTS,
        [Column(h, w, styles.get(h, look.TEXT)) for h, w in wording.DOUBTS_HEADINGS],
        title=say("doubts_title", campaign=basis.campaign.title),
        note=say("doubts_note", count=len(basis.ledger.doubts)),
    )
    by_part = {(s.mail, s.part): s for s in basis.ledger.submissions}
    for doubt in basis.ledger.doubts:
        page.add(_doubt_row(basis, doubt, by_part.get((doubt.mail or -1, doubt.part or ""))))
    page.finish(frozen_columns=2)


def _doubt_row(basis: Basis, doubt: OpenDoubt, submission: Submission | None) -> list[Value]:
    unit = basis.campaign.unit(doubt.unit).name if doubt.unit else say("unknown_unit")
    names = [d.name for d in basis.campaign.deadlines if d.key in doubt.deadlines]
    form = submission.form if submission else None
    raw = _evidence(submission, doubt.where)
    mail = basis.mails.get(doubt.mail) if doubt.mail is not None else None
    style = look.TEXT if doubt.soft else look.WARNING
    said = sentence(basis.campaign, basis.ledger, doubt, submission)
    return [
        _number(doubt),
        unit,
        "、".join(names),
        say("place_header") if doubt.where.startswith("header/") else doubt.where,
        label(basis.campaign, form, doubt.where),
        Styled(plain.discreet(said), style),
        plain.discreet(raw, _EVIDENCE_CHARS),
        plain.discreet(mail.subject) if mail else "",
        mail.received_at if mail else None,
    ]


def _number(doubt: OpenDoubt) -> str:
    """What a reply names it by: #12/1, the first part of the twelfth mail."""
    if doubt.mail is None:
        return doubt.id
    return f"#{doubt.mail}/{doubt.part}" if doubt.part else f"#{doubt.mail}"


def _evidence(submission: Submission | None, where: str) -> str:
    """What stands in the paper at the place of the doubt."""
    if submission is None:
        return ""
    if where.startswith("header/"):
        return str(submission.read.get("header", {}).get(where.removeprefix("header/"), ""))
    return str(_said(submission).get(where, {}).get("raw") or "")


def write_changes(book: Book, basis: Basis) -> None:
    """What a later version of a return changed, and what staff did: field by field."""
    styles = {"编号": look.CENTRE, "版次": look.CENTRE, "到达时间": look.WHEN}
    page = book.page(
        wording.CHANGES,
        [Column(h, w, styles.get(h, look.TEXT)) for h, w in wording.CHANGES_HEADINGS],
        title=say("changes_title", campaign=basis.campaign.title),
        note=say("changes_note"),
    )
    for old, new in revisions(basis.ledger.submissions):
        for row in _changes(basis, old, new):
            page.add(row)
    for s in basis.ledger.submissions:
        if s.status == "governing" and s.unit:
            for row in _corrections(basis, s):
                page.add(row)
    page.finish(frozen_columns=1)


def revisions(submissions: tuple[Submission, ...]) -> Iterator[tuple[Submission, Submission]]:
    """Each return that took the place of an earlier one for the same unit and deadline."""
    last: dict[tuple[str, str], Submission] = {}
    for s in sorted(submissions, key=lambda s: (s.arrived_at, s.version)):
        if s.unit is None or s.status not in _KEPT:
            continue
        before = {last[s.unit, d].id: last[s.unit, d] for d in s.deadlines if (s.unit, d) in last}
        for old in before.values():
            yield old, s
        last.update({(s.unit, d): s for d in s.deadlines})


def _corrections(basis: Basis, found: Submission) -> Iterator[list[Value]]:
    """What staff corrected in a return (改): what the paper says, what counts instead."""
    names = "、".join(d.name for d in basis.campaign.deadlines if d.key in found.deadlines)
    mail = basis.mail(found)
    for key, said in _said(found).items():
        if said.get("decision") is None:
            continue
        yield [
            basis.campaign.unit(found.unit or "").name,
            names,
            key,
            label(basis.campaign, found.form, key),
            plain.discreet(str(said.get("raw") or "") or say("blank"), _EVIDENCE_CHARS),
            plain.discreet(_shown(said), _EVIDENCE_CHARS),
            str(found.version),
            say("by_staff", number=said["decision"]),
            plain.discreet(mail.subject) if mail else "",
            found.arrived_at,
        ]


def _changes(basis: Basis, old: Submission, new: Submission) -> Iterator[list[Value]]:
    shared = [
        d.name for d in basis.campaign.deadlines if d.key in {*old.deadlines} & {*new.deadlines}
    ]
    mail = basis.mail(new)
    before, after = _said(old), _said(new)
    for key in [k for k in after if _shown(before.get(k)) != _shown(after[k])]:
        yield [
            basis.campaign.unit(new.unit or "").name,
            "、".join(shared),
            key,
            label(basis.campaign, new.form, key),
            plain.discreet(_shown(before.get(key)), _EVIDENCE_CHARS),
            plain.discreet(_shown(after[key]), _EVIDENCE_CHARS),
            f"{old.version}→{new.version}",
            new.sender or new.how,
            plain.discreet(mail.subject) if mail else "",
            new.arrived_at,
        ]


def _shown(said: Mapping[str, Any] | None) -> str:
    """A value as a reader sees it; blank, zero and not-applicable look different."""
    found = entry(said)
    if found.state == "blank":
        return say("blank")
    if found.state in ("na", "unsure"):
        return say("as_written", raw=found.raw)
    shown = "、".join(found.value) if isinstance(found.value, tuple) else str(found.value)
    return say("about_value", value=shown) if found.approx else shown


def _said(submission: Submission) -> Mapping[str, Any]:
    said = submission.read.get("fields")
    return said if isinstance(said, Mapping) else {}


def _subject(basis: Basis, submission: Submission) -> str:
    mail = basis.mail(submission)
    return mail.subject if mail else ""
