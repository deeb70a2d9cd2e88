"""The story of a replay (重读): kept mail read anew, and nothing said to anybody. All of it
when asked; by itself the scans that came before what reads scans was installed.

What a person accepted, assigned or rejected stays as it was read then (DESIGN section 1, law 8).
A letter that only the new reading would call for is withdrawn by a decision that can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from parsers.read import WITH_OCR
from service.backroom import Backroom
from service.clock import Clock
from service.decisions import in_force
from service.intake import Intake
from service.outlook import Outlook, survey
from service.store import Store
from service.types import Campaign

SCANS_A_PASS = 3
"""Mails with scans read anew in one pass: each costs up to a minute, and letters wait."""
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
    spared = {s for c in room.campaigns for s in _judged(room.store, c, room.clock)}
    room.store.renew(spared)
    count = room.intake.read_all()
    withheld, after = [], 0
    for campaign in room.campaigns:
        outlook = survey(room.store, campaign, room.clock.now())
        room.store.save_ledger(campaign.slug, outlook.ledger)
        withheld += _withhold(room.store, room.clock, before[campaign.slug], outlook)
        after += len(outlook.ledger.doubts)
    doubts = sum(len(o.ledger.doubts) for o in before.values())
    return Reread(count, len(spared), doubts, after, tuple(withheld))


def read_scans_anew(
    store: Store,
    campaigns: Sequence[Campaign],
    intake: Intake,
    clock: Clock,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Reads some scans that wait from days without OCR, once it is installed; how many mails.

    Call it where no new mail waits to be read: what that brings is answered.
    """
    if not intake.reader.endswith(WITH_OCR) or store.pending():
        return 0
    waiting = store.unread_scans(intake.reader)
    judged = {s for c in campaigns for s in _judged(store, c, clock)} if waiting else set()
    chosen = [s for s in waiting if s not in judged][:SCANS_A_PASS]
    if not chosen:
        return 0
    before = [survey(store, c, clock.now()) for c in campaigns]
    for sha256 in chosen:
        store.reread(sha256)
    count = intake.read_pending(enough)
    for outlook in before:
        _withhold(store, clock, outlook, survey(store, outlook.campaign, clock.now()))
    return count


def _judged(store: Store, campaign: Campaign, clock: Clock) -> set[str]:
    """The hashes of mails on which a person decided."""
    decided = in_force(store.decisions(campaign.slug))
    ids = {i.partition("/")[0] for i in (*decided.accepted, *decided.rejected, *decided.assigned)}
    hashes = {store.mail_bytes_of(int(i)) for i in ids if i.isdigit()}
    return {h for h in hashes if h is not None}


def _withhold(store: Store, clock: Clock, before: Outlook, after: Outlook) -> list[tuple[int, int]]:
    """Answers that were not wanted before the replay and are wanted now."""
    slug = after.campaign.slug
    known = {w.key for w in before.wanted} | {r.key.partition("/")[2] for r in before.letters}
    fresh = [w.key for w in after.wanted if w.mail is not None and w.key not in known]
    if not fresh:
        return []
    args = {"letters": [f"{slug}/{k}" for k in fresh]}
    number = store.decide(slug, clock.now(), "replay", _WHY, "withdraw", args)
    return [(len(fresh), number)]
