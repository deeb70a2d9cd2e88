"""A mailbox that is a list, with the face of the real door (service.arrivals.MailboxDoor)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from parsers.mail_headers import mentions
from service.arrivals import (
    Arrived,
    Cursors,
    Failed,
    FolderLook,
    FolderMissing,
    Look,
    MailboxError,
)


class ListMailbox:
    """Folders of mails with UIDs; `error` shuts the door, `poison` UIDs do not come,
    `vanishing` ones leave while they are looked at."""

    def __init__(self, folders: Iterable[str] = ("INBOX",)) -> None:
        self.uidvalidity = 1
        self.mails: dict[str, dict[int, Arrived]] = {name: {} for name in folders}
        self.error: MailboxError | None = None
        self.poison: set[tuple[str, int]] = set()
        self.looks = 0
        self.before_look: Callable[[], None] | None = None
        self.vanishing: set[tuple[str, int]] = set()
        self._next_uid = 1
        self._is_new = False

    def deliver(self, raw: bytes, received_at: datetime, folder: str = "INBOX") -> int:
        """Puts a mail into a folder and says its UID."""
        uid, self._next_uid = self._next_uid, self._next_uid + 1
        mail = Arrived(folder, self.uidvalidity, uid, received_at, raw)
        self.mails.setdefault(folder, {})[uid] = mail
        self._is_new = True
        return uid

    def move(self, uid: int, folder: str, to: str) -> int:
        """Another client moves a mail: it stands in the other folder under a new UID."""
        mail = self.mails[folder].pop(uid)
        return self.deliver(mail.raw or b"", mail.received_at, to)

    def renumber(self) -> None:
        """A new UIDVALIDITY: the same mails under other numbers."""
        self.uidvalidity += 1
        old, self.mails = self.mails, {name: {} for name in self.mails}
        for name, mails in old.items():
            for mail in mails.values():
                self.deliver(mail.raw or b"", mail.received_at, name)

    def look(
        self,
        cursors: Cursors,
        keep: Callable[[Arrived], None],
        skip: Callable[[Failed], None] | None = None,
    ) -> Look:
        self.looks += 1
        self._is_new = False
        if self.before_look is not None:
            self.before_look()
        self._check()
        looks = tuple(self._folder(name, cursors, keep, skip) for name in self.mails)
        return Look(not any(f.failed for f in looks), looks)

    def fetch(
        self,
        folder: str,
        uidvalidity: int,
        uids: Iterable[int],
        keep: Callable[[Arrived], None],
        gone: Callable[[Failed], None] | None = None,
    ) -> tuple[Failed, ...]:
        self._check()
        failed: list[Failed] = []
        for uid in sorted(set(uids)):
            mail = self.mails.get(folder, {}).get(uid)
            if mail is None or uidvalidity != self.uidvalidity:
                if gone is not None:
                    gone(Failed(folder, uidvalidity, uid, "GONE"))
            elif (folder, uid) in self.poison:
                failed.append(Failed(folder, uidvalidity, uid, "NOT_DELIVERED"))
            else:
                keep(mail)
        return tuple(failed)

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Looks every moment whether something was delivered since the last look."""
        until = time.monotonic() + seconds
        while not (stop.is_set() or self._is_new) and time.monotonic() < until:
            stop.wait(0.02)
        return self._is_new

    def cut(self) -> None:
        return None

    def list_folders(self) -> tuple[str, ...]:
        self._check()
        return tuple(self.mails)

    def find_token(self, folder: str, token: str, since: datetime) -> bool:
        self._check()
        if folder not in self.mails:
            raise FolderMissing(folder)
        return any(mentions(m.raw or b"", token) for m in self.mails[folder].values())

    def oldest(self, folder: str) -> datetime | None:
        self._check()
        dates = [mail.received_at for mail in self.mails.get(folder, {}).values()]
        return min(dates, default=None)

    def uids(self, folder: str) -> tuple[int, tuple[int, ...]] | None:
        self._check()
        if folder not in self.mails:
            return None
        return self.uidvalidity, tuple(sorted(self.mails[folder]))

    def close(self) -> None:
        return None

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    def _folder(
        self,
        name: str,
        cursors: Cursors,
        keep: Callable[[Arrived], None],
        skip: Callable[[Failed], None] | None,
    ) -> FolderLook:
        cursor = cursors.get((name, self.uidvalidity), 0)
        uids = [uid for uid in sorted(self.mails[name]) if uid > cursor]
        failed: list[Failed] = []
        for uid in uids:
            if (name, uid) in self.vanishing:
                self.mails[name].pop(uid)
                failed.append(Failed(name, self.uidvalidity, uid, "GONE"))
            elif (name, uid) in self.poison:
                failed.append(Failed(name, self.uidvalidity, uid, "NOT_DELIVERED"))
                if skip is not None:
                    skip(failed[-1])
            else:
                keep(self.mails[name][uid])
        highest = uids[-1] if uids else None
        new = len(uids) - len(failed)
        return FolderLook(name, self.uidvalidity, None, highest, new, tuple(failed))
