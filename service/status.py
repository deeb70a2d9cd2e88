"""Who stands where (现状): the object of `status --json`, and the same as a page of text."""

from __future__ import annotations

from collections import Counter
from typing import Any

from service import words
from service.decisions import effective
from service.liaison import liaison
from service.moments import iso, spoken
from service.outlook import Outlook
from service.store import GONE
from service.types import Deadline, OpenDoubt, Unit

ABSENT = "—"


def table(outlook: Outlook) -> dict[str, Any]:
    """The contract's object (DESIGN section 6)."""
    book = outlook.ledger
    return {
        "at": iso(outlook.at),
        "campaign": outlook.campaign.slug,
        "last_look": iso(outlook.last_look),
        "deadlines": [_deadline(outlook, d) for d in outlook.campaign.deadlines],
        "units": [
            {
                "id": u.id,
                "name": u.name,
                "cells": {
                    d.key: _cell(outlook, u.id, d.key)
                    for d in outlook.campaign.deadlines
                    if (u.id, d.key) in book.cells
                },
                "addresses": list(book.addresses.get(u.id, ())),
            }
            for u in outlook.campaign.expected
        ],
        "doubts": [doubt(outlook, d) for d in book.doubts],
        "letters": dict(Counter(r.state for r in outlook.letters)),
        "not_come": _not_come(outlook),
    }


def needs_person(outlook: Outlook) -> bool:
    """Whether something waits for a person: a hard doubt, a held or uncertain letter."""
    hard = any(not d.soft for d in outlook.ledger.doubts)
    stuck = any(r.state in ("held", "uncertain", "failed") for r in outlook.letters)
    return hard or stuck or _not_come(outlook)["waiting"] > 0


def _not_come(outlook: Outlook) -> dict[str, int]:
    """Mails seen in the mailbox that did not come: still tried, and gone from the mailbox."""
    gone = sum(m.problem == GONE for m in outlook.not_come)
    return {"waiting": len(outlook.not_come) - gone, "gone": gone}


def _deadline(outlook: Outlook, d: Deadline) -> dict[str, Any]:
    d = effective(d, None, outlook.decided)
    cells = [c for (_, key), c in outlook.ledger.cells.items() if key == d.key]
    return {
        "key": d.key,
        "form": d.form or d.material,
        "opens_at": iso(d.opens_at),
        "remind_by": iso(d.remind_by),
        "late_after": iso(d.late_after),
        "mode": d.mode,
        "due": sum(1 for c in cells if c.state != "waived"),
        "received": sum(1 for c in cells if c.state in ("reported", "late")),
        "on_time": sum(1 for c in cells if c.state == "reported"),
    }


def _cell(outlook: Outlook, unit: str, deadline: str) -> dict[str, Any]:
    cell = outlook.ledger.cell(unit, deadline)
    return {
        "state": cell.state,
        "arrived_at": iso(cell.arrived_at),
        "days_late": cell.days_late,
        "version": cell.version,
    }


def doubt(outlook: Outlook, d: OpenDoubt) -> dict[str, Any]:
    return {
        "id": d.id,
        "code": d.code,
        "where": d.where,
        "said": words.doubt(d.code, (("where", d.where), *d.facts)),
        "unit": d.unit,
        "deadlines": list(d.deadlines),
        "mail": d.mail,
        "soft": d.soft,
    }


def page(outlook: Outlook) -> list[list[str]]:
    """Rows of a table: a heading, then a row for each unit."""
    shown = outlook.campaign.deadlines
    rows = [["单位", *(d.name for d in shown)]]
    for unit in outlook.campaign.expected:
        row = [unit.name]
        for d in shown:
            cell = outlook.ledger.cells.get((unit.id, d.key))
            facts = {"days": cell.days_late if cell else 0}
            row.append(words.say("cell", cell.state, facts) if cell else ABSENT)
        rows.append(row)
    return rows


def summary(outlook: Outlook) -> list[str]:
    """The lines above the table."""
    lines = [f"{outlook.campaign.title}　{spoken(outlook.at)}"]
    look = spoken(outlook.last_look) if outlook.last_look else "还没有"
    lines.append(f"最近一次完整查看收件箱：{look}")
    if outlook.not_come:
        lines.append(words.say("door", "NOT_COME", _not_come(outlook)))
    hard = [d for d in outlook.ledger.doubts if not d.soft]
    lines.append(f"待核 {len(hard)} 项，提示 {len(outlook.ledger.doubts) - len(hard)} 项")
    states = Counter(r.state for r in outlook.letters)
    told = "，".join(f"{words.say('letter_state', s)} {n}" for s, n in sorted(states.items()))
    lines.append(f"信件：{told or '无'}")
    without = [u for u in outlook.campaign.expected if not outlook.ledger.addresses.get(u.id)]
    if without:
        names = "；".join(_to_be_asked(outlook, u) for u in without)
        lines.append(f"没有确认邮箱、催不到的单位 {len(without)} 个：{names}")
        lines.append(words.say("mend", "no_address"))
    return lines


def _to_be_asked(outlook: Outlook, unit: Unit) -> str:
    """A unit with its liaison and phone, as far as they are known."""
    known = liaison(outlook.campaign, outlook.ledger, unit)
    return "　".join(x for x in (unit.name, *known) if x)
