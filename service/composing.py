"""Which module words which kind of letter: one line a kind."""

from __future__ import annotations

from service import confirmations, digest, letters, report
from service.duties import Wanted
from service.outlook import Outlook
from service.types import Letter


def compose(outlook: Outlook, wanted: Wanted) -> Letter:
    """The letter that a wanted one becomes, with its files."""
    campaign, ledger = outlook.campaign, outlook.ledger
    match wanted.kind:
        case "digest":
            rows = [_row(r) for r in outlook.letters]
            said = digest.compose(campaign, ledger, outlook.at, rows, outlook.last_look)
            return letters.letter(wanted, said)
        case "report":
            key = wanted.deadline or ""
            said = report.covering(campaign, ledger, key, outlook.at, wanted.update)
            return letters.letter(wanted, said, report.build(campaign, ledger, key, outlook.at))
        case "alert":
            return letters.alert(campaign, wanted, outlook.at)
        case "notice":
            return confirmations.letter(campaign, outlook.heard, wanted)
        case _:
            return letters.compose(campaign, ledger, outlook.decided, wanted)


def _row(r: object) -> digest.LetterRow:
    names = digest.LetterRow.__dataclass_fields__
    return digest.LetterRow(**{n: getattr(r, n) for n in names})
