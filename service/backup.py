"""The door to the backups (备份): whole sets beside one pool of raw mails, verified and rotated.

    backups/raw/…                    every raw mail and letter once, as in the raw store
    backups/20210609-030000/         baosong.db, token.key, dkim-keys.json, settings.toml,
                                     campaigns/, manifest.json
    backups/forgotten.json           marks of what was forgotten since: a restore heeds them

A set is made under another name and renamed when it is whole. The database is copied by
VACUUM INTO, so the service may go on; a plain copy of the live file would be stale.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from service.archive import Archive, ArchiveError
from service.errors import DoorShut, UsageError
from service.moments import ZONE
from service.settings import Settings
from service.store import Store

DATABASE = "baosong.db"
TOKEN = "token.key"
KEYS = "dkim-keys.json"
MANIFEST = "manifest.json"
FORGOTTEN = "forgotten.json"
_NAME = "%Y%m%d-%H%M%S"
_MAKING = ".making-"


@dataclass(frozen=True, slots=True)
class Made:
    """A finished set: where it is, what it holds, what was missing in the raw store."""

    folder: Path
    mails: int
    files: int
    missing: tuple[str, ...]


def folder_of(settings: Settings, given: Path | None) -> Path:
    """Where the backups lie: as asked for, else beside the database."""
    return given.resolve() if given else settings.data / "backups"


def sets(folder: Path) -> tuple[Path, ...]:
    """The finished sets, oldest first."""
    return tuple(sorted(p.parent for p in folder.glob(f"[0-9]*/{MANIFEST}")))


def made_at(one: Path) -> datetime:
    """When a set was made, by its name."""
    return datetime.strptime(one.name, _NAME).replace(tzinfo=ZONE)


def make(settings: Settings, folder: Path, now: datetime) -> Made:
    """Makes a set and verifies it by reading it back."""
    target = folder / now.strftime(_NAME)
    making = folder / f"{_MAKING}{now.strftime(_NAME)}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in folder.glob(f"{_MAKING}*"):
            shutil.rmtree(left)  # of a backup that was cut off
        making.mkdir(mode=0o700)
        _copy_database(settings, making / DATABASE)
        _copy_files(settings, making)
        hashes, mails = _referenced(making / DATABASE)
        missing = _fill(Archive(settings.archive), Archive(folder / "raw"), hashes)
        _write(making / MANIFEST, _manifest(making, hashes, missing, now))
        _write_marks(folder, making / DATABASE)
        _sync(making)
        making.replace(target)
        _sync(folder)
    except (OSError, ArchiveError) as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e
    problems = faults(target)
    if problems:
        raise DoorShut("BACKUP_WRONG", path=target, detail="、".join(problems))
    return Made(target, mails, len(hashes), missing)


def faults(one: Path) -> tuple[str, ...]:
    """What is wrong with a set: codes of words/zh.toml [backup], with what they are about."""
    try:
        manifest = json.loads((one / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ("manifest",)
    try:
        return tuple(_faults(one, manifest))
    except OSError as e:
        return (f"disk {e}",)


def _faults(one: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    if _sha(one / DATABASE) != manifest["database"]:
        yield "database"
        return
    pool = Archive(one.parent / "raw")
    for sha256 in manifest["files"]:
        try:
            pool.get(sha256)
        except ArchiveError as e:
            yield str(e)


def rotate(folder: Path, keep: int) -> int:
    """Drops all sets but the newest ones, and the raw files that none of these needs."""
    dropped = sets(folder)[:-keep]
    for one in dropped:
        shutil.rmtree(one)
    if dropped:
        needed = {h for one in sets(folder) for h in files_of(one)}
        pool = Archive(folder / "raw")
        for sha256 in set(pool.hashes()) - needed:
            pool.discard(sha256)
    return len(dropped)


def files_of(one: Path) -> tuple[str, ...]:
    """The raw files that a set refers to."""
    manifest = json.loads((one / MANIFEST).read_text(encoding="utf-8"))
    return tuple(manifest["files"])


def choose(folder: Path, name: str | None) -> Path:
    """The set of that name, or the newest."""
    known = {p.name: p for p in sets(folder)}
    if name is None and known:
        return known[max(known)]
    if name not in known:
        raise UsageError("NO_BACKUP", got=name or folder, known="、".join(known))
    return known[name]


def renew_manifest(one: Path, folder: Path, now: datetime) -> None:
    """Describes a set anew after something in it was forgotten."""
    hashes, _ = _referenced(one / DATABASE)
    pool = Archive(folder / "raw")
    missing = tuple(h for h in hashes if not pool.exists(h))
    _write(one / MANIFEST, _manifest(one, hashes, missing, now))


def forgotten_key_and_marks(folder: Path) -> tuple[str, list[tuple[str, str]]] | None:
    """The marks that lie beside the sets."""
    try:
        kept = json.loads((folder / FORGOTTEN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as e:
        raise DoorShut("BACKUP_WRONG", path=folder / FORGOTTEN, detail=str(e)) from e
    return kept["key"], [(kind, mark) for kind, mark in kept["marks"]]


def write_marks(folder: Path, database: Path) -> None:
    """Notes beside the sets what was forgotten, for a day when only they are left."""
    try:
        _write_marks(folder, database)
    except OSError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e


def _write_marks(folder: Path, database: Path) -> None:
    store = Store(database, create=False)
    try:
        marks = [[r["kind"], r["mark"]] for r in store.rows("forgotten")]
        key = store.meta("forget_key")
    finally:
        store.close()
    if marks:
        _write(folder / FORGOTTEN, {"key": key, "marks": marks})


def _copy_database(settings: Settings, target: Path) -> None:
    store = Store(settings.database, create=False)
    try:
        store.copy_to(target)
    finally:
        store.close()
    copy = Store(target)
    try:
        problems = copy.faults()
    finally:
        copy.close()
    if problems:
        raise DoorShut("BACKUP_WRONG", path=target, detail="；".join(problems))


def _copy_files(settings: Settings, making: Path) -> None:
    if (settings.data / TOKEN).is_file():
        shutil.copy2(settings.data / TOKEN, making / TOKEN)
    if settings.keys_file.is_file():
        shutil.copy2(settings.keys_file, making / KEYS)  # no server has the withdrawn ones
    shutil.copy2(settings.file, making / "settings.toml")
    for folder in settings.campaign_folders:
        if folder.is_dir():
            shutil.copytree(folder, making / "campaigns" / folder.name)


def _referenced(database: Path) -> tuple[tuple[str, ...], int]:
    """The raw files that this database speaks of, and how many mails it knows."""
    store = Store(database, create=False)
    try:
        erased = {r["sha256"] for r in store.rows("readings") if r["state"] == "erased"}
        erased |= {r["mark"] for r in store.rows("forgotten")}
        mails = {r["sha256"] for r in store.rows("mails") if r["sha256"]} - erased
        letters = {r["eml_sha256"] for r in store.rows("letters") if r["eml_sha256"]}
    finally:
        store.close()
    return tuple(sorted(mails | letters)), len(mails)


def _fill(source: Archive, pool: Archive, hashes: Iterable[str]) -> tuple[str, ...]:
    """Copies what the pool lacks, each file verified by its hash; names what is missing."""
    missing = []
    for sha256 in hashes:
        if pool.exists(sha256):
            continue
        try:
            pool.put(source.get(sha256))
        except ArchiveError as e:
            if e.code not in ("DISK_MISSING", "DISK_CORRUPT"):
                raise
            missing.append(sha256)
    return tuple(missing)


def _manifest(
    one: Path, hashes: Iterable[str], missing: Iterable[str], now: datetime
) -> Mapping[str, Any]:
    gone = set(missing)
    return {
        "made_at": now.isoformat(timespec="seconds"),
        "database": _sha(one / DATABASE),
        "files": [h for h in hashes if h not in gone],
        "missing": sorted(gone),
    }


def _sha(file: Path) -> str:
    with file.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _write(file: Path, thing: Mapping[str, Any]) -> None:
    """A private file that is whole or not there."""
    new = file.with_name(f"{file.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as f:
        json.dump(thing, f, ensure_ascii=False, indent=1)
        f.flush()
        os.fsync(f.fileno())
    new.replace(file)


def _sync(folder: Path) -> None:
    for path in (*folder.glob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
