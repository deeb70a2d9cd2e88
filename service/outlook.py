"""The whole picture at one moment (全局): ledger, decisions, what was said, what is wanted.

Reads the store, computes with the pure modules, writes nothing. Tick, preview, status and
report all start here, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import is_

from service import confirmations, decisions, duties
from service.decisions import Decided, about, in_force, is_named
from service.knocking import Refusal, refusal
from service.ledger import Books
from service.moments import moment
from service.neighbours import near
from service.report import figures
from service.store import LetterRow, NotCome, Store, left
from service.types import Campaign, Heard, Ledger, LedgerCell
from service.wants import Left, Said, Wanted

STARTED = "started_at"


@dataclass(frozen=True, slots=True)
class Outlook:
    """A campaign as it stands at `at`."""

    campaign: Campaign
    at: datetime
    ledger: Ledger
    decided: Decided
    said: Said
    letters: tuple[LetterRow, ...]
    wanted: tuple[Wanted, ...]
    last_look: datetime | None
    not_come: tuple[NotCome, ...] = ()
    refusal: Refusal | None = None
    heard: tuple[Heard, ...] = ()
    """Staff replies and bounces that were acted upon."""
    newest: int = 0
    """The number of the last decision that the picture knows of."""

    @property
    def moved(self) -> Campaign:
        """The campaign as staff are told of it: with the deadlines that they moved for all."""
        return decisions.moved(self.campaign, self.decided)


class Kept:
    """What one pass keeps for the next: the open books of a campaign, and the fingerprints
    of its figures for as long as no cell of the ledger changes."""

    def __init__(self, campaign: Campaign) -> None:
        self.books = Books(campaign)
        self._campaign = campaign
        self._cells: tuple[LedgerCell, ...] = ()
        self._prints: dict[str, str] = {}

    def fingerprints(self, book: Ledger, at: datetime) -> Mapping[str, str]:
        """By deadline: of the figures of each one whose report has fallen due."""
        cells = tuple(book.cells.values())
        if len(cells) != len(self._cells) or not all(map(is_, cells, self._cells)):
            self._cells, self._prints = cells, {}
        due = sorted({r.deadline for r in self._campaign.reports if r.at <= at})
        for key in due:
            if key not in self._prints:
                self._prints[key] = figures.totals(self._campaign, book, key).fingerprint
        return {key: self._prints[key] for key in due}


def survey(
    store: Store,
    campaign: Campaign,
    at: datetime,
    as_of: bool = False,
    kept: Kept | None = None,
) -> Outlook:
    """The picture at `at`. With `as_of` the letters that left at or after `at` do not exist
    (preview and status of another time); without, `at` is now. `kept` is what an earlier
    pass left."""
    kept = kept or Kept(campaign)
    # what is here now happened, also where a clock that has been set back since says otherwise
    until = at if as_of else None
    newest = store.newest_decision(campaign.slug)
    taken = about(campaign, store.decisions(campaign.slug, until))
    decided = in_force(taken)
    facts = store.mail_facts(until)
    mails = tuple(m for m in facts if near(campaign, m))
    book = kept.books.build(mails, taken, at, live=not as_of)
    letters = store.letters(campaign.slug)
    if as_of:
        letters = tuple(row for row in letters if row.sent_at is not None and row.sent_at < at)
    said = _said(store, campaign, letters, decided, at, as_of)
    prints = kept.fingerprints(book, at)
    wanted = duties.wanted(campaign, book, decided, said, at, prints)
    heard = store.heard(campaign.slug, until)
    wanted = (*wanted, *confirmations.wanted(campaign, heard, at))
    gone = {row.key for row in letters if left(row.state) or row.state == "failed"}
    wanted = tuple(w for w in wanted if not _is_over(f"{campaign.slug}/{w.key}", gone, decided))
    return Outlook(
        campaign,
        at,
        book,
        decided,
        said,
        letters,
        wanted,
        last_look=store.last_complete_look(at) if as_of else store.newest_look(at),
        not_come=store.not_come(until),
        refusal=refusal(store),
        heard=heard,
        newest=newest,
    )


def _is_over(key: str, gone: Collection[str], decided: Decided) -> bool:
    """Whether a letter left or failed, or staff withdrew it, be it a moment ago."""
    return key in gone or is_named(decided.withdrawn_keys, key)


def _said(
    store: Store,
    campaign: Campaign,
    letters: tuple[LetterRow, ...],
    decided: Decided,
    at: datetime,
    as_of: bool,
) -> Said:
    start = store.meta(STARTED)
    if start and as_of and moment(start) > at:
        start = None  # before the installation: as if it had been running
    prefix = len(campaign.slug) + 1
    settled, missed = store.settled(campaign.slug, at if as_of else None)
    refused = store.bad_addresses()
    return Said.of(
        left=(
            Left(r.kind, r.unit, r.sent_at, r.key[prefix:], r.fingerprint)
            for r in letters
            if left(r.state) and r.sent_at is not None
        ),
        duties=settled,
        # what a clock that has been set back found missed is yet to come
        missed={duty: found for duty, found in missed.items() if found <= at},
        started_at=moment(start) if start else None,
        # staff who bind an address anew say that it works again
        bad_addresses=(a for a, at in refused.items() if decided.bound_at.get(a, at) <= at),
    )
