"""The story of forgetting (删除): a person, or a campaign past its time, leaves every file.

What is left is a mark in the place of each mail, by which neither look, import, replay nor
restore brings it back. The figures that a unit reported stay: they are nobody's personal data,
and without them the unit would be chased for what it filed. The mailbox itself is the staff's.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from service import marks, roster
from service.archive import Archive, write_whole
from service.neighbours import near
from service.outlook import STARTED, Outlook
from service.redaction import Redactor
from service.store import Store
from service.types import Submission

_WHY = "删除个人信息后，报送照旧有效"


@dataclass(slots=True)
class Erased:
    """What was done: mails, letters and other rows touched, files deleted, rosters rewritten."""

    mails: int = 0
    letters: int = 0
    files: int = 0
    rows: int = 0
    rosters: list[Path] = field(default_factory=list)

    def add(self, other: Erased) -> None:
        for name in ("mails", "letters", "files", "rows"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.rosters += other.rosters


def person(store: Store, archive: Archive, who: Redactor, at: datetime) -> Erased:
    """Takes a person out of one database and its raw store."""
    done = Erased()
    hashes = _mails_about(store, who)
    with store.writing():
        marks.set_on_rows(store, who, at)
        erased = {h: store.erase_mail(h, True, at) for h in hashes}
        renamed = erased | {h[:16]: m[:16] for h, m in erased.items()}
        done.rows = store.scrub(replace(who, renamed=renamed).redacted)
        letters = list(_letter_files(store, archive, who))
        _drop_files(store, letters, at)
        # before the commit: a pass that is cut off here finds everything again
        for sha256 in (*hashes, *letters):
            archive.discard(sha256)
    store.compact()
    done.mails, done.letters, done.files = len(hashes), len(letters), len(hashes) + len(letters)
    return done


def campaign(
    store: Store, archive: Archive, gone: Outlook, others: Iterable[Outlook], at: datetime
) -> Erased:
    """Takes a whole campaign out: its mails, letters and decisions. A mail that is also another
    campaign's stays."""
    done = Erased()
    slug = gone.campaign.slug
    others = tuple(others)
    hashes = list(_mails_of(store, gone, others))
    letters = [r["eml_sha256"] for r in store.rows("letters") if r["campaign"] == slug]
    letters = [s for s in letters if s]
    addresses = list(_addresses_of(store, others))
    with store.writing():
        store.add_forgotten("campaign", [store.mark("campaign", slug)], at)
        for sha256 in hashes:
            store.erase_mail(sha256, False, at)
        store.delete_campaign(slug)
        store.drop_meta([STARTED])
        for address in addresses:
            store.add_forgotten("address", [store.mark("address", address)], at)
            store.drop_address(address)
        for sha256 in (*hashes, *letters):
            archive.discard(sha256)
    store.compact()
    done.mails, done.letters, done.files = len(hashes), len(letters), len(hashes) + len(letters)
    return done


def keep_counting(
    store: Store, before: Outlook, after: Outlook, at: datetime, by: str
) -> Iterator[int]:
    """Decides that returns whose sender was forgotten count as they did; the numbers of the
    decisions."""
    now = {s.id: s for s in after.ledger.submissions}
    slug = before.campaign.slug
    for s in before.ledger.submissions:
        if s.status in ("governing", "counted") and _counts_otherwise(s, now.get(s.id)):
            target = {"part": s.id, "unit": s.unit, "deadlines": list(s.deadlines)}
            yield store.decide(slug, at, by, _WHY, "assign", target)
            yield store.decide(slug, at, by, _WHY, "accept", {"doubt": s.id})


def _drop_files(store: Store, hashes: Iterable[str], at: datetime) -> None:
    for sha256 in hashes:
        store.add_forgotten("file", [store.mark("file", sha256)], at)
        store.drop_letter_file(sha256)


def _counts_otherwise(before: Submission, after: Submission | None) -> bool:
    return after is None or (before.status, before.unit, before.deadlines) != (
        after.status,
        after.unit,
        after.deadlines,
    )


def clean_roster(folder: Path, who: Redactor) -> list[Path]:
    """Takes the person out of a campaign's units.csv; the file if it changed."""
    file = folder / roster.FILE
    if not file.is_file():
        return []
    content = file.read_bytes()
    cleaned = roster.without(content, who.hits)
    if cleaned == content:
        return []
    mode = file.stat().st_mode
    write_whole(file, cleaned)  # a list of units that was cut off would be a shorter list
    file.chmod(mode)
    return [file]


# -- what is about somebody --------------------------------------------------------------


def _mails_about(store: Store, who: Redactor) -> list[str]:
    """The hashes of mails that were read as naming the person, or that came from them."""
    found: dict[str, None] = {}
    for row in store.rows("readings"):
        if row["state"] != "erased" and who.hits(row["message"] or ""):
            found[row["sha256"]] = None
    for row in store.rows("parts"):
        if any(who.hits(row[name] or "") for name in ("name", "read", "text")):
            found[row["sha256"]] = None
    ours = {r["sha256"] for r in store.rows("readings") if r["ours"]}
    # what is attached to a letter of ours, a roster or a filled form, is longer than what is read
    found |= {r["sha256"]: None for r in store.rows("parts") if r["sha256"] in ours}
    erased = {r["sha256"] for r in store.rows("readings") if r["state"] == "erased"}
    return [h for h in found if h not in erased]


def _mails_of(store: Store, gone: Outlook, others: tuple[Outlook, ...]) -> Iterator[str]:
    used = {s.mail for o in others for s in o.ledger.submissions}
    own = {s.mail for s in gone.ledger.submissions}
    # also a second copy of a reply: without what was heard it would be acted upon again
    heard = {(h.message_id, h.sender) for h in gone.heard}
    for mail in store.mail_facts():
        if mail.state == "erased" or mail.id in used or not near(gone.campaign, mail):
            continue
        is_own = mail.id in own or (mail.message_id, mail.sender) in heard
        if is_own or not any(near(o.campaign, mail) for o in others):
            yield mail.sha256


def _addresses_of(store: Store, others: tuple[Outlook, ...]) -> Iterator[str]:
    """Addresses that failed, but for those that another campaign writes to."""
    used = {a for o in others for known in o.ledger.addresses.values() for a in known}
    return (r["address"] for r in store.rows("addresses") if r["address"] not in used)


def _letter_files(store: Store, archive: Archive, who: Redactor) -> Iterator[str]:
    """Letters whose kept file names the person, or bears files in which they may stand: the
    forms that go with reminders are filled in with the liaison, the report has the roster."""
    for row in store.rows("letters"):
        sha256 = row["eml_sha256"]
        if sha256 and archive.exists(sha256) and _is_about(archive.get(sha256), who):
            yield sha256


def _is_about(raw: bytes, who: Redactor) -> bool:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    heads = " ".join(str(mail[h] or "") for h in ("To", "Cc", "Subject"))
    return who.hits(heads) or any(_bears(p, who) for p in mail.walk())


def _bears(part: EmailMessage | Any, who: Redactor) -> bool:
    if part.is_multipart():
        return False
    if part.get_content_maintype() != "text":
        return True
    return who.hits(str(part.get_content()))
