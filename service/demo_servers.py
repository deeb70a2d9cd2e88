"""An IMAP server and an SMTP sink inside this process, on loopback: for the demo and tests.

Nothing here runs in service. pymap's internals are used, so its version is pinned.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import ssl
import threading
import weakref
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import DictBackend, Identity
from pymap.imap import IMAPServer, IMAPService
from pymap.parsing.message import AppendMessage
from pymap.user import Passwords, UserMetadata

from service.clock import SystemClock

T = TypeVar("T")
LOOPBACK = "127.0.0.1"
_START_SECONDS = 30
_MAIL_BYTES = 70 * 1024 * 1024

# aiosmtpd says on every login that a name of its own will go in its next version
logging.getLogger("mail.log").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The PEM files that a server shows its clients."""

    cert: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


class _Loop:
    """An event loop in a thread of its own; `with` starts and stops what runs on it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Self:
        self._thread.start()
        self._call(self._up())
        return self

    def stop(self) -> None:
        if not self._loop.is_closed() and self._thread.is_alive():
            self._call(self._down())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_START_SECONDS)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def _up(self) -> None:
        raise NotImplementedError

    async def _down(self) -> None:
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.01)  # transports close in callbacks of the loop

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_SECONDS)


class EmbeddedImap(_Loop):
    """pymap with mails in memory; `users` maps names to passwords, `port` is free if 0."""

    def __init__(
        self, users: Mapping[str, str], tls: TlsFiles | None = None, port: int = 0
    ) -> None:
        super().__init__()
        self.port = port
        self._users = dict(users)
        self._tls = tls
        self._writers: list[asyncio.StreamWriter] = []

    def deliver(
        self, user: str, raw: bytes, folder: str = "INBOX", when: datetime | None = None
    ) -> None:
        """Puts a mail into a folder (made if need be); `when` is its INTERNALDATE."""
        self._call(self._append(user, raw, folder, when or SystemClock().now()))

    async def _up(self) -> None:
        backend, config = await self._backend()
        self._login = backend.login
        hasher = Passwords(config)
        for user, password in list(self._users.items())[1:]:  # the first is there already
            hashed = await hasher.hash_password(password)
            identity = Identity(user, self._login, None, frozenset())
            await identity.set(UserMetadata(config, user, password=hashed))
        self._stack = contextlib.AsyncExitStack()
        await backend.start(self._stack)
        reader = ProxyProtocolReader(ProxyProtocolVersion.get("noop"))
        answer = reader.get_callback(IMAPServer(backend.login, config))

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.append(writer)
            await answer(reader, writer)

        self._server = await asyncio.start_server(
            connected,
            LOOPBACK,
            self.port,
            ssl=self._tls.context() if self._tls else None,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _backend(self) -> tuple[Any, Any]:
        """pymap is configured by its command line; it wants one user from there."""
        parser = argparse.ArgumentParser()
        IMAPService.add_arguments(parser)
        arguments = parser.parse_args(["--host", LOOPBACK, "--port", "0", "--no-tls"])
        user, password = next(iter(self._users.items()))
        for name, value in {
            "demo_data": False,
            "demo_user": user,
            "demo_password": password,
            "passlib_cfg": None,
            "debug": False,
        }.items():
            setattr(arguments, name, value)
        backend, config = await DictBackend.init(arguments, invalid_user_sleep=0.0)
        config.apply_context()
        return backend, config

    async def _append(self, user: str, raw: bytes, folder: str, when: datetime) -> None:
        identity = Identity(user, self._login, None, frozenset())
        async with identity.new_session() as session:
            if folder != "INBOX":
                with contextlib.suppress(ValueError):  # it is there already
                    await session.mailbox_set.add_mailbox(folder)
            mailbox = await session.mailbox_set.get_mailbox(folder)
            await mailbox.append(AppendMessage(raw, when, frozenset()), recent=True)

    async def _down(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await super()._down()
        await self._stack.aclose()


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that the sink accepted: from this moment its sender knows that it is sent."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class SmtpSink(_Loop):
    """Takes every letter and keeps it in `taken`; with `users` it wants a login first."""

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        tls: TlsFiles | None = None,
        port: int = 0,
        starttls: TlsFiles | None = None,
    ) -> None:
        super().__init__()
        self.port = port
        self.taken: list[Taken] = []
        self._users = dict(users or {})
        self._tls = tls
        self._starttls = starttls
        self._open: weakref.WeakSet[SMTP] = weakref.WeakSet()

    async def _up(self) -> None:
        self._server = await self._loop.create_server(
            self._connected, LOOPBACK, self.port, ssl=self._tls.context() if self._tls else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def _connected(self) -> SMTP:
        protocol = self.protocol()
        self._open.add(protocol)
        return protocol

    def protocol(self) -> SMTP:
        """One connection; a faulty sink makes its own kind."""
        return SMTP(self, **self.options())

    def options(self) -> dict[str, Any]:
        return {
            "hostname": "sink.example",
            "ident": "sink",
            "loop": self._loop,
            "data_size_limit": _MAIL_BYTES,
            "authenticator": self._authenticate if self._users else None,
            "auth_require_tls": self._starttls is not None,
            "tls_context": self._starttls.context() if self._starttls else None,
            "require_starttls": self._starttls is not None,
        }

    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if self._users and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)  # decode_data is off
        self.taken.append(Taken(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        return "250 2.0.0 Ok: queued"

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        known = isinstance(data, LoginPassword) and (
            self._users.get(data.login.decode()) == data.password.decode()
        )
        refusal = "535 Login Fail. Please enter your authorization code to login."
        return AuthResult(success=known, handled=known, message=None if known else refusal)

    async def _down(self) -> None:
        self._server.close()
        for protocol in self._open:
            if isinstance(protocol.transport, asyncio.Transport):
                protocol.transport.abort()
        await super()._down()
