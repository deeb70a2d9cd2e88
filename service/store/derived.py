"""The ledger written out for those who look into the database: rows `submissions` and `values`."""

from __future__ import annotations

from service.moments import iso
from service.store.connection import Connection
from service.store.rows import as_json
from service.types import Ledger


class Derived(Connection):
    """Nothing in the service reads these rows back."""

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
                    "deadlines": as_json(s.deadlines),
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
                    "value": as_json(f.get("value")),
                    "state": f.get("state"),
                    "approx": int(bool(f.get("approx"))),
                }
                for s in ledger.submissions
                for key, f in (s.read.get("fields") or {}).items()
            )
