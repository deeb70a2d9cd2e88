"""The story of a restore (恢复): a verified set takes the place of the present data.

The present data is kept aside, never deleted. What was forgotten since the set was made is
forgotten again. The set does not know what was sent after it, so letters to units wait until
staff release them anew.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service import backup, marks
from service.archive import Archive, ArchiveError
from service.errors import DoorShut, UsageError
from service.keyring import Book, Keyring, merged
from service.moments import iso
from service.outlook import STARTED
from service.settings import Settings
from service.store import Store

_WHY = "恢复备份后，请核对再放行"
_NEW = "restoring.db"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: the set, how many files, what was forgotten again, where the former
    data lies, and the campaign folders that were missing."""

    source: Path
    files: int
    forgotten: int
    aside: Path | None
    campaigns: tuple[str, ...]


def restore(settings: Settings, source: Path, now: datetime) -> Restored:
    """Puts a set in place; the caller holds the data folder."""
    problems = backup.faults(source)
    if problems:
        raise DoorShut("BACKUP_WRONG", path=source, detail="、".join(problems))
    try:
        files = _raw(settings, source)
        forgotten = _database(settings, source, now)
        aside = _set_aside(settings, now)
        _keys(settings, source)
        _swap(settings, source)
        return Restored(source, files, forgotten, aside, tuple(_campaigns(settings, source)))
    except (OSError, ArchiveError) as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e


def _raw(settings: Settings, source: Path) -> int:
    pool, archive = Archive(source.parent / "raw"), Archive(settings.archive)
    hashes = backup.files_of(source)
    for sha256 in hashes:
        if not archive.exists(sha256):
            archive.put(pool.get(sha256))
    return len(hashes)


def _database(settings: Settings, source: Path, now: datetime) -> int:
    """Makes the new database ready beside the present one; how many mails were forgotten."""
    new = settings.data / _NEW
    for left in settings.data.glob(f"{_NEW}*"):
        left.unlink()
    shutil.copyfile(source / backup.DATABASE, new)
    store = Store(new)
    try:
        with _present(settings) as present:
            _take_marks(store, present, source.parent, now)
            count = marks.heed(store, Archive(settings.archive), present, now)
        _hold(store, now)
    finally:
        store.close()
    for left in settings.data.glob(f"{_NEW}.before-*"):
        left.unlink()
    return count


@contextmanager
def _present(settings: Settings) -> Iterator[Store | None]:
    """The present database, if there is one that can be opened."""
    try:
        store = Store(settings.database, create=False) if settings.database.is_file() else None
    except DoorShut:
        store = None  # it is broken: this is why it is replaced
    try:
        yield store
    finally:
        if store is not None:
            store.close()


def _take_marks(store: Store, present: Store | None, folder: Path, now: datetime) -> None:
    """Marks of what was forgotten, from the present database and from beside the sets."""
    kept = backup.forgotten_key_and_marks(folder)
    found = list(kept[1]) if kept else []
    key = kept[0] if kept else None
    if present is not None and (rows := present.rows("forgotten")):
        found += [(r["kind"], r["mark"]) for r in rows]
        key = present.meta("forget_key") or key
    if key is not None:
        store.set_meta("forget_key", key)
    for kind, mark in found:
        store.add_forgotten(kind, [mark], now)


def _hold(store: Store, now: datetime) -> None:
    """Stages that have passed are missed, not sent; the first batch is held again."""
    store.set_meta(STARTED, iso(now) or "")
    for slug in {r["campaign"] for r in store.rows("decisions")}:
        for decision in store.decisions(slug):
            if decision.verb == "release" and not decision.undone:
                store.undo(slug, now, "restore", _WHY, decision.id)


def _set_aside(settings: Settings, now: datetime) -> Path | None:
    """Keeps a copy of what is there now."""
    found = [p for p in settings.data.glob(f"{settings.database.name}*") if p.is_file()]
    if not found:
        return None
    aside = settings.data / f"replaced-{now:%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    for file in (*found, settings.data / backup.TOKEN, settings.keys_file):
        if file.is_file():
            shutil.copy2(file, aside / file.name)
    return aside


def _swap(settings: Settings, source: Path) -> None:
    """The new database takes the old one's name in one step: there is never none."""
    for suffix in ("-wal", "-shm"):
        settings.database.with_name(settings.database.name + suffix).unlink(missing_ok=True)
    (settings.data / _NEW).replace(settings.database)
    if (source / backup.TOKEN).is_file():
        shutil.copy2(source / backup.TOKEN, settings.data / backup.TOKEN)
    handle = os.open(settings.data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _keys(settings: Settings, source: Path) -> None:
    """Keys that only the set knows come back beside those of today."""
    kept = _book(source / backup.KEYS)
    if kept:
        Keyring(settings.keys_file).write(merged(_book(settings.keys_file), kept))


def _book(file: Path) -> Book:
    """Of a damaged file nothing; the present one lies with what was kept aside."""
    try:
        return Keyring(file).read()
    except UsageError as e:
        log.warning("%s", e)
        return {}


def _campaigns(settings: Settings, source: Path) -> Iterator[str]:
    """Campaign folders that are gone come back; one that is there is never touched."""
    for folder in settings.campaign_folders:
        kept = source / "campaigns" / folder.name
        if kept.is_dir() and not folder.exists():
            shutil.copytree(kept, folder)
            yield folder.name
