"""One SQLite file: how it is opened, made newer, read and written. WAL, synchronous=FULL.

Every write begins IMMEDIATE: a deferred begin fails with SQLITE_BUSY_SNAPSHOT at the first write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.db import Table

from service.errors import DoorShut, UsageError
from service.store.schema import SCHEMA, SCHEMA_VERSION

_FULL = 2
"""SQLite's number for synchronous=full."""


class Connection:
    """One database file and its small table of names and values (`meta`)."""

    def __init__(self, path: Path, create: bool = True) -> None:
        if not create and not path.is_file():
            raise UsageError("NO_DATA", path=path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            connection = sqlite3.connect(path, timeout=30, isolation_level=None)
            path.chmod(0o600)
            connection.execute("pragma journal_mode=wal")
            connection.execute("pragma synchronous=full")
            connection.execute("pragma secure_delete=on")
            self._db = Database(connection)
            self._prepare()
        except (sqlite3.Error, OSError) as e:
            raise DoorShut("DATABASE_WRONG", detail=str(e)) from e

    def close(self) -> None:
        self._db.conn.close()

    def _prepare(self) -> None:
        (version,) = self._db.conn.execute("pragma user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise DoorShut("DATABASE_NEWER", found=version, known=SCHEMA_VERSION)
        if 0 < version < SCHEMA_VERSION:
            (file,) = [
                r[2] for r in self._db.conn.execute("pragma database_list") if r[1] == "main"
            ]
            self._keep_copy(Path(f"{file}.before-v{SCHEMA_VERSION}"))
        if version < SCHEMA_VERSION:
            self._db.conn.executescript(SCHEMA)
            self._db.conn.execute(f"pragma user_version = {SCHEMA_VERSION}")

    def _keep_copy(self, target: Path) -> None:
        """The file as the older version left it; one from a migration that was cut off stays."""
        if not target.exists():
            half = target.with_name(f"{target.name}.new")
            half.unlink(missing_ok=True)
            self._db.conn.execute("vacuum into ?", (str(half),))
            half.chmod(0o600)
            half.replace(target)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the write lock from its first moment."""
        if self._db.conn.in_transaction:
            yield
            return
        self._run("begin immediate")
        try:
            yield
            # also one that fails must leave none open: what is written next would join it
            self._run("commit")
        except sqlite3.Error as e:
            self._roll_back()
            raise DoorShut("DATABASE_WRONG", detail=str(e)) from e
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def derived(self) -> Iterator[None]:
        """Commits in here do not wait for the disk: what can be rebuilt may be lost to a power
        cut, and then it is. The next fact that is committed takes them to the disk with it."""
        (level,) = self._run("pragma synchronous").fetchone()
        if level < _FULL or self._db.conn.in_transaction:
            yield
            return
        self._run("pragma synchronous=normal")
        try:
            yield
        finally:
            self._run("pragma synchronous=full")

    def _roll_back(self) -> None:
        if self._db.conn.in_transaction:
            self._db.conn.execute("rollback")

    def _run(self, sql: str, args: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        try:
            return self._db.conn.execute(sql, args)
        except sqlite3.Error as e:
            raise DoorShut("DATABASE_WRONG", detail=str(e)) from e

    def _table(self, name: str) -> Table:
        return self._db.table(name)

    def _rows(self, sql: str, args: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
        cursor = self._run(sql, args)
        names = [c[0] for c in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tables(self) -> tuple[str, ...]:
        """The names of all tables."""
        rows = self._rows("select name from sqlite_schema where type = 'table' order by name")
        return tuple(r["name"] for r in rows if not r["name"].startswith("sqlite_"))

    def meta(self, key: str) -> str | None:
        found = self._rows("select value from meta where key = ?", (key,))
        return found[0]["value"] if found else None

    def set_meta(self, key: str, value: str) -> None:
        with self.writing():
            self._run(
                "insert into meta values (?, ?)"
                " on conflict (key) do update set value = excluded.value",
                (key, value),
            )

    def first_meta(self, key: str, value: str) -> str:
        """The value that stood first under this key: `value` only if none did."""
        with self.writing():
            self._run("insert or ignore into meta values (?, ?)", (key, value))
        return self.meta(key) or value
