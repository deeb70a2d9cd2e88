"""What can be wrong with what is kept (体检·数据): disk, database, raw mails, backups, letters."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from service.archive import Archive, ArchiveError
from service.backup import made_at, sets
from service.doctor import Finding, State, is_open
from service.errors import ServiceError
from service.lock import owner_if_not_root
from service.moments import iso, moment
from service.settings import Settings
from service.space import FLOOR_BYTES, free_bytes
from service.store import Store
from service.types import Campaign

_ROOMY_BYTES = 4 * FLOOR_BYTES
_BACKUP_AGE = timedelta(days=2)
_LOOK_AGE = timedelta(hours=1)
_CLOCK_SLACK = timedelta(hours=1)
_SAMPLED = 50
"""Raw mails whose bytes are compared with their hash."""


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether the data can be written, by us alone, with room to spare."""
    data = settings.data
    folder = next(p for p in (data, *data.parents) if p.exists())
    owner = owner_if_not_root(folder) if folder == data else None
    if owner:
        yield Finding("wrong_user", "warn", {"folder": data, "owner": owner})
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except OSError as e:
        yield Finding("data_shut", "wrong", {"folder": data, "detail": e.strerror or e})
        return
    if folder == data and is_open(data):
        yield Finding("data_open", "warn", {"folder": data})
    yield _room(data, free_bytes(folder))


def _room(data: Path, free: int) -> Finding:
    facts = {"folder": data, "free": free // 1024**2}
    if free < FLOOR_BYTES:
        return Finding("disk_full", "wrong", facts)
    if free < _ROOMY_BYTES:
        return Finding("disk_low", "warn", facts)
    return Finding("disk", "ok", facts)


def opened(settings: Settings) -> tuple[Store | None, tuple[Finding, ...]]:
    """The database, if there is one and it opens."""
    if not settings.database.is_file():
        return None, (Finding("no_database", "note"),)
    try:
        store = Store(settings.database, create=False)
        faults = store.faults()
    except ServiceError as e:
        code = "database_newer" if e.code == "DATABASE_NEWER" else "database_wrong"
        return None, (Finding(code, "wrong", {"detail": e}),)
    if faults:
        store.close()
        return None, (Finding("database_wrong", "wrong", {"detail": faults[0]}),)
    return store, (Finding("database", "ok"),)


def kept(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    """Raw mails, backups, looks and letters, as the database knows them."""
    yield from _raw(settings, store)
    newest = max((r["received_at"] for r in store.rows("mails") if r["received_at"]), default="")
    if newest and moment(newest) > now + _CLOCK_SLACK:
        yield Finding("clock_behind", "warn", {"now": f"{now:%Y-%m-%d %H:%M}", "newest": newest})
    yield from _backups(settings, store, now)
    failed = [r for r in store.rows("readings") if r["state"] == "failed"]
    if failed:
        yield Finding("unread", "warn", {"count": len(failed)})


def _backups(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    made = sets(settings.data / "backups")
    last = made[-1].name if made else "—"
    begun = min((r["started_at"] for r in store.rows("looks")), default=iso(now) or "")
    done_at = made_at(made[-1]) if made else moment(begun)
    if done_at < now - _BACKUP_AGE:
        yield Finding("backup_old", "warn", {"last": last})
    elif made:
        yield Finding("backup", "ok", {"last": last})


def _raw(settings: Settings, store: Store) -> Iterator[Finding]:
    archive = Archive(settings.archive)
    gone = {r["mark"] for r in store.rows("forgotten")}
    hashes = [r["sha256"] for r in store.rows("mails") if r["sha256"] and r["sha256"] not in gone]
    for sha256 in hashes[-_SAMPLED:]:
        try:
            archive.get(sha256)
        except ArchiveError as e:
            yield Finding("raw_wrong", "wrong", {"detail": e})
            return
    yield Finding("raw", "ok", {"count": len(hashes)})


def looks(campaigns: Iterable[Campaign], store: Store, now: datetime) -> Iterator[Finding]:
    """Whether the mailbox has been looked at lately, and letters that wait or went wrong."""
    for one in campaigns:
        states = [row.state for row in store.letters(one.slug)]
        for state in ("held", "failed", "uncertain"):
            if count := states.count(state):
                level: State = "note" if state == "held" else "warn"
                yield Finding(f"letters_{state}", level, {"slug": one.slug, "count": count})
    if not any(c.starts <= now.date() <= c.closes for c in campaigns):
        return
    last = store.last_complete_look()
    if last is None or last < now - _LOOK_AGE:
        yield Finding("no_look", "warn", {"last": f"{last:%m-%d %H:%M}" if last else "—"})
    else:
        yield Finding("look", "ok", {"last": f"{last:%m-%d %H:%M}"})
