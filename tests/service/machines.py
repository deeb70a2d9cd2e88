"""The whole machine on lists: a mailbox that is a list, a postman that is a list, a clock that
is moved by hand. A mail's bytes are the very JSON that the workers would give for them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

from parsers import READER_VERSION
from service.archive import Staged
from service.arrivals import MailboxUnreachable
from service.blob import Blob
from service.clock import MovingClock
from service.composing import compose
from service.daemon import Daemon, Ticked
from service.intake import Intake
from service.outbox import Outbox, Sender
from service.outlook import Outlook, survey
from service.postman import PostmanError
from service.store import Store
from service.types import Campaign, Letter
from service.wants import Wanted
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.service import facts

ACCOUNT = "gk@qq.example"
SECRET = b"a secret for tests only"
_SUBJECT = re.compile(rb"^Subject: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.M)
logging.getLogger("service").setLevel(logging.CRITICAL)


class Readers:
    """Workers for mails that are already read: their bytes are the outcome."""

    reader = READER_VERSION

    def read_mail(self, raw: bytes, arrived_on: date | None = None) -> dict[str, Any]:
        return dict(json.loads(raw))

    def read_head(self, raw: bytes) -> dict[str, Any]:
        return dict(json.loads(raw))


class Shelf:
    """An archive that is a dictionary: the disk's own promises are test_archive's."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self._staged: dict[str, bytes] = {}

    def put(self, content: bytes) -> Blob:
        staged = self.stage((content,))
        self.settle((staged,))
        return staged.blob

    def stage(self, chunks: Iterable[bytes]) -> Staged:
        content = b"".join(chunks)
        sha = hashlib.sha256(content).hexdigest()
        self._staged[sha] = content
        return Staged(Blob(sha, len(content)), Path(sha))

    def settle(self, staged: Sequence[Staged]) -> None:
        self.blobs.update({s.blob.sha256: self._staged[s.blob.sha256] for s in staged})

    def lend(self, sha256: str) -> bytes:
        return self.blobs[sha256]

    def get(self, sha256: str) -> bytes:
        return self.blobs[sha256]


def wire(
    parts: Sequence[Mapping[str, Any]] = (),
    sender: str | None = "dongchen@units.example",
    subject: str = "安全生产月材料",
    **more: Any,
) -> bytes:
    """A mail as the workers tell it."""
    mail = {"from": sender, "from_name": "", "subject": subject, "text": "", **more}
    return json.dumps({"mail": mail, "parts": list(parts)}, ensure_ascii=False).encode()


def form(slug: str, key: str, unit: str = "", name: str = "统计表.docx", **given: Any) -> Any:
    """A part that holds a filled form of the campaign."""
    part = {"name": name, "outcome": "form", "form": f"{slug}/{key}"}
    return {**part, **facts.read(key, unit, **given)}


def short(outlook: Outlook, wanted: Wanted) -> Letter:
    """A letter of few words, for tests that send thousands."""
    return Letter(
        key=wanted.key,
        kind=wanted.kind,
        to=wanted.to,
        cc=wanted.cc,
        subject=wanted.key,
        text="。",
        html="。",
        unit=wanted.unit,
    )


@dataclass(frozen=True, slots=True)
class Gone:
    """A letter at the server, as its headers tell."""

    at: datetime
    key: str
    kind: str
    to: tuple[str, ...]
    token: str


@dataclass
class Office:
    """A running service, its mailbox, its postman, its clock."""

    campaign: Campaign
    folder: Path
    clock: MovingClock
    hold: bool = False
    words: Any = compose
    box: ListMailbox = field(default_factory=lambda: ListMailbox(("INBOX", "Sent Messages")))
    post: ListPostman = field(default_factory=ListPostman)
    gone: list[Gone] = field(default_factory=list)
    shelf: Shelf = field(default_factory=Shelf)
    door: Any = None
    """A postman of one's own in the place of the list."""

    def __post_init__(self) -> None:
        self._mailbox_without_sent = ListMailbox(("INBOX",))
        self.start()

    def start(self) -> None:
        """A new process over the same data."""
        self.store = Store(self.folder / "baosong.db")
        self.store._db.conn.execute("pragma synchronous=off")  # the tests pull no plugs
        if self.words is short:
            # the derived tables are for those who look in: they would cost a third of the time
            self.store.save_ledger = lambda *_: None  # type: ignore[method-assign]
        self.intake = Intake(
            ACCOUNT,
            self._mailbox_without_sent,
            self.shelf,  # type: ignore[arg-type]
            self.store,
            Readers(),  # type: ignore[arg-type]
            self.clock,
        )
        sender = Sender(ACCOUNT, "安全科", SECRET, self.hold)
        self.outbox = Outbox(
            self.campaign,
            sender,
            self.store,
            self.shelf,  # type: ignore[arg-type]
            self.door or self,
            self.clock,
            self.words,
        )
        pair = ((self.campaign, self.outbox),)
        self.daemon = Daemon(pair, self.intake, self.store, self.box, self.clock)

    # -- the postman's face, with the time noted ------------------------------------

    def deliver(self, sender: str, recipients: Sequence[str], message: bytes, phase: Any) -> Any:
        before = len(self.post.posted)
        try:
            return self.post.deliver(sender, recipients, message, phase)
        finally:
            if len(self.post.posted) > before:
                self._note(message, tuple(recipients))

    def close(self) -> None:
        self.store.close()

    def _note(self, message: bytes, to: tuple[str, ...]) -> None:
        found = _SUBJECT.search(message)
        assert found is not None
        subject = str(make_header(decode_header(found[1].decode("ascii"))))
        token = subject.rpartition("〔")[2].rstrip("〕")
        leaving = self.store.letters(self.campaign.slug, "sending")
        rows = {r.token: r for r in leaving}
        row = rows[token]
        self.gone.append(Gone(self.clock.now(), row.key, row.kind, to, token))

    # -- what happens -----------------------------------------------------------------

    def arrive(self, at: str | datetime, *parts: Any, **mail: Any) -> None:
        when = facts.when(at) if isinstance(at, str) else at
        self._mailbox_without_sent.deliver(wire(parts, **mail), when)

    def files(self, at: str | datetime, unit: str, key: str = "progress", **more: Any) -> None:
        """A unit files a form from its own address."""
        name = self.campaign.unit(unit).name
        given = {k: more.pop(k) for k in ("date", "filled", "base", "name") if k in more}
        part = form(self.campaign.slug, key, name, **given)
        self.arrive(at, part, sender=f"{unit}@units.example", **more)

    def tick(self, at: str | datetime | None = None) -> Ticked:
        if at is not None:
            self.clock.move_to(facts.when(at) if isinstance(at, str) else at)
        return self.daemon.tick()

    def shut_mailbox(self, shut: bool = True) -> None:
        self._mailbox_without_sent.error = MailboxUnreachable("down") if shut else None

    def shut_smtp(self, shut: bool = True) -> None:
        self.post.error = PostmanError("down") if shut else None

    def before_look(self, act: Any) -> None:
        self._mailbox_without_sent.before_look = act

    def decide(self, verb: str, **args: Any) -> int:
        now = self.clock.now()
        return self.store.decide(self.campaign.slug, now, "科室", "", verb, args)

    def restart(self) -> None:
        self.store.close()
        self.start()

    # -- what is to be seen --------------------------------------------------------------

    def outlook(self) -> Outlook:
        return survey(self.store, self.campaign, self.clock.now())

    def row(self, key: str) -> Any:
        rows = self.store.letters(self.campaign.slug)
        return next((r for r in rows if r.key == f"{self.campaign.slug}/{key}"), None)

    def sent(self, kind: str = "reminder") -> list[str]:
        """Keys of the letters of a kind at the server, without the campaign."""
        return [g.key.partition("/")[2] for g in self.gone if g.kind == kind]

    def reminded(self) -> list[str]:
        """`unit deadline stage` of each reminder at the server."""
        return [k.removeprefix("reminder/").replace("/", " ") for k in self.sent()]


@contextmanager
def office(campaign: Campaign, folder: Path, start: str, **given: Any) -> Iterator[Office]:
    made = Office(campaign, folder, MovingClock(facts.when(start)), **given)
    try:
        yield made
    finally:
        made.close()


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)
