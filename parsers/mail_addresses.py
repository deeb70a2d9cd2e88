"""Mailboxes of an address header, structure before decoding: who claims to write.

A display name decodes only after the structure is known, so nothing inside it can become
an address. Whoever hides a second address in a header is seen as two senders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parsers.charsets import decode
from parsers.encoded_words import decode_words, straight, unfold

Mailbox = tuple[str, str]

_WORD = re.compile(r"=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s]*\?=")
_ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
_MOST = 500


@dataclass(slots=True)
class _Entry:
    """What stands between two commas."""

    phrase: list[tuple[str, bool]] = field(default_factory=list)
    """(text, may hold an address) pieces outside the angle brackets."""
    angles: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def mailboxes(raw: bytes) -> tuple[Mailbox, ...]:
    """(display name, address) of every mailbox in an address list (RFC 5322, 3.4)."""
    text = unfold(decode(raw).text)
    found: list[Mailbox] = []
    for entry in _entries(text)[:_MOST]:
        found += _mailboxes_of(entry)
    return tuple(found)


def _entries(text: str) -> list[_Entry]:
    entries = [_Entry()]
    at = 0
    while at < len(text):
        entry, char = entries[-1], text[at]
        word = _WORD.match(text, at) if char == "=" else None
        if word:
            entry.phrase.append((word[0], False))
            at = word.end()
        elif char == '"':
            inside, at = _until(text, at + 1, '"')
            if text[at : at + 1] == "@":  # a quoted local part, not a name
                rest = re.match(r"@[^\s<>,;]+", text[at:])
                entry.phrase.append((f'"{inside}"{rest[0] if rest else ""}', True))
                at += rest.end() if rest else 0
            else:
                entry.phrase.append((inside, False))
        elif char == "(":
            inside, at = _comment(text, at + 1)
            entry.comments.append(inside)
        elif char == "<":
            inside, at = _until(text, at + 1, ">")
            entry.angles.append(inside)
        elif char in ",;":
            entries.append(_Entry())
            at += 1
        elif char == ":" and not entry.angles:
            entry.phrase.clear()  # the name of a group (RFC 5322, 3.4)
            at += 1
        else:
            plain = re.compile(r"[^=\"(<,;:]+|=").match(text, at)
            piece = plain[0] if plain else char
            entry.phrase.append((piece, True))
            at += len(piece)
    return entries


def _until(text: str, at: int, mark: str) -> tuple[str, int]:
    """What stands before the closing mark, with backslash escapes; all that is left where
    it is missing."""
    out: list[str] = []
    while at < len(text) and text[at] != mark:
        if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in '"\\':
            at += 1
        out.append(text[at])
        at += 1
    return "".join(out), at + 1


def _comment(text: str, at: int) -> tuple[str, int]:
    depth, start = 1, at
    while at < len(text) and depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return text[start : at - (0 if depth else 1)], at


def _mailboxes_of(entry: _Entry) -> list[Mailbox]:
    loose = "".join(piece if may else " " for piece, may in entry.phrase)
    named = [_clean(found) for found in _loose_addresses(loose)]
    angles = [_clean(a.rpartition(":")[2] if a.startswith("@") else a) for a in entry.angles]
    angles = [a for a in angles if "@" in a]
    if angles:
        name = _name(entry.phrase) or _readable(" ".join(entry.comments))
        others = [a for a in named if a not in angles]
        return [(name, a) for a in angles] + [("", a) for a in others]
    if named:
        name = _readable(" ".join(entry.comments))
        quoted = _readable("".join(p for p, may in entry.phrase if not may))
        return [(name or quoted, a) for a in named]
    return []


def _loose_addresses(text: str) -> list[str]:
    """Addresses outside angle brackets; a quoted local part belongs to its address."""
    quoted = re.findall(r'"[^"]*"@[^\s<>,;]+', text)
    return quoted + _ADDRESS.findall(re.sub(r'"[^"]*"@[^\s<>,;]+', " ", text))


def _name(phrase: list[tuple[str, bool]]) -> str:
    return _readable(" ".join("".join(piece for piece, _ in phrase).split()))


def _readable(name: str) -> str:
    return " ".join(straight(decode_words(name).text).split()).strip("\"'")


def _clean(address: str) -> str:
    """Lower case, no white space; a control character never vanishes into a known address."""
    address = re.sub(r"[\x00-\x08\x0e-\x1f\x7f]", "\ufffd", address)
    return re.sub(r"\s+", "", address).rstrip(".").lower()
