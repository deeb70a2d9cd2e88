"""The door to SMTP: hands one letter to the server, command by command.

The caller hears the phase before its octets leave, so that a crash at any point shows how
far the letter came: only between the final dot and the server's answer it is uncertain
whether it was sent. Pacing, retrying and deciding are the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.posting import (
    Delivery,
    Phase,
    PostmanAuthRefused,
    PostmanDoor,
    PostmanError,
    PostmanTimeout,
    PostmanTls,
    PostmanUnreachable,
    Refusal,
    is_final,
)
from service.smtp import Lost, PostmanConfig, SmtpSession

__all__ = [
    "Delivery",
    "Postman",
    "PostmanAuthRefused",
    "PostmanConfig",
    "PostmanDoor",
    "PostmanError",
    "PostmanTimeout",
    "PostmanTls",
    "PostmanUnreachable",
    "is_final",
]


class Postman:
    """One SMTP session for many letters, made anew when it died."""

    def __init__(self, config: PostmanConfig) -> None:
        self._config = config
        self._session: SmtpSession | None = None

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

    def _ready(self) -> SmtpSession:
        if self._session is not None and not self._session.reset():
            self._drop()
        if self._session is None:
            self._session = SmtpSession(self._config)
        return self._session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.drop()


@dataclass(frozen=True, slots=True)
class _Course:
    """The way of one letter through MAIL, RCPT, DATA and the final dot (RFC 5321, 3.3)."""

    session: SmtpSession
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
        except Lost as e:
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
        except Lost as e:
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
