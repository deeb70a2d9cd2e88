"""What the mailbox door brings, and the face it shows: pure data, one Protocol, the errors.

Duties, intake and the list-backed fake know the mailbox by this file alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from service.errors import ServerError

Cursors = Mapping[tuple[str, int], int]
"""(folder, UIDVALIDITY) to the highest UID that the caller holds safely."""


class MailboxError(ServerError):
    """The mailbox could not be looked at; nothing about its mails can be concluded.

    Tree: MailboxError > MailboxUnreachable, MailboxTls, MailboxAuthRefused, MailboxTimeout,
    MailboxProtocol, FolderMissing.
    """

    code = "IMAP_PROTOCOL"


class MailboxUnreachable(MailboxError):
    """No connection, or it broke, or the server says that it is not available now."""

    code = "IMAP_UNREACHABLE"


class MailboxTls(MailboxError):
    """The server's certificate or its TLS is not to be trusted."""

    code = "IMAP_TLS"


class MailboxAuthRefused(MailboxError):
    """User or authorization code (授权码) refused: trying again soon locks the account."""

    code = "IMAP_AUTH_REFUSED"


class MailboxTimeout(MailboxError):
    """A command took longer than its time; the connection was shut down."""

    code = "IMAP_TIMEOUT"


class MailboxProtocol(MailboxError):
    """The server refused a command or answered what is not IMAP."""

    code = "IMAP_PROTOCOL"


class FolderMissing(MailboxError):
    """INBOX does not exist: this is not the mailbox that was meant."""

    code = "IMAP_FOLDER_MISSING"


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mail as the server holds it; either `raw` or, for a large one, `chunks`.

    `chunks` is read from the connection while it is iterated, so it must be used up
    before `keep` returns; what it raises is a MailboxError.
    """

    folder: str
    uidvalidity: int
    uid: int
    received_at: datetime
    """The server's INTERNALDATE, in Asia/Shanghai."""
    raw: bytes | None = field(repr=False)
    chunks: Iterable[bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """A mail that stands in the folder but did not come: kept in mind, tried again later.

    `code`: NOT_DELIVERED (the server leaves it out or refuses it), NO_DATE (it comes
    without an INTERNALDATE), SESSION_LOST (each try at it ended the connection), GONE
    (meanwhile deleted or moved: nothing to try again, another folder may show it).
    """

    folder: str
    uidvalidity: int
    uid: int
    code: str


@dataclass(frozen=True, slots=True)
class FolderLook:
    """What one folder showed. `uidvalidity` is None where the folder could not be opened."""

    folder: str
    uidvalidity: int | None
    uidnext: int | None
    highest_uid: int | None
    """The highest UID seen in this look above the cursor, else None."""
    new: int
    failed: tuple[Failed, ...] = ()
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """One look at all folders. `complete`: each folder that exists was opened and every
    mail above its cursor was kept; a reminder may rest on nothing less."""

    complete: bool
    folders: tuple[FolderLook, ...]

    @property
    def failed(self) -> tuple[Failed, ...]:
        return tuple(f for folder in self.folders for f in folder.failed)


class MailboxDoor(Protocol):
    """What the stories ask of a mailbox, real or a list. Nothing here can change it."""

    def look(
        self,
        cursors: Cursors,
        keep: Callable[[Arrived], None],
        skip: Callable[[Failed], None] | None = None,
    ) -> Look: ...

    def fetch(
        self,
        folder: str,
        uidvalidity: int,
        uids: Iterable[int],
        keep: Callable[[Arrived], None],
        gone: Callable[[Failed], None] | None = None,
    ) -> tuple[Failed, ...]: ...

    def wait(self, seconds: float, stop: threading.Event) -> bool: ...

    def list_folders(self) -> tuple[str, ...]: ...

    def find_token(self, folder: str, token: str, since: datetime) -> bool: ...

    def oldest(self, folder: str) -> datetime | None: ...

    def uids(self, folder: str) -> tuple[int, tuple[int, ...]] | None: ...

    def cut(self) -> None: ...

    def close(self) -> None: ...
