"""One SMTP connection that is logged in: the inner half of the postman door.

smtplib is the transport. Every command has an overall deadline, and every foreign error leaves
as a PostmanError before a letter is begun, as Lost in the middle of one.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from service.posting import (
    PostmanAuthRefused,
    PostmanError,
    PostmanTimeout,
    PostmanTls,
    PostmanUnreachable,
)
from service.tls import client_context, is_loopback
from service.watchdog import Watchdog

_SLOWEST_BYTES_A_SECOND = 64 * 1024
_BLOCK_BYTES = 64 * 1024
_SLACK_SECONDS = 5


@dataclass(frozen=True, slots=True)
class PostmanConfig:
    """Where letters are posted. `tls` may be "none" on loopback only."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ssl_context: ssl.SSLContext | None = None
    timeout_seconds: float = 60.0
    """For each command; a large letter gets longer, by its size."""
    helo: str = "localhost"


class Lost(Exception):
    """The connection broke or the server broke off in the middle of a letter."""


class _Client(smtplib.SMTP):
    """smtplib's client with a guarded, verified handshake."""

    def __init__(self, config: PostmanConfig, watchdog: Watchdog) -> None:
        self._config = config
        self._watchdog = watchdog
        super().__init__(local_hostname=config.helo, timeout=config.timeout_seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        # the final dot goes out by itself: Nagle would hold it for the peer's delayed ACK (40 ms)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # from here the watchdog is the deadline; it must be the first to bite
        sock.settimeout(timeout + _SLACK_SECONDS)
        self._watchdog.guard(sock)
        return self._wrapped(sock) if self._config.tls == "implicit" else sock

    def secure(self) -> None:
        """Goes on in TLS after STARTTLS; what the server said before it counts no more."""
        if self.sock is not None:
            self.sock = self._wrapped(self.sock)
        self.file = None
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def _wrapped(self, sock: socket.socket) -> ssl.SSLSocket:
        context = self._config.ssl_context or client_context()
        return self._watchdog.wrapped(sock, context, self._config.host)


class SmtpSession:
    """A connection that is logged in; `is_lost` once nothing more can be said on it."""

    def __init__(self, config: PostmanConfig) -> None:
        if config.tls == "none" and not is_loopback(config.host):
            raise PostmanTls("no letters without TLS except on loopback")
        self._config = config
        self._watchdog = Watchdog()
        self._client = _Client(config, self._watchdog)
        self.is_lost = False
        try:
            self._open()
        except (OSError, smtplib.SMTPException, ValueError) as e:
            self.drop()
            raise self._ours(e) from e

    def say(self, command: str) -> tuple[int, str]:
        """One command and its answer; raises Lost when none came."""
        with self._talk(0):
            return _answer(self._client.docmd(command))

    def send(self, octets: bytes) -> None:
        with self._talk(len(octets)):
            for start in range(0, len(octets), _BLOCK_BYTES):
                self._client.send(octets[start : start + _BLOCK_BYTES])

    def answer(self) -> tuple[int, str]:
        with self._talk(0):
            return _answer(self._client.getreply())

    def offers(self, extension: str) -> bool:
        return self._client.has_extn(extension)

    def reset(self) -> bool:
        """Whether the session is still good for another letter."""
        try:
            return not self.is_lost and self.say("RSET")[0] == 250
        except Lost:
            return False

    def quit(self) -> None:
        with contextlib.suppress(Lost):
            if not self.is_lost:
                self.say("QUIT")
        self.drop()

    def drop(self) -> None:
        self.is_lost = True
        with contextlib.suppress(OSError):
            self._client.close()

    def _open(self) -> None:
        with self._watchdog.within(self._config.timeout_seconds):
            code, said = self._client.connect(self._config.host, self._config.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            self._client.ehlo_or_helo_if_needed()
        if self._config.tls == "starttls":
            self._start_tls()
        if self._config.user:
            with self._watchdog.within(self._config.timeout_seconds):
                self._login()

    def _start_tls(self) -> None:
        with self._watchdog.within(self._config.timeout_seconds):
            code, said = self._client.docmd("STARTTLS")
            if code != 220:  # going on in the clear would give the code away
                raise ssl.SSLError(f"STARTTLS answered {code} {_readable(said)}")
            self._client.secure()
            self._client.ehlo_or_helo_if_needed()

    def _login(self) -> None:
        """One mechanism, one try: smtplib's login() would try three and be locked out."""
        client = self._client
        client.user, client.password = self._config.user, self._config.password
        offered = client.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            client.auth("PLAIN", client.auth_plain)
        elif "LOGIN" in offered:
            client.auth("LOGIN", client.auth_login)
        else:
            raise smtplib.SMTPNotSupportedError("the server offers neither PLAIN nor LOGIN")

    @contextlib.contextmanager
    def _talk(self, size: int) -> Iterator[None]:
        seconds = self._config.timeout_seconds + size / _SLOWEST_BYTES_A_SECOND
        try:
            with self._watchdog.within(seconds):
                yield
        except (OSError, smtplib.SMTPException, ValueError) as e:
            self.is_lost = True
            raise Lost("no answer in time" if self._watchdog.has_bitten else str(e)) from e

    def _ours(self, error: Exception) -> PostmanError:
        said = str(error)
        if self._watchdog.has_bitten or isinstance(error, TimeoutError):
            return PostmanTimeout("no answer in time")
        if isinstance(error, smtplib.SMTPAuthenticationError):
            said = f"{error.smtp_code} {_readable(error.smtp_error)}"
            # one text of QQ covers a wrong code and too many logins: both forbid trying on
            return PostmanUnreachable(said) if error.smtp_code < 500 else PostmanAuthRefused(said)
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            return PostmanTls(said)
        return PostmanUnreachable(said)


def _answer(reply: tuple[int, bytes]) -> tuple[int, str]:
    return reply[0], _readable(reply[1])


def _readable(said: bytes | str) -> str:
    if isinstance(said, str):
        return said
    try:
        return said.decode("utf-8")
    except UnicodeDecodeError:
        return said.decode("gb18030", "replace")
