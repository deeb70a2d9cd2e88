"""Mail reading never raises, stays quick on hostile mail, and keeps what others rely on."""

from __future__ import annotations

import base64
import binascii
import hashlib
import random
import time
import tracemalloc
from email.header import Header
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parsers import limits, message, read
from parsers.encoded_words import decode_words, readable
from parsers.mail_addresses import mailboxes
from parsers.mail_headers import mentions, split
from tests.generate.mail_damage import bombs, damaged

SPECIMENS = sorted((Path(__file__).parent.parent / "specimens" / "mail").glob("*.eml"))
BOMBS = list(bombs())


def test_a_thousand_damaged_mails_are_read_without_an_exception() -> None:
    mails = [path.read_bytes() for path in SPECIMENS]
    slowest = 0.0
    for mail in damaged(mails, 1_000):
        started = time.perf_counter()
        message.parse(mail)
        slowest = max(slowest, time.perf_counter() - started)

    assert slowest < 1.0


@pytest.mark.parametrize("mail", [b for _, b in BOMBS], ids=[name for name, _ in BOMBS])
def test_a_bomb_costs_little_time(mail: bytes) -> None:
    started = time.process_time()
    message.parse(mail)

    assert time.process_time() - started < 1.0


def test_a_bomb_costs_little_memory() -> None:
    mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 200_000
    tracemalloc.start()
    message.parse(mail)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 10 * len(mail)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_make_a_message(raw: bytes) -> None:
    assert isinstance(message.parse(raw).text, str)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=80))
@example("\ufeff")
@example("\ufeff通知")
@example("通\ufeff知")
def test_what_pythons_library_encodes_reads_back(subject: str) -> None:
    """All but byte order marks at the front: those say how to read, and are nothing to read."""
    raw = Header(subject, "utf-8", maxlinelen=60).encode(linesep="\r\n").encode()

    assert readable(raw).text == subject.lstrip("\ufeff").strip()


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='=?bBqQ gbkutf-8_"<>@,;:().\\张', max_size=120))
def test_address_headers_of_any_shape_are_read(text: str) -> None:
    for _, address in mailboxes(text.encode()):
        assert "@" in address
    decode_words(text)


def test_headers_of_all_names_keep_their_order() -> None:
    mail = b"Received: one\r\nAuthentication-Results: mx.qq.com; dkim=pass\r\nReceived: two\r\n\r\n"

    assert message.parse(mail).headers == (
        ("Received", "one"),
        ("Authentication-Results", "mx.qq.com; dkim=pass"),
        ("Received", "two"),
    )


def test_ids_of_earlier_mails_are_found() -> None:
    mail = b"In-Reply-To: <b@x>\r\nReferences: <a@x>\r\n <b@x>\r\n\r\n"

    assert message.parse(mail).in_reply_to == ("<b@x>", "<a@x>")


def test_a_token_is_seen_through_an_encoded_subject() -> None:
    subject = Header("回执 [OQ-7f3a]", "gb18030").encode()

    assert mentions(f"Subject: {subject}\r\n\r\n".encode(), "OQ-7f3a")
    assert mentions(b"X-OQ-MSGID: <OQ-7f3a@x>\r\n\r\n", "OQ-7f3a")
    assert not mentions(b"X-Other: OQ-7f3a\r\n\r\nOQ-7f3a", "OQ-7f3a")


def test_one_sender_is_claimed_only_when_there_is_one() -> None:
    assert message.parse(b"From: A <a@qq.com>\r\n\r\n").sender == "a@qq.com"
    assert message.parse(b"From: a@qq.com\r\nFrom: a@qq.com\r\n\r\n").sender is None
    assert message.parse(b"From: nobody\r\n\r\n").sender is None


@pytest.mark.parametrize("address", [b"un\0it@qq.com", b"un\x01it@qq.com", b'"unit"@qq.com'])
def test_a_mangled_address_never_becomes_a_known_one(address: bytes) -> None:
    found = message.parse(b"From: <" + address + b">\r\n\r\n").senders

    assert found
    assert found[0][1] != "unit@qq.com"


def test_a_header_over_its_cap_is_cut_with_a_doubt() -> None:
    mail = b"Subject: " + b"x" * (limits.HEADER_BYTES * 2) + b"\r\nFrom: a@qq.com\r\n\r\nbody"
    read = message.parse(mail)

    assert [d.code for d in read.doubts] == ["headers_over_limit"]
    assert len(read.subject) <= limits.HEADER_BYTES
    assert read.sender == "a@qq.com"
    assert read.text == "body"


def test_too_many_levels_and_parts_are_told() -> None:
    codes = {
        d.code
        for name, mail in BOMBS
        if name in ("2,000 levels", "20,000 parts")
        for d in message.parse(mail).doubts
    }

    assert {"mime_too_deep", "mime_too_many_parts"} <= codes


@pytest.mark.parametrize("encoding", ["base64", "binary", "quoted-printable"])
def test_a_huge_part_is_hashed_but_not_loaded(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(limits, "PART_IN_MEMORY_BYTES", 1_000_000)
    film = random.Random(1).randbytes(1_700_001)
    sent = {
        "base64": base64.encodebytes(film),
        "binary": film,
        "quoted-printable": binascii.b2a_qp(film, istext=False),
    }[encoding]
    head = (
        f"From: a@b\r\nContent-Type: video/mp4; name=v.mp4\r\nContent-Transfer-Encoding: {encoding}"
    )
    mail = head.encode() + b"\r\n\r\n" + sent
    (part,) = message.parse(mail).parts

    assert (part.name, part.content) == ("v.mp4", b"")
    assert part.large is not None
    assert (part.large.size, part.large.sha256) == (len(film), hashlib.sha256(film).hexdigest())
    assert film.startswith(part.large.head)
    assert b"".join(message.large_part(mail, part.path)) == film


def test_what_cannot_be_decoded_is_told_with_its_bytes() -> None:
    read = message.parse(b"From: a@b\r\nSubject: \x81\x20\xff\xff\r\n\r\n")
    (doubt,) = read.doubts

    assert (doubt.code, doubt.where) == ("undecodable", "subject")
    assert dict(doubt.facts)["bytes"]
    assert "\ufffd" in read.subject


def test_the_header_block_says_where_the_body_begins() -> None:
    headers, at = split(b"A: 1\r\nB: 2\r\n\r\nbody")

    assert [name for name, _ in headers.pairs] == ["A", "B"]
    assert at == 14


@pytest.mark.parametrize(
    ("stem", "outcomes"),
    (
        ("121-smime-opaque", ["unsupported"]),
        ("122-pgp-encrypted", ["material", "encrypted"]),
        ("124-one-piece-of-a-split-mail", ["damaged"]),
        ("126-apple-double", ["ignored", "damaged"]),
        ("138-binhex", ["unsupported"]),
    ),
)
def test_what_only_a_person_can_open_is_not_taken_for_text(stem: str, outcomes: list[str]) -> None:
    _, parts = read.read_message(
        next(p for p in SPECIMENS if p.stem == stem).read_bytes(), read.Desk(())
    )

    assert [p.outcome for p in parts] == outcomes
