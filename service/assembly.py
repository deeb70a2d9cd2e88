"""The whole machine put together from settings (组装): doors, stories, daemon.

Builds objects and nothing else; the demo builds the same ones on its own servers.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from service import settings as settings_
from service import space
from service.archive import Archive, ArchiveError, write_whole
from service.arrivals import MailboxDoor
from service.backroom import Backroom
from service.clock import Clock
from service.composing import compose
from service.daemon import Daemon
from service.errors import DoorShut
from service.intake import Intake
from service.keyring import Keyring
from service.mailbox import Mailbox, MailboxConfig
from service.outbox import Outbox, Sender
from service.postman import Postman, PostmanConfig, PostmanDoor
from service.settings import Settings
from service.store import Store
from service.tls import client_context
from service.types import Campaign
from service.workers import Workers, desk


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything that a running service consists of."""

    daemon: Daemon
    intake: Intake
    outboxes: tuple[tuple[Campaign, Outbox], ...]
    store: Store
    mailbox: MailboxDoor


@contextmanager
def machine(settings: Settings, clock: Clock) -> Iterator[Machine]:
    """The machine that the settings describe; its doors are closed at the end."""
    campaigns = settings_.load_campaigns(settings)
    code = settings_.secret(settings)
    with running(settings, campaigns, mailbox(settings, code), postman(settings, code), clock) as m:
        yield m


@contextmanager
def running(
    settings: Settings,
    campaigns: Sequence[Campaign],
    box: MailboxDoor,
    post: PostmanDoor,
    clock: Clock,
) -> Iterator[Machine]:
    """The machine on these doors."""
    store = Store(settings.database)
    try:
        archive = _archive(settings, clock)
        space.lay_ballast(settings.data)
        keys = Keyring(settings.keys_file).keys
        forms = desk(campaigns, settings.raw.read_scans)
        with Workers(forms, keys=keys, kept=settings.archive) as workers:
            room = partial(space.check, settings.data)
            sender = _sender(settings)
            intake = Intake(
                settings.account,
                box,
                archive,
                store,
                workers,
                clock,
                room=room,
                sender=sender.address,
            )
            outboxes = tuple(
                (c, Outbox(c, sender, store, archive, post, clock, compose)) for c in campaigns
            )
            yield Machine(Daemon(outboxes, intake, store, box, clock), intake, outboxes, store, box)
    finally:
        post.close()
        box.close()
        store.close()


@contextmanager
def backroom(settings: Settings, clock: Clock) -> Iterator[Backroom]:
    """The machine for import, replay and forget; the caller holds the data folder."""
    campaigns = settings_.load_campaigns(settings)
    store = Store(settings.database)
    try:
        archive = _archive(settings, clock)
        # mail is read one after another: a second child would only cost its start
        forms = desk(campaigns, settings.raw.read_scans)
        keys = Keyring(settings.keys_file).keys
        with Workers(forms, processes=1, keys=keys, kept=settings.archive) as workers:
            box = mailbox(settings, "")
            intake = Intake(
                settings.account, box, archive, store, workers, clock, sender=settings.sender
            )
            yield Backroom(settings, campaigns, store, archive, workers, intake, clock)
    finally:
        store.close()


def _archive(settings: Settings, clock: Clock) -> Archive:
    """The raw store, rid of what a killed process left. Its folder is there before any child is
    shut in, which sees it or never will."""
    archive = Archive(settings.archive)
    try:
        archive.lay()
    except ArchiveError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e
    archive.sweep(clock.now())
    return archive


def _sender(settings: Settings) -> Sender:
    outbox = settings.raw.outbox
    return Sender(
        address=settings.sender,
        name=settings.raw.smtp.sender_name,
        secret=token_secret(settings.data),
        hold_first_batch=outbox.hold_first_batch,
        sent_folder=settings.raw.mailbox.sent_folder,
        letters_a_minute=outbox.letters_a_minute,
    )


def token_secret(data: Path) -> bytes:
    """The secret behind our tokens: made once, kept 0600 beside the database."""
    file = data / "token.key"
    if not file.is_file():
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            write_whole(file, secrets.token_hex(32).encode())
        except ArchiveError as e:
            raise DoorShut("DISK_SHUT", detail=str(e)) from e
    return bytes.fromhex(file.read_text(encoding="ascii"))


def mailbox(settings: Settings, code: str) -> Mailbox:
    raw = settings.raw.mailbox
    return Mailbox(
        MailboxConfig(
            host=raw.host,
            port=raw.port,
            user=raw.user,
            password=code,
            ssl_context=client_context(_near(settings, raw.ca_file)) if raw.tls else None,
            folders=raw.folders,
            command_seconds=raw.command_seconds,
            tls=raw.tls,
        )
    )


def postman(settings: Settings, code: str) -> Postman:
    raw = settings.raw.smtp
    return Postman(
        PostmanConfig(
            host=raw.host,
            port=raw.port,
            user=raw.user or settings.raw.mailbox.user,
            password=code,
            ssl_context=client_context(_near(settings, raw.ca_file)),
            tls=raw.tls,
            timeout_seconds=raw.timeout_seconds,
        )
    )


def _near(settings: Settings, file: str) -> Path | None:
    """A path of the settings file is meant from its own folder."""
    return (settings.file.resolve().parent / file).resolve() if file else None
