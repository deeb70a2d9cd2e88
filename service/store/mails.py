"""Mails as they stand in the mailbox, and the looks that found them: rows `mails`, `looks`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from service.moments import iso, moment
from service.store.connection import Connection
from service.store.rows import NotCome

GONE = "gone"
"""The problem of a mail that left the mailbox before it came: shown, never tried again."""

_CURSORS = """
with recursive last (id) as (
  select (select id from mails where account = :account
          order by folder desc, uidvalidity desc, uid desc limit 1)
  union all
  select coalesce(
    (select id from mails where account = :account and folder = b.folder
     and uidvalidity < b.uidvalidity order by uidvalidity desc, uid desc limit 1),
    (select id from mails where account = :account and folder < b.folder
     order by folder desc, uidvalidity desc, uid desc limit 1))
  from last join mails b on b.id = last.id
)
select m.folder, m.uidvalidity, m.uid, m.source from last join mails m on m.id = last.id
"""
"""The last row of each folder and UIDVALIDITY, from one to the one before it."""


class Mails(Connection):
    """Where each mail stands, and which of them came."""

    def cursors(self, account: str) -> dict[tuple[str, int], int]:
        """(folder, UIDVALIDITY) to the highest UID that has a row.

        Each folder's last row is sought by the index, so that a look at a mailbox of ten
        thousand known mails costs no more than one of a hundred.
        """
        rows = self._rows(_CURSORS, {"account": account})
        return {(r["folder"], r["uidvalidity"]): r["uid"] for r in rows if r["source"] == "imap"}

    def add_mail(
        self,
        place: tuple[str, str, int, int],
        sha256: str,
        size: int,
        received_at: datetime,
        seen_at: datetime,
        source: str = "imap",
    ) -> bool:
        """Records a mail at (account, folder, UIDVALIDITY, UID) whose bytes are on disk.

        True if these bytes were not known before; the place may be new all the same.
        """
        with self.writing():
            new = not self._rows("select 1 from readings where sha256 = ?", (sha256,))
            self._run(
                "insert into mails (account, folder, uidvalidity, uid, sha256, size, received_at,"
                " seen_at, source) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " on conflict (account, folder, uidvalidity, uid) do update set"
                " sha256 = excluded.sha256, size = excluded.size,"
                " received_at = excluded.received_at, problem = null where sha256 is null",
                (*place, sha256, size, iso(received_at), iso(seen_at), source),
            )
            if new:
                self._run("insert into readings (sha256, state) values (?, 'pending')", (sha256,))
        return new

    def add_import(
        self,
        place: tuple[str, str, int, int],
        blob: tuple[str, int],
        received_at: datetime,
        seen_at: datetime,
        problem: str | None,
    ) -> bool:
        """Records an imported mail; `problem` says that its arrival was only guessed."""
        with self.writing():
            new = self.add_mail(place, *blob, received_at, seen_at, "import")
            self._run(
                "update mails set problem = ? where account = ? and folder = ?"
                " and uidvalidity = ? and uid = ?",
                (problem, *place),
            )
        return new

    def skip_mail(self, place: tuple[str, str, int, int], seen_at: datetime, code: str) -> None:
        """Records a mail that stands in the mailbox but did not come: to be tried again."""
        with self.writing():
            self._run(
                "insert into mails (account, folder, uidvalidity, uid, seen_at, problem)"
                " values (?, ?, ?, ?, ?, ?) on conflict do update set problem = excluded.problem"
                " where sha256 is null",
                (*place, iso(seen_at), code),
            )

    def skipped(self, account: str) -> list[tuple[str, int, int]]:
        """(folder, UIDVALIDITY, UID) of mails that did not come yet."""
        rows = self._rows(
            # the plus keeps SQLite on the short index of mails without bytes
            "select folder, uidvalidity, uid from mails where +account = ? and sha256 is null"
            " and problem is not ? order by folder, uidvalidity, uid",
            (account, GONE),
        )
        return [(r["folder"], r["uidvalidity"], r["uid"]) for r in rows]

    def not_come(self, at: datetime | None = None) -> tuple[NotCome, ...]:
        """Mails seen in the mailbox up to `at` whose bytes never came, with the reason."""
        rows = self._rows(
            "select folder, uid, seen_at, problem from mails where sha256 is null"
            " and seen_at <= ? order by seen_at, folder, uid",
            (iso(at) if at else "9999",),
        )
        return tuple(
            NotCome(r["folder"], r["uid"], moment(r["seen_at"]), r["problem"] or "") for r in rows
        )

    def uids(self, account: str, folder: str, uidvalidity: int) -> frozenset[int]:
        """Every UID of a folder that has a row."""
        rows = self._rows(
            "select uid from mails where account = ? and folder = ? and uidvalidity = ?",
            (account, folder, uidvalidity),
        )
        return frozenset(r["uid"] for r in rows)

    def places(self, account: str, hashes: Iterable[str]) -> list[tuple[str, int, int]]:
        """(folder, UIDVALIDITY, UID) of every copy of these bytes in a mailbox."""
        found = [
            row
            for sha256 in hashes
            for row in self._rows(
                "select folder, uidvalidity, uid from mails"
                " where account = ? and sha256 = ? and source = 'imap'",
                (account, sha256),
            )
        ]
        return [(r["folder"], r["uidvalidity"], r["uid"]) for r in found]

    def knows(self, sha256: str) -> bool:
        """Whether these bytes were kept before."""
        return bool(self._rows("select 1 from readings where sha256 = ?", (sha256,)))

    def mail_bytes_of(self, mail_id: int) -> str | None:
        """The sha256 of a mail by its number."""
        found = self._rows("select sha256 from mails where id = ?", (mail_id,))
        return found[0]["sha256"] if found else None

    def begin_look(self, account: str, at: datetime) -> int:
        with self.writing():
            cursor = self._run(
                "insert into looks (account, started_at) values (?, ?)", (account, iso(at))
            )
        return int(cursor.lastrowid or 0)

    def end_look(
        self, look: int, at: datetime, complete: bool, new: int, problem: str | None
    ) -> None:
        with self.writing():
            self._run(
                "update looks set finished_at = ?, complete = ?, new = ?, problem = ? where id = ?",
                (iso(at), int(complete), new, problem, look),
            )

    def newest_look(self, now: datetime) -> datetime | None:
        """When the newest complete look began; None where a clock that has been set back since
        says that it is yet to come: nobody knows then how old it is."""
        found = self._rows(
            "select started_at as at from looks where complete = 1 order by id desc limit 1"
        )
        began = moment(found[0]["at"]) if found else None
        return began if began is not None and began <= now else None

    def last_complete_look(self, at: datetime | None = None) -> datetime | None:
        """When the last complete look up to `at` began."""
        found = self._rows(
            "select max(started_at) as at from looks where complete = 1 and started_at <= ?",
            (iso(at) if at else "9999",),
        )
        return moment(found[0]["at"]) if found[0]["at"] else None
