"""A bureau of three units on real servers, as a forked child runs it.

The readers work in the process itself: what a killed reader does is test_poison's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from parsers import READER_VERSION
from service import assembly, space, workers
from service.archive import Archive
from service.arrivals import MailboxDoor
from service.clock import MovingClock
from service.composing import compose
from service.daemon import Daemon
from service.intake import Intake
from service.mailbox import Mailbox, MailboxConfig
from service.outbox import Outbox, Sender
from service.postman import Postman, PostmanConfig, PostmanDoor
from service.store import Store
from service.types import Campaign
from service.watching import Watch
from tests.service import facts
from tests.service.report import stories

USER = "gk@qq.example"
CODE = "canarycanarycana"
"""The authorization code: it must stand in no file and no log."""
NAMES = ("dongchen", "dingyan", "baipu")
NINE = "06-08 09:00"


def _campaign() -> Campaign:
    whole = facts.with_addresses(stories.load())
    return replace(whole, units=tuple(u for u in whole.units if u.id in NAMES))


CAMPAIGN = _campaign()


class Readers:
    """What the reading children do, done here."""

    reader = READER_VERSION

    def __init__(self) -> None:
        workers._desk = workers.desk((CAMPAIGN,), ocr=False)

    def read_mail(self, raw: bytes, arrived_on: date | None = None) -> dict[str, Any]:
        return workers._outcome(workers._Task("mail", raw, None, arrived_on))

    def read_head(self, raw: bytes) -> dict[str, Any]:
        return workers._outcome(workers._Task("head", raw))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bureau works: its folder, its servers, how much room it wants on the disk."""

    folder: Path
    imap_port: int
    smtp_port: int
    log: Path
    floor: int = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def database(self) -> Path:
        return self.data / "baosong.db"

    @property
    def archive(self) -> Path:
        return self.data / "raw"


@dataclass(frozen=True, slots=True)
class Bureau:
    """The machine at work."""

    daemon: Daemon
    store: Store
    clock: MovingClock
    watch: Watch

    def tick(self, at: str) -> None:
        """One pass as the service makes it: what goes wrong is told and survived."""
        if facts.when(at) > self.clock.now():
            self.clock.move_to(facts.when(at))
        self.daemon._watcher = self.watch
        self.daemon._guarded(lambda: False)


def doors(place: Place) -> tuple[MailboxDoor, PostmanDoor]:
    """To the real servers."""
    folders = ("INBOX", "Junk")
    return (
        Mailbox(MailboxConfig("127.0.0.1", place.imap_port, USER, CODE, folders, tls=False)),
        Postman(PostmanConfig("127.0.0.1", place.smtp_port, USER, CODE, tls="none")),
    )


@contextmanager
def bureau(
    place: Place, box: MailboxDoor, post: PostmanDoor, readers: Any = None
) -> Iterator[Bureau]:
    """The machine of service/assembly.py, with readers of our own."""
    clock = MovingClock(facts.when("06-08 08:59"))
    archive = Archive(place.archive)
    store = Store(place.database)
    if place.floor:
        space.lay_ballast(place.data, space.BRIM_BYTES, place.floor)
    try:
        intake = Intake(
            USER, box, archive, store, readers or Readers(), clock,
            room=lambda: space.check(place.data, place.floor),
        )  # fmt: skip
        key = assembly.token_secret(place.data)
        sender = Sender(USER, "安全科", key, hold_first_batch=False)
        outbox = Outbox(CAMPAIGN, sender, store, archive, post, clock, compose)
        daemon = Daemon(((CAMPAIGN, outbox),), intake, store, box, clock)
        yield Bureau(daemon, store, clock, Watch(place.data, clock))
    finally:
        post.close()
        box.close()
        store.close()
