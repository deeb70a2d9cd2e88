"""What waits for a person, in words (待核): what is wrong, which mail it is, what to reply.

Pure. A stranger's words stand on one line with phone numbers masked.
"""

from __future__ import annotations

from collections.abc import Mapping

from service import words
from service.desk import Case, Desk
from service.moments import spoken
from service.report import plain
from service.report.doubts import sentence
from service.report.wording import say
from service.types import OpenDoubt, Submission

SHOWN_CHARS = 60


def told(desk: Desk, case: Case) -> Mapping[str, str]:
    """A case as the digest lists it."""
    mail = case.mail
    return {
        "number": case.number,
        "unit": unit_name(desk, case.unit),
        "said": "".join(said(desk, d) for d in case.doubts),
        "how": how(desk, case),
        "subject": shown(mail.subject) if mail else "",
        "sender": shown(mail.sender) if mail else "",
        "when": spoken(mail.received_at) if mail else "",
    }


def how(desk: Desk, case: Case) -> str:
    """What to reply: whose it is must be said first, then what it counts for, then yes or no."""
    unit = unit_name(desk, case.unit) if case.unit else words.say("digest", "any_unit")
    facts = {"number": case.number, "unit": unit}
    return words.say("digest", f"how_{_question(desk, case)}", facts)


def _question(desk: Desk, case: Case) -> str:
    due = [desk.campaign.deadline(k) for k in case.deadlines]
    is_unread = any(c.startswith("unread_") for c in case.codes)
    if any(c.startswith("unit_") for c in case.codes):
        return "unit"
    if any(c.startswith("deadline_") for c in case.codes) and len(due) > 1:
        return "deadline"
    if is_unread and len({(d.form, d.material) for d in due}) > 1:
        return "deadline"
    if any(c.startswith("version_") for c in case.codes):
        return "version"
    return "plain" if case.number.startswith("#") else "none"


def said(desk: Desk, doubt: OpenDoubt, found: Submission | None = None) -> str:
    return plain.line(plain.discreet(sentence(desk.campaign, desk.ledger, doubt, found)))


def unit_name(desk: Desk, unit_id: str | None) -> str:
    return desk.campaign.unit(unit_id).name if unit_id else say("unknown_unit")


def shown(raw: object) -> str:
    """What a stranger wrote, on one line, short, its phone numbers masked."""
    return plain.line(plain.discreet(raw), SHOWN_CHARS)
