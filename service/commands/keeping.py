"""`backup`, `restore`, `export`: what is kept, brought back, handed out."""

from __future__ import annotations

import os
from pathlib import Path

import click

from service import backup as backups
from service import exporting, restoring, words
from service.clock import SystemClock
from service.commands import say
from service.errors import DoorShut
from service.lock import sole_writer
from service.store import Store

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
