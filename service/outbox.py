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

from service import chase, envelope
from service.archive import Archive, ArchiveError
from service.arrivals import MailboxDoor, MailboxError
from service.clock import Clock
from service.decisions import is_named
from service.errors import DoorShut
from service.moments import iso
from service.outlook import Outlook
from service.posting import Delivery, PostmanAuthRefused, PostmanDoor, PostmanError, is_final
from service.smtp_rest import AFTER_REFUSED_CODE, FIRST_WAIT, LONGEST_WAIT, Rest, is_ahead
from service.store import LetterRow, Store
from service.types import Campaign, Letter, LetterState
from service.wants import Wanted

FRESH = timedelta(minutes=3)
BATCH = 10
TO_UNITS = ("reminder", "receipt", "question")
_BEFORE_THE_DOT = ("begun", "mail", "rcpt", "data")
"""Phases before the final dot: a letter that stopped there surely was not sent."""

log = logging.getLogger(__name__)


class Compose(Protocol):
    """Puts a wanted letter into words."""

    def __call__(self, outlook: Outlook, wanted: Wanted) -> Letter: ...


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signs and at what pace: our address, the name beside it, the secret of our tokens."""

    address: str
    name: str
    secret: bytes
    hold_first_batch: bool = True
    sent_folder: str = "Sent Messages"
    letters_a_minute: float = 20


class _LookTooOld(Exception):
    """The look at the mailbox has grown too old just before MAIL FROM."""


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
        self._days = chase.workdays(campaign)
        self._rest = Rest(store)
        self.door_problem: str | None = None

    # -- after a crash ----------------------------------------------------------------

    def recover(self) -> None:
        """Judges letters that a pass which died left in `sending` by the phase it recorded."""
        for row in self._store.letters(self._campaign.slug, "sending"):
            if row.phase in _BEFORE_THE_DOT:
                self._store.change_letter(row.key, state="queued", sent_at=None)
            else:
                self._store.change_letter(row.key, state="uncertain")

    def settle(self, mailbox: MailboxDoor) -> None:
        """Looks for uncertain letters in Sent Messages by our token; found ones were sent."""
        for row in self._store.letters(self._campaign.slug, "uncertain"):
            if row.token is None or row.sent_at is None:
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
        wanted = self._by_key(outlook)
        known = {row.key: row for row in outlook.letters}
        with self._store.writing():
            for key, w in wanted.items():
                self._want(key, w, known.get(key), outlook)
            for key, row in known.items():
                if row.state not in ("queued", "held"):
                    continue
                if is_named(outlook.decided.withdrawn_keys, key):
                    self._store.change_letter(key, state="withdrawn")
                elif key not in wanted:
                    self._let_go(row, outlook)

    def _want(self, key: str, w: Wanted, row: LetterRow | None, outlook: Outlook) -> None:
        if row is None or row.state in ("withdrawn", "missed"):
            self._store.add_letter(self._row(key, w, outlook), outlook.at)
        elif row.state in ("queued", "held"):
            state = self._waits_as(w.kind, key, outlook)
            if (row.state, row.not_after) != (state, w.not_after):
                self._store.change_letter(key, state=state, not_after=w.not_after)

    def _let_go(self, row: LetterRow, outlook: Outlook) -> None:
        """What is not wanted now: missed if its time ran out, withdrawn if it is not true any
        more. A true reminder rests outside office hours and leaves only if wanted then."""
        if row.not_after <= outlook.at:
            self._store.change_letter(row.key, state="missed")
        elif row.kind != "reminder" or not _is_lacking(row, outlook):
            self._store.change_letter(row.key, state="withdrawn")

    def _row(self, key: str, w: Wanted, outlook: Outlook) -> dict[str, object]:
        return {
            "key": key,
            "campaign": self._campaign.slug,
            "kind": w.kind,
            "unit": w.unit,
            "deadline": w.deadline,
            "stage": w.stage,
            "state": self._waits_as(w.kind, key, outlook),
            "to": w.to,
            "cc": w.cc,
            "due_at": iso(w.due_at),
            "not_after": iso(w.not_after),
            "fingerprint": w.fingerprint,
            "mail": w.mail,
        }

    def _waits_as(self, kind: str, key: str, outlook: Outlook) -> LetterState:
        """Queued; held where it is for a unit and staff did not release it, or took that back."""
        decided = outlook.decided
        held = self._sender.hold_first_batch and not decided.released
        stays = held and kind in TO_UNITS and not is_named(decided.released_keys, key)
        return "held" if stays else "queued"

    def _by_key(self, outlook: Outlook) -> dict[str, Wanted]:
        return {self._key(w): w for w in outlook.wanted}

    def _key(self, w: Wanted) -> str:
        return f"{self._campaign.slug}/{w.key}"

    # -- flush ------------------------------------------------------------------------

    def flush(
        self,
        outlook: Outlook,
        again: Callable[[], Outlook | None],
        enough: Callable[[], bool] = lambda: False,
    ) -> int:
        """Sends what is queued, one by one; how many left.

        `again` looks at the mailbox anew and gives the picture after it, or None when no
        complete look was possible: then no reminder leaves. `enough` ends the pass between
        two letters.
        """
        sent, batch, looking = 0, 0, True
        wanted = self._by_key(outlook)
        for row in self._waiting():
            if enough():
                break
            if row.kind == "reminder":
                if not looking:
                    continue
                if batch == BATCH or not self._is_of_now(outlook):
                    fresh = again()
                    if fresh is None or not self._is_fresh(fresh):
                        looking = False
                        continue
                    outlook, wanted, batch = fresh, self._by_key(fresh), 0
                batch += 1
            left = self._try(row, wanted.get(row.key), outlook)
            if left is None:
                break
            sent += left
        return sent

    def _waiting(self) -> list[LetterRow]:
        """What is queued and may be tried now, in order; nothing while the door rests."""
        now = self._clock.now()
        resting = self._rest.problem(now)
        if resting is not None:
            self.door_problem = resting
            return []
        rows = self._store.letters(self._campaign.slug, "queued")
        ready = [r for r in rows if not (r.next_try_at and is_ahead(r.next_try_at, now))]
        return sorted(ready, key=_order)

    def _try(self, row: LetterRow, wanted: Wanted | None, outlook: Outlook) -> int | None:
        """1 if the letter left, 0 if not, None if the server wants to be left alone."""
        try:
            delivery = self._send(row, wanted, outlook)
        except PostmanError as e:
            log.warning("SMTP: %s", e)
            self._put_back(row, e.code, str(e), later=False)
            least = AFTER_REFUSED_CODE if isinstance(e, PostmanAuthRefused) else FIRST_WAIT
            self._leave_alone(least, str(e))
            return None
        if delivery is None:
            return 0
        if delivery.state == "retry" and _is_for_all(delivery):
            self._leave_alone(FIRST_WAIT, f"{delivery.code or ''} {delivery.text}".strip())
            return None
        if delivery.state == "sent":
            self._rest.over()
        self._clock.sleep(60 / self._sender.letters_a_minute)
        return int(delivery.state in ("sent", "uncertain"))

    def _leave_alone(self, least: timedelta, problem: str) -> None:
        self._rest.begin(least, problem, self._clock.now())
        self.door_problem = problem

    def send_now(self, outlook: Outlook, wanted: Wanted) -> int:
        """Sends one letter that a person asked for; how many left."""
        key = self._key(wanted)
        self._store.add_letter(self._row(key, wanted, outlook), outlook.at)
        row = next(r for r in self._store.letters(self._campaign.slug) if r.key == key)
        try:
            delivery = self._send(row, wanted, outlook)
        except PostmanError as e:
            self._store.change_letter(key, state="failed", code=e.code, said=str(e))
            self.door_problem = str(e)
            return 0
        if delivery is not None and delivery.state in ("retry", "refused"):
            self._store.change_letter(key, state="failed")
            self.door_problem = delivery.text
        return int(delivery is not None and delivery.state in ("sent", "uncertain"))

    def _is_of_now(self, outlook: Outlook) -> bool:
        """Whether the look is fresh and staff decided nothing since."""
        decided = self._store.newest_decision(self._campaign.slug)
        return self._is_fresh(outlook) and decided == outlook.newest

    def _is_fresh(self, outlook: Outlook) -> bool:
        started = outlook.last_look
        return started is not None and timedelta(0) <= self._clock.now() - started <= FRESH

    def _send(self, row: LetterRow, wanted: Wanted | None, outlook: Outlook) -> Delivery | None:
        """Checks once more that the letter is true, then hands it over; None if it stays."""
        now = self._clock.now()
        if wanted is None:
            self._let_go(row, outlook)
            return None
        if wanted.not_after <= now:
            self._store.change_letter(row.key, state="missed")
            return None
        if self._waits_as(wanted.kind, row.key, outlook) == "held":
            self._store.change_letter(row.key, state="held")
            return None
        is_reminder = wanted.kind == "reminder"
        if is_reminder and not (self._is_fresh(outlook) and self._days.in_office(now)):
            return None
        raw = self._begin(row, wanted, outlook, now)
        if raw is None:
            self._store.change_letter(row.key, state="withdrawn")
            return None

        def phase(name: str) -> None:
            # logging in may have taken its time: the look counts from MAIL FROM
            if name == "mail" and is_reminder and not self._is_fresh(outlook):
                raise _LookTooOld
            self._store.change_letter(row.key, phase=name)

        try:
            delivery = self._postman.deliver(
                self._sender.address, (*wanted.to, *wanted.cc), raw, phase
            )
        except _LookTooOld:
            self._store.change_letter(row.key, state="queued", sent_at=None)
            return None
        self._record(row, delivery, now)
        return delivery

    def _begin(
        self, row: LetterRow, wanted: Wanted, outlook: Outlook, now: datetime
    ) -> bytes | None:
        """Words the letter, keeps its bytes, marks it as leaving and settles its duties; None
        when another letter settled one of them."""
        letter = replace(self._compose(outlook, wanted), key=row.key)
        mark = envelope.token(self._sender.secret, row.key)
        raw = envelope.build(letter, self._sender.address, self._sender.name, mark, now)
        try:
            blob = self._archive.put(raw)
        except ArchiveError as e:
            raise DoorShut("DISK_SHUT", detail=str(e)) from e
        began = self._store.begin_sending(
            row.key,
            [f"{self._campaign.slug}/{d}" for d in wanted.duties],
            now,
            to=wanted.to,
            cc=wanted.cc,
            subject=envelope.subject(letter, mark),
            text=letter.text,
            eml_sha256=blob.sha256,
            token=mark,
            message_id=envelope.message_id(row.key, self._sender.address),
            fingerprint=wanted.fingerprint,
            sent_at=now,
            tries=row.tries + 1,
        )
        return raw if began else None

    def _record(self, row: LetterRow, delivery: Delivery, now: datetime) -> None:
        """Writes down how it went, and the addresses that refused it for good."""
        code = str(delivery.code) if delivery.code else None
        for address, answer, text in delivery.refused:
            if is_final(answer, text):
                self._store.mark_address(address, row.unit, "bad", f"{answer} {text}", now)
        if delivery.state == "retry":
            self._put_back(row, code or "", delivery.text)
            return
        state = "failed" if delivery.state == "refused" else delivery.state
        self._store.change_letter(row.key, state=state, code=code, said=delivery.text)

    def _put_back(self, row: LetterRow, code: str, said: str, later: bool = True) -> None:
        """Queues a letter that surely was not sent again, after a while that grows; `later`
        is off where the whole door rests."""
        wait = min(FIRST_WAIT * 2 ** min(row.tries, 8), LONGEST_WAIT)
        self._store.change_letter(
            row.key,
            state="queued",
            next_try_at=self._clock.now() + wait if later else None,
            sent_at=None,
            code=code,
            said=said,
        )


def _is_lacking(row: LetterRow, outlook: Outlook) -> bool:
    cell = outlook.ledger.cells.get((row.unit or "", row.deadline or ""))
    return cell is not None and cell.state in ("open", "missing")


def _is_for_all(delivery: Delivery) -> bool:
    """Whether the server refuses us rather than this letter: it broke off, is closing (421),
    or we are too fast for it (a 5xx that is not final)."""
    code = delivery.code
    return code is None or code == 421 or code >= 500 or "frequen" in delivery.text.lower()


def _order(row: LetterRow) -> tuple[int, datetime, str]:
    """Alerts first, then answers, then reminders, then what the staff get."""
    rank: Mapping[str, int] = {"alert": 0, "notice": 0, "receipt": 1, "question": 1, "reminder": 2}
    return rank.get(row.kind, 3), row.due_at, row.key
