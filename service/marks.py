"""What was forgotten is known again by its marks: set before rows are cleaned, heeded when an
older database is brought back (run.py restore), so that it holds no more than the present one.
"""

from __future__ import annotations

from datetime import datetime

from service.archive import Archive
from service.outlook import STARTED
from service.redaction import GONE, Redactor
from service.store import Store

_ROWS = (
    ("letter", "letters", "key"),
    ("decision", "decisions", "id"),
    ("address", "addresses", "address"),
    ("heard", "heard", "sha256"),
    ("said", "said", "duty"),
)
"""Kind of mark, table, and the column that tells one row from the others."""

_OF_A_CAMPAIGN = ("letters", "decisions", "submissions", "heard")
_HARMLESS = (
    "unit",
    "deadline",
    "deadlines",
    "part",
    "doubt",
    "key",
    "letters",
    "mail",
    "time",
    "when",
    "how",
)
"""What a decision may keep of its arguments."""


def set_on_rows(store: Store, who: Redactor, at: datetime) -> None:
    """Marks the rows that are about to be cleaned of a person."""
    for kind, table, key in _ROWS:
        rows = (r for r in store.rows(table) if any(who.hits(str(v)) for v in r.values()))
        store.add_forgotten(kind, [store.mark(kind, str(r[key])) for r in rows], at)


def heed(store: Store, archive: Archive, present: Store | None, at: datetime) -> int:
    """Cleans a database that was restored from an older time by the marks it was given; what
    is left of the readings comes from the present one. How many mails."""
    with store.writing():
        store.drop_meta([STARTED])
        _heed_heard(store)
        count = _heed_mails(store, archive, present, at)
        _heed_letters(store, archive)
        for row in store.rows("addresses"):
            if store.is_forgotten("address", row["address"]):
                store.drop_address(row["address"])
        for row in store.rows("said"):
            if store.is_forgotten("said", row["duty"]):
                store.drop_said(row["duty"])
        for row in store.rows("decisions"):
            if store.is_forgotten("decision", str(row["id"])):
                store.blank_decision(row["id"], _HARMLESS, GONE)
        for slug in {r["campaign"] for t in _OF_A_CAMPAIGN for r in store.rows(t)}:
            if store.is_forgotten("campaign", slug):
                store.delete_campaign(slug)
    store.compact()
    return count


def _heed_heard(store: Store) -> None:
    """Before the mails: their marks take the place of the hashes that are looked for here."""
    for row in store.rows("heard"):
        mail_too = store.is_forgotten("mail", row["sha256"])
        if mail_too or store.is_forgotten("heard", row["sha256"]):
            store.blank_heard(row["sha256"], GONE, mail_too)


def _heed_mails(store: Store, archive: Archive, present: Store | None, at: datetime) -> int:
    count = 0
    for sha256 in {r["sha256"] for r in store.rows("mails") if r["sha256"]}:
        if store.is_forgotten("mail", sha256):
            mark = store.erase_mail(sha256, False, at)
            store.take_reading(mark, present)
            archive.discard(sha256)
            count += 1
    return count


def _heed_letters(store: Store, archive: Archive) -> None:
    for sha256 in {r["eml_sha256"] for r in store.rows("letters") if r["eml_sha256"]}:
        if store.is_forgotten("file", sha256):
            store.drop_letter_file(sha256)
            archive.discard(sha256)
    for row in store.rows("letters"):
        if store.is_forgotten("letter", row["key"]):
            store.change_letter(
                row["key"], subject=GONE, text=GONE, to=[], cc=[], said=None, eml_sha256=None
            )
