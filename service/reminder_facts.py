"""What a reminder tells (催报内容): the deadlines, the times, the blanks with what is known written in.

Pure. Decides nothing: who is reminded of what and when is chase.py's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from parsers import fill
from parsers.types import Form, ParserError
from service.decisions import Decided, effective
from service.liaison import liaison
from service.moments import last_day, spoken, spoken_day
from service.types import Attachment, Campaign, Deadline, Ledger, Submission, Unit
from service.wants import Wanted


def facts(
    campaign: Campaign, ledger: Ledger, decided: Decided, wanted: Wanted
) -> tuple[dict[str, Any], list[Attachment]]:
    """What templates/letters/reminder.j2 tells, and the blank forms that go with it."""
    unit = campaign.unit(wanted.unit or "")
    open_now = [effective(campaign.deadline(k), unit, decided) for k in wanted.items]
    lead = effective(campaign.deadline(wanted.deadline or ""), unit, decided)
    items = [_item(d, ledger.at) for d in sorted(open_now, key=lambda d: d.remind_by)]
    person, phone = liaison(campaign, ledger, unit)
    files = _blanks(campaign, unit, open_now, person, phone, ledger.at)
    forms = {b.key for b in campaign.forms}
    anonymous = sum(1 for s in ledger.submissions if s.status == "waiting" and _nobody(s))
    told = {
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
    return told, files


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


def _filled(content: bytes, form: Form, header: dict[str, str], fields: dict[str, str]) -> bytes:
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
