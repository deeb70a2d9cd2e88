"""The door to the mailbox (IMAP): looks, and never changes anything there.

Each mail above the caller's cursor is handed over in ascending order of UID, so that a
cursor never passes a mail that was not kept. What can go wrong with one mail stays with
that mail; what goes wrong with the connection ends the look, and the next look connects
anew. Retrying, waiting after a refused login and telling anybody are the caller's.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from parsers.mail_headers import mentions
from service.arrivals import (
    Arrived,
    Cursors,
    Failed,
    FolderLook,
    FolderMissing,
    Look,
    MailboxError,
    MailboxProtocol,
)
from service.imap import ImapSession, MailboxConfig, Opened
from service.imap_sweep import BATCH_MAILS, Mail, Sweep

__all__ = ["Mailbox", "MailboxConfig"]

_SENT_SCANNED = 500

Keep = Callable[[Arrived], None]
Skip = Callable[[Failed], None]


class Mailbox:
    """One account, one session over many looks; made anew after anything went wrong."""

    def __init__(self, config: MailboxConfig) -> None:
        self._config = config
        self._session: ImapSession | None = None
        self._closing = threading.Event()
        self._deaths: dict[Mail, int] = {}
        """How often the connection died while this mail was on its way."""

    def look(self, cursors: Cursors, keep: Keep, skip: Skip | None = None) -> Look:
        """Hands every mail above the cursors to `keep`, in ascending order folder by folder.

        A mail that does not come is named to `skip`, in its place in that order, and again
        in the Look. Raises MailboxError when the connection fails: what was kept by then
        is kept. What `keep` raises passes through.
        """
        session = self._connected()
        with self._dropped_on_error():
            looks = [
                self._folder(session, name, cursors, keep, skip or _ignore)
                for name in self._names(session)
            ]
        complete = all(f.is_missing or f.uidvalidity is not None for f in looks)
        return Look(complete and not any(f.failed for f in looks), tuple(looks))

    def fetch(
        self,
        folder: str,
        uidvalidity: int,
        uids: Iterable[int],
        keep: Keep,
        gone: Skip | None = None,
    ) -> tuple[Failed, ...]:
        """Tries single mails again and returns those that still stand there and do not come.

        A mail that was deleted or moved meanwhile, or whose folder was renumbered, is named
        to `gone`: it will not come under this number any more.
        """
        failed: list[Failed] = []
        wanted = sorted(set(uids))
        session = self._connected()

        def miss(one: Failed) -> None:
            if one.code == "GONE":
                (gone or _ignore)(one)
            else:
                failed.append(one)

        with self._dropped_on_error():
            opened = session.examine(folder)
            if opened is None or opened.uidvalidity != uidvalidity:
                for uid in wanted:
                    miss(Failed(folder, uidvalidity, uid, "GONE"))
            else:
                self._sweep(session, (folder, uidvalidity), keep, miss).bring(wanted)
        return tuple(failed)

    def wait(self, seconds: float) -> None:
        """Waits, and returns early when something arrives in INBOX or `close` is called.

        IDLE only saves time: a mail that it misses is found by the next look.
        """
        try:
            session = self._connected()
            with self._dropped_on_error():
                if session.can_idle and session.examine("INBOX") is not None:
                    session.idle(seconds, self._closing)
                    return
        except MailboxError:
            pass  # the next look says so
        self._closing.wait(seconds)

    def list_folders(self) -> tuple[str, ...]:
        """Every folder that can be opened, names decoded from modified UTF-7."""
        session = self._connected()
        with self._dropped_on_error():
            return tuple(name for name, _ in session.folders())

    def find_token(self, folder: str, token: str, since: datetime) -> bool:
        """Whether a mail of this folder since then bears the token in Subject, Message-ID
        or X-OQ-MSGID (where QQ keeps our own id). Reads headers: QQ's SEARCH ignores them."""
        session = self._connected()
        with self._dropped_on_error():
            if session.examine(folder) is None:
                return False
            recent = session.uids_above(0)[-_SENT_SCANNED:]
            young = self._young(session, recent, since - timedelta(days=1))
            return any(mentions(head, token) for head in self._heads(session, young))

    def oldest(self, folder: str) -> datetime | None:
        """When the first visible mail arrived; QQ can be set to show only recent mail."""
        session = self._connected()
        with self._dropped_on_error():
            opened = session.examine(folder)
            first = session.first_date() if opened is not None and opened.count else None
        return first.internaldate if first else None

    def uids(self, folder: str) -> tuple[int, tuple[int, ...]] | None:
        """UIDVALIDITY and every UID of a folder, for the daily comparison with our rows."""
        session = self._connected()
        with self._dropped_on_error():
            opened = session.examine(folder)
            if opened is None:
                return None
            return opened.uidvalidity, tuple(session.uids_above(0) if opened.count else ())

    def close(self) -> None:
        """Ends the session, also for a `wait` in another thread."""
        self._closing.set()
        session, self._session = self._session, None
        if session is not None:
            session.logout()

    def drop(self) -> None:
        """Throws the connection away; the next look makes a new one."""
        session, self._session = self._session, None
        if session is not None:
            session.drop()

    @contextlib.contextmanager
    def _dropped_on_error(self) -> Iterator[None]:
        """A failed command leaves a dead connection; other errors leave it as it is."""
        try:
            yield
        except MailboxError:
            self.drop()
            raise

    def _connected(self) -> ImapSession:
        """The session, tried before use: a server may have closed it while we slept."""
        if self._session is not None:
            try:
                self._session.noop()
            except MailboxError:
                self.drop()
        if self._session is None:
            self._session = ImapSession(self._config)
        return self._session

    def _names(self, session: ImapSession) -> list[str]:
        names: list[str] = []
        for wanted in self._config.folders:
            if not wanted.endswith("/*"):
                names.append(wanted)
                continue
            above = wanted.removesuffix("/*")
            names += [n for n, delimiter in session.folders() if n.startswith(above + delimiter)]
        return list(dict.fromkeys(names))

    def _folder(
        self, session: ImapSession, name: str, cursors: Cursors, keep: Keep, skip: Skip
    ) -> FolderLook:
        opened = session.examine(name)
        if opened is None:
            return self._closed(session, name)
        folder = (name, opened.uidvalidity)
        uids = self._above(session, opened, cursors.get((name, opened.uidvalidity), 0))
        failed: list[Failed] = []

        def miss(one: Failed) -> None:
            failed.append(one)
            if one.code != "GONE":  # nothing to try again; another folder may show it
                skip(one)

        self._sweep(session, folder, keep, miss).bring(uids)
        highest = uids[-1] if uids else None
        new = len(uids) - len(failed)
        return FolderLook(name, opened.uidvalidity, opened.uidnext, highest, new, tuple(failed))

    def _sweep(
        self, session: ImapSession, folder: tuple[str, int], keep: Keep, skip: Skip
    ) -> Sweep:
        return Sweep(session, *folder, keep, skip, self._deaths)

    def _above(self, session: ImapSession, opened: Opened, cursor: int) -> list[int]:
        return session.uids_above(cursor) if opened.count else []

    def _closed(self, session: ImapSession, name: str) -> FolderLook:
        """A folder that is not there is a fact; one that is there and stays shut is not."""
        is_missing = name not in {n for n, _ in session.folders()}
        if is_missing and name.upper() == "INBOX":
            raise FolderMissing(name)
        return FolderLook(name, None, None, None, 0, (), is_missing)

    def _young(self, session: ImapSession, uids: list[int], since: datetime) -> list[int]:
        dated = session.fetch(uids, "(UID INTERNALDATE)") if uids else {}
        return [
            uid
            for uid, told in sorted((dated or {}).items())
            if told.internaldate is None or told.internaldate >= since
        ]

    def _heads(self, session: ImapSession, uids: list[int]) -> Iterator[bytes]:
        for start in range(0, len(uids), BATCH_MAILS):
            some = uids[start : start + BATCH_MAILS]
            told = session.fetch(some, "(UID BODY.PEEK[HEADER])")
            if told is None:
                raise MailboxProtocol("FETCH of headers refused")
            yield from (one.body for one in told.values() if one.body)


def _ignore(_: Failed) -> None:
    return None
