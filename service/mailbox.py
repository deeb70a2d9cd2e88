"""The door to the mailbox (IMAP): looks, and never changes anything there.

Each mail above the caller's cursor is handed over in ascending order of UID, so that a
cursor never passes a mail that was not kept. What can go wrong with one mail stays with
that mail; what goes wrong with the connection ends the look, and the next look connects
anew. Retrying, waiting after a refused login and telling anybody are the caller's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
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
from service.imap import PIECE_BYTES, ImapSession, MailboxConfig, Opened
from service.imap_fetch import Fetched

__all__ = ["Mailbox", "MailboxConfig"]

_LARGE_BYTES = 8 * PIECE_BYTES
_BATCH_BYTES = 4 * PIECE_BYTES
_BATCH_MAILS = 50
_META_MAILS = 500
_TRIES = 3
_SENT_SCANNED = 500

Keep = Callable[[Arrived], None]
Skip = Callable[[Failed], None]
_Mail = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class _Folder:
    """An open folder, as the inner functions pass it around."""

    name: str
    uidvalidity: int


class Mailbox:
    """One account, one session over many looks; made anew after anything went wrong."""

    def __init__(self, config: MailboxConfig) -> None:
        self._config = config
        self._session: ImapSession | None = None
        self._closing = threading.Event()
        self._deaths: dict[_Mail, int] = {}
        """How often the connection died while this mail was on its way."""

    def look(self, cursors: Cursors, keep: Keep, skip: Skip | None = None) -> Look:
        """Hands every mail above the cursors to `keep`, in ascending order folder by folder.

        A mail that does not come is named to `skip`, in its place in that order, and again
        in the Look. Raises MailboxError when the connection fails: what was kept by then
        is kept. What `keep` raises passes through.
        """
        session = self._connected()
        with _dropped_on_error(self):
            looks = [
                self._folder(session, name, cursors, keep, skip or _ignore)
                for name in self._names(session)
            ]
        complete = all(f.is_missing or f.uidvalidity is not None for f in looks)
        return Look(complete and not any(f.failed for f in looks), tuple(looks))

    def fetch(
        self, folder: str, uidvalidity: int, uids: Iterable[int], keep: Keep
    ) -> tuple[Failed, ...]:
        """Tries single mails again; those of a folder that was renumbered are gone."""
        failed: list[Failed] = []
        wanted = sorted(set(uids))
        session = self._connected()
        with _dropped_on_error(self):
            opened = session.examine(folder)
            if opened is None or opened.uidvalidity != uidvalidity:
                return tuple(Failed(folder, uidvalidity, uid, "NOT_DELIVERED") for uid in wanted)
            self._bring(session, _Folder(folder, uidvalidity), wanted, keep, failed.append)
        return tuple(failed)

    def wait(self, seconds: float) -> None:
        """Waits, and returns early when something arrives in INBOX or `close` is called.

        IDLE only saves time: a mail that it misses is found by the next look.
        """
        try:
            session = self._connected()
            with _dropped_on_error(self):
                if session.can_idle and session.examine("INBOX") is not None:
                    session.idle(seconds, self._closing)
                    return
        except MailboxError:
            pass  # the next look says so
        self._closing.wait(seconds)

    def list_folders(self) -> tuple[str, ...]:
        """Every folder that can be opened, names decoded from modified UTF-7."""
        session = self._connected()
        with _dropped_on_error(self):
            return tuple(name for name, _ in session.folders())

    def find_token(self, folder: str, token: str, since: datetime) -> bool:
        """Whether a mail of this folder since then bears the token in Subject, Message-ID
        or X-OQ-MSGID (where QQ keeps our own id). Reads headers: QQ's SEARCH ignores them."""
        session = self._connected()
        with _dropped_on_error(self):
            if session.examine(folder) is None:
                return False
            recent = session.uids_above(0)[-_SENT_SCANNED:]
            young = self._young(session, recent, since - timedelta(days=1))
            return any(mentions(head, token) for head in self._heads(session, young))

    def oldest(self, folder: str) -> datetime | None:
        """When the first visible mail arrived; QQ can be set to show only recent mail."""
        session = self._connected()
        with _dropped_on_error(self):
            opened = session.examine(folder)
            first = session.first_date() if opened is not None and opened.count else None
        return first.internaldate if first else None

    def uids(self, folder: str) -> tuple[int, tuple[int, ...]] | None:
        """UIDVALIDITY and every UID of a folder, for the daily comparison with our rows."""
        session = self._connected()
        with _dropped_on_error(self):
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
        folder = _Folder(name, opened.uidvalidity)
        uids = self._above(session, opened, cursors.get((name, opened.uidvalidity), 0))
        failed: list[Failed] = []

        def miss(one: Failed) -> None:
            failed.append(one)
            skip(one)

        self._bring(session, folder, uids, keep, miss)
        highest = uids[-1] if uids else None
        new = len(uids) - len(failed)
        return FolderLook(name, opened.uidvalidity, opened.uidnext, highest, new, tuple(failed))

    def _above(self, session: ImapSession, opened: Opened, cursor: int) -> list[int]:
        return session.uids_above(cursor) if opened.count else []

    def _closed(self, session: ImapSession, name: str) -> FolderLook:
        """A folder that is not there is a fact; one that is there and stays shut is not."""
        is_missing = name not in {n for n, _ in session.folders()}
        if is_missing and name.upper() == "INBOX":
            raise FolderMissing(name)
        return FolderLook(name, None, None, None, 0, (), is_missing)

    def _bring(
        self, session: ImapSession, folder: _Folder, uids: list[int], keep: Keep, skip: Skip
    ) -> None:
        for start in range(0, len(uids), _META_MAILS):
            some = uids[start : start + _META_MAILS]
            known = session.fetch(some, "(UID RFC822.SIZE INTERNALDATE)") or {}
            for batch in self._batches(folder, some, known):
                self._bring_batch(session, folder, batch, known, keep, skip)

    def _batches(
        self, folder: _Folder, uids: list[int], known: dict[int, Fetched]
    ) -> Iterator[list[int]]:
        """Runs bounded in number and bytes; large, unmeasured and suspect mails go alone."""
        batch: list[int] = []
        total = 0
        for uid in uids:
            size = known[uid].size if uid in known else None
            suspect = (folder.name, folder.uidvalidity, uid) in self._deaths
            alone = size is None or size > _BATCH_BYTES or suspect
            if batch and (
                alone or len(batch) >= _BATCH_MAILS or total + (size or 0) > _BATCH_BYTES
            ):
                yield batch
                batch, total = [], 0
            if alone:
                yield [uid]
            else:
                batch.append(uid)
                total += size or 0
        if batch:
            yield batch

    def _bring_batch(
        self,
        session: ImapSession,
        folder: _Folder,
        batch: list[int],
        known: dict[int, Fetched],
        keep: Keep,
        skip: Skip,
    ) -> None:
        mails = [(folder.name, folder.uidvalidity, uid) for uid in batch]
        if len(batch) == 1 and self._deaths.get(mails[0], 0) >= _TRIES:
            del self._deaths[mails[0]]
            skip(Failed(*mails[0], "SESSION_LOST"))
            return
        try:
            whole = self._whole(session, batch, known)
            for mail in mails:
                self._hand_over(session, mail, known, whole, keep, skip)
        except MailboxError:
            for mail in mails:
                self._deaths[mail] = self._deaths.get(mail, 0) + 1
            raise
        for mail in mails:
            self._deaths.pop(mail, None)

    def _whole(
        self, session: ImapSession, batch: list[int], known: dict[int, Fetched]
    ) -> dict[int, Fetched]:
        if len(batch) == 1:
            return {}
        expected = sum(known[uid].size or 0 for uid in batch)
        return session.fetch(batch, "(UID BODY.PEEK[])", expected) or {}

    def _hand_over(
        self,
        session: ImapSession,
        mail: _Mail,
        known: dict[int, Fetched],
        whole: dict[int, Fetched],
        keep: Keep,
        skip: Skip,
    ) -> None:
        uid = mail[2]
        about = known.get(uid) or _alone(session, uid, "(UID RFC822.SIZE INTERNALDATE)")
        if about is None or about.internaldate is None:
            skip(Failed(*mail, "NOT_DELIVERED" if about is None else "NO_DATE"))
            return
        size = about.size or 0
        if size > _LARGE_BYTES:
            self._stream(session, mail, about.internaldate, keep, skip)
            return
        told = whole.get(uid)
        if told is None or not told.body:
            told = _alone(session, uid, "(UID BODY.PEEK[])", size)
        if told is None or told.body is None or (size and not told.body):
            skip(Failed(*mail, "NOT_DELIVERED"))
            return
        keep(Arrived(*mail, about.internaldate, told.body))

    def _stream(
        self, session: ImapSession, mail: _Mail, received_at: datetime, keep: Keep, skip: Skip
    ) -> None:
        """A large mail piece by piece, so that memory holds one piece (50 MB whole took 592)."""
        first = _piece(session, mail[2], 0)
        if not first:
            skip(Failed(*mail, "NOT_DELIVERED"))
            return

        def chunks() -> Iterator[bytes]:
            piece, offset = first, 0
            while piece:
                yield piece
                offset += len(piece)
                if len(piece) < PIECE_BYTES:
                    return
                following = _piece(session, mail[2], offset)
                if following is None:
                    raise MailboxProtocol(f"UID {mail[2]} ended at {offset} bytes")
                piece = following

        keep(Arrived(*mail, received_at, None, chunks()))

    def _young(self, session: ImapSession, uids: list[int], since: datetime) -> list[int]:
        dated = session.fetch(uids, "(UID INTERNALDATE)") if uids else {}
        return [
            uid
            for uid, told in sorted((dated or {}).items())
            if told.internaldate is None or told.internaldate >= since
        ]

    def _heads(self, session: ImapSession, uids: list[int]) -> Iterator[bytes]:
        for start in range(0, len(uids), _BATCH_MAILS):
            some = uids[start : start + _BATCH_MAILS]
            told = session.fetch(some, "(UID BODY.PEEK[HEADER])")
            if told is None:
                raise MailboxProtocol("FETCH of headers refused")
            yield from (one.body for one in told.values() if one.body)


class _dropped_on_error:
    """Drops the connection when a command on it failed; other errors leave it as it is."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, MailboxError):
            self._mailbox.drop()


def _ignore(_: Failed) -> None:
    return None


def _alone(session: ImapSession, uid: int, what: str, expected: int = 0) -> Fetched | None:
    found = session.fetch([uid], what, expected)
    return (found or {}).get(uid)


def _piece(session: ImapSession, uid: int, offset: int) -> bytes | None:
    """One MiB from this offset; None where the server refuses or ignores the range."""
    told = _alone(session, uid, f"(UID BODY.PEEK[]<{offset}.{PIECE_BYTES}>)", PIECE_BYTES)
    if told is None or told.body is None or len(told.body) > PIECE_BYTES:
        return None
    return told.body
