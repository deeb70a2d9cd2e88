"""Which letter came back and which address failed (退信对号): by token, by id, by recipient.

Pure. What a bounce says is taken apart by parsers/bounce.py; whether the address is to be
given up is the caller's to decide from the server's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Sent(Protocol):
    """A recorded letter, as far as a bounce can be about it."""

    @property
    def key(self) -> str: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def to(self) -> tuple[str, ...]: ...
    @property
    def cc(self) -> tuple[str, ...]: ...
    @property
    def subject(self) -> str: ...
    @property
    def token(self) -> str | None: ...
    @property
    def message_id(self) -> str | None: ...
    @property
    def sent_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Returned:
    """A letter that came back: `failed` are (address, status, the server's words)."""

    letter: Sent
    failed: tuple[tuple[str, str, str], ...]


def match(
    bounce: Mapping[str, Any], letters: Sequence[Sent], received_at: datetime
) -> Returned | None:
    """The letter that a bounce is about and who did not get it; None where that is not sure,
    or where a server still tries."""
    if bounce.get("delayed") and not bounce.get("failed"):
        return None
    sent = [x for x in letters if x.sent_at is not None and x.sent_at <= received_at]
    letter = _by_token(bounce, sent) or _by_id(bounce, sent) or _by_recipient(bounce, sent)
    if letter is None:
        return None
    failed = _failed(bounce, letter)
    return Returned(letter, failed) if failed else None


def _by_token(bounce: Mapping[str, Any], sent: Iterable[Sent]) -> Sent | None:
    tokens = set(bounce.get("tokens") or ())
    return _only(x for x in sent if x.token in tokens)


def _by_id(bounce: Mapping[str, Any], sent: Iterable[Sent]) -> Sent | None:
    ids = set(bounce.get("ids") or ())
    return _only(x for x in sent if x.message_id in ids)


def _by_recipient(bounce: Mapping[str, Any], sent: Iterable[Sent]) -> Sent | None:
    """The last letter to an address that failed. Mere mention of an address is enough only
    where the bounce names no other that we wrote to."""
    named = {f[0] for f in bounce.get("failed") or ()} or set(bounce.get("mentioned") or ())
    mine = [x for x in sent if named & set(_recipients(x))]
    if len({a for x in mine for a in named & set(_recipients(x))}) != 1:
        return None
    return max(mine, key=lambda x: (x.sent_at or datetime.min, x.key))


def _only(found: Iterable[Sent]) -> Sent | None:
    """A bounce of several letters at once is about none that we could name."""
    every = list(found)
    return every[0] if len(every) == 1 else None


def _recipients(letter: Sent) -> tuple[str, ...]:
    return tuple(a.lower() for a in (*letter.to, *letter.cc))


def _failed(bounce: Mapping[str, Any], letter: Sent) -> tuple[tuple[str, str, str], ...]:
    """Those of the letter's addresses that failed, with what the server said of them."""
    mine = _recipients(letter)
    reported = [(a, status, said) for a, status, said in bounce.get("failed") or ()]
    words = str(bounce.get("said") or "")
    named = [(a, status, said or words) for a, status, said in reported if a in mine]
    if named:
        return tuple(named)
    if not reported:
        mentioned = [a for a in bounce.get("mentioned") or () if a in mine]
        if mentioned:
            return tuple((a, "", words) for a in mentioned)
    if len(mine) == 1:
        # the server forwards to another address and names that one
        status, said = (reported[0][1], reported[0][2]) if reported else ("", "")
        return ((mine[0], status, said or words),)
    return ()
