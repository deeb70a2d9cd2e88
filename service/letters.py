"""Letters in words (信函): from a wanted letter and the ledger to subject, text, HTML, files.

Pure but for reading templates/letters. Decides nothing: who gets what when is duties.py's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from parsers import fill
from parsers.read import BODY
from parsers.types import ParserError
from service import answers, filing, versions, words
from service.decisions import Decided, effective
from service.moments import last_day, spoken, spoken_day
from service.report import rendering
from service.types import (
    Attachment,
    Campaign,
    Deadline,
    Ledger,
    Letter,
    MailFact,
    Submission,
    Unit,
)
from service.wants import Wanted

ROWS_SHOWN = 60
FALLEN_SHOWN = 5
_BOX = re.compile("[□☐■☑☒√]")


def compose(campaign: Campaign, ledger: Ledger, decided: Decided, wanted: Wanted) -> Letter:
    """The letter to a unit or sender: receipt, question or reminder."""
    if wanted.kind == "reminder":
        return _reminder(campaign, ledger, decided, wanted)
    return _answer(campaign, ledger, wanted)


def letter(
    wanted: Wanted,
    said: tuple[str, str, str],
    files: Iterable[Attachment] = (),
    reply: str | None = None,
) -> Letter:
    """A letter from a wanted one and its words."""
    return Letter(
        key=wanted.key,
        kind=wanted.kind,
        to=wanted.to,
        cc=wanted.cc,
        subject=said[0],
        text=said[1],
        html=said[2],
        unit=wanted.unit,
        deadline=wanted.deadline,
        stage=wanted.stage,
        files=tuple(files),
        in_reply_to=reply,
    )


def _sender(campaign: Campaign) -> dict[str, Any]:
    return {
        "issuer": campaign.issuer,
        "section": campaign.staff.section,
        "contact": campaign.staff.contact,
        "phone": campaign.staff.phone,
        "mailbox": campaign.mailbox,
        "notice": campaign.notice,
    }


# -- reminders ----------------------------------------------------------------


def _reminder(campaign: Campaign, ledger: Ledger, decided: Decided, wanted: Wanted) -> Letter:
    unit = campaign.unit(wanted.unit or "")
    open_now = [effective(campaign.deadline(k), unit, decided) for k in wanted.items]
    lead = effective(campaign.deadline(wanted.deadline or ""), unit, decided)
    items = [_item(d, ledger.at) for d in sorted(open_now, key=lambda d: d.remind_by)]
    person, phone = liaison(campaign, ledger, unit)
    files = _blanks(campaign, unit, open_now, person, phone, ledger.at)
    forms = {b.key for b in campaign.forms}
    anonymous = sum(1 for s in ledger.submissions if s.status == "waiting" and _nobody(s))
    context = {
        **_sender(campaign),
        "unit_name": unit.name,
        "contact_person": person,
        "lead": _item(lead, ledger.at),
        "items": items,
        "more": len(items) > 1,
        "overdue": ledger.at >= lead.late_after,
        "now": spoken(ledger.at),
        "files": bool(files),
        "forms": any(d.form in forms for d in open_now),
        "materials": any(d.form not in forms for d in open_now),
        "prefilled": not {f.content for f in files} & {b.content for b in campaign.forms},
        "slogan": _slogan(campaign, wanted.key),
        "anonymous": anonymous,
    }
    return letter(wanted, rendering.loose_letter("reminder", context), files)


def _item(deadline: Deadline, now: datetime) -> dict[str, Any]:
    """What a reminder says of one deadline: the strict time while it lasts, then the lenient
    one; nothing is overdue before that."""
    overdue = now >= deadline.late_after
    ahead = deadline.remind_by if now < deadline.remind_by else deadline.late_after
    day = spoken_day(last_day(deadline.late_after))
    return {
        "name": deadline.name,
        "day": day,
        "due": day if overdue else spoken(ahead),
        "clock": "24:00" if ahead == deadline.late_after else f"{ahead:%H:%M}",
        "today": last_day(ahead) == now.date(),
        "overdue": overdue,
        "days": (now.date() - last_day(deadline.late_after)).days if overdue else 0,
    }


def _nobody(s: Submission) -> bool:
    return s.unit is None and not s.claimed


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


def _blanks(
    campaign: Campaign,
    unit: Unit,
    open_now: Iterable[Deadline],
    person: str,
    phone: str,
    now: datetime,
) -> list[Attachment]:
    """The blank forms still owed, with what we know already written in."""
    files = []
    for key in dict.fromkeys(d.form for d in open_now if d.form):
        blank = campaign.blank(key)
        known = {
            blank.unit_field: unit.name,
            blank.person_field: person,
            blank.phone_field: phone,
            blank.date_field: f"{now.year}年{now.month}月{now.day}日",
        }
        known = {k: v for k, v in known.items() if k and v}
        header = {k: v for k, v in known.items() if k in {f.key for f in blank.form.header}}
        fields = {k: v for k, v in known.items() if k not in header}
        files.append(
            Attachment(blank.file_name, _filled(blank.content, blank.form, header, fields))
        )
    return files


def _filled(content: bytes, form: Any, header: dict[str, str], fields: dict[str, str]) -> bytes:
    try:
        return fill.fill(content, form, header, fields)
    except ParserError:
        # a blank that cannot be written into (an .xlsx one) goes out as it is
        return content


def _slogan(campaign: Campaign, key: str) -> str:
    """One of the notice's slogans, the same for the same letter."""
    if not campaign.slogans:
        return ""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")
    return campaign.slogans[number % len(campaign.slogans)]


# -- answers ------------------------------------------------------------------


def _answer(campaign: Campaign, ledger: Ledger, wanted: Wanted) -> Letter:
    mail = next(m for m in ledger.mails if m.id == wanted.mail)
    brought = [s for s in ledger.submissions if s.mail == mail.id]
    items = [_brought(campaign, ledger, s) for s in brought]
    questions = [q for s in brought for q in _questions(campaign, ledger, s)]
    blank = sum(_blank(campaign, s) for s in brought if s.status in ("governing", "counted"))
    context = {
        **_sender(campaign),
        "unit_name": _addressed(campaign, ledger, wanted, mail),
        "arrived": spoken(mail.received_at),
        "mail_subject": mail.subject or "（无主题）",
        "items": items,
        "brought_names": "、".join(dict.fromkeys(i["short"] for i in items)) or "材料",
        "questions": questions,
        "other_parts": _other_parts(mail, brought),
        "closing": words.say(
            "receipt",
            _closing(brought, questions, blank),
            {"section": campaign.staff.section, "count": blank},
        ),
    }
    return letter(wanted, rendering.loose_letter(wanted.kind, context), reply=mail.message_id)


def _addressed(campaign: Campaign, ledger: Ledger, wanted: Wanted, mail: MailFact) -> str:
    """The unit's name: of the return, else of the address that wrote."""
    known = (u for u, several in ledger.addresses.items() if mail.sender in several)
    unit = wanted.unit or next(known, None)
    return campaign.unit(unit).name if unit else ""


def _closing(brought: list[Submission], questions: list[str], blank: int) -> str:
    if any(s.status == "waiting" for s in brought):
        return "closing_waiting"
    if questions:
        return "closing_questions"
    return "closing_blank" if blank else "closing_complete"


def _blank(campaign: Campaign, s: Submission) -> int:
    """How many numbers of its form it left blank: a blank is not a nil."""
    asked = campaign.blank(s.form).form.fields if s.form else ()
    numbers = {f.key for f in asked if f.kind == "number"}
    fields = (s.read.get("fields") or {}).items()
    empty = [
        key for key, f in fields if f.get("state") == "blank" and (f.get("unit") or key in numbers)
    ]
    return len(empty)


def _brought(campaign: Campaign, ledger: Ledger, s: Submission) -> dict[str, Any]:
    name = _name(campaign, s)
    return {
        "title": f"{campaign.unit(s.unit).name} {name}" if s.unit else name,
        "short": name,
        "file": words.say("receipt", "in_the_text") if s.name == BODY else s.name or "",
        "counted": _counted(campaign, ledger, s),
        "problems": _told(s),
        "header": _header(s),
        "rows": _rows(s),
    }


def _told(s: Submission) -> list[str]:
    """What a unit is told of the reasons why its return waits: the staff's own words for
    them (words [doubt]) are not for it."""
    told = words.section("told")
    return list(dict.fromkeys(told[code] for code, _, _ in s.reasons if code in told))


def _name(campaign: Campaign, s: Submission) -> str:
    if s.form:
        return campaign.blank(s.form).name
    if s.material:
        return next(m.name for m in campaign.materials if m.key == s.material)
    return words.say("receipt", "unread_name")


def _counted(campaign: Campaign, ledger: Ledger, s: Submission) -> str:
    """What it counts for: `计入：6月8日进展情况统计表，按时；第1版`."""
    if s.status == "duplicate":
        return words.say("receipt", "duplicate")
    again = next((code for code, _, _ in s.reasons if code in answers.MUST_RESEND), None)
    if again:
        outcome = again.removeprefix("unread_")
        return f"{words.say('outcome', outcome)}。{words.say('advice', outcome)}"
    if s.status == "waiting":
        return words.say("receipt", "waiting")
    if not s.deadlines or s.unit is None:
        return words.say("receipt", "registered")
    told = []
    for key in s.deadlines:
        cell = ledger.cells.get((s.unit, key))
        state = cell.state if cell else "reported"
        days = cell.days_late if cell else 0
        told.append(
            campaign.deadline(key).name + "（" + words.say("cell", state, {"days": days}) + "）"
        )
    facts = {"deadlines": "、".join(told), "version": s.version}
    return words.say("receipt", "counted" if s.version == 1 else "counted_again", facts)


def _header(s: Submission) -> list[dict[str, Any]]:
    return [
        {"label": k, "shown": v or words.say("receipt", "blank")}
        for k, v in (s.read.get("header") or {}).items()
    ]


def _rows(s: Submission) -> list[dict[str, Any]]:
    fields = list((s.read.get("fields") or {}).items())
    return [
        {
            "key": key if key != f.get("label") else "",
            "label": f.get("label") or key,
            "shown": shown(f),
            "odd": f.get("state") in ("unsure", "blank"),
        }
        for key, f in fields[:ROWS_SHOWN]
    ]


def shown(field: Mapping[str, Any]) -> str:
    """A field's value as a receipt shows it: with its unit, or what is odd about it."""
    state, value, raw = field.get("state"), field.get("value"), field.get("raw") or ""
    if field.get("kind") == "list" or "records" in field:
        return words.say("receipt", "records", {"count": len(field.get("records") or ())})
    if state == "blank":
        return words.say("receipt", "blank")
    if state == "na":
        return words.say("receipt", "na")
    if state == "unsure":
        return words.say("receipt", "unsure_tick" if _BOX.search(raw) else "unsure", {"raw": raw})
    text = "、".join(value) if isinstance(value, list | tuple) else str(value)
    about = words.say("receipt", "about") if field.get("approx") else ""
    return f"{about}{text}{field.get('unit') or ''}"


def _questions(campaign: Campaign, ledger: Ledger, s: Submission) -> list[str]:
    """What the unit should look at again: doubts of its paper, figures that went down."""
    if s.form is None:
        return []
    labels = {k: f.get("label", k) for k, f in (s.read.get("fields") or {}).items()}
    out = [
        words.doubt(
            d["code"],
            {
                "where": d["where"],
                "label": labels.get(d["where"], d["where"]),
                **(d.get("facts") or {}),
            },
        )
        for d in s.read.get("doubts") or ()
    ]
    before = _before(campaign, ledger, s)
    if before is not None:
        if versions.same(s.read, before.read) and s.status != "duplicate":
            out.append(
                words.say("receipt", "same_as_last", {"day": spoken_day(before.arrived_at.date())})
            )
        fallen = versions.fallen(s.read, before.read)
        if fallen:
            out.append(_less_than_before(fallen, labels, s.read, before.read))
    return list(dict.fromkeys(out))


def _less_than_before(
    keys: tuple[str, ...],
    labels: Mapping[str, str],
    newer: Mapping[str, Any],
    before: Mapping[str, Any],
) -> str:
    """The question whether cumulative figures may have gone down, with the first of them."""
    lines = [
        words.say(
            "receipt",
            "fell",
            {
                "key": key,
                "label": labels.get(key, ""),
                "was": before["fields"][key]["value"],
                "now": newer["fields"][key]["value"],
            },
        )
        for key in keys[:FALLEN_SHOWN]
    ]
    code = "fallen" if len(keys) <= FALLEN_SHOWN else "fallen_many"
    return words.say("receipt", code, {"count": len(keys), "lines": "；".join(lines)})


def _before(campaign: Campaign, ledger: Ledger, s: Submission) -> Submission | None:
    """The unit's last cumulative return of the same form for an earlier deadline."""
    cumulative = [d for d in campaign.deadlines if d.form == s.form and d.coverage == "cumulative"]
    mine = [d for d in cumulative if d.key in s.deadlines]
    if not mine or s.unit is None:
        return None
    earlier = [d for d in cumulative if d.late_after < mine[0].late_after]
    found = [ledger.governing(s.unit, d.key) for d in earlier]
    return next((f for f in reversed(found) if f is not None and f.id != s.id), None)


def _other_parts(mail: MailFact, brought: list[Submission]) -> list[dict[str, str]]:
    """Parts that are no return, each with its outcome in words: nothing disappears."""
    taken = {s.part for s in brought}
    out = []
    for part in mail.parts:
        if part.path in taken or part.outcome in ("container", "mail", "ignored"):
            continue
        name = part.name or words.say("receipt", "nameless")
        advice = words.section("advice").get(part.outcome, "")
        out.append({"name": name, "said": words.say("outcome", part.outcome), "advice": advice})
    return out


def alert(campaign: Campaign, wanted: Wanted, now: datetime) -> Letter:
    """An alert to the staff: `stage` is its code, `items` what it is about."""
    code = wanted.stage or ""
    context = {
        **_sender(campaign),
        "title": words.say("alert_title", code),
        "said": words.say("alert", code),
        "details": wanted.items,
        "now": spoken(now),
    }
    return letter(wanted, rendering.loose_letter("alert", context))
