"""The mails of one open folder, handed over one by one: the middle of the mailbox door.

Sizes first, then bodies in batches bounded in number and bytes, large mails piece by piece.
What goes wrong with one mail stays with that mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.arrivals import Arrived, Failed, MailboxError, MailboxProtocol
from service.imap import PIECE_BYTES, ImapSession
from service.imap_fetch import Fetched

LARGE_BYTES = 8 * PIECE_BYTES
BATCH_MAILS = 50
_BATCH_BYTES = 4 * PIECE_BYTES
_MEASURED_MAILS = 500
_TRIES = 3
_ABOUT = "(UID RFC822.SIZE INTERNALDATE)"
_WHOLE = "(UID BODY.PEEK[])"

Mail = tuple[str, int, int]
"""(folder, UIDVALIDITY, UID)."""


@dataclass(slots=True)
class Sweep:
    """Brings UIDs of one folder to `keep`, or names them to `skip`, in ascending order."""

    session: ImapSession
    folder: str
    uidvalidity: int
    keep: Callable[[Arrived], None]
    skip: Callable[[Failed], None]
    deaths: dict[Mail, int]
    """How often the connection died while a mail was on its way; outlives the sweep."""
    about: dict[int, Fetched] = field(default_factory=dict)
    """Size and date of the mails measured last."""

    def bring(self, uids: Sequence[int]) -> None:
        for start in range(0, len(uids), _MEASURED_MAILS):
            some = uids[start : start + _MEASURED_MAILS]
            self.about = self.session.fetch(some, _ABOUT) or {}
            for batch in self._batches(some):
                self._bring_batch(batch)

    def _batches(self, uids: Sequence[int]) -> Iterator[list[int]]:
        """Runs of mails; large, unmeasured and suspect ones go alone."""
        batch: list[int] = []
        total = 0
        for uid in uids:
            size = self._size(uid)
            if self._goes_alone(uid):
                if batch:
                    yield batch
                yield [uid]
                batch, total = [], 0
                continue
            if batch and (len(batch) >= BATCH_MAILS or total + size > _BATCH_BYTES):
                yield batch
                batch, total = [], 0
            batch.append(uid)
            total += size
        if batch:
            yield batch

    def _goes_alone(self, uid: int) -> bool:
        known = uid in self.about and self.about[uid].size is not None
        return not known or self._size(uid) > _BATCH_BYTES or self._mail(uid) in self.deaths

    def _bring_batch(self, batch: list[int]) -> None:
        """A mail that ended the connection each time it was asked for alone is passed over."""
        if len(batch) == 1 and self.deaths.get(self._mail(batch[0]), 0) >= _TRIES:
            del self.deaths[self._mail(batch[0])]
            self.skip(Failed(*self._mail(batch[0]), "SESSION_LOST"))
            return
        try:
            whole = self._whole(batch)
            for uid in batch:
                self._hand_over(uid, whole.get(uid))
        except MailboxError:
            for uid in batch:
                self.deaths[self._mail(uid)] = self.deaths.get(self._mail(uid), 0) + 1
            raise
        for uid in batch:
            self.deaths.pop(self._mail(uid), None)

    def _whole(self, batch: list[int]) -> dict[int, Fetched]:
        """The bodies of a batch; what is missing here is asked for singly."""
        if len(batch) == 1:
            return {}
        return self.session.fetch(batch, _WHOLE, sum(map(self._size, batch))) or {}

    def _hand_over(self, uid: int, told: Fetched | None) -> None:
        about = self.about.get(uid) or self._alone(uid, _ABOUT)
        if about is None:
            self.skip(self._absent(uid))
        elif about.internaldate is None:
            self.skip(Failed(*self._mail(uid), "NO_DATE"))
        elif (about.size or 0) > LARGE_BYTES:
            self._hand_over_large(uid, about.internaldate)
        else:
            self._hand_over_small(uid, about.internaldate, about.size or 0, told)

    def _hand_over_small(
        self, uid: int, received_at: datetime, size: int, told: Fetched | None
    ) -> None:
        if told is None or not told.body:
            told = self._alone(uid, _WHOLE, size)
        if told is None or told.body is None or (size and not told.body):
            self.skip(self._absent(uid))
            return
        self.keep(Arrived(*self._mail(uid), received_at, told.body))

    def _hand_over_large(self, uid: int, received_at: datetime) -> None:
        """Piece by piece, so that memory holds one piece (50 MB whole took 592)."""
        first = self._piece(uid, 0)
        if not first:
            self.skip(self._absent(uid))
            return
        self.keep(Arrived(*self._mail(uid), received_at, None, self._pieces(uid, first)))

    def _pieces(self, uid: int, first: bytes) -> Iterator[bytes]:
        yield first
        offset, piece = len(first), first
        while len(piece) == PIECE_BYTES:
            following = self._piece(uid, offset)
            if following is None:
                raise MailboxProtocol(f"UID {uid} broke off at {offset} bytes")
            piece = following
            offset += len(piece)
            if piece:
                yield piece

    def _piece(self, uid: int, offset: int) -> bytes | None:
        """One MiB from this offset; None where the server refuses or ignores the range."""
        what = f"(UID BODY.PEEK[]<{offset}.{PIECE_BYTES}>)"
        told = self._alone(uid, what, PIECE_BYTES)
        if told is None or told.body is None or len(told.body) > PIECE_BYTES:
            return None
        return told.body

    def _alone(self, uid: int, what: str, expected: int = 0) -> Fetched | None:
        return (self.session.fetch([uid], what, expected) or {}).get(uid)

    def _absent(self, uid: int) -> Failed:
        """Why a mail did not come: it left the folder, or the server keeps it back."""
        return Failed(*self._mail(uid), "NOT_DELIVERED" if self.session.has(uid) else "GONE")

    def _mail(self, uid: int) -> Mail:
        return (self.folder, self.uidvalidity, uid)

    def _size(self, uid: int) -> int:
        told = self.about.get(uid)
        return told.size or 0 if told else 0
