"""The story of leaving letters (发信): reconcile what ought to be said with what was, then flush.

Each letter has one key and each duty is settled once. Before a letter leaves it is checked
again: still wanted, still in time, and for a reminder a complete look at the mailbox that began
at most three minutes ago, repeated before each batch of ten. A letter whose fate is unknown is
flagged and never sent again blindly.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from service import envelope
from service.archive import Archive
from service.arrivals import MailboxDoor, MailboxError
from service.clock import Clock
from service.duties import Wanted
from service.outlook import Outlook
from service.postman import PostmanDoor, PostmanError
from service.store import LetterRow, Store
from service.types import Campaign, Letter

FRESH = timedelta(minutes=3)
BATCH = 10
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=2)
TO_UNITS = ("reminder", "receipt", "question", "notice")
_NOT_BEGUN = ("begun", "mail", "rcpt", "data")
"""Phases before the letter's own octets: a letter that stopped there surely was not sent."""

log = logging.getLogger(__name__)


class Compose(Protocol):
    """Puts a wanted letter into words."""

    def __call__(self, outlook: Outlook, wanted: Wanted) -> Letter: ...


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signs: our address, the name beside it, and the secret of our tokens."""

    address: str
    name: str
    secret: bytes
    hold_first_batch: bool = True
    sent_folder: str = "Sent Messages"


class Outbox:
    """The letters of one campaign."""

    def __init__(
        self,
        campaign: Campaign,
        sender: Sender,
        store: Store,
        archive: Archive,
        postman: PostmanDoor,
        clock: Clock,
        compose: Compose,
    ) -> None:
        self._campaign = campaign
        self._sender = sender
        self._store = store
        self._archive = archive
        self._postman = postman
        self._clock = clock
        self._compose = compose
        self.door_problem: str | None = None

    # -- after a crash ----------------------------------------------------------------

    def recover(self) -> None:
        """Judges letters that a dead process left in `sending` by the phase it recorded."""
        for row in self._store.letters(self._campaign.slug):
            if row.state == "sending":
                state = "queued" if row.phase in _NOT_BEGUN else "uncertain"
                self._store.change_letter(row.key, state=state)

    def settle(self, mailbox: MailboxDoor) -> None:
        """Looks for uncertain letters in Sent Messages by our token; found ones were sent."""
        for row in self._store.letters(self._campaign.slug):
            if row.state != "uncertain" or row.token is None or row.sent_at is None:
                continue
            try:
                found = mailbox.find_token(self._sender.sent_folder, row.token, row.sent_at)
            except MailboxError as e:
                log.warning("cannot settle %s: %s", row.key, e)
                return
            if found:
                self._store.change_letter(row.key, state="sent", said="found in Sent Messages")

    # -- reconcile --------------------------------------------------------------------

    def reconcile(self, outlook: Outlook) -> None:
        """Makes the recorded letters match the wanted ones: new ones queued or held, those
        no longer true withdrawn, those whose time ran out missed."""
        wanted = {self._key(w): w for w in outlook.wanted}
        known = {row.key: row for row in outlook.letters}
        for key, w in wanted.items():
            row = known.get(key)
            if row is None or row.state == "withdrawn":
                if key not in outlook.decided.withdrawn_keys:
                    self._store.add_letter(self._row(key, w, outlook), outlook.at)
            elif row.state == "held" and self._released(key, outlook):
                self._store.change_letter(key, state="queued")
        for key, row in known.items():
            if row.state in ("queued", "held"):
                self._let_go(row, wanted.get(key), outlook)

    def _let_go(self, row: LetterRow, wanted: Wanted | None, outlook: Outlook) -> None:
        if row.key in outlook.decided.withdrawn_keys:
            self._store.change_letter(row.key, state="withdrawn")
        elif row.not_after <= outlook.at:
            self._store.change_letter(row.key, state="missed")
        elif wanted is None and not self._resting(row, outlook):
            self._store.change_letter(row.key, state="withdrawn")

    def _resting(self, row: LetterRow, outlook: Outlook) -> bool:
        """A queued reminder outside office hours is not wanted now, but may be tomorrow;
        it leaves only if it is wanted then."""
        return row.kind == "reminder" and row.not_after > outlook.at

    def _row(self, key: str, w: Wanted, outlook: Outlook) -> dict[str, object]:
        held = w.kind in TO_UNITS and not self._released(key, outlook)
        return {
            "key": key,
            "campaign": self._campaign.slug,
            "kind": w.kind,
            "unit": w.unit,
            "deadline": w.deadline,
            "stage": w.stage,
            "state": "held" if held else "queued",
            "to": w.to,
            "cc": w.cc,
            "due_at": w.due_at.isoformat(timespec="seconds"),
            "not_after": w.not_after.isoformat(timespec="seconds"),
            "fingerprint": w.fingerprint,
            "mail": w.mail,
        }

    def _released(self, key: str, outlook: Outlook) -> bool:
        decided = outlook.decided
        return not self._sender.hold_first_batch or decided.released or key in decided.released_keys

    def _key(self, w: Wanted) -> str:
        return f"{self._campaign.slug}/{w.key}"

    # -- flush ------------------------------------------------------------------------

    def flush(self, outlook: Outlook, again: Callable[[], Outlook | None]) -> int:
        """Sends what is queued, one by one; how many left.

        `again` looks at the mailbox anew and gives the picture after it, or None when no
        complete look was possible: then no reminder leaves.
        """
        sent, reminders, looked = 0, 0, True
        queued = [r for r in self._store.letters(self._campaign.slug) if r.state == "queued"]
        for row in sorted(queued, key=_order):
            if row.next_try_at is not None and row.next_try_at > self._clock.now():
                continue
            if row.kind == "reminder":
                if not looked:
                    continue
                if reminders % BATCH == 0 and (reminders or not self._fresh(outlook)):
                    fresh = again()
                    looked = fresh is not None and self._fresh(fresh)
                    if fresh is None or not looked:
                        continue
                    outlook = fresh
                reminders += 1
            try:
                sent += self._send(row, outlook)
            except PostmanError as e:
                log.warning("SMTP: %s", e)
                self._put_back(row, e.code, str(e))
                self.door_problem = str(e)
                return sent
        return sent

    def send_now(self, outlook: Outlook, wanted: Wanted) -> int:
        """Sends one letter that a person asked for; how many left."""
        outlook = replace(outlook, wanted=(wanted,))
        self._store.add_letter(self._row(self._key(wanted), wanted, outlook), outlook.at)
        rows = {r.key: r for r in self._store.letters(self._campaign.slug)}
        try:
            return self._send(rows[self._key(wanted)], outlook)
        except PostmanError as e:
            self._store.change_letter(self._key(wanted), state="failed", code=e.code, said=str(e))
            self.door_problem = str(e)
            return 0

    def _fresh(self, outlook: Outlook) -> bool:
        started = outlook.last_look
        return started is not None and self._clock.now() - started <= FRESH

    def _send(self, row: LetterRow, outlook: Outlook) -> int:
        now = self._clock.now()
        wanted = next((w for w in outlook.wanted if self._key(w) == row.key), None)
        if wanted is None:
            self._let_go(row, None, outlook)
            return 0
        if wanted.not_after <= now:
            self._store.change_letter(row.key, state="missed")
            return 0
        if wanted.kind == "reminder" and not self._fresh(outlook):
            return 0
        letter = self._compose(outlook, wanted)
        mark = envelope.token(self._sender.secret, row.key)
        keyed = _with_key(letter, row.key)
        raw = envelope.build(keyed, self._sender.address, self._sender.name, mark, now)
        blob = self._archive.put(raw)
        duties = [f"{self._campaign.slug}/{d}" for d in wanted.duties]
        began = self._store.begin_sending(
            row.key,
            duties,
            now,
            to=wanted.to,
            cc=wanted.cc,
            subject=envelope.subject(keyed, mark),
            text=letter.text,
            eml_sha256=blob.sha256,
            token=mark,
            message_id=envelope.message_id(row.key, self._sender.address),
            fingerprint=wanted.fingerprint,
            sent_at=now,
            tries=row.tries + 1,
        )
        if not began:
            self._store.change_letter(row.key, state="withdrawn")
            return 0
        return self._deliver(row, (*wanted.to, *wanted.cc), raw, now)

    def _deliver(
        self, row: LetterRow, recipients: tuple[str, ...], raw: bytes, now: datetime
    ) -> int:
        def phase(name: str) -> None:
            self._store.change_letter(row.key, phase=name)

        delivery = self._postman.deliver(self._sender.address, recipients, raw, phase)
        facts: dict[str, object] = {
            "code": str(delivery.code) if delivery.code else None,
            "said": delivery.text,
        }
        for address, code, text in delivery.refused:
            self._store.mark_address(address, row.unit, "bad", f"{code} {text}", now)
        match delivery.state:
            case "sent":
                self._store.change_letter(row.key, state="sent", **facts)
            case "uncertain":
                self._store.change_letter(row.key, state="uncertain", **facts)
            case "refused":
                self._store.change_letter(row.key, state="failed", **facts)
            case "retry":
                self._put_back(row, str(facts["code"] or ""), delivery.text)
        return int(delivery.state in ("sent", "uncertain"))

    def _put_back(self, row: LetterRow, code: str, said: str) -> None:
        """Queues a letter that surely was not sent again, after a while that grows."""
        wait = min(FIRST_WAIT * 2 ** min(row.tries, 8), LONGEST_WAIT)
        self._store.change_letter(
            row.key,
            state="queued",
            next_try_at=self._clock.now() + wait,
            sent_at=None,
            code=code,
            said=said,
        )


def _with_key(letter: Letter, key: str) -> Letter:
    return replace(letter, key=key)


def _order(row: LetterRow) -> tuple[int, datetime, str]:
    """Answers first, then reminders, then what the staff get."""
    rank: Mapping[str, int] = {"alert": 0, "receipt": 1, "question": 1, "reminder": 2}
    return rank.get(row.kind, 3), row.due_at, row.key
