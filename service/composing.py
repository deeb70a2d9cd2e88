"""Which module words which kind of letter: one line a kind."""

from __future__ import annotations

from datetime import timedelta

from service import confirmations, digest, letters, report, words
from service.duties import Wanted
from service.liaison import liaison
from service.moments import spoken
from service.outlook import Outlook
from service.proposals import proposals
from service.store import GONE, NotCome
from service.types import Heard, Letter

_NEWS = timedelta(days=3)
"""Over a weekend no digest leaves."""


def compose(outlook: Outlook, wanted: Wanted) -> Letter:
    """The letter that a wanted one becomes, with its files."""
    campaign, ledger = outlook.campaign, outlook.ledger
    match wanted.kind:
        case "digest":
            rows = [_row(r) for r in outlook.letters]
            open_ = proposals(campaign, ledger, outlook.decided)
            returned = {h.mail: _returned(outlook, h) for h in outlook.heard if h.kind == "bounce"}
            said = digest.compose(
                outlook.moved,
                ledger,
                outlook.at,
                rows,
                outlook.last_look,
                open_,
                returned,
                _not_come(outlook),
            )
            return letters.letter(wanted, said)
        case "report":
            key = wanted.deadline or ""
            said = report.covering(outlook.moved, ledger, key, outlook.at, wanted.update)
            files = report.build(outlook.moved, ledger, key, outlook.at)
            return letters.letter(wanted, said, report.enclosed(files))
        case "alert":
            return letters.alert(campaign, wanted, outlook.at)
        case "notice":
            return confirmations.letter(campaign, outlook.heard, wanted)
        case _:
            return letters.compose(campaign, ledger, outlook.decided, wanted)


def _not_come(outlook: Outlook) -> list[tuple[str, bool]]:
    """Mails that could not be fetched, in words, and whether they still stand there; one that
    left the mailbox only while it is news."""
    recent = outlook.at - _NEWS
    return [
        (_missed(m), m.problem != GONE)
        for m in outlook.not_come
        if m.problem != GONE or m.seen_at > recent
    ]


def _missed(mail: NotCome) -> str:
    why = words.say("not_come", mail.problem)
    facts = {"folder": mail.folder, "at": spoken(mail.seen_at), "why": why}
    return words.say("not_come", "line", facts)


def _returned(outlook: Outlook, heard: Heard) -> str:
    """A bounce in words: whose address failed, whom to phone, why."""
    campaign, unit = outlook.campaign, outlook.campaign.known_unit(heard.told["unit"])
    name, person, phone = "", "", ""
    if unit is not None:
        name = unit.name
        person, phone = liaison(campaign, outlook.ledger, unit)
    lines = (
        words.say(
            "bounce",
            "line",
            {
                "unit": name or heard.told["subject"],
                "person": person,
                "phone": phone,
                "address": failed["address"],
                "why": failed["reason"] or words.say("bounce", "no_reason"),
            },
        )
        for failed in heard.told["addresses"]
    )
    return "；".join(lines)


def _row(r: object) -> digest.LetterRow:
    names = digest.LetterRow.__dataclass_fields__
    return digest.LetterRow(**{n: getattr(r, n) for n in names})
