"""`preview`, `status`, `report`: what is, was, or will be said; none of them changes anything
(but `report --send`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path

import click

from service import materials, twins, words
from service import report as reports
from service import settings as settings_
from service import status as statuses
from service.archive import Archive
from service.assembly import machine
from service.clock import SystemClock
from service.commands import say
from service.composing import compose
from service.duties import Wanted
from service.errors import DoorShut, UsageError
from service.lock import sole_writer
from service.moments import at as moment_at
from service.outlook import Outlook, survey
from service.settings import Settings
from service.store import Store
from service.types import Campaign, Letter
from service.workers import Workers, desk

AT = click.option("--at", help="Shanghai time, such as 2021-06-08 09:00; now if not given.")
JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")


@contextmanager
def outlooks(settings: Settings, given: str | None) -> Iterator[list[Outlook]]:
    """Every campaign as it stood at the time of `--at`; without it as it stands, with what
    waits."""
    at = say.at(given)
    campaigns = settings_.load_campaigns(settings)
    store = Store(settings.database, create=False)
    try:
        yield [survey(store, c, at, as_of=given is not None) for c in campaigns]
    finally:
        store.close()


@click.command()
@AT
@JSON
@click.pass_obj
def preview(given: str | None, at: str | None, as_json: bool) -> int:
    """Show every letter due at a time that had not left before."""
    with outlooks(say.settings(given), at) as every:
        for outlook in every:
            letters = [compose(outlook, w) for w in outlook.wanted]
            if not as_json:
                click.echo(
                    f"{outlook.campaign.title}：假定此刻刚完整看过收件箱，应发 {len(letters)} 封。"
                )
            for one in letters:
                say.line(_line(one)) if as_json else _show(one)
    return 0


def _line(one: Letter) -> dict[str, object]:
    names = ("key", "kind", "unit", "deadline", "stage", "to", "cc", "subject", "text")
    out = {n: getattr(one, n) for n in names}
    return {**out, "to": list(one.to), "cc": list(one.cc)}


def _show(one: Letter) -> None:
    click.echo(f"\n——— {one.key}\n收件人：{'、'.join(one.to)}")
    if one.cc:
        click.echo(f"抄送：{'、'.join(one.cc)}")
    if one.files:
        click.echo(f"附件：{'、'.join(f.name for f in one.files)}")
    click.echo(f"主题：{one.subject}\n\n{one.text}")


@click.command()
@AT
@JSON
@click.pass_obj
def status(given: str | None, at: str | None, as_json: bool) -> int:
    """Show who has filed what. Exit code 1 when something waits for a person."""
    waits = False
    with outlooks(say.settings(given), at) as every:
        for outlook in every:
            waits = waits or statuses.needs_person(outlook)
            if as_json:
                say.line(statuses.table(outlook))
                continue
            for text in statuses.summary(outlook):
                click.echo(text)
            say.rows(statuses.page(outlook))
    return int(waits)


@click.command()
@AT
@click.option("--send", is_flag=True, help="Mail it to the staff at once.")
@click.option("--deadline", help="Which deadline; by default the one whose report fell due last.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.pass_obj
def report(given: str | None, at: str | None, send: bool, deadline: str | None, out: Path) -> int:
    """Write the consolidated report as it stood at a time."""
    settings = say.settings(given)
    readers = Workers(desk(()), kept=settings.archive)
    with outlooks(settings, at) as every, readers as workers:
        for outlook in every:
            folder = out if len(every) == 1 else out / outlook.campaign.slug
            key = _deadline(outlook.campaign, deadline, outlook.at)
            _lay_out(settings, outlook, key, folder, workers)
    if send:
        return _send(settings, deadline)
    return 0


def _lay_out(
    settings: Settings, outlook: Outlook, key: str, folder: Path, workers: Workers
) -> None:
    """The report's files, their PDF twins, and every return and photo in its place."""
    campaign, book, when = outlook.moved, outlook.ledger, outlook.at
    material = materials.lay_out(campaign, book, Archive(settings.archive), workers)
    pictures = {p.sha256: p.thumbnail for p in material if p.sha256 and p.thumbnail}
    files = reports.build(campaign, book, key, when, thumbnails=pictures)
    printed = twins.twins(files)
    every = [(f.name, f.content) for f in (*files, *printed)]
    _write([*every, *((p.path, p.content) for p in material)], folder)
    facts = {
        "deadline": campaign.deadline(key).name,
        "files": "、".join(f.name for f in files),
        "twins": len(printed),
        "material": len(material),
        "folder": folder,
    }
    click.echo(words.say("report", "written", facts))


def _deadline(campaign: Campaign, given: str | None, at: datetime) -> str:
    known = [d.key for d in campaign.deadlines if d.form]
    if given is not None:
        if given not in known:
            raise UsageError("DEADLINE_UNKNOWN", got=given, known="、".join(known))
        return given
    past = [r for r in sorted(campaign.reports, key=lambda r: r.at) if r.at <= at]
    return (
        past[-1].deadline
        if past
        else (campaign.reports[0].deadline if campaign.reports else known[0])
    )


def _write(files: Iterable[tuple[str, bytes]], folder: Path) -> None:
    try:
        for name, content in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    except OSError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e


def _send(settings: Settings, deadline: str | None) -> int:
    """Mails the report of this moment, whatever was mailed before: staff asked for it."""
    clock = SystemClock()
    with sole_writer(settings.data), machine(settings, clock) as m:
        for campaign, outbox in m.outboxes:
            now = clock.now()
            key = _deadline(campaign, deadline, now)
            wanted = Wanted(
                key=f"report/{key}/{now:%Y-%m-%dT%H:%M:%S}",
                kind="report",
                to=campaign.staff.addresses,
                due_at=now,
                not_after=moment_at(now.date(), time(0)) + timedelta(days=1),
                deadline=key,
            )
            outbox.send_now(survey(m.store, campaign, now), wanted)
            if outbox.door_problem:
                raise DoorShut("DOOR_SHUT", detail=outbox.door_problem)
            click.echo(f"已发给 {'、'.join(wanted.to)}")
    return 0
