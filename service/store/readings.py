"""What was read in each mail: rows `readings` and `parts`, derived and rebuildable."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from service.moments import iso, moment
from service.store.connection import Connection
from service.store.rows import as_json, mail_fact, part_fact
from service.types import MailFact, PartFact

_AT_ONCE = 500
"""Mails loaded by one statement: SQLite takes a limited number of variables."""

_ARRIVAL = "coalesce(min(iif(m.problem is null, m.received_at, null)), min(m.received_at))"
"""The earliest arrival over all copies; one that was only guessed counts where all were."""

_Read = tuple[str, Mapping[str, Any], tuple[PartFact, ...]]
"""What was read in a mail: a mark of the reading, the message, its parts."""


class Readings(Connection):
    """The readings of all mails; what was parsed once stays in memory."""

    def __init__(self, path: Path, create: bool = True) -> None:
        self._read: dict[str, _Read] = {}
        self._facts: dict[str, tuple[tuple[Any, ...], _Read, MailFact]] = {}
        super().__init__(path, create)

    def pending(self) -> list[tuple[str, datetime]]:
        """(sha256, received_at) of mails not read yet, oldest arrival first."""
        rows = self._rows(
            f"select r.sha256, {_ARRIVAL} as received_at from readings r"
            " join mails m on m.sha256 = r.sha256 where r.state = 'pending'"
            " group by r.sha256 order by 2, r.sha256"
        )
        return [(r["sha256"], moment(r["received_at"])) for r in rows]

    def count_attempt(self, sha256: str) -> int:
        """Counts an attempt before it is made, so that a killed one counts; how many now."""
        with self.derived(), self.writing():
            self._run("update readings set attempts = attempts + 1 where sha256 = ?", (sha256,))
        found = self._rows("select attempts from readings where sha256 = ?", (sha256,))
        return int(found[0]["attempts"])

    def return_attempt(self, sha256: str) -> None:
        """Takes back an attempt that our own failure ended."""
        with self.writing():
            self._run("update readings set attempts = attempts - 1 where sha256 = ?", (sha256,))

    def save_reading(
        self,
        sha256: str,
        message: Mapping[str, Any],
        parts: Iterable[Mapping[str, Any]],
        ours: bool,
        version: str,
        at: datetime,
    ) -> None:
        """Stores what was read in a mail: its message and its flattened parts, together."""
        with self.derived(), self.writing():
            self._run("delete from parts where sha256 = ?", (sha256,))
            self._table("parts").insert_all({"sha256": sha256, **p} for p in parts)
            self._run(
                "update readings set state = 'done', message = ?, ours = ?, reader_version = ?,"
                " read_at = ?, error = null where sha256 = ?",
                (as_json(message), int(ours), version, iso(at), sha256),
            )

    def fail_reading(
        self, sha256: str, error: str, message: Mapping[str, Any], at: datetime
    ) -> None:
        """Sets a mail aside for a person after its last attempt."""
        with self.writing():
            self._run(
                "update readings set state = 'failed', error = ?, message = ?, read_at = ?"
                " where sha256 = ?",
                (error, as_json(message), iso(at), sha256),
            )

    def reread(self, sha256: str | None = None) -> int:
        """Marks mails to be read anew (replay, retry); how many."""
        with self.writing():
            where, args = ("and sha256 = ?", (sha256,)) if sha256 else ("", ())
            cursor = self._run(
                "update readings set state = 'pending', attempts = 0"
                f" where state != 'erased' {where}",
                args,
            )
        return cursor.rowcount

    def unread_scans(self, reader: str) -> list[str]:
        """Hashes of mails with a scan that nobody read, oldest reading first: read by another
        reader than this one."""
        rows = self._rows(
            "select r.sha256 from readings r where r.state = 'done' and r.reader_version != ?"
            " and exists (select 1 from parts p where p.sha256 = r.sha256"
            " and p.outcome = 'scan_unread') order by r.read_at, r.sha256",
            (reader,),
        )
        return [r["sha256"] for r in rows]

    def renew(self, keep: Iterable[str]) -> int:
        """Marks every kept mail to be read anew, but those of `keep` that have been read; also
        where the derived rows are gone. How many."""
        with self.writing():
            self._run(
                "insert or ignore into readings (sha256, state) select sha256, 'pending' from mails"
                " where sha256 is not null and sha256 not in (select mark from forgotten)"
            )
            spared = set(keep)
            rows = self._rows("select sha256, state from readings where state != 'erased'")
            chosen = [r for r in rows if r["state"] != "done" or r["sha256"] not in spared]
            for r in chosen:
                self.reread(r["sha256"])
        return len(chosen)

    def mail_facts(self, at: datetime | None = None) -> tuple[MailFact, ...]:
        """Every mail that had arrived at `at`, one for each distinct content; all without it.

        What was read in a mail is parsed once: `read_at` changes with every reading. A mail
        of which nothing changed is the same object each time.
        """
        rows = self._rows(
            f"select min(m.id) as id, m.sha256, {_ARRIVAL} as received_at, r.state,"
            " min(m.source) as source, r.ours, coalesce(r.read_at, '') || r.state as mark,"
            " case when count(m.problem) = count(*) then min(m.problem) end as problem"
            " from mails m join readings r on r.sha256 = m.sha256"
            f" group by m.sha256 having {_ARRIVAL} <= ? order by 3, m.sha256",
            (iso(at) if at else "9999",),
        )
        stale = [r["sha256"] for r in rows if self._read.get(r["sha256"], ("",))[0] != r["mark"]]
        self._load(stale, {r["sha256"]: r["mark"] for r in rows})
        return tuple(self._fact(r) for r in rows)

    def _fact(self, r: Mapping[str, Any]) -> MailFact:
        row, read = tuple(r.values()), self._read[r["sha256"]]
        known = self._facts.get(r["sha256"])
        if known is None or known[0] != row or known[1] is not read:
            known = (row, read, mail_fact(r, *read[1:]))
            self._facts[r["sha256"]] = known
        return known[2]

    def _load(self, hashes: Sequence[str], marks: Mapping[str, str]) -> None:
        """Parses what was read in these mails into the memory of this store."""
        for start in range(0, len(hashes), _AT_ONCE):
            some = hashes[start : start + _AT_ONCE]
            among = f"in ({','.join('?' * len(some))})"
            parts: dict[str, list[PartFact]] = {}
            for p in self._rows(
                f"select * from parts where sha256 {among} order by sha256, path", some
            ):
                parts.setdefault(p["sha256"], []).append(part_fact(p))
            for r in self._rows(f"select sha256, message from readings where sha256 {among}", some):
                sha = r["sha256"]
                message = json.loads(r["message"]) if r["message"] else {}
                self._read[sha] = (marks[sha], message, tuple(parts.get(sha, ())))
