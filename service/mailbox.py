"""The door to the mailbox (IMAP): looks, and never changes anything there.

Each mail above the caller's cursor is handed over in ascending order of UID, so that a
cursor never passes a mail that was not kept. What can go wrong with one mail stays with
that mail; what goes wrong with the connection ends the look, and the next look connects
anew. Retrying, waiting after a refused login and telling anybody are the caller's.
"""

from __future__ import annotations

import contextlib
import threading
import time
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
    MailboxUnreachable,
)
from service.imap import ImapSession, MailboxConfig, Opened
from service.imap_sweep import BATCH_MAILS, Mail, Sweep
from service.watchdog import Watchdog

__all__ = ["Mailbox", "MailboxConfig"]

_DATED_MAILS = 500

Keep = Callable[[Arrived], None]
Skip = Callable[[Failed], None]


class Mailbox:
    """One account, one session over many looks; made anew after anything went wrong."""

    def __init__(self, config: MailboxConfig) -> None:
        self._config = config
        self._session: ImapSession | None = None
        self._watchdog = Watchdog()
        self._is_cut = False
        self._inbox: Opened | None = None
        """INBOX as the last look found it."""
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
            shut = self._shut(session, folder, uidvalidity)
            if shut is None:
                self._sweep(session, (folder, uidvalidity), keep, miss).bring(wanted)
                return tuple(failed)
        for uid in wanted:
            miss(Failed(folder, uidvalidity, uid, shut))
        return tuple(failed)

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Waits, and returns early, with True, when INBOX is not as the last look found it;
        early too when `stop` is set.

        IDLE only saves time: a mail that it misses is found by the next look. Waiting never
        logs in, as too many logins lock the account; without a session it just waits.
        """
        until = time.monotonic() + seconds
        session = self._session
        if session is not None and session.can_idle:
            with contextlib.suppress(MailboxError), self._dropped_on_error():
                opened = session.examine("INBOX")
                if opened is not None:
                    changed = self._inbox is not None and opened != self._inbox
                    return changed or session.idle(seconds, stop)
        stop.wait(max(0.0, until - time.monotonic()))
        return False

    def list_folders(self) -> tuple[str, ...]:
        """Every folder that can be opened, names decoded from modified UTF-7."""
        session = self._connected()
        with self._dropped_on_error():
            return tuple(name for name, _ in session.folders())

    def find_token(self, folder: str, token: str, since: datetime) -> bool:
        """Whether a mail of this folder since then bears the token in Subject, Message-ID
        or X-OQ-MSGID (where QQ keeps our own id).

        Headers are read one by one, because QQ's SEARCH ignores them. False is said only
        after all were read; raises FolderMissing where there is no such folder.
        """
        session = self._connected()
        with self._dropped_on_error():
            if session.examine(folder) is None:
                raise FolderMissing(folder)
            young = self._young(session, since - timedelta(days=1))
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

    def cut(self) -> None:
        """Breaks the connection under another thread's command, so that it ends now, and lets
        nobody connect any more: for a service that is told to stop."""
        self._is_cut = True
        self._watchdog.bite()

    def close(self) -> None:
        """Ends the session."""
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
            if self._is_cut:
                raise MailboxUnreachable("the service is stopping")
            self._watchdog = Watchdog()
            self._session = ImapSession(self._config, self._watchdog)
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
        if name.upper() == "INBOX":
            self._inbox = opened
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

    def _shut(self, session: ImapSession, folder: str, uidvalidity: int) -> str | None:
        """Opens a folder; the code of its mails where it is not there or was renumbered."""
        opened = session.examine(folder)
        if opened is not None:
            return None if opened.uidvalidity == uidvalidity else "GONE"
        return "GONE" if self._closed(session, folder).is_missing else "NOT_DELIVERED"

    def _closed(self, session: ImapSession, name: str) -> FolderLook:
        """A folder that is not there is a fact; one that is there and stays shut is not."""
        is_missing = name not in {n for n, _ in session.folders()}
        if is_missing and name.upper() == "INBOX":
            raise FolderMissing(name)
        return FolderLook(name, None, None, None, 0, (), is_missing)

    def _young(self, session: ImapSession, since: datetime) -> list[int]:
        young: list[int] = []
        for some in _chunks(session.uids_above(0), _DATED_MAILS):
            dated = session.fetch(some, "(UID INTERNALDATE)")
            if dated is None:
                raise MailboxProtocol("FETCH of dates refused")
            for uid in some:
                then = dated[uid].internaldate if uid in dated else None
                if then is None or then >= since:
                    young.append(uid)
        return young

    def _heads(self, session: ImapSession, uids: list[int]) -> Iterator[bytes]:
        for some in _chunks(uids, BATCH_MAILS):
            told = session.fetch(some, "(UID BODY.PEEK[HEADER])") or {}
            for uid in some:
                head = told[uid].body if uid in told else None
                if head is None and session.has(uid):
                    raise MailboxProtocol(f"the headers of UID {uid} did not come")
                yield head or b""


def _chunks(uids: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(uids), size):
        yield uids[start : start + size]


def _ignore(_: Failed) -> None:
    return None
