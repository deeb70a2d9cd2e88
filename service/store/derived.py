"""The ledger written out for those who look into the database: rows `submissions` and `values`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from service.moments import iso
from service.store.connection import Connection
from service.store.rows import as_json
from service.types import Ledger, Submission

_ADD_SUBMISSION = """
insert into submissions (campaign, id, mail, part, form, material, unit, deadlines, arrived_at,
  version, status, trust, why) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_VALUE = """
insert into "values" (campaign, submission, field, label, unit, raw, value, state, approx)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Derived(Connection):
    """Nothing in the service reads these rows back."""

    def __init__(self, path: Path, create: bool = True) -> None:
        self._written: dict[str, dict[str, Submission]] = {}
        super().__init__(path, create)

    def save_ledger(self, campaign: str, ledger: Ledger) -> None:
        """Brings the derived tables up to the ledger: anew the first time, then only the
        returns that are not the same as when they were last written here."""
        now = {s.id: s for s in ledger.submissions}
        before = self._written.get(campaign)
        with self.writing():
            if before is None:
                self._run("delete from submissions where campaign = ?", (campaign,))
                self._run('delete from "values" where campaign = ?', (campaign,))
                before = {}
            changed = [s for s in now.values() if before.get(s.id) is not s]
            self._drop(campaign, (old.id for old in before.values() if now.get(old.id) is not old))
            self._db.conn.executemany(_ADD_SUBMISSION, (_submission(campaign, s) for s in changed))
            self._db.conn.executemany(_ADD_VALUE, _values(campaign, changed))
        self._written[campaign] = now

    def _drop(self, campaign: str, ids: Iterable[str]) -> None:
        for i in ids:
            self._run("delete from submissions where campaign = ? and id = ?", (campaign, i))
            self._run('delete from "values" where campaign = ? and submission = ?', (campaign, i))


def _submission(campaign: str, s: Submission) -> tuple[Any, ...]:
    about = (s.id, s.mail, s.part, s.form, s.material, s.unit, as_json(s.deadlines))
    return (campaign, *about, iso(s.arrived_at), s.version, s.status, s.trust, s.why)


def _values(campaign: str, changed: Iterable[Submission]) -> Iterator[tuple[Any, ...]]:
    for s in changed:
        for key, f in (s.read.get("fields") or {}).items():
            said = (f.get("label"), f.get("unit"), f.get("raw"), as_json(f.get("value")))
            yield (campaign, s.id, key, *said, f.get("state"), int(bool(f.get("approx"))))
