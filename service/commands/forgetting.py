"""`forget`: a person, or a campaign past its time, leaves every file (service/forgetting.py)."""

from __future__ import annotations

import getpass
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import click

from service import backup as backups
from service import forgetting, staff_mail, words
from service.archive import Archive, ArchiveError
from service.assembly import backroom
from service.backroom import Backroom
from service.clock import SystemClock
from service.commands import say
from service.commands.keeping import FOLDER
from service.errors import DoorShut, UsageError
from service.forgetting import Erased
from service.lock import sole_writer
from service.moments import spoken_day
from service.outlook import Outlook, survey
from service.redaction import Redactor, TooShort
from service.settings import Settings
from service.store import Store
from service.types import Campaign


@click.command()
@click.argument("who", nargs=-1)
@click.option("--campaign", help="Slug of a whole campaign past its time.")
@click.option("--backups", "clean_backups", is_flag=True, help="Clean the backups too.")
@click.option("--by", default=getpass.getuser, help="Who decides.")
@FOLDER
@click.pass_obj
def forget(
    given: str | None,
    who: tuple[str, ...],
    campaign: str | None,
    clean_backups: bool,
    by: str,
    folder: Path | None,
) -> int:
    """Delete a person (name, phone number, address; all that are known) or a campaign for good."""
    if bool(who) == bool(campaign):
        raise click.UsageError("name either a person or --campaign")
    settings = say.settings(given)
    where = backups.folder_of(settings, folder)
    try:
        with _alone(settings, where), backroom(settings, SystemClock()) as room:
            room.intake.read_all()
            # what a killed process left half written is nobody's, but may be about anybody
            room.archive.sweep(room.clock.now(), timedelta())
            for c in room.campaigns:  # what an erased mail asks for is never done
                staff_mail.hear(room.store, c, room.clock.now())
            done = _campaign(room, campaign) if campaign else _person(room, who, by)
            if clean_backups:
                done.add(_in_backups(room, where, who, campaign))
        if clean_backups:
            _drop_remnants(settings)
    except ArchiveError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e
    _told(settings, where, done, campaign, clean_backups)
    return 0


@contextmanager
def _alone(settings: Settings, where: Path) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(sole_writer(settings.data))
        if where.is_dir():
            stack.enter_context(sole_writer(where))
        yield


def _person(room: Backroom, who: tuple[str, ...], by: str) -> Erased:
    redactor = _redactor(room.campaigns, who)
    now = room.clock.now()
    before = [survey(room.store, c, now) for c in room.campaigns]
    done = forgetting.person(room.store, room.archive, redactor, now)
    for c in room.settings.campaign_folders:
        done.rosters += forgetting.clean_roster(c, redactor)
    cleaned = say.settings(str(room.settings.file))
    for old, new in zip(before, say.campaigns(cleaned), strict=True):
        numbers = tuple(
            forgetting.keep_counting(room.store, old, survey(room.store, new, now), now, by)
        )
        room.store.save_ledger(new.slug, survey(room.store, new, now).ledger)
        if numbers:
            click.echo(words.say("forget", "kept_counting", {"count": len(numbers) // 2}))
    room.store.compact()
    return done


def _redactor(campaigns: tuple[Campaign, ...], who: tuple[str, ...]) -> Redactor:
    """Refuses what would tear a unit or a form out of everything."""
    try:
        redactor = Redactor.of(who)
    except TooShort as e:
        raise UsageError("FORGET_TOO_SHORT", got=e) from e
    for campaign in campaigns:
        for text in _public(campaign):
            if redactor.hits(text):
                raise UsageError("FORGET_PUBLIC", got="、".join(who), text=text)
    return redactor


def _public(campaign: Campaign) -> Iterator[str]:
    yield from (campaign.title, campaign.issuer, campaign.notice, campaign.mailbox)
    yield from (*campaign.staff.addresses, *campaign.staff.head)
    for unit in campaign.units:
        yield from (unit.id, unit.name, *unit.aliases)
    for blank in campaign.forms:
        yield from (f.label for f in (*blank.form.header, *blank.form.fields))


def _campaign(room: Backroom, slug: str | None) -> Erased:
    now = room.clock.now()
    outlooks = {c.slug: survey(room.store, c, now) for c in room.campaigns}
    gone = outlooks.pop(slug or "", None)
    if gone is None:
        known = "、".join(c.slug for c in room.campaigns)
        raise UsageError("CAMPAIGN_UNKNOWN", got=slug, known=known)
    if now.date() <= gone.campaign.closes:
        raise UsageError("CAMPAIGN_OPEN", got=slug, closes=spoken_day(gone.campaign.closes))
    return forgetting.campaign(room.store, room.archive, gone, outlooks.values(), now)


def _in_backups(room: Backroom, where: Path, who: tuple[str, ...], campaign: str | None) -> Erased:
    """The same in every set, whose manifest is written anew."""
    done = Erased()
    now = room.clock.now()
    pool = Archive(where / "raw")
    pool.sweep(now, timedelta())
    for one in backups.sets(where):
        store = Store(one / backups.DATABASE, create=False)
        try:
            store.set_meta("forget_key", room.store.meta("forget_key") or "")
            if campaign:
                outlooks: list[Outlook] = [survey(store, c, now) for c in room.campaigns]
                gone = next(o for o in outlooks if o.campaign.slug == campaign)
                others = [o for o in outlooks if o is not gone]
                done.add(forgetting.campaign(store, pool, gone, others, now))
            else:
                redactor = Redactor.of(who)
                done.add(forgetting.person(store, pool, redactor, now))
                for folder in (one / "campaigns").glob("*"):
                    forgetting.clean_roster(folder, redactor)
        finally:
            store.close()
        for left in one.glob(f"{backups.DATABASE}.before-*"):
            left.unlink()
        backups.renew_manifest(one, where, now)
    return done


def _folders_of(settings: Settings, campaign: str | None) -> Iterator[Path]:
    folders = zip(settings.campaign_folders, say.campaigns(settings), strict=True)
    return (folder for folder, c in folders if c.slug == campaign)


def _drop_remnants(settings: Settings) -> None:
    """Copies that an upgrade or a restore kept aside."""
    for old in _remnants(settings):
        shutil.rmtree(old) if old.is_dir() else old.unlink()


def _remnants(settings: Settings) -> list[Path]:
    patterns = (f"{settings.database.name}.before-*", "replaced-*")
    return sorted(p for pattern in patterns for p in settings.data.glob(pattern))


def _told(
    settings: Settings, where: Path, done: Erased, campaign: str | None, clean_backups: bool
) -> None:
    facts = {"mails": done.mails, "letters": done.letters, "rows": done.rows, "slug": campaign}
    click.echo(words.say("forget", "done_campaign" if campaign else "done", facts))
    for folder in _folders_of(settings, campaign):
        click.echo(words.say("forget", "folder", {"folder": folder}))
    for file in done.rosters:
        click.echo(words.say("forget", "roster", {"file": file}))
    if where.is_dir() and backups.sets(where):
        backups.write_marks(where, settings.database)
        if not clean_backups:
            click.echo(words.say("forget", "backups", {"folder": where}))
    for old in _remnants(settings):
        click.echo(words.say("forget", "remnant", {"path": old}))
    click.echo(words.say("forget", "mailbox"))
