"""The story of a replay (重读): every kept mail read anew, and nothing said to anybody.

What a person accepted, assigned or rejected stays as it was read then (DESIGN section 1, law 8).
A letter that only the new reading would call for is withdrawn by a decision that can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.backroom import Backroom
from service.outlook import Outlook, survey
from service.types import Campaign

_WHY = "重读引起，不发信"


@dataclass(frozen=True, slots=True)
class Reread:
    """How many mails were read, how many stayed as accepted, the open doubts before and after,
    and the letters withheld: (how many, number of the decision)."""

    count: int
    kept: int
    before: int
    after: int
    withheld: tuple[tuple[int, int], ...]

    def facts(self) -> Mapping[str, object]:
        return {"count": self.count, "before": self.before, "after": self.after}


def reread(room: Backroom) -> Reread:
    """Reads everything again and writes the derived tables; the caller holds the data folder."""
    before = {c.slug: survey(room.store, c, room.clock.now()) for c in room.campaigns}
    spared = {s for o in before.values() for s in _judged(o)}
    room.store.renew(spared)
    count = room.intake.read_pending()
    withheld, after = [], 0
    for campaign in room.campaigns:
        outlook = survey(room.store, campaign, room.clock.now())
        room.store.save_ledger(campaign.slug, outlook.ledger)
        withheld += _withhold(room, campaign, before[campaign.slug], outlook)
        after += len(outlook.ledger.doubts)
    doubts = sum(len(o.ledger.doubts) for o in before.values())
    return Reread(count, len(spared), doubts, after, tuple(withheld))


def _judged(outlook: Outlook) -> set[str]:
    """The hashes of mails on which a person decided."""
    decided = outlook.decided
    ids = {i.partition("/")[0] for i in (*decided.accepted, *decided.rejected, *decided.assigned)}
    return {m.sha256 for m in outlook.ledger.mails if str(m.id) in ids}


def _withhold(
    room: Backroom, campaign: Campaign, before: Outlook, after: Outlook
) -> list[tuple[int, int]]:
    """Answers that were not wanted before the replay and are wanted now."""
    known = {w.key for w in before.wanted} | {r.key.partition("/")[2] for r in before.letters}
    fresh = [w.key for w in after.wanted if w.mail is not None and w.key not in known]
    if not fresh:
        return []
    keys = [f"{campaign.slug}/{k}" for k in fresh]
    now = room.clock.now()
    number = room.store.decide(campaign.slug, now, "replay", _WHY, "withdraw", {"letters": keys})
    return [(len(keys), number)]
