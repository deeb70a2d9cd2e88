"""`import` and `replay`: kept mail from files, and kept mail read anew."""

from __future__ import annotations

from pathlib import Path

import click

from service import status as statuses
from service import words
from service.assembly import backroom
from service.backroom import Backroom
from service.clock import SystemClock
from service.commands import say
from service.importing import Imported, Importer
from service.lock import sole_writer
from service.outlook import survey
from service.rereading import reread


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.pass_obj
def import_(given: str | None, paths: tuple[Path, ...]) -> int:
    """Take in .eml, mbox and Maildir files, and folders of them, as if they had been fetched.

    Exit code 1 when something needs a person.
    """
    settings = say.settings(given)
    with sole_writer(settings.data), backroom(settings, SystemClock()) as room:
        importer = Importer(settings.account, room.archive, room.store, room.workers, room.clock)
        for path in paths:
            importer.take(path)
        read = room.intake.read_all()
        waits = _filed(room)
    return _told(importer.done, read, waits)


def _filed(room: Backroom) -> bool:
    """Writes the derived tables anew; whether something in them waits for a person."""
    waits = False
    for campaign in room.campaigns:
        outlook = survey(room.store, campaign, room.clock.now())
        room.store.save_ledger(campaign.slug, outlook.ledger)
        waits = waits or statuses.needs_person(outlook)
    return waits


def _told(done: Imported, read: int, waits: bool) -> int:
    for file, reason in done.refused:
        click.echo(words.say("import", reason, {"file": file}))
    for code in ("forgotten", "guessed"):
        if count := getattr(done, code):
            click.echo(words.say("import", code, {"count": count}))
    if not (done.new or done.known or done.forgotten):
        click.echo(words.say("import", "nothing"))
    click.echo(words.say("import", "done", {"new": done.new, "known": done.known, "read": read}))
    waits = waits and bool(done.new)
    if waits:
        click.echo(words.say("import", "waits"))
    return int(bool(done.refused or done.guessed or waits))


@click.command()
@click.pass_obj
def replay(given: str | None) -> int:
    """Read every kept mail anew; sends no letter and keeps what people accepted."""
    settings = say.settings(given)
    with sole_writer(settings.data), backroom(settings, SystemClock()) as room:
        done = reread(room)
    click.echo(words.say("replay", "done", done.facts()))
    if done.kept:
        click.echo(words.say("replay", "kept", {"count": done.kept}))
    for count, number in done.withheld:
        click.echo(words.say("replay", "withheld", {"count": count, "number": number}))
    return 0
