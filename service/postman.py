"""The door to SMTP: hands one letter to the server, command by command.

The caller hears the phase before its octets leave, so that a crash at any point shows how
far the letter came: only between the final dot and the server's answer it is uncertain
whether it was sent. Pacing, retrying and deciding are the caller's.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from service.errors import ServerError
from service.tls import client_context, is_loopback
from service.watchdog import Watchdog

Phase = Callable[[str], None]
Refusal = tuple[str, int, str]

# Tencent's 550 for pace, not for the letter: "Connection/Sender frequency limited"
_TOO_FAST = re.compile(r"frequency|频率|too many|rate limit|again later|稍后再试", re.I)
_SLOWEST_BYTES_A_SECOND = 64 * 1024
_BLOCK_BYTES = 64 * 1024
_SLACK_SECONDS = 5


class PostmanError(ServerError):
    """No session could be made: surely nothing was sent.

    Tree: PostmanError > PostmanUnreachable, PostmanTls, PostmanAuthRefused, PostmanTimeout.
    """

    code = "SMTP_UNREACHABLE"


class PostmanUnreachable(PostmanError):
    """No connection, or the server is not ready to take letters now."""


class PostmanTls(PostmanError):
    """The server's certificate or its TLS is not to be trusted."""

    code = "SMTP_TLS"


class PostmanAuthRefused(PostmanError):
    """User or authorization code (授权码) refused: trying again soon locks the account."""

    code = "SMTP_AUTH_REFUSED"


class PostmanTimeout(PostmanError):
    """The server took too long before a letter was begun."""

    code = "SMTP_TIMEOUT"


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


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one letter went. retry: surely not sent; uncertain: it may have been."""

    state: Literal["sent", "retry", "refused", "uncertain"]
    code: int | None
    text: str
    refused: tuple[Refusal, ...] = ()
    """Recipients that the server did not take, with its answer, whatever the state."""


class PostmanDoor(Protocol):
    """What the outbox asks of a postman, real or a list."""

    def deliver(
        self, sender: str, recipients: Sequence[str], message: bytes, phase: Phase
    ) -> Delivery: ...

    def close(self) -> None: ...


class Postman:
    """One SMTP session for many letters, made anew when it died."""

    def __init__(self, config: PostmanConfig) -> None:
        self._config = config
        self._session: _Session | None = None

    def deliver(
        self, sender: str, recipients: Sequence[str], message: bytes, phase: Phase
    ) -> Delivery:
        """Posts one letter; `phase` is called with mail, rcpt, data and dot, each before
        the command or the octets of that name leave.

        Raises PostmanError when no session can be made. What `phase` raises passes
        through, and the letter is not sent.
        """
        session = self._ready()
        course = _Course(session, sender, tuple(recipients), message, phase)
        delivery: Delivery | None = None
        try:
            delivery = course.run()
        finally:
            if delivery is None or session.is_lost:
                self._drop()
        return delivery

    def knock(self) -> None:
        """Connects and logs in, and posts nothing; raises PostmanError."""
        self._ready()

    def close(self) -> None:
        """Says goodbye; QQ may answer that with garbage, which means nothing."""
        session, self._session = self._session, None
        if session is not None:
            session.quit()

    def _ready(self) -> _Session:
        if self._session is not None and not self._session.reset():
            self._drop()
        if self._session is None:
            self._session = _Session(self._config)
        return self._session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.drop()


class _Lost(Exception):
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


class _Session:
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
        """One command and its answer; raises _Lost when none came."""
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
        except _Lost:
            return False

    def quit(self) -> None:
        with contextlib.suppress(_Lost):
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
            raise _Lost("no answer in time" if self._watchdog.has_bitten else str(e)) from e

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


@dataclass(frozen=True, slots=True)
class _Course:
    """The way of one letter through MAIL, RCPT, DATA and the final dot (RFC 5321, 3.3)."""

    session: _Session
    sender: str
    recipients: tuple[str, ...]
    message: bytes
    phase: Phase

    def run(self) -> Delivery:
        try:
            for address in (self.sender, *self.recipients):
                _check(address)
        except ValueError as e:
            return Delivery("refused", None, str(e))
        refused: list[Refusal] = []
        try:
            stopped = self._envelope(refused) or self._content()
        except _Lost as e:
            return Delivery("retry", None, str(e), tuple(refused))
        if stopped is not None:
            return Delivery(stopped.state, stopped.code, stopped.text, tuple(refused))
        return self._dot(tuple(refused))

    def _envelope(self, refused: list[Refusal]) -> Delivery | None:
        self.phase("mail")
        size = f" SIZE={len(self.message)}" if self.session.offers("size") else ""
        code, said = self.session.say(f"MAIL FROM:<{self.sender}>{size}")
        if code != 250:
            return self._stopped(code, said)
        self.phase("rcpt")
        for address in self.recipients:
            code, said = self.session.say(f"RCPT TO:<{address}>")
            if code == 421:
                return self._stopped(code, said)
            if code not in (250, 251):
                refused.append((address, code, said))
        if len(refused) < len(self.recipients):
            return None
        # all refused: one that may be taken later makes the letter worth another try
        worst = min(refused, key=lambda r: is_final(r[1], r[2]))
        return self._stopped(worst[1], worst[2])

    def _content(self) -> Delivery | None:
        """Everything but the final dot: without it no server takes the letter."""
        self.phase("data")
        code, said = self.session.say("DATA")
        if code != 354:
            return self._stopped(code, said)
        self.session.send(_stuffed(self.message))
        return None

    def _dot(self, refused: tuple[Refusal, ...]) -> Delivery:
        self.phase("dot")
        try:
            self.session.send(b".\r\n")
            code, said = self.session.answer()
        except _Lost as e:
            return Delivery("uncertain", None, str(e), refused)
        if code == 250:
            return Delivery("sent", code, said, refused)
        if not 400 <= code < 600:  # no answer that RFC 5321 knows: nobody can say
            self.session.drop()
            return Delivery("uncertain", code, said, refused)
        stopped = self._stopped(code, said)
        return Delivery(stopped.state, code, said, refused)

    def _stopped(self, code: int, said: str) -> Delivery:
        if code == 421 or not 400 <= code < 600:
            self.session.drop()
        return Delivery("refused" if is_final(code, said) else "retry", code, said)


def is_final(code: int, said: str) -> bool:
    """Whether a server's answer is meant for good: QQ's 550 for pace is not."""
    return 500 <= code < 600 and not _TOO_FAST.search(said)


def _check(address: str) -> None:
    """What stands between the angle brackets must not be able to end the command."""
    if not address.isascii() or not re.fullmatch(
        r"[^\s<>\x00-\x1f\x7f]+@[^\s<>@\x00-\x1f\x7f]+", address
    ):
        raise ValueError(f"no address that SMTP can carry: {address!r}")


def _stuffed(message: bytes) -> bytes:
    """CRLF line ends, dots doubled at line starts, ended by a line break (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    stuffed = re.sub(rb"(?m)^\.", b"..", lines)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _answer(reply: tuple[int, bytes]) -> tuple[int, str]:
    return reply[0], _readable(reply[1])


def _readable(said: bytes | str) -> str:
    if isinstance(said, str):
        return said
    try:
        return said.decode("utf-8")
    except UnicodeDecodeError:
        return said.decode("gb18030", "replace")
