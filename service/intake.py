"""The story of arriving mail (收件): look, keep, then read. Never changes the mailbox.

Raw bytes are fsynced before a row exists; a row exists before anything looks inside.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from service.archive import Archive, ArchiveError, Staged
from service.arrivals import Arrived, Failed, Look, MailboxDoor, MailboxError
from service.clock import Clock
from service.errors import DoorShut
from service.followup import FollowUp, only_vanished
from service.knocking import Knocking
from service.moments import iso
from service.store import Store
from service.workers import WorkerFailed, Workers, WorkersBroken

ATTEMPTS = 3
AT_ONCE = 50
"""Mails whose rows are committed together: a commit waits for the disk."""
_UNREADABLE = "mail_unreadable"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """How a look at the mailbox went: when it began, whether it was complete, what was new."""

    started_at: datetime
    complete: bool
    new: int
    problem: str | None = None
    found: int = 0
    """Mails that no look had brought and the daily comparison found."""
    full: str = ""
    """Why there is no room for mail on the disk, in words; empty while there is."""


class OriginalLost(DoorShut):
    """A kept mail's bytes are missing on the disk or damaged: never that mail's fault."""

    def __init__(self, sha256: str) -> None:
        super().__init__("ORIGINAL_LOST", sha256=sha256[:12])


class Intake:
    """Brings mail from the mailbox into archive and store, and has it read."""

    def __init__(
        self,
        account: str,
        mailbox: MailboxDoor,
        archive: Archive,
        store: Store,
        workers: Workers,
        clock: Clock,
        chance: Callable[[], float] = random.random,
        room: Callable[[], None] = lambda: None,
        sender: str = "",
    ) -> None:
        self._account = account
        self._mailbox = mailbox
        self._archive = archive
        self._store = store
        self._workers = workers
        self._clock = clock
        self._knocking = Knocking(store, chance)
        self._followup = FollowUp(account, mailbox, store)
        self._room = room
        self._own = (account, sender)
        self._kept: list[tuple[tuple[str, str, int, int], Staged, datetime, datetime]] = []
        """Mails that wait to be safe on disk, and then for their rows."""
        self._new = 0
        self._lost: set[str] = set()
        """Mails whose originals the last reading did not find whole on the disk."""

    def look(self) -> Looked:
        """One look at every folder. A shut door is an answer, not an exception; a full disk
        is raised (DoorShut), because then nothing can be kept."""
        started = self._clock.now()
        number = self._store.begin_look(self._account, started)
        try:
            looked = self._look(started)
        except ArchiveError as e:
            self._store.end_look(number, self._clock.now(), False, 0, str(e))
            raise DoorShut("DISK_SHUT", detail=str(e)) from e
        self._store.end_look(number, self._clock.now(), looked.complete, looked.new, looked.problem)
        return looked

    def _look(self, started: datetime) -> Looked:
        """The look itself; none while the door must rest after it stayed shut."""
        resting = self._knocking.rest(started)
        if resting is not None:
            return Looked(started, False, 0, resting)
        before = self._new
        try:
            self._room()
        except DoorShut as e:
            log.error("%s", e)
            return Looked(started, False, 0, str(e), full=str(e))
        try:
            complete, found = self._bring(started)
        except MailboxError as e:
            self._settle()
            log.warning("look failed: %s", e)
            problem = self._knocking.failed(e, self._clock.now())
            return Looked(started, False, self._new - before, problem)
        self._knocking.opened(self._clock.now())
        return Looked(started, complete, self._new - before, found=found)

    def _bring(self, started: datetime) -> tuple[bool, int]:
        """Whether every mail came, and how many only the daily comparison found."""
        self._followup.retry(self._keep, started)
        self._followup.again(self._lost, self._keep)
        seen = self._look_through()
        if only_vanished(seen):
            # moved perhaps: once more at once, or a reminder waits for no reason
            seen = self._look_through()
        found = self._followup.compare(seen, self._keep, self._skip, started)
        self._settle()
        return seen.complete and not self._store.skipped(self._account), found

    def _look_through(self) -> Look:
        self._settle()
        seen = self._mailbox.look(self._store.cursors(self._account), self._keep, self._skip)
        self._settle()
        return seen

    def _keep(self, mail: Arrived) -> None:
        place = (self._account, mail.folder, mail.uidvalidity, mail.uid)
        if mail.raw is not None and self._is_forgotten(hashlib.sha256(mail.raw).hexdigest(), place):
            return
        staged = self._archive.stage((mail.raw,) if mail.raw is not None else mail.chunks or ())
        if mail.raw is None and self._is_forgotten(staged.blob.sha256, place):
            self._archive.drop(staged)
            return
        self._kept.append((place, staged, mail.received_at, self._clock.now()))
        if len(self._kept) >= AT_ONCE:
            self._settle()

    def _settle(self) -> None:
        """Makes the mails safe on disk, then gives them their rows, all or none: after a crash
        the cursor stands before those that have none, and they come again."""
        kept, self._kept = self._kept, []
        if not kept:
            return
        self._archive.settle([staged for _, staged, _, _ in kept])
        with self._store.writing():
            for place, staged, received_at, seen_at in kept:
                blob = staged.blob
                new = self._store.add_mail(place, blob.sha256, blob.size, received_at, seen_at)
                self._new += int(new)

    def _is_forgotten(self, sha256: str, place: tuple[str, str, int, int]) -> bool:
        """Whether staff had these bytes deleted (run.py forget): only their place is kept."""
        if not self._store.is_forgotten("mail", sha256):
            return False
        self._settle()  # no row before those of the mails before it
        self._store.add_erased(place, sha256, self._clock.now())
        return True

    def _skip(self, failed: Failed) -> None:
        log.warning("mail %s %s not delivered: %s", failed.folder, failed.uid, failed.code)
        place = (self._account, failed.folder, failed.uidvalidity, failed.uid)
        self._settle()  # no row before those of the mails before it
        self._store.skip_mail(place, self._clock.now(), failed.code)

    @property
    def reader(self) -> str:
        """Which reader its outcomes come from."""
        return self._workers.reader

    # -- reading ------------------------------------------------------------------

    def read_pending(self, enough: Callable[[], bool] = lambda: False) -> int:
        """Reads every kept mail that has no outcome yet, or until `enough`; how many got one.
        Should the readers not start, the rest waits for the next pass; a mail whose original is
        lost waits alone, and the next look fetches it again."""
        read = 0
        self._lost.clear()
        for sha256, received_at in self._store.pending():
            if enough():
                return read
            try:
                self._read(sha256, received_at)
            except OriginalLost as e:
                self._cannot_read(e)
                self._archive.set_aside(sha256)
                self._lost.add(sha256)
                continue
            except WorkersBroken as e:
                self._cannot_read(e)
                return read
            read += 1
        if self.unreadable and not self._lost:
            self._store.set_meta(_UNREADABLE, "{}")
        return read

    def read_one(self, sha256: str, received_at: datetime) -> None:
        """Reads one kept mail at once."""
        self._read(sha256, received_at)

    def read_all(self) -> int:
        """As `read_pending`, for who must know what stands in every mail: DoorShut when some
        could not be read for a reason of our own."""
        read = self.read_pending()
        if self.unreadable:
            raise DoorShut("DOOR_SHUT", detail=next(iter(self.unreadable.values())))
        return read

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Since when some mail cannot be read for a reason of our own, and the newest reason;
        empty while all can. Such a mail may be anybody's return."""
        kept: Mapping[str, str] = json.loads(self._store.meta(_UNREADABLE) or "{}")
        return kept

    def _cannot_read(self, error: DoorShut) -> None:
        log.error("%s", error)
        since = next(iter(self.unreadable), iso(self._clock.now()) or "")
        self._store.set_meta(_UNREADABLE, json.dumps({since: str(error)}, ensure_ascii=False))

    def _read(self, sha256: str, received_at: datetime) -> None:
        """One mail: what a poison mail does stays with it and costs three attempts."""
        try:
            raw = self._archive.lend(sha256)
        except ArchiveError as e:
            if e.code in ("DISK_MISSING", "DISK_CORRUPT"):
                raise OriginalLost(sha256) from e
            # our own failure: the mail is as good as before
            raise DoorShut("DISK_SHUT", detail=str(e)) from e
        problem = "attempts"
        while (attempt := self._store.count_attempt(sha256)) <= ATTEMPTS:
            # what is left of a mail whose pictures nobody survives is read by the last one
            last = attempt == ATTEMPTS
            read = self._workers.read_without_scans if last else self._workers.read_mail
            try:
                outcome = read(raw, received_at.date())
            except WorkersBroken:
                self._store.return_attempt(sha256)  # our own failure
                raise
            except WorkerFailed as e:
                log.warning("reading %s failed: %s %s", sha256[:12], e.kind, e.detail)
                problem = e.kind
            else:
                self._save(sha256, outcome)
                return
        self._store.fail_reading(sha256, problem, self._head(raw), self._clock.now())

    def _head(self, raw: bytes | Path) -> Mapping[str, Any]:
        """Who sent a mail that cannot be read: it may be that unit's return."""
        try:
            mail: Mapping[str, Any] = self._workers.read_head(raw)["mail"]
        except WorkerFailed:
            return {}
        return mail

    def _save(self, sha256: str, outcome: Mapping[str, Any]) -> None:
        rows = list(_flat(outcome["parts"]))
        ours = self._is_ours(outcome["mail"])
        self._store.save_reading(
            sha256, outcome["mail"], rows, ours, self.reader, self._clock.now()
        )

    def _is_ours(self, mail: Mapping[str, Any]) -> bool:
        """Ours is only what comes from our address, bears a token of ours and is marked
        automatic or bears a Message-ID of ours: the clerk writes from the same mailbox (DESIGN
        section 5), and whoever got a letter of ours knows its token."""
        if mail.get("from") not in self._own:
            return False
        headers = {str(k).lower(): str(v) for k, v in mail.get("headers") or ()}
        ids = (str(mail.get("message_id") or ""), headers.get("x-oq-msgid", "").strip())
        known_id = self._store.knows_message_id(ids)
        marked = headers.get("auto-submitted", "no").strip().lower() not in ("", "no")
        return (known_id or marked) and self._store.knows_token(str(mail.get("subject") or ""))


def _flat(parts: list[Mapping[str, Any]], prefix: str = "") -> Iterator[dict[str, Any]]:
    """Parts as rows, nested ones below the path of their container: `2`, `2.1`."""
    for number, part in enumerate(parts, start=1):
        path = f"{prefix}{number}"
        yield _row(path, part)
        yield from _flat(part.get("parts") or [], f"{path}.")


def _row(path: str, part: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("score", "margin", "header", "fields", "doubts", "kind", "stamp")
    kept = {k: part.get(k) for k in keys}
    return {
        "path": path,
        "name": part["name"],
        "outcome": part["outcome"],
        "form": part["form"],
        "content_type": part.get("content_type"),
        "size": part.get("size"),
        "part_sha256": part.get("sha256"),
        "read": json.dumps(kept, ensure_ascii=False),
        "text": part.get("text") or "",
    }
