"""How far a mail's sender may speak for a unit (可信程度).

Only the full address of the one From mailbox counts: never the display name, Reply-To
or what the form says of itself.
"""

from __future__ import annotations

from service.types import MailFact, Staff, Trust
from service.units import Roster

RANK: dict[Trust, int] = {"failed": 0, "unknown": 1, "provisional": 2, "verified": 3, "staff": 4}


def judge(mail: MailFact, roster: Roster, staff: Staff, mailbox: str) -> Trust:
    """The trust of one mail. A mail without exactly one sender, with results that a stranger
    wrote in, or that fails the sender's own policy is quarantined (failed); staff included.
    A staff address for which the mailbox's own server found nothing to say ranks as a unit's."""
    if mail.sender is None or mail.proof in ("fail", "forged"):
        return "failed"
    if mail.sender in staff.addresses or mail.sender in staff.head or mail.sender == mailbox:
        return "provisional" if mail.proof == "unproved" else "staff"
    if roster.by_address(mail.sender) is not None:
        return "verified" if mail.proof == "pass" else "provisional"
    return "unknown"
