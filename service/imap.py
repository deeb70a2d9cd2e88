"""One IMAP connection, read-only: the inner half of the mailbox door.

imap-tools is the transport. Every command has an overall deadline, every foreign error
leaves as a MailboxError, and no command is known here that could change a mailbox.
"""

from __future__ import annotations

import contextlib
import imaplib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import imap_tools
from imap_tools.utils import encode_folder

from service.arrivals import (
    MailboxAuthRefused,
    MailboxError,
    MailboxProtocol,
    MailboxTimeout,
    MailboxTls,
    MailboxUnreachable,
)
from service.imap_fetch import Fetched, fetched, searched, uid_set
from service.tls import client_context, is_loopback
from service.watchdog import Watchdog

PIECE_BYTES = 1024 * 1024
_LITERAL_BYTES = 32 * PIECE_BYTES
_SLOWEST_BYTES_A_SECOND = 64 * 1024
_IDLE_SLICE_SECONDS = 0.5
_GOODBYE_SECONDS = 3.0
"""For the last commands of a session: who stops does not wait for a slow server."""

# imaplib refuses commands that it does not know
imaplib.Commands.setdefault("ID", ("AUTH", "SELECTED"))
imaplib.Commands.setdefault("IDLE", ("AUTH", "SELECTED"))


@dataclass(frozen=True, slots=True)
class MailboxConfig:
    """Where the mailbox is. A folder that ends in /* means every folder below it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folders: tuple[str, ...] = ("INBOX", "Junk", "其他文件夹/*")
    ssl_context: ssl.SSLContext | None = None
    command_seconds: float = 60.0
    tls: bool = True
    """False is taken only on loopback, for tests and the demo."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as EXAMINE shows it."""

    uidvalidity: int
    uidnext: int | None
    count: int


class _Client(imaplib.IMAP4):
    """imaplib's client with a guarded handshake, bounded literals, and ears for `* BAD`."""

    def __init__(self, config: MailboxConfig, watchdog: Watchdog) -> None:
        self._config = config
        self._watchdog = watchdog
        super().__init__(config.host, config.port, config.command_seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock: socket.socket = super()._create_socket(timeout)  # type: ignore[misc]
        self._watchdog.guard(sock)
        if not self._config.tls:
            return sock
        context = self._config.ssl_context or client_context()
        return self._watchdog.wrapped(sock, context, self._config.host)

    def read(self, size: int) -> bytes:
        if size > _LITERAL_BYTES:
            raise self.abort(f"literal of {size} bytes")
        return super().read(size)

    def _append_untagged(self, typ: str, dat: Any) -> None:
        if typ == "BAD":
            # QQ answers an unsupported command so, and then keeps silent for ever
            raise self.abort(f"untagged BAD {dat!r}")
        super()._append_untagged(typ, dat)  # type: ignore[misc]


class _Box(imap_tools.BaseMailBox):
    """imap-tools' mailbox over our client."""

    def __init__(self, config: MailboxConfig, watchdog: Watchdog) -> None:
        self._make: Callable[[], imaplib.IMAP4] = lambda: _Client(config, watchdog)
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._make()


class ImapSession:
    """A connection that is logged in. After any MailboxError it is dead: `drop` it."""

    def __init__(self, config: MailboxConfig, watchdog: Watchdog | None = None) -> None:
        if not config.tls and not is_loopback(config.host):
            raise MailboxTls("no mail without TLS except on loopback")
        self._config = config
        self._watchdog = watchdog or Watchdog()
        with self._within(config.command_seconds):
            self._box = _Box(config, self._watchdog)
        try:
            self._login()
        except MailboxError:
            self.drop()
            raise

    def noop(self) -> None:
        with self._command() as client:
            client.noop()

    def folders(self) -> tuple[tuple[str, str], ...]:
        """(name, delimiter) of each folder that can be opened."""
        with self._command():
            listed = self._box.folder.list()
        return tuple((f.name, f.delim or "") for f in listed if not _is_closed(f.flags))

    def examine(self, folder: str) -> Opened | None:
        """Opens a folder read-only; None where the server says NO to that."""
        with self._command() as client:
            answer, said = client.select(encode_folder(folder), readonly=True)  # type: ignore[arg-type]
            if answer != "OK":
                return None
            validity = _number(client, "UIDVALIDITY")
            if validity is None:
                raise MailboxProtocol(f"no UIDVALIDITY for {folder}")
            count = int(said[0] or b"0")
            return Opened(validity, _number(client, "UIDNEXT"), count)

    def uids_above(self, cursor: int) -> list[int]:
        """UIDs of the open folder above the cursor, ascending."""
        with self._command() as client:
            answer, items = client.uid("SEARCH", "UID", f"{cursor + 1}:*")
        if answer != "OK":
            raise MailboxProtocol("SEARCH refused")
        return searched(items, cursor)

    def has(self, uid: int) -> bool:
        """Whether the open folder still holds this mail."""
        with self._command() as client:
            answer, items = client.uid("SEARCH", "UID", str(uid))
        return answer != "OK" or uid in searched(items, uid - 1)

    def fetch(self, uids: Sequence[int], what: str, expected: int = 0) -> dict[int, Fetched] | None:
        """FETCH by UID; None where the server says NO. `expected` bytes stretch the deadline."""
        with self._command(expected) as client:
            answer, items = client.uid("FETCH", uid_set(uids), what)
        return fetched(items) if answer == "OK" else None

    def first_date(self) -> Fetched | None:
        """The first mail of the open folder by number, with its INTERNALDATE."""
        with self._command() as client:
            answer, items = client.fetch("1", "(UID INTERNALDATE)")
        found = fetched(items) if answer == "OK" else {}
        return next(iter(found.values()), None)

    @property
    def can_idle(self) -> bool:
        return "IDLE" in self._box.client.capabilities

    def idle(self, seconds: float, stop: threading.Event) -> bool:
        """Waits until the server says anything about the open folder (RFC 2177), or `stop`.

        True if it did: perhaps only that it is still there.
        """
        with self._command() as client:
            tag = client._command("IDLE")
            while client._get_response() is not None:
                if client.tagged_commands[tag]:
                    stop.wait(seconds)  # refused
                    return False
        waited, said = 0.0, False
        while waited < seconds and not stop.is_set() and not (said := self._is_readable()):
            waited += _IDLE_SLICE_SECONDS
        with self._within(_GOODBYE_SECONDS if stop.is_set() else self._config.command_seconds):
            self._box.client.send(b"DONE\r\n")
            self._box.consume_until_tagged_response(tag)
        return said

    def _is_readable(self) -> bool:
        """Whether something waits to be read, also what came along with `+ idling`."""
        client = self._box.client
        sock = client.socket()
        sock.settimeout(0)
        try:
            if client.file.peek(1):  # type: ignore[union-attr]
                return True
        except OSError:
            pass  # nothing buffered; TLS says so by an error
        finally:
            sock.settimeout(self._config.command_seconds)
        poller = select.poll()
        poller.register(sock, select.POLLIN)
        return bool(poller.poll(_IDLE_SLICE_SECONDS * 1000))

    def logout(self) -> None:
        """Says goodbye; what goes wrong then does not matter."""
        with contextlib.suppress(MailboxError), self._within(_GOODBYE_SECONDS):
            self._box.logout()
        self.drop()

    def drop(self) -> None:
        """Closes the connection without a word: what is dead cannot log out."""
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self._box.client.shutdown()

    def _login(self) -> None:
        with self._command() as client:
            try:
                self._authenticate()
            except (imap_tools.MailboxLoginError, imaplib.IMAP4.error) as e:
                if isinstance(e, imaplib.IMAP4.abort):
                    raise
                raise _refused(e) from e
            # imaplib asked before login; servers offer more after it
            client._get_capabilities()
            if "ID" in client.capabilities:
                # 163 and 126 close the mailbox to clients that do not introduce themselves
                client._simple_command("ID", '("name" "baosong" "version" "1")')

    def _authenticate(self) -> None:
        user, password = self._config.user, self._config.password
        if (user + password).isascii():
            self._box.login(user, password, initial_folder=None)
        else:
            self._box.login_utf8(user, password, initial_folder=None)

    @contextlib.contextmanager
    def _command(self, expected_bytes: int = 0) -> Iterator[imaplib.IMAP4]:
        seconds = self._config.command_seconds + expected_bytes / _SLOWEST_BYTES_A_SECOND
        with self._within(seconds):
            yield self._box.client

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        try:
            with self._watchdog.within(seconds):
                yield
        except (OSError, imaplib.IMAP4.error, imap_tools.ImapToolsError, ValueError) as e:
            raise self._ours(e, seconds) from e

    def _ours(self, error: Exception, seconds: float) -> MailboxError:
        if self._watchdog.has_bitten or isinstance(error, TimeoutError):
            return MailboxTimeout(f"no complete answer within {seconds:.0f} s")
        if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return MailboxUnreachable("the connection broke")
        if isinstance(error, ssl.SSLError):
            return MailboxTls(str(error))
        if isinstance(error, OSError):
            return MailboxUnreachable(str(error))
        if isinstance(error, imaplib.IMAP4.abort) and _is_gone(str(error)):
            return MailboxUnreachable(str(error))
        return MailboxProtocol(str(error))


def _is_gone(said: str) -> bool:
    """imaplib has one `abort` for a lost connection, a BYE and nonsense."""
    return "socket error" in said or "BYE" in said.upper() or "EOF" in said


def _refused(error: Exception) -> MailboxError:
    """RFC 5530: some codes of a refused login do not blame user or password."""
    said = str(error)
    if any(code in said.upper() for code in ("[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]")):
        return MailboxUnreachable(said)
    return MailboxAuthRefused(said)


def _is_closed(flags: Sequence[str]) -> bool:
    return any(flag.lower() in ("\\noselect", "\\nonexistent") for flag in flags)


def _number(client: imaplib.IMAP4, name: str) -> int | None:
    said = client.response(name)[1]
    last = said[-1] if said else None
    return int(last) if isinstance(last, bytes) and last.isdigit() else None
