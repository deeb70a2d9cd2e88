"""What an answer tells (回执内容): what a mail brought, what it counts for, what was read in it.

Pure. Decides nothing: which mail is answered, and how, is answers.py's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parsers.read import BODY
from service import answers, versions, words
from service.moments import spoken, spoken_day
from service.types import Campaign, Ledger, MailFact, Submission
from service.wants import Wanted

ROWS_SHOWN = 60
FALLEN_SHOWN = 5
_BOX = re.compile("[□☐■☑☒√]")


def facts(campaign: Campaign, ledger: Ledger, wanted: Wanted, mail: MailFact) -> dict[str, Any]:
    """What templates/letters/receipt.j2 and question.j2 tell of the mail that they answer."""
    brought = [s for s in ledger.submissions if s.mail == mail.id]
    items = [_brought(campaign, ledger, s) for s in brought]
    questions = [q for s in brought for q in _questions(campaign, ledger, s)]
    blank = sum(_blank(campaign, s) for s in brought if s.status in ("governing", "counted"))
    return {
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
