"""How the handing over of a letter ends (交寄), and the face of the postman door: pure data, one
Protocol, the errors. Outbox and the list-backed fake know the postman by this file alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from service.errors import ServerError

Phase = Callable[[str], None]
"""Hears mail, rcpt, data and dot, each before the command or the octets of that name leave."""
Refusal = tuple[str, int, str]
"""A recipient that the server did not take: address, code and words of its answer."""

# Tencent's 550 for pace, not for the letter: "Connection/Sender frequency limited"
_TOO_FAST = re.compile(r"frequency|频率|too many|rate limit|again later|稍后再试", re.I)


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


def is_final(code: int, said: str) -> bool:
    """Whether a server's answer is meant for good: QQ's 550 for pace is not."""
    return 500 <= code < 600 and not _TOO_FAST.search(said)
