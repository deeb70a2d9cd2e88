"""What comes out of a container, and how much may come out of all of them together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from parsers import limits
from parsers.looks import Looks
from parsers.types import Doubt, Outcome, OverLimit

_SYSTEM = re.compile(
    r"(^|/)(__MACOSX/|\._|~\$|\.~|(\.DS_Store|Thumbs\.db|desktop\.ini)$)", re.IGNORECASE
)
_OUTCOMES: dict[str, Outcome] = {
    "damaged_entry": "damaged",
    "encrypted": "encrypted",
    "ignored_entry": "ignored",
    "part_too_large": "over_limit",
}
_RATIO_FROM = limits.MIB
"""Below this nobody is hurt: a small file of one letter packs a thousandfold."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry. `content` is None where it was not taken out: then `outcome` is how it
    ends, and a doubt says why."""

    name: str
    content: bytes | None = field(repr=False)
    doubts: tuple[Doubt, ...] = ()
    outcome: Outcome = "ignored"


@dataclass(slots=True)
class Budget:
    """What is left of bytes and entries, and what the pictures showed; shared by a container
    and all within it."""

    bytes_left: int = limits.ARCHIVE_BYTES
    entries_left: int = limits.ARCHIVE_ENTRIES
    depth: int = 0
    mails: int = 0
    """How many mails deep we are within the one that came."""
    pictures_left: int = limits.OCR_PICTURES
    seen: dict[str, tuple[Looks, ...]] = field(default_factory=dict, repr=False)
    """What was looked at in pictures, by the sha256 of the file they are or stand in."""

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """While the members of a container are read: a container in them is one deeper."""
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def in_mail(self) -> Iterator[None]:
        """While the parts of a mail within a file are read; raises OverLimit when it is
        nested too deep."""
        if self.mails >= limits.MAIL_DEPTH:
            raise OverLimit("mails_too_deep", limit=limits.MAIL_DEPTH)
        self.mails += 1
        try:
            yield
        finally:
            self.mails -= 1

    def open(self) -> None:
        """Before a container is opened; raises OverLimit when it is nested too deep."""
        if self.depth >= limits.ARCHIVE_DEPTH:
            raise OverLimit("archive_too_deep", limit=limits.ARCHIVE_DEPTH)

    def spend_entries(self, count: int) -> None:
        self.entries_left -= count
        if self.entries_left < 0:
            raise OverLimit("too_many_entries", limit=limits.ARCHIVE_ENTRIES)

    def spend_bytes(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise OverLimit("unpacked_too_large", limit=limits.ARCHIVE_BYTES)


def check_ratio(unpacked: int, packed: int) -> None:
    """Raises OverLimit where a container holds more than any honest one packs."""
    if unpacked > max(_RATIO_FROM, packed * limits.ARCHIVE_RATIO):
        raise OverLimit("archive_ratio", limit=limits.ARCHIVE_RATIO)


def left(name: str, code: str) -> Member:
    """An entry that is named but not taken out; what may be a return is never ignored."""
    return Member(name, None, (Doubt.of(code, name),), _OUTCOMES[code])


def is_system(name: str) -> bool:
    """Files that programs leave behind: macOS resources, Office locks, Windows thumbnails."""
    return bool(_SYSTEM.search(name))
