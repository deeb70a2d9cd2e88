"""The month's papers laid out (材料归档): each return, scan and photo as a file under its place.

Takes the bytes out of the kept mails through the workers; where they lie is layout.py's matter.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from service.archive import Archive, ArchiveError
from service.report.layout import Placed, plan
from service.types import Campaign, Ledger, MailFact
from service.workers import WorkerFailed, Workers

_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Laid:
    """One file for the report's folder; `thumbnail` is a small JPEG of a picture."""

    path: str
    content: bytes = field(repr=False)
    sha256: str | None = None
    thumbnail: bytes = field(default=b"", repr=False)


def lay_out(
    campaign: Campaign, ledger: Ledger, archive: Archive, workers: Workers
) -> tuple[Laid, ...]:
    """Every file of the plan that can be taken out of its mail; the rest is in the log, and
    each is named in the workbook all the same."""
    mails = {m.id: m for m in ledger.mails}
    found = (_laid(p, mails[p.mail], archive, workers) for p in plan(campaign, ledger))
    return tuple(f for f in found if f is not None)


def _laid(placed: Placed, mail: MailFact, archive: Archive, workers: Workers) -> Laid | None:
    try:
        content = workers.part(archive.lend(mail.sha256), placed.part)
    except (WorkerFailed, ArchiveError, ValueError) as e:
        log.warning("not laid out: mail %s part %s: %s", mail.id, placed.part, e)
        return None
    return Laid(placed.path, content, placed.sha256, _thumbnail(placed, content, workers))


def _thumbnail(placed: Placed, content: bytes, workers: Workers) -> bytes:
    if not placed.path.lower().endswith(_PICTURES):
        return b""
    try:
        return workers.thumbnail(content)
    except WorkerFailed:
        return b""
