"""The keys by which mail is proved (公钥簿): one JSON file that `doctor --fetch-keys` fills.

Keeps every key ever seen under a name with the days on which it stood there: a key that its
domain has withdrawn still proves the mail of its own time. Asks nobody; no file is no keys.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from parsers.dkim_proof import Key, Keys
from service.errors import DoorShut, UsageError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """A key's record (公钥): first and last seen on these days; gone where a later look found
    another or none in its place."""

    record: str
    since: date
    seen: date
    gone: bool = False


Book = Mapping[str, tuple[Seen, ...]]


def learned(book: Book, name: str, record: str | None, today: date) -> Book:
    """The book after the domain showed this record (None: none) under the name today."""
    before = book.get(name, ())
    others = tuple(replace(s, gone=True) for s in before if s.record != record)
    if record is None:
        return {**book, name: others} if others else book
    same = next((s for s in before if s.record == record), Seen(record, today, today))
    return {**book, name: (*others, replace(same, seen=today, gone=False))}


def merged(book: Book, other: Book) -> Book:
    """What either book knows of each key; of the same key the longer time, and whether it is
    gone by the later look."""
    whole = {name: {s.record: s for s in seen} for name, seen in book.items()}
    for name, seen in other.items():
        mine = whole.setdefault(name, {})
        mine.update({s.record: _longer(mine.get(s.record, s), s) for s in seen})
    return {name: tuple(some.values()) for name, some in whole.items()}


def _longer(one: Seen, other: Seen) -> Seen:
    later = max(one, other, key=lambda s: (s.seen, s.gone))
    return replace(later, since=min(one.since, other.since))


class Keyring:
    """The file; read again only when it was changed, so that a running service takes up new
    keys by itself."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._mark: tuple[int, int] | None = None
        self._keys: Keys = {}

    def keys(self) -> Keys:
        """For the children that read mail. A file that cannot be read proves nothing."""
        try:
            found = self.file.stat()
        except OSError:
            self._mark, self._keys = None, {}
            return self._keys
        mark = (found.st_mtime_ns, found.st_size)
        if mark != self._mark:
            self._mark = mark
            try:
                self._keys = _as_keys(self.read())
            except UsageError as e:
                log.warning("%s", e)
                self._keys = {}
        return self._keys

    def read(self) -> Book:
        """UsageError where the file is damaged."""
        try:
            told = json.loads(self.file.read_text(encoding="utf-8"))
            return {name: tuple(_seen(s) for s in some) for name, some in told.items()}
        except FileNotFoundError:
            return {}
        except OSError as e:
            raise UsageError("FILE_UNREADABLE", file=self.file, detail=e.strerror or e) from e
        except (ValueError, TypeError, KeyError, AttributeError) as e:
            raise UsageError("KEYS_DAMAGED", file=self.file, detail=e) from e

    def write(self, book: Book) -> None:
        """All or nothing: a reader never meets half a file."""
        told = {name: [asdict(s) for s in some] for name, some in sorted(book.items())}
        text = json.dumps(told, ensure_ascii=False, indent=1, default=date.isoformat) + "\n"
        new = self.file.with_name(self.file.name + ".new")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with new.open("w", encoding="utf-8") as f:
                f.write(text)
                f.flush()
                os.fsync(f.fileno())
            new.replace(self.file)
        except OSError as e:
            raise DoorShut("DISK_SHUT", detail=str(e)) from e


def _seen(told: Mapping[str, object]) -> Seen:
    since, seen = (date.fromisoformat(str(told[k])) for k in ("since", "seen"))
    return Seen(str(told["record"]), since, seen, bool(told.get("gone")))


def _as_keys(book: Book) -> Keys:
    return {
        name: tuple(Key(s.record.encode(), s.seen if s.gone else None) for s in some)
        for name, some in book.items()
    }
