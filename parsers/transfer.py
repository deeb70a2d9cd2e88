"""Content-Transfer-Encoding undone (RFC 2045, 6), with the damage that mail takes on its way."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET))
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n")
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Undone:
    """Decoded bytes; `trouble` is a doubt's code where they may not be what was sent."""

    content: bytes
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class UuFile:
    """A uuencoded file typed into a text body: where it stands, its name and content."""

    start: int
    end: int
    name: bytes
    content: bytes


def undo(data: bytes, encoding: str) -> Undone:
    """The bytes as they were before the named encoding."""
    name = re.sub(r"[\"'\s;]", "", encoding.partition(";")[0].partition("(")[0]).lower()
    if name == "base64":
        return _base64(data)
    if name in ("quoted-printable", "quotedprintable", "qp"):
        # binascii takes bare line feeds, lower-case hex and soft breaks, and never raises
        return Undone(binascii.a2b_qp(data))
    if name in ("x-uuencode", "uuencode", "x-uue", "uue"):
        found = uu_files(data)
        return Undone(found[0].content) if found else Undone(data, "encoding_unknown")
    known = name in ("", "7bit", "8bit", "8-bit", "7-bit", "binary")
    return Undone(data, None if known else "encoding_unknown")


def pieces(data: bytes, start: int, end: int, encoding: str) -> Iterator[bytes]:
    """The same for a span too large to hold twice: decoded piece by piece."""
    is_base64 = encoding.strip().lower() == "base64"
    rest = b""
    for at in range(start, end, _PIECE):
        piece = rest + data[at : min(at + _PIECE, end)]
        if is_base64:
            piece = piece.translate(None, _FOREIGN)
            whole = len(piece) - len(piece) % 4
            piece, rest = piece[:whole], piece[whole:]
            yield binascii.a2b_base64(piece)
        else:
            whole = piece.rfind(b"\n") + 1 or len(piece)
            piece, rest = piece[:whole], piece[whole:]
            yield undo(piece, encoding).content
    if is_base64 and len(rest) % 4 != 1:
        yield binascii.a2b_base64(rest + b"=" * (-len(rest) % 4))
    elif not is_base64:
        yield undo(rest, encoding).content


def _base64(data: bytes) -> Undone:
    try:
        return Undone(binascii.a2b_base64(data.translate(None, b" \t\r\n"), strict_mode=True))
    except binascii.Error:
        return _damaged_base64(data)


def _damaged_base64(data: bytes) -> Undone:
    """Missing padding is made up for; padding in the middle means that another piece
    follows, unless it is what a gateway wrote below."""
    if _is_something_else(data):
        return Undone(data, "encoding_unknown")
    out = b""
    is_damaged = False
    for number, stretch in enumerate(re.split(rb"=+", data.strip())):
        clean = stretch.translate(None, _FOREIGN)
        is_strewn = len(clean) < len(stretch.translate(None, b" \t\r\n"))
        if number and (is_strewn or len(clean) % 4 == 1):
            is_damaged = True
            break
        is_damaged = is_damaged or is_strewn or len(clean) % 4 == 1
        if len(clean) % 4 == 1:
            clean = clean[:-1]
        out += binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
    return Undone(out, "base64_damaged" if is_damaged else None)


def _is_something_else(data: bytes) -> bool:
    """Labelled base64, plainly not it: much of it lies outside the alphabet."""
    sample = data[:_PIECE].translate(None, b" \t\r\n")
    foreign = len(sample) - len(sample.rstrip(b"=").translate(None, _FOREIGN))
    return foreign * 10 > len(sample)


def uu_files(data: bytes) -> list[UuFile]:
    """Files between `begin 644 name` and `end`, as mail programs before MIME sent them."""
    found: list[UuFile] = []
    at = 0
    while (begin := _UU_BEGIN.search(data, at)) is not None:
        end = re.compile(rb"(?m)^end[ \t]*\r?$").search(data, begin.end())
        if end is None:
            return found
        content = _uu_lines(data[begin.end() : end.start()])
        if content is not None:
            found.append(UuFile(begin.start(), end.end(), begin[1], content))
        at = end.end()
    return found


def _uu_lines(data: bytes) -> bytes | None:
    """None where the lines are no uuencoding but text that happens to begin so."""
    out = b""
    for line in data.splitlines():
        if not line.strip(b"` "):
            continue
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            try:  # trailing junk, as some encoders leave it
                out += binascii.a2b_uu(line[: wanted + 1])
            except binascii.Error:
                return None
    return out
