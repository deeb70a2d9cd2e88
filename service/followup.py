"""Following up mail that did not come (补取): skipped mails again, and once a day a comparison.

Every mail that stands in the mailbox must have a row. A cursor alone cannot promise that
(a restored backup, a server that lost its count), so each day's first look compares the
server's UIDs with our rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from service.arrivals import Arrived, Failed, Look, MailboxDoor
from service.store import GONE, Store

_COMPARED = "mailbox_compared"

Keep = Callable[[Arrived], None]
Skip = Callable[[Failed], None]

log = logging.getLogger(__name__)


class FollowUp:
    """What is owed to one mailbox beside its new mail."""

    def __init__(self, account: str, mailbox: MailboxDoor, store: Store) -> None:
        self._account = account
        self._mailbox = mailbox
        self._store = store

    def retry(self, keep: Keep, now: datetime) -> None:
        """Tries mails that did not come earlier.

        One that has left the mailbox is settled: its row stays, to be shown, and is not
        tried again. Moved to another folder, it comes from there.
        """
        by_folder: dict[tuple[str, int], list[int]] = {}
        for folder, uidvalidity, uid in self._store.skipped(self._account):
            by_folder.setdefault((folder, uidvalidity), []).append(uid)

        def settle(failed: Failed) -> None:
            log.warning("mail %s %s left the mailbox unfetched", failed.folder, failed.uid)
            self._store.skip_mail(self._place(failed), now, GONE)

        for (folder, uidvalidity), uids in by_folder.items():
            self._mailbox.fetch(folder, uidvalidity, uids, keep, settle)

    def again(self, hashes: Iterable[str], keep: Keep) -> None:
        """Fetches mails anew whose originals were lost on the disk; one that has left the
        mailbox meanwhile does not come."""
        for folder, uidvalidity, uid in self._store.places(self._account, hashes):
            log.warning("mail %s %s is fetched again: its original is lost", folder, uid)
            self._mailbox.fetch(folder, uidvalidity, [uid], keep)

    def compare(self, look: Look, keep: Keep, skip: Skip, now: datetime) -> int:
        """Once a day, fetches or skips every mail on the server that has no row; how many."""
        today = now.date().isoformat()
        if self._store.meta(_COMPARED) == today:
            return 0
        found = sum(self._compare_folder(f.folder, keep, skip) for f in look.folders)
        self._store.set_meta(_COMPARED, today)
        return found

    def _compare_folder(self, folder: str, keep: Keep, skip: Skip) -> int:
        told = self._mailbox.uids(folder)
        if told is None:
            return 0
        uidvalidity, uids = told
        rows = self._store.uids(self._account, folder, uidvalidity)
        # what arrived since the look is the next look's
        missing = [uid for uid in uids if uid not in rows and uid < max(rows, default=0)]
        if missing:
            log.warning("%d mails of %s had no row: %s", len(missing), folder, missing[:20])
            for failed in self._mailbox.fetch(folder, uidvalidity, missing, keep):
                skip(failed)
        return len(missing)

    def _place(self, failed: Failed) -> tuple[str, str, int, int]:
        return (self._account, failed.folder, failed.uidvalidity, failed.uid)


def only_vanished(look: Look) -> bool:
    """Whether a look is incomplete for no other reason than mails that left meanwhile."""
    opened = all(f.is_missing or f.uidvalidity is not None for f in look.folders)
    return opened and bool(look.failed) and all(f.code == "GONE" for f in look.failed)
