"""The book of keys: what was seen stays, and says until when it stood there."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

import pytest

from parsers.dkim_proof import Key
from service.errors import DoorShut, UsageError
from service.keyring import Book, Keyring, Seen, learned, merged

NAME = "s1._domainkey.163.com"
MAY, JUNE, JULY = date(2021, 5, 1), date(2021, 6, 1), date(2021, 7, 1)


def test_a_key_seen_again_is_seen_longer() -> None:
    book = learned(learned({}, NAME, "p=A", MAY), NAME, "p=A", JUNE)

    assert book == {NAME: (Seen("p=A", MAY, JUNE),)}


def test_a_key_that_was_replaced_or_withdrawn_stays_with_its_last_day() -> None:
    first = learned({}, NAME, "p=A", MAY)
    replaced = learned(first, NAME, "p=B", JUNE)

    assert replaced == {NAME: (Seen("p=A", MAY, MAY, True), Seen("p=B", JUNE, JUNE))}
    assert learned(replaced, NAME, None, JULY) == {
        NAME: (Seen("p=A", MAY, MAY, True), Seen("p=B", JUNE, JUNE, True))
    }


def test_a_name_without_a_key_leaves_no_trace() -> None:
    assert learned({}, NAME, None, MAY) == {}


def test_a_key_may_come_back() -> None:
    book: Book = {}
    for record, day in (("p=A", MAY), (None, JUNE), ("p=A", JULY)):
        book = learned(book, NAME, record, day)

    assert book == {NAME: (Seen("p=A", MAY, JULY),)}


def test_two_books_make_one_that_knows_what_either_knows() -> None:
    old = learned(learned({}, NAME, "p=A", MAY), "other", "p=O", MAY)
    new = learned(learned(learned({}, NAME, "p=A", JUNE), NAME, "p=B", JULY), "new", "p=N", JULY)

    both = {
        NAME: (Seen("p=A", MAY, JUNE, True), Seen("p=B", JULY, JULY)),
        "other": (Seen("p=O", MAY, MAY),),
        "new": (Seen("p=N", JULY, JULY),),
    }
    assert merged(old, new) == merged(new, old) == merged(both, old) == both


def test_what_is_written_is_read_and_taken_up_by_a_running_service(tmp_path: Path) -> None:
    running = Keyring(tmp_path / "new" / "keys.json")
    assert running.keys() == {}
    book = learned(learned({}, NAME, "p=A", MAY), NAME, "p=B", JUNE)

    Keyring(running.file).write(book)

    assert running.read() == book
    assert running.keys() == {NAME: (Key(b"p=A", MAY), Key(b"p=B"))}
    running.file.unlink()
    assert running.keys() == {}


@pytest.mark.parametrize("text", ("{", "[]", '{"x": [{"record": "p=A"}]}', '{"x": 1}'))
def test_a_damaged_file_is_named_and_proves_nothing(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    ring = Keyring(tmp_path / "keys.json")
    ring.file.write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match="KEYS_DAMAGED"):
        ring.read()
    with caplog.at_level(logging.WARNING, logger="service"):
        assert ring.keys() == {}
    assert "KEYS_DAMAGED" in caplog.text


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DoorShut, match="DISK_SHUT"):
        Keyring(tmp_path / "file" / "keys.json").write({})


def test_the_file_can_be_read_by_a_person(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys.json")
    ring.write(learned({}, NAME, "v=DKIM1; p=A", MAY))

    assert '"seen": "2021-05-01"' in ring.file.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["keys.json"]
