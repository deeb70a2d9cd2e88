"""Letters and what they settled, and addresses that refused one: rows `letters`, `said` and
`addresses`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from service.moments import iso
from service.store.connection import Connection
from service.store.rows import LETTER_COLUMNS, LetterRow, as_column, as_time, letter_row
from service.types import LetterState

_UNSAID = ("queued", "held", "withdrawn")
"""States of a letter that did not leave: what it began to settle is open again."""


class Letters(Connection):
    """Every letter has one key: saying it twice is saying it once."""

    def add_letter(self, row: Mapping[str, Any], at: datetime) -> None:
        """Records a letter as queued, held or missed. One that was withdrawn is revived;
        one that left is never touched."""
        with self.writing():
            old = self._rows("select state from letters where key = ?", (row["key"],))
            if old and old[0]["state"] not in ("withdrawn", "missed"):
                return
            new = {**row, "queued_at": at}
            names = ", ".join(f'"{name}"' for name in new)
            renewed = ", ".join(f'"{name}" = excluded."{name}"' for name in new)
            self._run(
                f"insert into letters ({names}) values ({', '.join('?' * len(new))})"
                f" on conflict (key) do update set {renewed}",
                [as_column(v) for v in new.values()],
            )

    def begin_sending(self, key: str, duties: Iterable[str], at: datetime, **changes: Any) -> bool:
        """Marks a letter as leaving and settles its duties in one transaction.

        False, and nothing written, when a duty was settled by another letter: each is
        said once.
        """
        with self.writing():
            for duty in duties:
                taken = self._rows("select letter, outcome from said where duty = ?", (duty,))
                free = not taken or taken[0]["outcome"] in (*_UNSAID, "missed")
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
        values = [as_column(v) for v in changes.values()]
        with self.writing():
            self._run(f"update letters set {assigned} where key = ?", (*values, key))
            if "state" in changes:
                self._run("update said set outcome = ? where letter = ?", (changes["state"], key))

    def letters(self, campaign: str, *states: LetterState) -> tuple[LetterRow, ...]:
        """Every letter, or those in these states, but for its text, in the order in which they
        were queued."""
        among = f" and state in ({','.join('?' * len(states))})" if states else ""
        cursor = self._run(
            f"select {LETTER_COLUMNS} from letters where campaign = ?{among}"
            " order by queued_at, key",
            (campaign, *states),
        )
        return tuple(map(letter_row, cursor.fetchall()))

    def letter_text(self, key: str) -> str:
        """What a letter said, in plain text."""
        found = self._rows("select text from letters where key = ?", (key,))
        return str(found[0]["text"]) if found else ""

    def settled(
        self, campaign: str, before: datetime | None = None
    ) -> tuple[frozenset[str], dict[str, datetime]]:
        """Duties that a letter settled, and those that were missed with the time when that
        was found, without the campaign's name."""
        rows = self._rows(
            "select duty, at, outcome from said"
            f" where duty between ? and ? and outcome not in {_UNSAID} and at < ?",
            (f"{campaign}/", f"{campaign}/\U0010ffff", iso(before) if before else "9999"),
        )
        start = len(campaign) + 1
        missed = {r["duty"][start:]: as_time(r["at"]) for r in rows if r["outcome"] == "missed"}
        said = (r["duty"][start:] for r in rows if r["outcome"] != "missed")
        return frozenset(said), missed

    def miss_duties(self, campaign: str, duties: Iterable[str], at: datetime) -> None:
        """Records duties whose time ran out unsaid; one that staff moved since, anew."""
        with self.writing():
            for duty in duties:
                self._run(
                    "insert into said (duty, letter, at, outcome) values (?, '', ?, 'missed')"
                    " on conflict (duty) do update set at = excluded.at, letter = '',"
                    f" outcome = 'missed' where outcome in {(*_UNSAID, 'missed')}",
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
        return {r["address"]: as_time(r["at"]) for r in rows}
