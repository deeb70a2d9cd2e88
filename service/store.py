"""The door to SQL: the only module that speaks it. SQLite, WAL, synchronous=FULL.

Facts (mails, decisions, letters, said, looks, addresses) are added to, never overwritten but
for a letter's own progress; readings, parts, submissions and values are derived and rebuildable.
Every write begins IMMEDIATE: a deferred begin fails with SQLITE_BUSY_SNAPSHOT at the first write.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.db import Table

from service.errors import DoorShut, UsageError
from service.moments import ZONE, iso, moment
from service.types import Decision, Heard, Ledger, LetterState, MailFact, PartFact

SCHEMA_VERSION = 3
GONE = "gone"
"""The problem of a mail that left the mailbox before it came: shown, never tried again."""
_LEFT = ("sent", "uncertain", "sending")
_AT_ONCE = 500
"""Mails loaded by one statement: SQLite takes a limited number of variables."""

_ARRIVAL = "coalesce(min(iif(m.problem is null, m.received_at, null)), min(m.received_at))"
"""The earliest arrival over all copies; one that was only guessed counts where all were."""

_Read = tuple[str, Mapping[str, Any], tuple[PartFact, ...]]
"""What was read in a mail: a mark of the reading, the message, its parts."""

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

_SCHEMA = """
create table if not exists meta (key text primary key, value text not null);
create table if not exists mails (
  id integer primary key,
  account text not null, folder text not null, uidvalidity integer not null, uid integer not null,
  sha256 text, size integer, received_at text, seen_at text not null,
  source text not null default 'imap', problem text,
  unique (account, folder, uidvalidity, uid)
);
create index if not exists mails_sha256 on mails (sha256);
create table if not exists readings (
  sha256 text primary key, state text not null, attempts integer not null default 0,
  reader_version text, read_at text, message text, error text, ours integer not null default 0
);
create table if not exists parts (
  sha256 text not null, path text not null, name text, outcome text not null, form text,
  content_type text, size integer, part_sha256 text, read text not null, text text not null,
  primary key (sha256, path)
);
create table if not exists decisions (
  id integer primary key, at text not null, by text not null, why text not null,
  campaign text not null, verb text not null, args text not null, undoes integer
);
create table if not exists letters (
  key text primary key, campaign text not null, kind text not null, unit text, deadline text,
  stage text, state text not null, phase text, "to" text not null, cc text not null,
  subject text not null default '', text text not null default '', eml_sha256 text,
  due_at text not null, not_after text not null, queued_at text not null, sent_at text,
  next_try_at text, tries integer not null default 0, code text, said text,
  message_id text, token text, fingerprint text not null default '', mail integer
);
create index if not exists letters_message_id on letters (message_id);
create table if not exists said (
  duty text primary key, letter text not null, at text not null, outcome text not null
);
create table if not exists looks (
  id integer primary key, account text not null, started_at text not null, finished_at text,
  complete integer not null default 0, new integer not null default 0, problem text
);
create table if not exists addresses (
  address text primary key, unit text, state text not null, evidence text not null, at text not null
);
create table if not exists submissions (
  campaign text not null, id text not null, mail integer not null, part text not null, form text,
  material text, unit text, deadlines text not null, arrived_at text not null,
  version integer not null, status text not null, trust text not null, why text,
  primary key (campaign, id)
);
create table if not exists heard (
  sha256 text primary key, campaign text not null, kind text not null, mail integer not null,
  at text not null, message_id text, sender text, told text not null
);
create table if not exists forgotten (
  kind text not null, mark text not null, at text not null, primary key (kind, mark)
);
create table if not exists "values" (
  campaign text not null, submission text not null, field text not null, label text, unit text,
  raw text, value text, state text, approx integer,
  primary key (campaign, submission, field)
);
"""


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter as recorded: its key, its state and what happened to it."""

    key: str
    campaign: str
    kind: str
    unit: str | None
    deadline: str | None
    stage: str | None
    state: LetterState
    phase: str | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    due_at: datetime
    not_after: datetime
    queued_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None
    tries: int
    code: str | None
    said: str | None
    message_id: str | None
    token: str | None
    fingerprint: str
    mail: int | None
    eml_sha256: str | None


@dataclass(frozen=True, slots=True)
class NotCome:
    """A mail that stood in the mailbox and did not come: where, since when, why."""

    folder: str
    uid: int
    seen_at: datetime
    problem: str


class Store:
    """One database file. Opened by one writer at a time (see service/lock.py)."""

    def __init__(self, path: Path, create: bool = True) -> None:
        if not create and not path.is_file():
            raise UsageError("NO_DATA", path=path)
        self._read: dict[str, _Read] = {}
        self._facts: dict[str, tuple[tuple[Any, ...], _Read, MailFact]] = {}
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
            raise DoorShut("DATABASE_WRONG", detail=f"schema {version} > {SCHEMA_VERSION}")
        if 0 < version < SCHEMA_VERSION:
            (file,) = [
                r[2] for r in self._db.conn.execute("pragma database_list") if r[1] == "main"
            ]
            self._keep_copy(Path(f"{file}.before-v{SCHEMA_VERSION}"))
        if version < SCHEMA_VERSION:
            self._db.conn.executescript(_SCHEMA)
            self._db.conn.execute(f"pragma user_version = {SCHEMA_VERSION}")

    def _keep_copy(self, target: Path) -> None:
        """The file as the older version left it; one from a migration that was cut off stays."""
        if not target.exists():
            self._db.conn.execute("vacuum into ?", (str(target),))
            target.chmod(0o600)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the write lock from its first moment."""
        if self._db.conn.in_transaction:
            yield
            return
        self._run("begin immediate")
        try:
            yield
        except sqlite3.Error as e:
            self._roll_back()
            raise DoorShut("DATABASE_WRONG", detail=str(e)) from e
        except BaseException:
            self._roll_back()
            raise
        self._run("commit")

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

    # -- meta -------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        found = self._rows("select value from meta where key = ?", (key,))
        return found[0]["value"] if found else None

    def set_meta(self, key: str, value: str) -> None:
        with self.writing():
            self._table("meta").upsert({"key": key, "value": value}, pk="key")

    def first_meta(self, key: str, value: str) -> str:
        """The value that stood first under this key: `value` only if none did."""
        with self.writing():
            self._run("insert or ignore into meta values (?, ?)", (key, value))
        return self.meta(key) or value

    # -- mails ------------------------------------------------------------------

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
        with self.writing():
            self._run("update readings set attempts = attempts + 1 where sha256 = ?", (sha256,))
        found = self._rows("select attempts from readings where sha256 = ?", (sha256,))
        return int(found[0]["attempts"])

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
        with self.writing():
            self._run("delete from parts where sha256 = ?", (sha256,))
            self._table("parts").insert_all({"sha256": sha256, **p} for p in parts)
            self._run(
                "update readings set state = 'done', message = ?, ours = ?, reader_version = ?,"
                " read_at = ?, error = null where sha256 = ?",
                (_json(message), int(ours), version, iso(at), sha256),
            )

    def fail_reading(
        self, sha256: str, error: str, message: Mapping[str, Any], at: datetime
    ) -> None:
        """Sets a mail aside for a person after its last attempt."""
        with self.writing():
            self._run(
                "update readings set state = 'failed', error = ?, message = ?, read_at = ?"
                " where sha256 = ?",
                (error, _json(message), iso(at), sha256),
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

    def mail_facts(self, at: datetime | None = None) -> tuple[MailFact, ...]:
        """Every mail that had arrived at `at`, one for each distinct content; all without it.

        What was read in a mail is parsed once: `read_at` changes with every reading. A mail
        of which nothing changed is the same object each time.
        """
        rows = self._rows(
            f"select min(m.id) as id, m.sha256, {_ARRIVAL} as received_at, r.state,"
            " r.ours, coalesce(r.read_at, '') || r.state as mark,"
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
            known = (row, read, _mail_fact(r, *read[1:]))
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
                parts.setdefault(p["sha256"], []).append(_part_fact(p))
            for r in self._rows(f"select sha256, message from readings where sha256 {among}", some):
                sha = r["sha256"]
                message = json.loads(r["message"]) if r["message"] else {}
                self._read[sha] = (marks[sha], message, tuple(parts.get(sha, ())))

    def mail_bytes_of(self, mail_id: int) -> str | None:
        """The sha256 of a mail by its number."""
        found = self._rows("select sha256 from mails where id = ?", (mail_id,))
        return found[0]["sha256"] if found else None

    # -- looks --------------------------------------------------------------------

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

    def last_complete_look(self, at: datetime | None = None) -> datetime | None:
        """When the last complete look began."""
        found = self._rows(
            "select max(started_at) as at from looks where complete = 1 and started_at <= ?",
            (iso(at) if at else "9999",),
        )
        return moment(found[0]["at"]) if found[0]["at"] else None

    # -- decisions ------------------------------------------------------------------

    def decide(
        self, campaign: str, at: datetime, by: str, why: str, verb: str, args: Mapping[str, Any]
    ) -> int:
        """Records a decision; its number."""
        with self.writing():
            cursor = self._run(
                "insert into decisions (at, by, why, campaign, verb, args) values (?,?,?,?,?,?)",
                (iso(at), by, why, campaign, verb, _json(args)),
            )
        return int(cursor.lastrowid or 0)

    def undo(self, campaign: str, at: datetime, by: str, why: str, number: int) -> int:
        """Records that a decision no longer holds; a row like any other."""
        with self.writing():
            cursor = self._run(
                "insert into decisions (at, by, why, campaign, verb, args, undoes)"
                " values (?, ?, ?, ?, 'undo', '{}', ?)",
                (iso(at), by, why, campaign, number),
            )
        return int(cursor.lastrowid or 0)

    def has_decision(self, campaign: str, number: int) -> bool:
        """Whether this is the number of a decision, or of one that undid another."""
        found = self._rows(
            "select 1 from decisions where campaign = ? and id = ?", (campaign, number)
        )
        return bool(found)

    def decisions(self, campaign: str, at: datetime) -> tuple[Decision, ...]:
        """Decisions up to `at`; one that another undoes is marked, an undone undo is not one."""
        rows = self._rows(
            "select * from decisions where campaign = ? and at <= ? order by id",
            (campaign, iso(at)),
        )
        undone: dict[int, bool] = {}
        for r in reversed(rows):
            if r["undoes"] is not None and not undone.get(r["id"]):
                undone[r["undoes"]] = True
        return tuple(
            Decision(
                r["id"],
                moment(r["at"]),
                r["by"],
                r["why"],
                r["verb"],
                json.loads(r["args"]),
                undone.get(r["id"], False),
            )
            for r in rows
            if r["undoes"] is None
        )

    # -- letters ----------------------------------------------------------------------

    def add_letter(self, row: Mapping[str, Any], at: datetime) -> None:
        """Records a letter as queued, held or missed. One that was withdrawn is revived;
        one that left is never touched."""
        with self.writing():
            old = self._rows("select state from letters where key = ?", (row["key"],))
            if old and old[0]["state"] not in ("withdrawn", "missed"):
                return
            self._table("letters").upsert(
                {**row, "to": _json(row["to"]), "cc": _json(row["cc"]), "queued_at": iso(at)},
                pk="key",
            )

    def begin_sending(self, key: str, duties: Iterable[str], at: datetime, **changes: Any) -> bool:
        """Marks a letter as leaving and settles its duties in one transaction.

        False, and nothing written, when a duty was settled by another letter: each is
        said once.
        """
        with self.writing():
            for duty in duties:
                taken = self._rows("select letter, outcome from said where duty = ?", (duty,))
                free = not taken or taken[0]["outcome"] in ("queued", "missed")
                if not free and taken[0]["letter"] != key:
                    return False
            for duty in duties:
                self._run(
                    "insert into said (duty, letter, at, outcome) values (?, ?, ?, 'sending')"
                    " on conflict (duty) do update set letter = excluded.letter,"
                    " at = excluded.at, outcome = excluded.outcome",
                    (duty, key, iso(at)),
                )
            self.change_letter(key, state="sending", phase="begun", **changes)
        return True

    def change_letter(self, key: str, **changes: Any) -> None:
        """Writes a letter's progress before (or right after) it is made."""
        assigned = ", ".join(f'"{name}" = ?' for name in changes)
        values = [_plain(v) for v in changes.values()]
        with self.writing():
            self._run(f"update letters set {assigned} where key = ?", (*values, key))
            if "state" in changes:
                self._run("update said set outcome = ? where letter = ?", (changes["state"], key))

    def letters(self, campaign: str, *states: LetterState) -> tuple[LetterRow, ...]:
        """Every letter, or those in these states, but for its text, in the order in which they
        were queued."""
        among = f" and state in ({','.join('?' * len(states))})" if states else ""
        rows = self._rows(
            f"select {_LETTER_COLUMNS} from letters where campaign = ?{among}"
            " order by queued_at, key",
            (campaign, *states),
        )
        return tuple(_letter_row(r) for r in rows)

    def settled(
        self, campaign: str, before: datetime | None = None
    ) -> tuple[frozenset[str], dict[str, datetime]]:
        """Duties that a letter settled, and those that were missed with the time when that
        was found, without the campaign's name."""
        rows = self._rows(
            "select duty, at, outcome from said"
            " where duty between ? and ? and outcome != 'queued' and at < ?",
            (f"{campaign}/", f"{campaign}/\U0010ffff", iso(before) if before else "9999"),
        )
        start = len(campaign) + 1
        missed = {r["duty"][start:]: _time(r["at"]) for r in rows if r["outcome"] == "missed"}
        said = (r["duty"][start:] for r in rows if r["outcome"] != "missed")
        return frozenset(said), missed

    def miss_duties(self, campaign: str, duties: Iterable[str], at: datetime) -> None:
        """Records duties whose time ran out unsaid; one that staff moved since, anew."""
        with self.writing():
            for duty in duties:
                self._run(
                    "insert into said (duty, letter, at, outcome) values (?, '', ?, 'missed')"
                    " on conflict (duty) do update set at = excluded.at, letter = '',"
                    " outcome = 'missed' where outcome in ('missed', 'queued')",
                    (f"{campaign}/{duty}", iso(at)),
                )

    def knows_message_id(self, ids: Iterable[str]) -> bool:
        """Whether one of these Message-IDs is that of a letter of ours."""
        return any(
            self._rows("select 1 from letters where message_id = ? limit 1", (i,)) for i in ids
        )

    def knows_token(self, subject: str) -> bool:
        """Whether a subject bears the token of a letter of ours."""
        rows = self._rows("select 1 from letters where instr(?, token) > 0 limit 1", (subject,))
        return bool(rows)

    # -- addresses ----------------------------------------------------------------------

    def mark_address(
        self, address: str, unit: str | None, state: str, evidence: str, at: datetime
    ) -> None:
        with self.writing():
            self._table("addresses").upsert(
                {
                    "address": address,
                    "unit": unit,
                    "state": state,
                    "evidence": evidence,
                    "at": iso(at),
                },
                pk="address",
            )

    def bad_addresses(self) -> dict[str, datetime]:
        """Addresses that refused a letter of ours, and when."""
        rows = self._rows("select address, at from addresses where state = 'bad'")
        return {r["address"]: _time(r["at"]) for r in rows}

    # -- derived ----------------------------------------------------------------------

    def save_ledger(self, campaign: str, ledger: Ledger) -> None:
        """Writes the derived tables anew, for those who look into the database."""
        with self.writing():
            self._run("delete from submissions where campaign = ?", (campaign,))
            self._run('delete from "values" where campaign = ?', (campaign,))
            self._table("submissions").insert_all(
                {
                    "campaign": campaign,
                    "id": s.id,
                    "mail": s.mail,
                    "part": s.part,
                    "form": s.form,
                    "material": s.material,
                    "unit": s.unit,
                    "deadlines": _json(s.deadlines),
                    "arrived_at": iso(s.arrived_at),
                    "version": s.version,
                    "status": s.status,
                    "trust": s.trust,
                    "why": s.why,
                }
                for s in ledger.submissions
            )
            self._table("values").insert_all(
                {
                    "campaign": campaign,
                    "submission": s.id,
                    "field": key,
                    "label": f.get("label"),
                    "unit": f.get("unit"),
                    "raw": f.get("raw"),
                    "value": _json(f.get("value")),
                    "state": f.get("state"),
                    "approx": int(bool(f.get("approx"))),
                }
                for s in ledger.submissions
                for key, f in (s.read.get("fields") or {}).items()
            )

    # -- imported files -------------------------------------------------------------------

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

    def knows(self, sha256: str) -> bool:
        """Whether these bytes were kept before."""
        return bool(self._rows("select 1 from readings where sha256 = ?", (sha256,)))

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

    # -- keeping and forgetting -------------------------------------------------------------

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

    def tables(self) -> tuple[str, ...]:
        """The names of all tables."""
        rows = self._rows("select name from sqlite_schema where type = 'table' order by name")
        return tuple(r["name"] for r in rows if not r["name"].startswith("sqlite_"))

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table, as it lies there."""
        if table not in self.tables():
            raise ValueError(table)
        return self._rows(f'select * from "{table}" order by rowid')

    def mark(self, kind: str, text: str) -> str:
        """What is left of something forgotten: enough to know it again, not to learn it."""
        key = self.first_meta("forget_key", secrets.token_hex(32))
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
            for table in ("mails", "parts", "readings"):
                self._run(
                    f"update or replace {table} set sha256 = ? where sha256 = ?", (mark, sha256)
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
        """Records that forgotten bytes stand at this place too."""
        with self.writing():
            self._run(
                "insert or ignore into mails (account, folder, uidvalidity, uid, sha256,"
                " received_at, seen_at, source) values (?, ?, ?, ?, ?, ?, ?, ?)",
                (*place, self.mark("mail", sha256), iso(at), iso(at), source),
            )

    def delete_campaign(self, slug: str) -> None:
        """Every row that bears this campaign's name, but its mails."""
        with self.writing():
            self._run(
                "delete from said where duty like ? or letter like ?", (f"{slug}/%", f"{slug}/%")
            )
            for table in ("letters", "decisions", "submissions", "values"):
                self._run(f'delete from "{table}" where campaign = ?', (slug,))

    def drop_letter_file(self, sha256: str) -> None:
        with self.writing():
            self._run("update letters set eml_sha256 = null where eml_sha256 = ?", (sha256,))

    def take_reading(self, mark: str, other: Store | None) -> None:
        """What was read in a forgotten mail, as another database still has it."""
        if other is None:
            return
        with self.writing():
            for table in ("readings", "parts"):
                rows = (r for r in other.rows(table) if r["sha256"] == mark)
                self._table(table).insert_all(rows, replace=True)
        self._read.clear()

    def drop_address(self, address: str) -> None:
        with self.writing():
            self._run("delete from addresses where address = ?", (address,))

    def blank_decision(self, number: int, harmless: Iterable[str], gone: str) -> None:
        """Takes out of a decision all but what names units, deadlines and parts."""
        (row,) = self._rows("select args from decisions where id = ?", (number,))
        kept = set(harmless)
        args = {k: v if k in kept else gone for k, v in json.loads(row["args"]).items()}
        with self.writing():
            self._run(
                "update decisions set args = ?, why = '', by = ? where id = ?",
                (_json(args), gone, number),
            )

    def scrub(self, change: Callable[[str], str]) -> int:
        """Rewrites every text of every table; how many rows changed."""
        changed = 0
        with self.writing():
            for table in self.tables():
                if table in ("meta", "forgotten"):
                    continue
                for row in self._rows(f'select rowid as "_row", * from "{table}"'):
                    number = row.pop("_row")
                    new = {k: change(v) for k, v in row.items() if isinstance(v, str)}
                    new = {k: v for k, v in new.items() if v != row[k]}
                    if new:
                        sets = ", ".join(f'"{k}" = ?' for k in new)
                        self._run(
                            f'update or replace "{table}" set {sets} where rowid = ?',
                            (*new.values(), number),
                        )
                        changed += 1
        self._read.clear()
        return changed

    # -- mails that were acted upon ---------------------------------------------------------

    def hear(self, heard: Heard) -> None:
        """Records that a mail was acted upon; together with what was decided, in one
        transaction of the caller's."""
        with self.writing():
            row = {n: getattr(heard, n) for n in Heard.__dataclass_fields__}
            self._table("heard").insert({**row, "at": iso(heard.at), "told": _json(heard.told)})

    def is_heard(self, mail: MailFact) -> bool:
        """Whether these bytes, or another copy of the same mail, were acted upon."""
        sql = "select 1 from heard where sha256 = ? or (message_id = ? and sender = ?) limit 1"
        return bool(self._rows(sql, (mail.sha256, mail.message_id, mail.sender)))

    def heard(self, campaign: str, at: datetime | None = None) -> tuple[Heard, ...]:
        """Mails acted upon up to `at`, in their order."""
        rows = self._rows(
            "select * from heard where campaign = ? and at <= ? order by at, mail, sha256",
            (campaign, iso(at) if at else "9999"),
        )
        return tuple(
            Heard(**{**r, "at": _time(r["at"]), "told": json.loads(r["told"])}) for r in rows
        )

    def decision_numbers(self, campaign: str) -> dict[int, bool]:
        """Every decision's number, those that undo others too, and whether it is in force."""
        rows = self._rows(
            "select id, undoes from decisions where campaign = ? order by id desc", (campaign,)
        )
        force: dict[int, bool] = {}
        undone: set[int] = set()
        for r in rows:
            force[r["id"]] = r["id"] not in undone
            if r["undoes"] is not None and force[r["id"]]:
                undone.add(r["undoes"])
        return force

    def letter_text(self, key: str) -> str:
        """What a letter said, in plain text."""
        found = self._rows("select text from letters where key = ?", (key,))
        return str(found[0]["text"]) if found else ""


def left(state: str) -> bool:
    """Whether a letter in this state left, or may have."""
    return state in _LEFT


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return _json(value) if isinstance(value, list | tuple) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _part_fact(r: Mapping[str, Any]) -> PartFact:
    return PartFact(
        path=r["path"],
        name=r["name"],
        outcome=r["outcome"],
        form=r["form"],
        read=json.loads(r["read"]),
        text=r["text"],
        content_type=r["content_type"],
        size=r["size"],
        sha256=r["part_sha256"],
    )


def _mail_fact(
    r: Mapping[str, Any], message: Mapping[str, Any], parts: tuple[PartFact, ...]
) -> MailFact:
    return MailFact(
        id=r["id"],
        sha256=r["sha256"],
        received_at=_time(r["received_at"]),
        sender=message.get("from"),
        sender_name=message.get("from_name") or "",
        subject=message.get("subject") or "",
        text=message.get("text") or "",
        parts=parts,
        automatic=message.get("automatic"),
        ours=bool(r["ours"]),
        message_id=message.get("message_id"),
        links=tuple(message.get("links") or ()),
        headers=tuple((k, v) for k, v in message.get("headers") or ()),
        state=r["state"],
        nil=bool(message.get("nil")),
        proof=(message.get("proof") or {}).get("verdict") or "none",
        changes=tuple((k, v) for k, v in message.get("changes") or ()),
        doubts=(*(message.get("doubts") or ()), *_arrival_doubt(r["problem"])),
        bounce=message.get("bounce"),
    )


def _arrival_doubt(code: str | None) -> Iterator[Mapping[str, Any]]:
    """An imported mail of which every copy has a guessed arrival."""
    if code is not None:
        yield {"code": code, "where": "arrival", "facts": {}}


def _letter_row(r: Mapping[str, Any]) -> LetterRow:
    given = dict(r)
    for name in ("due_at", "not_after", "queued_at", "sent_at", "next_try_at"):
        given[name] = _time(given[name]) if given[name] else None
    given["to"], given["cc"] = _texts(r["to"]), _texts(r["cc"])
    return LetterRow(**given)


@lru_cache(maxsize=100_000)
def _texts(packed: str) -> tuple[str, ...]:
    return tuple(json.loads(packed))


@lru_cache(maxsize=100_000)
def _time(text: str) -> datetime:
    """A time that we wrote ourselves (moments.iso)."""
    return datetime.fromisoformat(text).astimezone(ZONE)


_LETTER_COLUMNS = ", ".join(f'"{name}"' for name in LetterRow.__dataclass_fields__)
