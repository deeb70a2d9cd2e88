"""The outside world of a bureau: a real Dovecot with its mail, an SMTP server that counts."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import imaplib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from service import envelope
from service.archive import Archive, ArchiveError
from service.demo_servers import SmtpSink
from service.outbox import TO_UNITS
from service.store import Store
from tests.fakes.dovecot import PrivateDovecot, quoted
from tests.faults.bureau import CAMPAIGN, CODE, USER, Place
from tests.faults.mails import MAILS, PHONES

SENT = "Sent Messages"


class Sink(SmtpSink):
    """Takes letters, and says when nothing is under way any more."""

    def settle(self) -> None:
        """Returns once every connection of a dead client is closed: what it took is final."""
        self._call(self._quiet())

    async def _quiet(self) -> None:
        while any(p.transport is not None for p in self._open):
            await asyncio.sleep(0.001)


class World:
    """What a bureau works on. The mailbox is never changed, so it serves for every death."""

    def __init__(self, dovecot: PrivateDovecot, sink: Sink) -> None:
        self.dovecot, self.sink = dovecot, sink
        for mail in MAILS:
            dovecot.append(USER, mail.raw, mail.when)
        dovecot.append(USER, MAILS[0].raw, MAILS[0].when, "Junk")  # the same mail once more
        self.flags = self._flags()
        self._client: imaplib.IMAP4 = dovecot.client(USER)
        self._client.create(quoted(SENT))
        self._filed = 0

    def place(self, folder: Path, log: Path | None = None, floor: int = 0) -> Place:
        log = log or folder.with_name(f"{folder.name}.log")
        return Place(folder, self.dovecot.imap_port, self.sink.port, log, floor)

    def file_sent(self, of_the_dead: bool = True) -> None:
        """Lays a copy of each letter that was taken into Sent Messages, as QQ does."""
        if of_the_dead:
            self.sink.settle()
        for taken in self.sink.taken[self._filed :]:
            answer, said = self._client.append(quoted(SENT), None, None, taken.content)  # type: ignore[arg-type]
            assert answer == "OK", said
        self._filed = len(self.sink.taken)

    def forget_sent(self) -> None:
        """A new life begins: the server has taken nothing."""
        self.sink.settle()
        self.sink.taken.clear()
        if self._filed:
            self._client.select(quoted(SENT))
            self._client.store("1:*", "+FLAGS", r"(\Deleted)")
            self._client.expunge()
            self._client.unselect()
        self._filed = 0

    def tokens(self) -> Counter[str]:
        """How often a letter with this token was taken."""
        self.sink.settle()
        subjects = (
            email.message_from_bytes(t.content, policy=email.policy.default)["Subject"]
            for t in self.sink.taken
        )
        return Counter(str(s).rpartition("〔")[2].rstrip("〕") for s in subjects)

    def is_untouched(self) -> bool:
        return self._flags() == self.flags

    def close(self) -> None:
        self._client.logout()

    def _flags(self) -> list[list[bytes]]:
        return [self.dovecot.flags(USER, folder) for folder in ("INBOX", "Junk")]


@contextlib.contextmanager
def world() -> Iterator[World]:
    with PrivateDovecot({USER: CODE}) as dovecot, Sink({USER: CODE}) as sink:
        made = World(dovecot, sink)
        try:
            yield made
        finally:
            made.close()


def faults(place: Place, world: World, wanted: frozenset[str]) -> list[str]:
    """What a bureau lost or did twice by the end of its last life; `wanted` are the letters of
    one that nothing befell."""
    store, archive = Store(place.database, create=False), Archive(place.archive)
    try:
        letters_ = _wrong_letters(place, store, world, wanted)
        return [*_lost(store, archive), *letters_, *_said_aloud(place)]
    finally:
        store.close()


def _lost(store: Store, archive: Archive) -> Iterator[str]:
    rows = store.rows("mails")
    hashes = {r["sha256"] for r in rows}
    if len(rows) != len(MAILS) + 1 or len(hashes) != len(MAILS):
        yield f"{len(rows)} rows of {len(MAILS) + 1} mails, {len(hashes)} contents"
    kept = {m.raw for m in MAILS}
    for row in store.rows("readings"):
        try:
            if archive.get(row["sha256"]) not in kept:
                yield f"mail {row['sha256'][:8]} is not what was sent"
        except ArchiveError as e:
            yield str(e)
        if row["state"] != "done":
            yield f"mail {row['sha256'][:8]} is {row['state']}"


def _wrong_letters(
    place: Place, store: Store, world: World, wanted: frozenset[str]
) -> Iterator[str]:
    taken = world.tokens()
    secret = bytes.fromhex((place.data / "token.key").read_text(encoding="ascii"))
    if len(secret) != 32:
        yield f"a secret of {len(secret)} bytes"
    rows = {r.key: r for r in store.letters(CAMPAIGN.slug)}
    marks = {envelope.token(secret, key): key for key in rows}
    for mark, times in taken.items():
        if mark not in marks:
            yield f"a letter left that nobody knows of: {mark}"
        elif times > 1:
            yield f"{marks[mark]} left {times} times"
    for key in wanted | rows.keys():
        count = taken[envelope.token(secret, key)]
        state = rows[key].state if key in rows else "unknown"
        if (count, state) not in ((1, "sent"), (0, "uncertain")) and key in wanted:
            yield f"{key} left {count} times and is {state}"
    yield from _double_duties(store)


def _double_duties(store: Store) -> Iterator[str]:
    """Of two letters to one unit about the same stage each would be the only one of its key."""
    said = Counter(
        (r["unit"], r["deadline"], r["stage"], r["kind"], r["mail"])
        for r in store.rows("letters")
        if r["kind"] in TO_UNITS and r["state"] in ("sent", "uncertain")
    )
    yield from (f"{what} was said {n} times" for what, n in said.items() if n > 1)


def _said_aloud(place: Place) -> Iterator[str]:
    """The log of every life at level DEBUG, tracebacks included."""
    log = place.log.read_text(encoding="utf-8")
    for canary in (CODE, *PHONES, *(p.replace("-", "") for p in PHONES)):
        if canary in log:
            yield f"{canary} stands in the log"
    if "Traceback" in log:
        yield log[log.index("Traceback") :][:3000]


def letters(place: Place) -> frozenset[str]:
    """The keys of the letters that left."""
    store = Store(place.database, create=False)
    try:
        return frozenset(r.key for r in store.letters(CAMPAIGN.slug, "sent"))
    finally:
        store.close()
