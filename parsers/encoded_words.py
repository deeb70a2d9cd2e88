"""Header text: RFC 2047 encoded-words as they are really sent, and raw bytes between them.

Characters cut between two words, missing padding, words inside quotes, words glued to
text: all occur in Chinese mail and all are read. What is no encoded-word stays as it is.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.charsets import Decoded, codec, decode

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_FOLD = re.compile(r"(?:\r\n|\n|\r)(?=[ \t])")
# a relay folds by the byte, also within a character
_FOLDED = re.compile(rb"\r?\n[ \t]")
# Unicode UAX 9: what turns the order of signs, and shows a name's end at its beginning
_TURNS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class _Word:
    charset: str
    is_base64: bool
    payload: str
    source: str


def readable(raw: bytes) -> Decoded:
    """A header's value as people should see it: unfolded, decoded, in one line."""
    plain = raw_text(raw)
    words = decode_words(unfold(plain.text))
    return Decoded(straight(words.text).strip(), plain.lost or words.lost)


def raw_text(raw: bytes) -> Decoded:
    """A header's bytes as text, still folded unless a fold stood within a character."""
    plain = decode(raw)
    if plain.lost and b"\n" in raw:
        joined = decode(_FOLDED.sub(b"", raw))
        return plain if joined.lost else joined
    return plain


def straight(text: str) -> str:
    """Text without the signs that turn its order: a name ends as it says that it ends."""
    return _TURNS.sub("", text)


def unfold(value: str) -> str:
    """RFC 5322, 2.2.3; a line break without white space after it was a broken fold."""
    return re.sub(r"[\r\n]+", " ", _FOLD.sub("", value)).replace("\0", "\ufffd")


def decode_words(value: str) -> Decoded:
    """Text with its encoded-words read; white space between two words is not text."""
    if "=?" not in value:
        return Decoded(value)
    out: list[str] = []
    run: list[_Word] = []
    lost = b""
    for piece in _pieces(value):
        if isinstance(piece, _Word):
            run.append(piece)
        elif not run or piece.strip():
            lost = _flush(run, out) or lost
            out.append(piece)
        else:
            run.append(_Word("", False, "", piece))  # white space: dropped if a word follows
    lost = _flush(run, out) or lost
    return Decoded("".join(out), lost)


def _pieces(value: str) -> Iterator[str | _Word]:
    """Splits in one pass: a regular expression would go back over hostile headers."""
    at = 0
    start = value.find("=?")
    while start >= 0:
        word = _word_at(value, start)
        if word is None:
            start = value.find("=?", start + 1)
            continue
        if start > at:
            yield value[at:start]
        yield word
        at = start + len(word.source)
        start = value.find("=?", at)
    if at < len(value):
        yield value[at:]


def _word_at(value: str, start: int) -> _Word | None:
    mark = value.find("?", start + 2, start + 80)
    if mark < 0 or value[mark + 2 : mark + 3] != "?" or value[mark + 1] not in "bBqQ":
        return None
    end = value.find("?=", mark + 3)
    if end < 0:
        return None
    charset = value[start + 2 : mark]
    if not charset or re.search(r"[\s\"=]", charset):
        return None
    is_base64 = value[mark + 1] in "bB"
    return _Word(charset, is_base64, value[mark + 3 : end], value[start : end + 2])


def _flush(run: list[_Word], out: list[str]) -> bytes:
    """Decodes a run of words of one charset together: a character may lie across two."""
    tail = ""
    while run and run[-1].charset == "":
        tail = run.pop().source + tail
    words = [w for w in run if w.charset]
    run.clear()
    lost = b""
    for some in _by_charset(words):
        decoded = _decode_run(some)
        out.append(decoded.text)
        lost = lost or decoded.lost
    if tail:
        out.append(tail)
    return lost


def _by_charset(words: list[_Word]) -> Iterator[list[_Word]]:
    some: list[_Word] = []
    for word in words:
        if some and codec(some[-1].charset) != codec(word.charset):
            yield some
            some = []
        some.append(word)
    if some:
        yield some


def _decode_run(words: list[_Word]) -> Decoded:
    readings = [b"".join(_bytes(w) for w in words)]
    if len(words) > 1 and all(w.is_base64 for w in words):
        # some senders cut the base64 text itself, not the characters
        readings.append(base64_bytes("".join(w.payload for w in words)))
    decoded = [decode(r, words[0].charset) for r in readings]
    best = next((d for d in decoded if not d.lost), decoded[0])
    if not any(readings) and any(w.payload.strip() for w in words):
        return Decoded("".join(w.source for w in words))
    return best


def _bytes(word: _Word) -> bytes:
    if word.is_base64:
        return base64_bytes(word.payload)
    payload = word.payload.replace("_", " ").encode("utf-8", "surrogatepass")
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), payload)


def base64_bytes(payload: str) -> bytes:
    """Base64 with whatever is missing or strewn in; padding in the middle starts anew."""
    out = b""
    for stretch in re.split(r"=+", payload):
        clean = _NOT_BASE64.sub("", stretch)
        if len(clean) % 4 == 1:
            clean = clean[:-1]
        out += binascii.a2b_base64(clean + "=" * (-len(clean) % 4))
    return out
