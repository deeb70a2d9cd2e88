"""The whole picture at one moment (全局): ledger, decisions, what was said, what is wanted.

Reads the store, computes with the pure modules, writes nothing. Tick, preview, status and
report all start here, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import confirmations, duties
from service.decisions import Decided, in_force
from service.knocking import Refusal, refusal
from service.ledger import Books
from service.moments import moment
from service.report import figures
from service.store import LetterRow, NotCome, Store, left
from service.types import Campaign, Heard, Ledger, MailFact
from service.wants import Left, Said, Wanted

STARTED = "started_at"
_BEFORE = timedelta(days=31)
_AFTER = timedelta(days=92)


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


def survey(
    store: Store,
    campaign: Campaign,
    at: datetime,
    as_of: bool = False,
    books: Books | None = None,
) -> Outlook:
    """The picture at `at`. With `as_of` the letters that left at or after `at` do not exist
    (preview and status of another time); without, `at` is now. `books` are those of an
    earlier pass, kept open."""
    decisions = store.decisions(campaign.slug, at)
    decided = in_force(decisions)
    facts = store.mail_facts(at if as_of else None)
    mails = tuple(m for m in facts if near(campaign, m))
    book = (books or Books(campaign)).build(mails, decisions, at, live=not as_of)
    letters = store.letters(campaign.slug)
    if as_of:
        letters = tuple(row for row in letters if row.sent_at is not None and row.sent_at < at)
    said = _said(store, campaign, letters, decided, at if as_of else None)
    prints = _fingerprints(campaign, book, at)
    wanted = duties.wanted(campaign, book, decided, said, at, prints)
    heard = store.heard(campaign.slug, at)
    wanted = (*wanted, *confirmations.wanted(campaign, heard, at))
    gone = {row.key for row in letters if left(row.state) or row.state == "failed"}
    wanted = tuple(w for w in wanted if f"{campaign.slug}/{w.key}" not in gone)
    return Outlook(
        campaign,
        at,
        book,
        decided,
        said,
        letters,
        wanted,
        last_look=store.last_complete_look(at),
        not_come=store.not_come(at if as_of else None),
        refusal=refusal(store),
        heard=heard,
    )


def _said(
    store: Store,
    campaign: Campaign,
    letters: tuple[LetterRow, ...],
    decided: Decided,
    before: datetime | None,
) -> Said:
    start = store.meta(STARTED)
    if start and before is not None and moment(start) > before:
        start = None  # before the installation: as if it had been running
    prefix = len(campaign.slug) + 1
    settled, missed = store.settled(campaign.slug, before)
    refused = store.bad_addresses()
    return Said.of(
        left=(
            Left(r.kind, r.unit, r.sent_at, r.key[prefix:], r.fingerprint)
            for r in letters
            if left(r.state) and r.sent_at is not None
        ),
        duties=settled,
        missed=missed,
        started_at=moment(start) if start else None,
        # staff who bind an address anew say that it works again
        bad_addresses=(a for a, at in refused.items() if decided.bound_at.get(a, at) <= at),
    )


def _fingerprints(campaign: Campaign, book: Ledger, at: datetime) -> Mapping[str, str]:
    due = {r.deadline for r in campaign.reports if r.at <= at}
    return {key: figures.totals(campaign, book, key).fingerprint for key in sorted(due)}


def near(campaign: Campaign, mail: MailFact) -> bool:
    """Mail of another year is not this campaign's."""
    day = mail.received_at.date()
    return campaign.starts - _BEFORE <= day <= campaign.closes + _AFTER
