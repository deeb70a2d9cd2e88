"""How a decision is entered (登记决定): who, why, for which campaign; checked, recorded, told."""

from __future__ import annotations

import functools
import getpass
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from service import settings as settings_
from service import units, words
from service.clock import SystemClock
from service.commands import say
from service.confirmations import sentence
from service.decisions import about, effective, in_force
from service.errors import UsageError
from service.moments import moment, spoken
from service.outlook import survey
from service.store import Store
from service.types import Campaign

Make = Callable[[Campaign], Mapping[str, Any]]

_OPTIONS = (
    click.option("--campaign", help="Slug, when several campaigns are live."),
    click.option("--why", default="", help="Why."),
    click.option("--by", default=getpass.getuser, help="Who decides."),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What every decision says of itself."""

    given: str | None
    slug: str | None
    by: str
    why: str

    def record(self, verb: str, make: Make) -> int:
        """Records one decision on what `make` finds in the campaign; says what was understood,
        its number and how to undo it."""
        with self.opened() as (campaign, store):
            args = make(campaign)
            check(store, campaign, verb, args)
            number = store.decide(campaign.slug, SystemClock().now(), self.by, self.why, verb, args)
        return told(sentence(campaign, verb, args), number)

    def undo(self, number: int) -> int:
        """Records that a decision no longer holds."""
        with self.opened() as (campaign, store):
            if not store.has_decision(campaign.slug, number):
                raise UsageError("DECISION_UNKNOWN", got=number)
            done = store.undo(campaign.slug, SystemClock().now(), self.by, self.why, number)
        return told(sentence(campaign, "undo", {"number": number}), done)

    @contextmanager
    def opened(self, create: bool = True) -> Iterator[tuple[Campaign, Store]]:
        """The campaign that is meant, and the open database."""
        settings = say.settings(self.given)
        campaign = campaign_of(settings_.load_campaigns(settings), self.slug)
        store = Store(settings.database, create)
        try:
            yield campaign, store
        finally:
            store.close()


def entered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options of every decision, as an Entry before its own arguments."""

    @functools.wraps(command)
    def call(campaign: str | None, by: str, why: str, **own: Any) -> Any:
        given = click.get_current_context().obj
        return command(Entry(given, campaign, by, why), **own)

    decorated: Callable[..., Any] = call
    for option in _OPTIONS:
        decorated = option(decorated)
    return decorated


def told(said: str, number: int) -> int:
    click.echo(said)
    click.echo(words.say("decided", "number", {"number": number}))
    return 0


def check(store: Store, campaign: Campaign, verb: str, args: Mapping[str, Any]) -> None:
    """A decision must be about something that there is: a slip of the pen is told now, not
    missed on the day."""
    if verb in ("accept", "reject", "assign"):
        book = survey(store, campaign, SystemClock().now()).ledger
        known = {s.id for s in book.submissions}
        known |= {d.id for d in book.doubts} if verb != "assign" else set()
        _among("DOUBT_UNKNOWN", args.get("doubt") or args.get("part"), known)
    elif verb in ("release", "withdraw"):
        rows = {r.key for r in store.letters(campaign.slug)}
        rows |= {key.partition("/")[2] for key in rows}
        for key in args["letters"]:
            _among("LETTER_UNKNOWN", key, rows)
    if verb == "extend":
        _must_be_later(store, campaign, args)
    if args.get("unit") and args.get("deadline"):
        unit, deadline = campaign.unit(args["unit"]), campaign.deadline(args["deadline"])
        if not deadline.applies_to(unit):
            raise UsageError("NOT_OWED", unit=unit.name, deadline=deadline.name)
        if verb == "correct":
            form = campaign.blank(deadline.form).form if deadline.form else None
            _among("FIELD_UNKNOWN", args["key"], {f.key for f in form.fields} if form else set())


def _must_be_later(store: Store, campaign: Campaign, args: Mapping[str, Any]) -> None:
    """A slip of the pen (6月5日 for 6月25日) would make everybody late at once."""
    unit = campaign.unit(args["unit"]) if args.get("unit") else None
    decided = in_force(about(campaign, store.decisions(campaign.slug)))
    now = effective(campaign.deadline(args["deadline"]), unit, decided)
    if moment(args["time"]) <= now.remind_by:
        raise UsageError("NOT_LATER", deadline=now.name, due=spoken(now.remind_by))


def _among(code: str, got: object, known: Collection[str]) -> None:
    if got not in known:
        raise UsageError(code, got=got)


def campaign_of(campaigns: tuple[Campaign, ...], slug: str | None) -> Campaign:
    """The campaign of that slug; the first if none is named."""
    for campaign in campaigns:
        if slug in (None, campaign.slug):
            return campaign
    known = "、".join(c.slug for c in campaigns)
    raise UsageError("CAMPAIGN_UNKNOWN", got=slug, known=known)


def unit_of(campaign: Campaign, text: str) -> str:
    """A unit by id, name or unambiguous alias."""
    if any(u.id == text for u in campaign.units):
        return text
    found = units.Roster(campaign.units, {}, campaign.issuer).exact(text)
    if found is None:
        raise UsageError("UNIT_UNKNOWN", got=text)
    return found


def deadline_of(campaign: Campaign, text: str) -> str:
    """A deadline by its key."""
    known = [d.key for d in campaign.deadlines]
    if text not in known:
        raise UsageError("DEADLINE_UNKNOWN", got=text, known="、".join(known))
    return text
