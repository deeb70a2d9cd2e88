"""`backup`, `restore`, `export`, `forget`: what is kept, brought back, handed out, let go."""

from __future__ import annotations

import getpass
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from service import backup as backups
from service import exporting, forgetting, restoring, staff_mail, words
from service.archive import Archive, ArchiveError
from service.assembly import backroom
from service.backroom import Backroom
from service.clock import SystemClock
from service.commands import say
from service.errors import DoorShut, UsageError
from service.forgetting import Erased
from service.lock import sole_writer
from service.moments import spoken_day
from service.outlook import Outlook, survey
from service.redaction import Redactor, TooShort
from service.settings import Settings
from service.store import Store
from service.types import Campaign

_SECRET_TABLES = ("meta", "forgotten")
FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Where the backups lie; default: data/backups.",
)


@click.command()
@FOLDER
@click.option("--keep", default=14, type=click.IntRange(min=1), help="How many sets to keep.")
@click.pass_obj
def backup(given: str | None, folder: Path | None, keep: int) -> int:
    """Make a verified backup; the service may go on meanwhile."""
    settings = say.settings(given)
    target = backups.folder_of(settings, folder)
    with sole_writer(target):
        made = backups.make(settings, target, SystemClock().now())
        dropped = backups.rotate(target, keep)
    facts = {"folder": made.folder, "mails": made.mails, "files": made.files, "dropped": dropped}
    click.echo(words.say("backup", "done", facts))
    if made.missing:
        raise DoorShut("RAW_MISSING", count=len(made.missing), first=made.missing[0][:12])
    return 0


@click.command()
@click.argument("name", required=False)
@FOLDER
@click.pass_obj
def restore(given: str | None, name: str | None, folder: Path | None) -> int:
    """Bring a backup back (the newest, or the one named); the present data is kept aside."""
    settings = say.settings(given)
    where = backups.folder_of(settings, folder)
    source = backups.choose(where, name)
    with sole_writer(settings.data), sole_writer(where):
        done = restoring.restore(settings, source, SystemClock().now())
    click.echo(words.say("restore", "done", {"source": done.source.name, "files": done.files}))
    if done.forgotten:
        click.echo(words.say("restore", "forgotten", {"count": done.forgotten}))
    if done.aside:
        click.echo(words.say("restore", "aside", {"folder": done.aside}))
    for slug in done.campaigns:
        click.echo(words.say("restore", "campaign", {"slug": slug}))
    held = settings.raw.outbox.hold_first_batch
    click.echo(words.say("restore", "held" if held else "not_held"))
    return 0


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.option("--format", "kind", type=click.Choice(["csv", "json", "both"]), default="both")
@click.pass_obj
def export(given: str | None, out: Path, kind: str) -> int:
    """Hand out everything that is recorded, as CSV and JSON."""
    settings = say.settings(given)
    store = Store(settings.database, create=False)
    try:
        tables = {t: store.rows(t) for t in store.tables() if t not in _SECRET_TABLES}
        columns = {t: store.columns(t) for t in tables}
    finally:
        store.close()
    files: dict[str, bytes] = {}
    if kind in ("csv", "both"):
        files |= {f"{t}.csv": exporting.csv_bytes(columns[t], r) for t, r in tables.items()}
    if kind in ("json", "both"):
        files["baosong.json"] = exporting.json_bytes(tables)
    _write(files, out)
    rows = sum(map(len, tables.values()))
    click.echo(words.say("export", "done", {"folder": out, "tables": len(tables), "rows": rows}))
    return 0


def _write(files: dict[str, bytes], out: Path) -> None:
    """Files that hold personal data are the owner's alone."""
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, content in files.items():
            handle = os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as f:
                f.write(content)
    except OSError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e


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
