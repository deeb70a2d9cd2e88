"""The story of mail that is acted upon (来信办理): staff replies and bounces, each exactly once.

A reply counts only from a staff address, with the token of a letter of ours to staff in its
subject; what it decides and that it was heard are written in one transaction. It survives
restarts and replays: a mail that was heard is never heard again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from service import bounces, confirmations, replies, reply_hints, words
from service.delivered import RECEIVED
from service.moments import iso
from service.outlook import Outlook, survey
from service.posting import is_final
from service.proposals import proposals
from service.reply_words import NotUnderstood
from service.standing import REPORT, UNDO, Act, Standing, Waiting
from service.store import LetterRow, Store, left
from service.trust import judge
from service.types import Campaign, Heard, MailFact
from service.units import Roster

TO_STAFF = ("digest", "report", "alert", "notice")
"""Kinds of letters that only staff get: nobody else can know their tokens."""

_NO_HINT = ("not_sure", "time_missing")
"""Who asks or waits gets no line put into his mouth, and a day is never guessed."""

_TOKEN = re.compile(r"〔([A-Z2-7]{8})〕")

log = logging.getLogger(__name__)


def hear(store: Store, campaign: Campaign, now: datetime) -> int:
    """Acts upon every staff reply and bounce that was not heard before; how many were."""
    waiting = [m for m in store.mail_facts() if _may_act(campaign, m) and not store.is_heard(m)]
    if not waiting:
        return 0
    letters = store.letters(campaign.slug)
    heard = 0
    for mail in waiting:
        act = _bounce if mail.bounce is not None else _reply
        heard += act(store, campaign, mail, letters, now)
    return heard


def _may_act(campaign: Campaign, mail: MailFact) -> bool:
    if mail.state != "done" or mail.ours or mail.source == RECEIVED:
        return False
    if mail.bounce is not None:
        return mail.proof not in ("fail", "forged")
    return _is_from_staff(campaign, mail)


def _is_from_staff(campaign: Campaign, mail: MailFact) -> bool:
    """A person's mail from exactly one staff address that nothing speaks against; that the
    writer has our letter, its token proves."""
    if mail.automatic is not None:
        return False
    level = judge(mail, Roster((), {}), campaign.staff, campaign.mailbox)
    return level in ("staff", "provisional")  # without a roster only staff can be provisional


# -- replies ------------------------------------------------------------------


def _reply(
    store: Store,
    campaign: Campaign,
    mail: MailFact,
    letters: tuple[LetterRow, ...],
    now: datetime,
) -> bool:
    tokens = _TOKEN.findall(mail.subject)
    answered = next((x for x in letters if _is_answered(x, tokens)), None)
    if answered is not None:
        _act(store, campaign, mail, answered, now)
        return True
    mine = any(x.token in tokens for x in letters)
    if tokens and not mine and store.knows_token(mail.subject):
        return False  # another campaign's letter
    return _refuse(store, campaign, mail, now)


def _is_answered(letter: LetterRow, tokens: Sequence[str]) -> bool:
    return letter.token in tokens and letter.kind in TO_STAFF and left(letter.state)


def _act(
    store: Store, campaign: Campaign, mail: MailFact, answered: LetterRow, now: datetime
) -> None:
    """Reads line by line; each sees what the lines above it have changed."""
    lines = replies.lines(campaign, mail.text, store.letter_text(answered.key))
    told: list[dict[str, Any]] = []
    with store.writing():
        standing: Standing | None = None
        for line in lines:
            standing = standing or _standing(store, campaign, mail, answered.sent_at, now)
            try:
                acts = replies.understand(line, standing)
            except NotUnderstood as e:
                problem = _problem(line, e, standing)
                verb = replies.is_command(line)
                told.append({"said": line, "problem": problem, "verb": verb})
                continue
            told.append(
                {"said": line, "acts": [_do(store, standing, a, mail, line, now) for a in acts]}
            )
            standing = None
        store.hear(_heard(campaign, mail, "reply", told, now))
    log.info("reply %s: %d lines", mail.sha256[:12], len(lines))


def _problem(line: str, error: NotUnderstood, standing: Standing) -> str:
    """Why a line was not understood, and what to write instead."""
    is_empty = error.facts.get("got") == "" and f"{error.code}_empty" in words.section("reply")
    said = words.say("reply", f"{error.code}_empty" if is_empty else error.code, error.facts)
    if "lines" in error.facts or error.code in _NO_HINT:
        return said
    if proposed := reply_hints.hints(line, standing):
        return words.say("reply", "copy", {"said": said, "lines": reply_hints.copied(proposed)})
    known = error.facts.get("known")
    return words.say("reply", "known", {"said": said, "names": known}) if known else said


def _do(
    store: Store, standing: Standing, act: Act, mail: MailFact, line: str, now: datetime
) -> dict[str, Any]:
    """Records one decision; what was understood, with its number."""
    campaign, by = standing.campaign, mail.sender or ""
    number: int | None = None
    if act.verb == UNDO:
        number = store.undo(campaign.slug, now, by, line, act.args["number"])
    elif act.verb != REPORT:
        number = store.decide(campaign.slug, now, by, line, act.verb, act.args)
    said = confirmations.sentence(campaign, act.verb, act.args) + _about(standing, act)
    return {"verb": act.verb, "args": dict(act.args), "number": number, "sentence": said}


def _about(standing: Standing, act: Act) -> str:
    """Whose return a mere number means, and for what, so that a slip of the pen is seen."""
    if act.verb not in ("accept", "reject"):
        return ""
    ledger, campaign = standing.ledger, standing.campaign
    found = next((s for s in ledger.submissions if s.id == act.args["doubt"]), None)
    if found is None:
        return ""
    names = [campaign.deadline(k).name for k in found.deadlines]
    unit = campaign.unit(found.unit).name if found.unit else words.say("report", "unknown_unit")
    return words.say("decided", "about", {"unit": unit, "what": "、".join(names)})


def _refuse(store: Store, campaign: Campaign, mail: MailFact, now: datetime) -> bool:
    """Commands outside any thread of ours do nothing; the staff address is told so, because
    whoever wrote them believes that they were heard."""
    lines = [x for x in replies.lines(campaign, mail.text) if replies.is_command(x)]
    if not lines:
        return False
    standing = _standing(store, campaign, mail, None, now)
    told = [{"said": x, "verb": True} for x in lines if _is_understood(x, standing)]
    store.hear(_heard(campaign, mail, "refused", told, now))
    return True


def _is_understood(line: str, standing: Standing) -> bool:
    try:
        replies.understand(line, standing)
    except NotUnderstood:
        return False
    return True


def _heard(
    campaign: Campaign, mail: MailFact, kind: Any, lines: list[dict[str, Any]], now: datetime
) -> Heard:
    told = {"subject": mail.subject, "arrived": iso(mail.received_at), "lines": lines}
    return Heard(mail.sha256, campaign.slug, kind, mail.id, now, mail.message_id, mail.sender, told)


def _standing(
    store: Store, campaign: Campaign, mail: MailFact, seen_at: datetime | None, now: datetime
) -> Standing:
    outlook = survey(store, campaign, now)
    return Standing(
        campaign,
        outlook.ledger,
        outlook.decided,
        min(mail.received_at, now),
        seen_at or now,
        proposals(campaign, outlook.ledger, outlook.decided),
        _waiting(outlook),
        store.decision_numbers(campaign.slug),
    )


def _waiting(outlook: Outlook) -> tuple[Waiting, ...]:
    rows = (r for r in outlook.letters if r.state in ("queued", "held"))
    return tuple(Waiting(r.key, r.unit, r.state) for r in rows)


# -- bounces ------------------------------------------------------------------


def _bounce(
    store: Store,
    campaign: Campaign,
    mail: MailFact,
    letters: tuple[LetterRow, ...],
    now: datetime,
) -> bool:
    """Marks the address that failed for good, and notes it beside the letter that left."""
    found = bounces.match(mail.bounce or {}, letters, mail.received_at)
    if found is None:
        return False
    key, unit = found.letter.key, found.letter.unit
    addresses = []
    with store.writing():
        for address, status, said in found.failed:
            final = is_final(450 if status.startswith("4") else 550, said)
            reason = " ".join(x for x in (status, said) if x)
            if final:
                store.mark_address(address, unit, "bad", reason, mail.received_at)
            addresses.append({"address": address, "reason": reason, "final": final})
        noted = "；".join(f"{a['address']} {a['reason']}".strip() for a in addresses)
        store.change_letter(key, code="bounced", said=words.say("bounce", "note", {"why": noted}))
        told = {
            "letter": key,
            "unit": unit,
            "subject": found.letter.subject,
            "addresses": addresses,
        }
        heard = Heard(
            mail.sha256, campaign.slug, "bounce", mail.id, now, mail.message_id, mail.sender, told
        )
        store.hear(heard)
    return True
