"""What people decided, and the mails that were acted upon: rows `decisions` and `heard`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.moments import iso, moment
from service.store.connection import Connection
from service.store.rows import as_json, as_time
from service.types import Decision, Heard, MailFact


class Decisions(Connection):
    """Added to, never overwritten: what undoes a decision is a row of its own."""

    def decide(
        self, campaign: str, at: datetime, by: str, why: str, verb: str, args: Mapping[str, Any]
    ) -> int:
        """Records a decision; its number."""
        with self.writing():
            cursor = self._run(
                "insert into decisions (at, by, why, campaign, verb, args) values (?,?,?,?,?,?)",
                (iso(at), by, why, campaign, verb, as_json(args)),
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

    def decisions(self, campaign: str, at: datetime | None = None) -> tuple[Decision, ...]:
        """Decisions up to `at`, or all; one that another undoes is marked, an undone undo is
        not one."""
        rows = self._rows(
            "select * from decisions where campaign = ? and at <= ? order by id",
            (campaign, iso(at) if at else "9999"),
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

    def newest_decision(self, campaign: str) -> int:
        """The number of the last decision or undoing that was recorded; 0 before the first."""
        found = self._rows(
            "select coalesce(max(id), 0) as id from decisions where campaign = ?", (campaign,)
        )
        return int(found[0]["id"])

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

    def hear(self, heard: Heard) -> None:
        """Records that a mail was acted upon; together with what was decided, in one
        transaction of the caller's."""
        with self.writing():
            row = {n: getattr(heard, n) for n in Heard.__dataclass_fields__}
            self._table("heard").insert({**row, "at": iso(heard.at), "told": as_json(heard.told)})

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
            Heard(**{**r, "at": as_time(r["at"]), "told": json.loads(r["told"])}) for r in rows
        )
