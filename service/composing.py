"""Which module words which kind of letter: one line a kind."""

from __future__ import annotations

from service import confirmations, digest, letters, report, words
from service.duties import Wanted
from service.outlook import Outlook
from service.proposals import proposals
from service.types import Heard, Letter


def compose(outlook: Outlook, wanted: Wanted) -> Letter:
    """The letter that a wanted one becomes, with its files."""
    campaign, ledger = outlook.campaign, outlook.ledger
    match wanted.kind:
        case "digest":
            rows = [_row(r) for r in outlook.letters]
            open_ = proposals(campaign, ledger, outlook.decided)
            returned = {h.mail: _returned(outlook, h) for h in outlook.heard if h.kind == "bounce"}
            said = digest.compose(
                outlook.moved, ledger, outlook.at, rows, outlook.last_look, open_, returned
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


def _returned(outlook: Outlook, heard: Heard) -> str:
    """A bounce in words: whose address failed, whom to phone, why."""
    campaign, unit = outlook.campaign, heard.told["unit"]
    name, person, phone = "", "", ""
    if unit is not None:
        name = campaign.unit(unit).name
        person, phone = letters.liaison(campaign, outlook.ledger, campaign.unit(unit))
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
