"""The story of imported mail (导入): .eml, mbox and Maildir files take the road of fetched mail.

Bytes into the archive, a row with source `import`, then the ordinary reading. What was fetched
already is known by its bytes. The mailbox itself has no part in this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from parsers import limits, mbox, sniff
from service.archive import Archive, ArchiveError
from service.clock import Clock
from service.errors import DoorShut, UsageError
from service.moments import moment
from service.store import Store
from service.workers import WorkerFailed, Workers

FOLDER = "import"
FROM_DATE = "arrival_from_date"
UNKNOWN = "arrival_unknown"
_HEAD_BYTES = 4096
_MAILDIR = ("cur", "new")
_BLOCK = 1 << 20


@dataclass(slots=True)
class Imported:
    """What came of it: mails kept anew, mails known before, mails that staff had forgotten,
    arrivals that were only guessed, and files that are no mail."""

    new: int = 0
    known: int = 0
    forgotten: int = 0
    guessed: int = 0
    refused: list[tuple[Path, str]] = field(default_factory=list)


class Importer:
    """Brings files into archive and store."""

    def __init__(
        self, account: str, archive: Archive, store: Store, workers: Workers, clock: Clock
    ) -> None:
        self._account = account
        self._archive = archive
        self._store = store
        self._workers = workers
        self._clock = clock
        self.done = Imported()

    def take(self, path: Path) -> None:
        """A file with one mail or many, a Maildir, or a folder of any of them."""
        if path.is_dir():
            for entry in _entries(path):
                self.take(entry)
            return
        try:
            self._file(path)
        except OSError as e:
            raise UsageError("FILE_UNREADABLE", file=path, detail=e.strerror or e) from e
        except ArchiveError as e:
            raise DoorShut("DISK_SHUT", detail=str(e)) from e

    def _file(self, path: Path) -> None:
        with path.open("rb") as f:
            head = f.read(_HEAD_BYTES)
            f.seek(0)
            if mbox.is_separator(head.partition(b"\n")[0]):
                for mail in mbox.split(f):
                    self._mail(mail, (mail, mail[:-2], mail.replace(b"\r\n", b"\n")))
            elif reason := _refusal(path, head):
                self.done.refused.append((path, reason))
            elif path.stat().st_size > limits.MAIL_BYTES:
                self._large(path, head)
            else:
                content = f.read()
                travelled = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                self._mail(travelled if _in_maildir(path) else content, (content, travelled))

    def _mail(self, mail: bytes, twins: tuple[bytes, ...]) -> None:
        """`twins` are the forms in which the same mail may have been fetched: programs that
        export mail write it with the line ends of their own system."""
        kept = next((t for t in twins if self._store.knows(_sha(t))), mail)
        sha256 = _sha(kept)
        if any(self._store.is_forgotten("mail", _sha(t)) for t in (*twins, mail)):
            self.done.forgotten += 1
            return
        self._record(sha256, self._archive.put(kept).size, kept)

    def _large(self, path: Path, head: bytes) -> None:
        with path.open("rb") as f:
            blob = self._archive.put_stream(iter(lambda: f.read(_BLOCK), b""))
        if self._store.is_forgotten("mail", blob.sha256):
            self._archive.discard(blob.sha256)
            self.done.forgotten += 1
            return
        self._record(blob.sha256, blob.size, head)

    def _record(self, sha256: str, size: int, head: bytes) -> None:
        """The place of an imported mail follows from its bytes: imported twice it is one row."""
        place = (self._account, FOLDER, int(sha256[:8], 16), int(sha256[8:22], 16))
        if self._store.knows(sha256):
            self.done.known += 1
        arrived_at, problem = self._arrival(head)
        new = self._store.add_import(place, (sha256, size), arrived_at, self._clock.now(), problem)
        self.done.new += new
        self.done.guessed += new and problem is not None

    def _arrival(self, mail: bytes) -> tuple[datetime, str | None]:
        """The topmost Received, else the Date with a doubt (DESIGN section 5). A time to come
        is no arrival."""
        now = self._clock.now()
        try:
            said = self._workers.read_arrival(mail)
        except WorkerFailed:
            return now, UNKNOWN
        for text, problem in ((said["received"], None), (said["date"], FROM_DATE)):
            if text is not None and (when := moment(text)) <= now:
                return when, problem
        return now, UNKNOWN


def _entries(folder: Path) -> Iterator[Path]:
    """What stands in a folder, in a steady order; of a Maildir only its mails."""
    if all((folder / name).is_dir() for name in _MAILDIR):
        for name in _MAILDIR:
            yield from sorted(p for p in (folder / name).iterdir() if p.is_file())
        # Maildir++ keeps subfolders as .name
        yield from sorted(p for p in folder.glob(".*") if (p / "cur").is_dir())
        return
    yield from sorted(p for p in folder.iterdir() if not p.name.startswith("."))


def _in_maildir(path: Path) -> bool:
    return path.parent.name in _MAILDIR and (path.parent.parent / "cur").is_dir()


def _refusal(path: Path, head: bytes) -> str | None:
    """Why a file is not taken for a mail; None if it is one."""
    kind = sniff.kind(head)
    if kind == "empty":
        return "empty"
    named = path.suffix.lower() == ".eml" or _in_maildir(path)
    if kind == "eml" or (named and kind in ("unknown", "text", "html")):
        return None
    return "no_mail"


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
