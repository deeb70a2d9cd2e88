"""Mail as it really is: each construct as raw bytes, with the reading that a person wrote.

Every .toml in specimens/mail names its source and what a careful reader gets from the .eml
beside it. The score of imap-tools over the same bytes is printed for comparison.
"""

from __future__ import annotations

import hashlib
import tomllib
import warnings
from email.errors import MessageError
from pathlib import Path
from typing import Any

import pytest
from imap_tools import MailMessage

from parsers import message

SPECIMENS = Path(__file__).parent.parent / "specimens" / "mail"
STEMS = sorted(path.stem for path in SPECIMENS.glob("*.eml"))


def expected(stem: str) -> dict[str, Any]:
    return tomllib.loads((SPECIMENS / f"{stem}.toml").read_text(encoding="utf-8"))


def raw(stem: str) -> bytes:
    return (SPECIMENS / f"{stem}.eml").read_bytes()


@pytest.mark.parametrize("stem", STEMS)
def test_a_construct_is_read_as_a_person_reads_it(stem: str) -> None:
    wanted = expected(stem)
    read = message.parse(raw(stem))

    assert read.subject == wanted["subject"]
    assert [list(s) for s in read.senders] == wanted["senders"]
    assert read.sent_at == (wanted["date"] or None)
    assert read.text == wanted["text"]
    assert [d.code for d in read.doubts] == wanted["doubts"]
    assert [
        {
            "name": part.name,
            "type": part.content_type,
            "size": len(part.content),
            "sha256": hashlib.sha256(part.content).hexdigest(),
        }
        for part in read.parts
    ] == [
        {"name": None} | {k: v for k, v in part.items() if k != "inline"}
        for part in wanted.get("parts", [])
    ]
    for part, told in zip(read.parts, wanted.get("parts", []), strict=True):
        assert part.inline == told.get("inline", False)


def test_the_suite_is_wide_enough() -> None:
    all_expected = [expected(stem) for stem in STEMS]

    assert len(all_expected) >= 60
    assert sum(not one["in_facts"] for one in all_expected) >= 20
    assert all(one["source"] for one in all_expected)


def test_imap_tools_reads_fewer_of_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    theirs = sum(_imap_tools_agrees(stem) for stem in STEMS)

    with capsys.disabled():
        print(
            f"\nmail constructs read right: ours {len(STEMS)}, imap-tools {theirs}, of {len(STEMS)}"
        )
    assert 0 < theirs < len(STEMS)


def _imap_tools_agrees(stem: str) -> bool:
    """Whether imap-tools gives subject, sender, date, text and files as the person wrote."""
    wanted = expected(stem)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mail = MailMessage.from_bytes(raw(stem))
            senders = [[mail.from_values.name, mail.from_values.email]] if mail.from_values else []
            date = None if mail.date.year == 1900 else mail.date.isoformat()
            files = [[a.filename or None, a.payload] for a in mail.attachments]
            text, subject = mail.text.replace("\r\n", "\n").strip(), mail.subject
    except (ValueError, LookupError, AttributeError, TypeError, MessageError):
        return False
    html_only = not text and wanted["text"]
    return (
        subject == wanted["subject"]
        and [[n, a.lower()] for n, a in senders] == wanted["senders"]
        and _same_moment(date, wanted["date"])
        and (text == wanted["text"] or (bool(html_only) and bool(mail.html)))
        and [[n, hashlib.sha256(c).hexdigest()] for n, c in files]
        == [[p.get("name"), p["sha256"]] for p in wanted.get("parts", [])]
    )


def _same_moment(said: str | None, wanted: str) -> bool:
    """imap-tools gives naive dates where the zone is unknown: only the clock is compared."""
    return (said or "")[:19] == wanted[:19]
