"""The demo's SMTP sink with scripted faults: a server on a bad day.

sink.script("RCPT", "450 4.2.0 later")            one answer to one command, then normal
sink.script("RCPT", "550 5.1.1 nobody", when="lost@", times=-1)
sink.script("CONNECT", "421 4.3.2 busy")
sink.script("DATA", "CUT")                        cut instead of an answer
sink.script("BODY", "CUT")                        cut before the final dot is answered, not taken
sink.script("DOT", "CUT")                         taken, then cut
sink.script("DOT", "STALL")                       taken, then silence
sink.script("QUIT", "garbage")
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from service.demo_servers import SmtpSink, TlsFiles

_ABORT = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class _Rule:
    command: str
    answer: str
    when: str
    times: int


class FaultySmtp(SmtpSink):
    """`taken` holds what the server really accepted, `commands` what it heard."""

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        tls: TlsFiles | None = None,
        starttls: TlsFiles | None = None,
    ) -> None:
        super().__init__(users, tls, 0, starttls)
        self.commands: list[str] = []
        self._rules: list[_Rule] = []

    def script(self, command: str, answer: str, *, when: str = "", times: int = 1) -> None:
        self._rules.append(_Rule(command, answer, when, times))

    def clear(self) -> None:
        self._rules.clear()
        self.taken.clear()
        self.commands.clear()

    def protocol(self) -> SMTP:
        return _Faulty(self, **self.options())

    def next_fault(self, command: str, argument: str) -> str | None:
        self.commands.append(command)
        for rule in self._rules:
            if rule.command == command and rule.times and rule.when in argument:
                rule.times -= 1
                return rule.answer
        return None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(server, _Faulty)
        refusal = await server.fault("BODY")
        if refusal is not None:
            return refusal
        answer = await super().handle_DATA(server, session, envelope)
        return await server.fault("DOT") or answer


class _Faulty(SMTP):
    def __init__(self, sink: FaultySmtp, **options: Any) -> None:
        self._sink = sink
        super().__init__(sink, **options)

    async def fault(self, command: str, argument: str = "") -> str | None:
        """The scripted answer, if it is one; cuts and delays happen here."""
        answer = self._sink.next_fault(command, argument)
        if answer == "CUT":
            self._cut()
        if answer == "STALL":
            await asyncio.sleep(60)
        if answer is not None and answer.startswith("SLOW:"):
            await asyncio.sleep(float(answer[5:]))
            return None
        return answer

    def _cut(self) -> None:
        assert self.transport is not None
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self.transport.abort()
        raise asyncio.CancelledError

    async def _answered(self, command: str, argument: str) -> bool:
        answer = await self.fault(command, argument)
        if answer is None:
            return False
        await self.push(answer)
        if answer.startswith("421"):
            assert self.transport is not None
            self.transport.close()
            raise asyncio.CancelledError
        return True

    async def _handle_client(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            if await self._answered("CONNECT", ""):
                assert self.transport is not None
                self.transport.close()
            else:
                await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._answered("EHLO", hostname):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> bool | None:
        if await self._answered("STARTTLS", arg or ""):
            return None
        return await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self._answered("AUTH", arg or ""):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self._answered("MAIL", arg or ""):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._answered("RCPT", arg or ""):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._answered("DATA", arg or ""):
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:
        if not await self._answered("RSET", arg or ""):
            await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        if not await self._answered("QUIT", arg or ""):
            await super().smtp_QUIT(arg)
