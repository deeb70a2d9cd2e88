"""Letters in words (信函): from a wanted letter and the ledger to subject, text, HTML, files.

Pure but for reading templates/letters. Decides nothing: who gets what when is duties.py's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from service import answer_facts, reminder_facts, words
from service.decisions import Decided
from service.moments import spoken
from service.report import rendering
from service.types import Attachment, Campaign, Ledger, Letter
from service.wants import Wanted


def compose(campaign: Campaign, ledger: Ledger, decided: Decided, wanted: Wanted) -> Letter:
    """The letter to a unit or sender: receipt, question or reminder."""
    if wanted.kind == "reminder":
        facts, files = reminder_facts.facts(campaign, ledger, decided, wanted)
        return letter(wanted, _said(campaign, "reminder", facts), files)
    mail = next(m for m in ledger.mails if m.id == wanted.mail)
    facts = answer_facts.facts(campaign, ledger, wanted, mail)
    return letter(wanted, _said(campaign, wanted.kind, facts), reply=mail.message_id)


def alert(campaign: Campaign, wanted: Wanted, now: datetime) -> Letter:
    """An alert to the staff: `stage` is its code, `items` what it is about."""
    code = wanted.stage or ""
    facts = {
        "title": words.say("alert_title", code),
        "said": words.say("alert", code),
        "details": wanted.items,
        "now": spoken(now),
    }
    return letter(wanted, _said(campaign, "alert", facts))


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


def _said(campaign: Campaign, template: str, facts: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject, text and HTML, signed by the section."""
    return rendering.loose_letter(template, {**_sender(campaign), **facts})


def _sender(campaign: Campaign) -> dict[str, Any]:
    return {
        "issuer": campaign.issuer,
        "section": campaign.staff.section,
        "contact": campaign.staff.contact,
        "phone": campaign.staff.phone,
        "mailbox": campaign.mailbox,
        "notice": campaign.notice,
    }
