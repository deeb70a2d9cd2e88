"""Copies and checks of the whole file, and the taking out of what must be forgotten."""

from __future__ import annotations

import hmac
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from service.moments import iso
from service.store.readings import Readings
from service.store.rows import as_json

_FORGET_KEY = "forget_key"


class Keeping(Readings):
    """What is forgotten leaves a mark: enough to know it again, not to learn it."""

    def copy_to(self, target: Path) -> None:
        """A whole copy as of this moment, also while another process writes (VACUUM INTO)."""
        self._run("vacuum into ?", (str(target),))

    def faults(self) -> list[str]:
        """What SQLite's own check of the file finds."""
        try:
            found = [r["integrity_check"] for r in self._rows("pragma integrity_check")]
        except sqlite3.Error as e:
            return [str(e)]
        return [] if found == ["ok"] else found

    def compact(self) -> None:
        """Writes the file anew and empties the journal: nothing deleted is left in either."""
        for sql in ("pragma wal_checkpoint(truncate)", "vacuum", "pragma wal_checkpoint(truncate)"):
            self._run(sql).fetchall()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table, as it lies there."""
        if table not in self.tables():
            raise ValueError(table)
        return self._rows(f'select * from "{table}" order by rowid')

    def columns(self, table: str) -> tuple[str, ...]:
        """The names of a table's columns, in their order."""
        return tuple(
            r["name"] for r in self._rows("select name from pragma_table_info(?)", (table,))
        )

    def mark(self, kind: str, text: str) -> str:
        """What is left of something forgotten: enough to know it again, not to learn it."""
        key = self.first_meta(_FORGET_KEY, secrets.token_hex(32))
        return hmac.new(bytes.fromhex(key), f"{kind}:{text}".encode(), "sha256").hexdigest()

    def is_forgotten(self, kind: str, text: str) -> bool:
        if not self._rows("select 1 from forgotten where kind = ? limit 1", (kind,)):
            return False
        sql = "select 1 from forgotten where kind = ? and mark = ?"
        return bool(self._rows(sql, (kind, self.mark(kind, text))))

    def add_forgotten(self, kind: str, marks: Iterable[str], at: datetime) -> None:
        with self.writing():
            for mark in marks:
                self._run("insert or ignore into forgotten values (?, ?, ?)", (kind, mark, iso(at)))

    def erase_mail(self, sha256: str, keep_reading: bool, at: datetime) -> str:
        """Puts a mark in the place of a mail's hash; its rows keep the place in the mailbox,
        so that no look brings it again. With `keep_reading` what was read in it stays."""
        mark = self.mark("mail", sha256)
        with self.writing():
            self.add_forgotten("mail", [mark], at)
            for table in ("mails", "parts", "readings", "heard"):
                self._run(
                    f"update or replace {table} set sha256 = ? where sha256 = ?", (mark, sha256)
                )
            # a file that was received by another road goes on counting by its decision
            self._run(
                "update decisions set args = replace(args, ?, ?) where instr(args, ?)",
                (sha256, mark, sha256),
            )
            self._run("update readings set state = 'erased' where sha256 = ?", (mark,))
            self._run("update parts set part_sha256 = null where sha256 = ?", (mark,))
            if not keep_reading:
                self._run("delete from parts where sha256 = ?", (mark,))
                self._run("delete from readings where sha256 = ?", (mark,))
        self._read.clear()
        return mark

    def add_erased(
        self, place: tuple[str, str, int, int], sha256: str, at: datetime, source: str = "imap"
    ) -> None:
        """Records that forgotten bytes stand at this place too, also where they were waited for."""
        with self.writing():
            self._run(
                "insert into mails (account, folder, uidvalidity, uid, sha256,"
                " received_at, seen_at, source) values (?, ?, ?, ?, ?, ?, ?, ?)"
                " on conflict (account, folder, uidvalidity, uid) do update set"
                " sha256 = excluded.sha256, received_at = excluded.received_at, problem = null"
                " where sha256 is null",
                (*place, self.mark("mail", sha256), iso(at), iso(at), source),
            )

    def delete_campaign(self, slug: str) -> None:
        """Every row that bears this campaign's name, but its mails."""
        with self.writing():
            # no LIKE: a folder's name may hold an underscore, which there means any character
            self._run(
                "delete from said where instr(duty, ?) = 1 or instr(letter, ?) = 1",
                (f"{slug}/", f"{slug}/"),
            )
            for table in ("letters", "decisions", "submissions", "values", "heard"):
                self._run(f'delete from "{table}" where campaign = ?', (slug,))

    def drop_letter_file(self, sha256: str) -> None:
        with self.writing():
            self._run("update letters set eml_sha256 = null where eml_sha256 = ?", (sha256,))

    def take_reading(self, mark: str, other: Keeping | None) -> None:
        """What was read in a forgotten mail, as another database still has it."""
        if other is None:
            return
        with self.writing():
            for table in ("readings", "parts", "heard"):
                rows = (r for r in other.rows(table) if r["sha256"] == mark)
                self._table(table).insert_all(rows, replace=True)
        self._read.clear()

    def drop_address(self, address: str) -> None:
        with self.writing():
            self._run("delete from addresses where address = ?", (address,))

    def drop_meta(self, keep: Iterable[str]) -> None:
        """Drops what was noted for the moment, also what servers answered, but these names
        and the key of the marks."""
        kept = (*keep, _FORGET_KEY)
        with self.writing():
            among = ",".join("?" * len(kept))
            self._run(f"delete from meta where key not in ({among})", kept)

    def drop_said(self, duty: str) -> None:
        with self.writing():
            self._run("delete from said where duty = ?", (duty,))

    def blank_decision(self, number: int, harmless: Iterable[str], gone: str) -> None:
        """Takes out of a decision all but what names units, deadlines and parts."""
        (row,) = self._rows("select args from decisions where id = ?", (number,))
        kept = set(harmless)
        args = {k: v if k in kept else gone for k, v in json.loads(row["args"]).items()}
        with self.writing():
            self._run(
                "update decisions set args = ?, why = '', by = ? where id = ?",
                (as_json(args), gone, number),
            )

    def blank_heard(self, sha256: str, gone: str, mail_too: bool) -> None:
        """Takes out of a mail that was acted upon all but that it was, and if the mail itself
        is forgotten who wrote it: its other copies are, too."""
        (row,) = self._rows("select told from heard where sha256 = ?", (sha256,))
        told = {k: _emptied(k, v, gone) for k, v in json.loads(row["told"]).items()}
        with self.writing():
            self._run("update heard set told = ? where sha256 = ?", (as_json(told), sha256))
            if mail_too:
                self._run(
                    "update heard set sender = null, message_id = null where sha256 = ?", (sha256,)
                )

    def scrub(self, change: Callable[[str], str]) -> int:
        """Rewrites every text of every table, but the marks and their key; how many rows
        changed."""
        changed = 0
        with self.writing():
            for table in self.tables():
                if table == "forgotten":
                    continue
                for row in self._rows(f'select rowid as "_row", * from "{table}"'):
                    if row.get("key") != _FORGET_KEY:
                        changed += self._scrub_row(table, row.pop("_row"), row, change)
        self._read.clear()
        return changed

    def _scrub_row(
        self, table: str, number: int, row: Mapping[str, Any], change: Callable[[str], str]
    ) -> bool:
        new = {k: change(v) for k, v in row.items() if isinstance(v, str)}
        new = {k: v for k, v in new.items() if v != row[k]}
        if not new:
            return False
        sets = ", ".join(f'"{k}" = ?' for k in new)
        self._run(
            f'update or replace "{table}" set {sets} where rowid = ?', (*new.values(), number)
        )
        return True


def _emptied(name: str, thing: Any, gone: str) -> Any:
    if isinstance(thing, list):
        return []
    return gone if name == "subject" else thing
