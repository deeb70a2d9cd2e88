"""`decide`: what a person decides, stored as a fact, each undone by another (DESIGN section 6)."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Collection, Mapping
from typing import Any

import click

from service import settings as settings_
from service import units, words
from service.clock import SystemClock
from service.commands import say
from service.errors import UsageError
from service.moments import iso
from service.outlook import survey
from service.store import Store
from service.types import Campaign

BY = click.option("--by", default=getpass.getuser, help="Who decides.")
WHY = click.option("--why", default="", help="Why.")
CAMPAIGN = click.option("--campaign", help="Slug, when several campaigns are live.")
HOW = click.Choice(["微信", "纸质", "电话", "当面"])


@click.group()
@click.pass_obj
def decide(given: str | None) -> None:
    """Record a decision of the staff; each can be undone."""


def _record(
    given: str | None,
    slug: str | None,
    by: str,
    why: str,
    verb: str,
    make: Callable[[Campaign], Mapping[str, Any]],
) -> int:
    settings = say.settings(given)
    campaign = campaign_of(settings_.load_campaigns(settings), slug)
    args = make(campaign)
    store = Store(settings.database)
    try:
        _check(store, campaign, verb, args)
        number = store.decide(campaign.slug, SystemClock().now(), by, why, verb, args)
    finally:
        store.close()
    click.echo(words.say("decided", verb, _spoken(campaign, args)))
    click.echo(words.say("decided", "number", {"number": number}))
    return 0


def _check(store: Store, campaign: Campaign, verb: str, args: Mapping[str, Any]) -> None:
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
    elif args.get("unit") and args.get("deadline"):
        unit, deadline = campaign.unit(args["unit"]), campaign.deadline(args["deadline"])
        if not deadline.applies_to(unit):
            raise UsageError("NOT_OWED", unit=unit.name, deadline=deadline.name)
        if verb == "correct":
            form = campaign.blank(deadline.form).form if deadline.form else None
            _among("FIELD_UNKNOWN", args["key"], {f.key for f in form.fields} if form else set())


def _among(code: str, got: object, known: Collection[str]) -> None:
    if got not in known:
        raise UsageError(code, got=got)


def _spoken(campaign: Campaign, args: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(args)
    if args.get("unit"):
        out["unit"] = campaign.unit(args["unit"]).name
    if args.get("deadline"):
        out["deadline"] = campaign.deadline(args["deadline"]).name
    out["letters"] = "、".join(args.get("letters") or ()) or words.say("decided", "all")
    out["deadlines"] = "、".join(campaign.deadline(d).name for d in args.get("deadlines") or ())
    return out


def campaign_of(campaigns: tuple[Campaign, ...], slug: str | None) -> Campaign:
    for campaign in campaigns:
        if slug in (None, campaign.slug):
            return campaign
    known = "、".join(c.slug for c in campaigns)
    raise UsageError("CAMPAIGN_UNKNOWN", got=slug, known=known)


def unit_of(campaign: Campaign, text: str) -> str:
    """A unit by id, name or unambiguous alias."""
    if any(u.id == text for u in campaign.units):
        return text
    found = units.Roster(campaign.units, {}).exact(text)
    if found is None:
        raise UsageError("UNIT_UNKNOWN", got=text)
    return found


def deadline_of(campaign: Campaign, text: str) -> str:
    known = [d.key for d in campaign.deadlines]
    if text not in known:
        raise UsageError("DEADLINE_UNKNOWN", got=text, known="、".join(known))
    return text


def _moment(text: str) -> str:
    return iso(say.at(text)) or ""


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (BY, WHY, CAMPAIGN, click.pass_obj):
        command = option(command)
    return command


def _of_cell(verb: str, help_: str) -> None:
    """A verb of the form VERB UNIT DEADLINE."""

    @decide.command(verb, help=help_)
    @click.argument("unit")
    @click.argument("deadline")
    @_common
    def _(
        given: str | None, unit: str, deadline: str, by: str, why: str, campaign: str | None
    ) -> int:
        return _record(
            given,
            campaign,
            by,
            why,
            verb,
            lambda c: {"unit": unit_of(c, unit), "deadline": deadline_of(c, deadline)},
        )


_of_cell("waive", "Excuse a unit from a deadline.")
_of_cell("unwaive", "Take an excuse back.")


@decide.command(help="Move a deadline, for all or for one unit.")
@click.argument("deadline")
@click.argument("when")
@click.option("--unit")
@_common
def extend(
    given: str | None,
    deadline: str,
    when: str,
    unit: str | None,
    by: str,
    why: str,
    campaign: str | None,
) -> int:
    return _record(
        given,
        campaign,
        by,
        why,
        "extend",
        lambda c: {
            "deadline": deadline_of(c, deadline),
            "time": _moment(when),
            "unit": unit_of(c, unit) if unit else None,
        },
    )


@decide.command(help="Say whose a part is and what it counts for.")
@click.argument("part")
@click.option("--unit")
@click.option("--deadline", multiple=True)
@_common
def assign(
    given: str | None,
    part: str,
    unit: str | None,
    deadline: tuple[str, ...],
    by: str,
    why: str,
    campaign: str | None,
) -> int:
    return _record(
        given,
        campaign,
        by,
        why,
        "assign",
        lambda c: {
            "part": part,
            "unit": unit_of(c, unit) if unit else None,
            "deadlines": [deadline_of(c, d) for d in deadline],
        },
    )


@decide.command(help="Correct one value of a unit's return.")
@click.argument("unit")
@click.argument("deadline")
@click.argument("key")
@click.argument("value")
@_common
def correct(
    given: str | None,
    unit: str,
    deadline: str,
    key: str,
    value: str,
    by: str,
    why: str,
    campaign: str | None,
) -> int:
    return _record(
        given,
        campaign,
        by,
        why,
        "correct",
        lambda c: {
            "unit": unit_of(c, unit),
            "deadline": deadline_of(c, deadline),
            "key": key,
            "value": int(value) if value.isdecimal() else value,
        },
    )


def _of_doubt(verb: str, help_: str) -> None:
    @decide.command(verb, help=help_)
    @click.argument("doubt")
    @_common
    def _(given: str | None, doubt: str, by: str, why: str, campaign: str | None) -> int:
        return _record(given, campaign, by, why, verb, lambda _: {"doubt": doubt})


_of_doubt("accept", "Accept a doubtful return.")
_of_doubt("reject", "Say that something is not the return.")


def _of_address(verb: str, help_: str) -> None:
    @decide.command(verb, help=help_)
    @click.argument("unit")
    @click.argument("address")
    @_common
    def _(
        given: str | None, unit: str, address: str, by: str, why: str, campaign: str | None
    ) -> int:
        return _record(
            given,
            campaign,
            by,
            why,
            verb,
            lambda c: {"unit": unit_of(c, unit), "address": address.lower()},
        )


_of_address("bind", "Confirm an address of a unit.")
_of_address("unbind", "Take an address away from a unit.")


@decide.command(help="Record a return that came by another road.")
@click.argument("unit")
@click.argument("deadline")
@click.option("--when", required=True)
@click.option("--how", type=HOW, required=True)
@_common
def received(
    given: str | None,
    unit: str,
    deadline: str,
    when: str,
    how: str,
    by: str,
    why: str,
    campaign: str | None,
) -> int:
    return _record(
        given,
        campaign,
        by,
        why,
        "received",
        lambda c: {
            "unit": unit_of(c, unit),
            "deadline": deadline_of(c, deadline),
            "when": _moment(when),
            "how": how,
        },
    )


@decide.command(help="Record that the paper copy of the summary came.")
@click.argument("unit")
@_common
def paper(given: str | None, unit: str, by: str, why: str, campaign: str | None) -> int:
    return _record(given, campaign, by, why, "paper", lambda c: {"unit": unit_of(c, unit)})


def _of_letters(verb: str, help_: str) -> None:
    @decide.command(verb, help=help_)
    @click.argument("letters", nargs=-1)
    @_common
    def _(
        given: str | None, letters: tuple[str, ...], by: str, why: str, campaign: str | None
    ) -> int:
        return _record(given, campaign, by, why, verb, lambda _: {"letters": list(letters)})


_of_letters("release", "Release held letters; without a key, the whole first batch.")
_of_letters("withdraw", "Withdraw letters that have not left.")


@decide.command(help="Read a mail anew, by its number.")
@click.argument("mail", type=int)
@_common
def retry(given: str | None, mail: int, by: str, why: str, campaign: str | None) -> int:
    settings = say.settings(given)
    store = Store(settings.database, create=False)
    try:
        sha256 = store.mail_bytes_of(mail)
        if sha256 is None:
            raise UsageError("MAIL_UNKNOWN", got=mail)
        store.reread(sha256)
    finally:
        store.close()
    return _record(given, campaign, by, why, "retry", lambda _: {"mail": mail})


@decide.command(help="Undo a decision by its number.")
@click.argument("number", type=int)
@_common
def undo(given: str | None, number: int, by: str, why: str, campaign: str | None) -> int:
    settings = say.settings(given)
    here = campaign_of(settings_.load_campaigns(settings), campaign)
    store = Store(settings.database)
    try:
        if not store.has_decision(here.slug, number):
            raise UsageError("DECISION_UNKNOWN", got=number)
        done = store.undo(here.slug, SystemClock().now(), by, why, number)
    finally:
        store.close()
    click.echo(words.say("decided", "undo", {"undone": number}))
    click.echo(words.say("decided", "number", {"number": done}))
    return 0


@decide.command("list", help="List the decisions.")
@_common
def list_(given: str | None, by: str, why: str, campaign: str | None) -> int:
    settings = say.settings(given)
    here = campaign_of(settings_.load_campaigns(settings), campaign)
    store = Store(settings.database, create=False)
    try:
        found = store.decisions(here.slug, SystemClock().now())
    finally:
        store.close()
    for d in found:
        said = words.say("decided", d.verb, _spoken(here, d.args))
        state = words.say("decided", "undone") if d.undone else ""
        click.echo(f"{d.id}　{d.at:%m-%d %H:%M}　{d.by}　{said}{state}　{d.why}")
    return 0
