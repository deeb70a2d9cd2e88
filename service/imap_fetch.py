"""FETCH responses as imaplib hands them over, read without trusting their order.

Pure. imaplib gives a flat list in which a response with literals is a run of
(text, literal) pairs ended by plain bytes; the UID may stand before or after the literal,
and responses that nobody asked for (another client's flags) stand in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_UID = re.compile(rb"\bUID (\d+)", re.I)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.I)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]*)"', re.I)
_BODY = re.compile(rb"\bBODY\[[^\]]*\](?:<\d+>)? \{\d+\}$", re.I)
_QUOTED_BODY = re.compile(rb'\bBODY\[[^\]]*\](?:<\d+>)? (?:"((?:[^"\\]|\\.)*)"|NIL)', re.I)
_MONTHS = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
_INTERNALDATE = re.compile(
    rb"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4})\s+(\d\d):(\d\d):(\d\d)\s+([+-])(\d\d)(\d\d)"
)

Item = bytes | tuple[bytes, bytes] | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one FETCH response says of one mail; what it does not say is None."""

    uid: int
    size: int | None = None
    internaldate: datetime | None = None
    body: bytes | None = None


def fetched(items: Sequence[Item]) -> dict[int, Fetched]:
    """The responses by UID; those without a UID belong to nothing that we asked for."""
    found: dict[int, Fetched] = {}
    for texts, literals in _responses(items):
        told = _one(texts, literals)
        if told is not None:
            found[told.uid] = _merge(found.get(told.uid), told)
    return found


def _responses(items: Sequence[Item]) -> Iterator[tuple[list[bytes], list[bytes]]]:
    texts: list[bytes] = []
    literals: list[bytes] = []
    for item in items:
        if isinstance(item, tuple):
            texts.append(item[0])
            literals.append(item[1])
            continue
        texts.append(item or b"")
        yield texts, literals
        texts, literals = [], []


def _one(texts: list[bytes], literals: list[bytes]) -> Fetched | None:
    words = b" ".join(texts)
    uid = _UID.search(words)
    if uid is None:
        return None
    size = _SIZE.search(words)
    date = _DATE.search(words)
    return Fetched(
        int(uid[1]),
        int(size[1]) if size else None,
        internaldate(date[1]) if date else None,
        _body(texts, literals),
    )


def _body(texts: list[bytes], literals: list[bytes]) -> bytes | None:
    for text, literal in zip(texts, literals, strict=False):
        if _BODY.search(text):
            return literal
    for text in texts:
        quoted = _QUOTED_BODY.search(text)
        if quoted:
            return re.sub(rb"\\(.)", rb"\1", quoted[1] or b"")
    return None


def _merge(old: Fetched | None, new: Fetched) -> Fetched:
    if old is None:
        return new
    return Fetched(
        new.uid,
        old.size if new.size is None else new.size,
        old.internaldate if new.internaldate is None else new.internaldate,
        old.body if new.body is None else new.body,
    )


def internaldate(said: bytes) -> datetime | None:
    """RFC 3501 date-time, in Shanghai time; None where it is not one."""
    match = _INTERNALDATE.match(said)
    if match is None or match[2].lower() not in _MONTHS:
        return None
    day, month, year = int(match[1]), _MONTHS.index(match[2].lower()) + 1, int(match[3])
    offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
    try:
        zone = timezone(-offset if match[7] == b"-" else offset)
        then = datetime(year, month, day, int(match[4]), int(match[5]), int(match[6]), tzinfo=zone)
        return then.astimezone(UTC).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        return None


def uid_set(uids: Iterable[int]) -> str:
    """UIDs as an ascending set with ranges: QQ answers BAD to a descending one."""
    runs: list[list[int]] = []
    for uid in sorted(set(uids)):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)


def searched(items: Sequence[Item], above: int) -> list[int]:
    """UIDs of a SEARCH answer above the cursor, ascending: `n:*` gives the last mail even
    where its UID is below n (RFC 3501, 6.4.8)."""
    uids: set[int] = set()
    for item in items:
        for word in (item if isinstance(item, bytes) else b"").split():
            if not word.isdigit():
                break  # "(MODSEQ 7)" may follow the numbers
            uids.add(int(word))
    return sorted(uid for uid in uids if uid > above)
