"""Address cards (电子名片, .vcf) as phones and Outlook export them: vCard 2.1, 3.0 and 4.0.

RFC 6350 and, for 2.1, its quoted-printable lines with a charset (versitcard 2.1, section 2.1.3).
Only names and mail addresses are taken; everything else in a card is left alone.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.charsets import decode

_NAMES = ("FN", "N", "NICKNAME", "TITLE", "CATEGORIES", "NOTE")
_LINE = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z-]+)((?:;[^:]*)?):(.*)", re.S)
_MOST_CARDS = 5_000


@dataclass(frozen=True, slots=True)
class Card:
    """One card: its organisation with the parts of it, its other names, its mail addresses as
    written."""

    organisation: tuple[str, ...]
    names: tuple[str, ...]
    addresses: tuple[str, ...]


def read(content: bytes) -> tuple[Card, ...]:
    """The cards of a file, in order; none where it is no vCard."""
    cards: list[Card] = []
    organisation: list[str] = []
    names: list[str] = []
    addresses: list[str] = []
    for name, parameters, value in _lines(decode(content).text):
        if name == "BEGIN":
            organisation, names, addresses = [], [], []
        elif name == "END" and len(cards) < _MOST_CARDS:
            cards.append(Card(tuple(organisation), tuple(names), tuple(addresses)))
        elif name == "EMAIL":
            addresses.append(_value(parameters, value).strip().removeprefix("mailto:"))
        elif name == "ORG":
            organisation += _parts(_value(parameters, value))
        elif name in _NAMES:
            names += _parts(_value(parameters, value))
    return tuple(cards)


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    """(name, parameters, value) of each line; one is folded into lines that begin with white
    space, or, quoted-printable, behind a “=”."""
    whole: list[str] = []
    for line in text.splitlines():
        if whole and line[:1] in (" ", "\t"):
            whole[-1] += line[1:]
        elif whole and whole[-1].endswith("=") and _is_quoted(whole[-1]):
            whole[-1] = whole[-1][:-1] + line
        else:
            whole.append(line)
    for line in whole:
        found = _LINE.fullmatch(line.strip())
        if found:
            yield found[1].upper(), found[2].upper(), found[3]


def _is_quoted(line: str) -> bool:
    return "QUOTED-PRINTABLE" in line.partition(":")[0].upper()


def _value(parameters: str, value: str) -> str:
    if not _is_quoted(parameters):
        return value
    raw = quopri.decodestring(value.encode("latin-1", "replace"))
    charset = re.search(r"CHARSET=([^;]+)", parameters)
    return decode(raw, charset[1] if charset else None).text


def _parts(value: str) -> Iterator[str]:
    """The parts of a name (RFC 6350, 3.4): parted by semicolons that are not escaped."""
    for part in re.split(r"(?<!\\)[;,]", value):
        text = re.sub(r"\\(.)", r"\1", part).strip()
        if text:
            yield text
