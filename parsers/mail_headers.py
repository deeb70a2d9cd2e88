"""The header block of a mail or part, cut into names and raw values under caps.

Pure and linear in the bytes: the standard library's policy.default takes seconds over a
few kilobytes of quotes. Values stay bytes; parsers/encoded_words.py makes them readable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from parsers import limits
from parsers.charsets import decode
from parsers.encoded_words import readable

_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
# RFC 5322, 2.2 allows ASCII only; gateways of government mail write 密级: all the same
_FOREIGN_NAME = re.compile(rb"([^\x00-\x20:]{0,40}[\x80-\xff][^\x00-\x20:]{0,40}):[ \t]")
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*")
# a broken fold or a stray line may stand between headers; these names show that they go on
_SURELY_HEADER = re.compile(
    rb"(?:content-|mime-version|x-|date|from|to|cc|subject|message-id|received|reply-to|"
    rb"return-path|in-reply-to|references|dkim-|sender)[!-9;-~]*[ \t]*:",
    re.I,
)
_FOLLOWING = 8


@dataclass(frozen=True, slots=True)
class Headers:
    """Headers in their order; `was_cut` where a cap was passed."""

    pairs: tuple[tuple[str, bytes], ...]
    was_cut: bool = False
    by_name: Mapping[str, list[bytes]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[bytes]] = {}
        for name, raw in self.pairs:
            by_name.setdefault(name.lower(), []).append(raw)
        object.__setattr__(self, "by_name", by_name)

    def all(self, name: str) -> tuple[bytes, ...]:
        return tuple(self.by_name.get(name.lower(), ()))

    def first(self, name: str) -> bytes | None:
        return next(iter(self.all(name)), None)

    def text(self, name: str) -> str:
        """The first header of that name, readable; empty where there is none."""
        raw = self.first(name)
        return "" if raw is None else readable(raw).text


def split(data: bytes, start: int = 0, end: int | None = None) -> tuple[Headers, int]:
    """The headers from `start`, and where the body begins.

    The block ends at the first empty line, or where a line is plainly no header any more
    (then that line belongs to the body, as with a missing empty line).
    """
    stop = len(data) if end is None else end
    lines: list[tuple[str, list[bytes]]] = []
    start = start or _beginning(data)
    at, size, was_cut = start, 0, False
    while at < stop:
        line_end = data.find(b"\n", at, stop)
        following = stop if line_end < 0 else line_end + 1
        length = following - at
        line = data[at : min(following, at + limits.HEADER_BYTES)]
        if not line.strip(b"\r\n"):
            at = following
            break
        if not _take(line, lines, data, following, stop, is_first=at == start):
            break
        size += length
        was_cut = was_cut or length > limits.HEADER_BYTES
        at = following
        if size > limits.HEADERS_BYTES:
            return _headers(lines, True), _after_block(data, at, stop)
    return _headers(lines, was_cut), at


def _beginning(data: bytes) -> int:
    """Past a byte order mark and empty lines that some program put before the first header."""
    before = _BEFORE.match(data)
    end = before.end() if before else 0
    return end if end and _NAME.match(data, end) else 0


def mentions(head: bytes, token: str) -> bool:
    """Whether Subject, Message-ID or X-OQ-MSGID of this header block bears the token."""
    headers, _ = split(head)
    return any(
        token in readable(raw).text
        for name in ("Subject", "Message-ID", "X-OQ-MSGID")
        for raw in headers.all(name)
    )


def _take(
    line: bytes,
    lines: list[tuple[str, list[bytes]]],
    data: bytes,
    following: int,
    stop: int,
    *,
    is_first: bool,
) -> bool:
    """Adds a line to the headers; False where the body has begun without an empty line."""
    if line[:1] in (b" ", b"\t"):
        if lines:
            lines[-1][1].append(line)
        return True
    match = _NAME.match(line)
    if match:
        lines.append((decode(match[1]).text, [line[match.end() :]]))
        return True
    if is_first and line.startswith((b"From ", b">From ")):
        return True  # the separator line of an mbox
    if not _headers_follow(data, following, stop):
        return False
    foreign = _FOREIGN_NAME.match(line)
    if foreign:
        lines.append((decode(foreign[1]).text, [line[foreign.end() :]]))
    elif lines:
        lines[-1][1].append(b" " + line)
    return True


def _headers_follow(data: bytes, at: int, stop: int) -> bool:
    for _ in range(_FOLLOWING):
        line_end = data.find(b"\n", at, min(stop, at + 2000))
        line = data[at : line_end if line_end >= 0 else min(stop, at + 2000)]
        if not line.strip(b"\r"):
            return False
        if _SURELY_HEADER.match(line):
            return True
        if line_end < 0:
            return False
        at = line_end + 1
    return False


def _headers(lines: list[tuple[str, list[bytes]]], was_cut: bool) -> Headers:
    pairs = []
    for name, pieces in lines:
        value = b"".join(pieces)
        was_cut = was_cut or len(value) > limits.HEADER_BYTES
        pairs.append((name, value[: limits.HEADER_BYTES].strip()))
    return Headers(tuple(pairs), was_cut)


def _after_block(data: bytes, at: int, stop: int) -> int:
    """Past the rest of a block that is too large to read."""
    found = re.compile(rb"\r?\n\r?\n").search(data, at - 1, stop)
    return found.end() if found else stop
