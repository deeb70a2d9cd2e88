"""A letter as mail: the same letter the same bytes, nothing smuggled in, names that QQ shows."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage

import pytest

from service import envelope
from service.types import Attachment, Letter
from tests.service import facts

KEY = "2021-safety-month/receipt/0123456789abcdef"
US = "gk@qq.example"
WHEN = facts.when("06-08 09:00")
LETTER = Letter(
    key=KEY,
    kind="receipt",
    to=("dongchen@units.example", "head@units.example"),
    subject="回执：东陈镇综合执法局6月8日进展情况统计表已收到，另有两处请核对",
    text="收到。\n.\n",
    html="<p>收到。</p>",
)


def built(letter: Letter, name: str = "安全科") -> bytes:
    return envelope.build(letter, US, name, "ABCDEFGH", WHEN)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_the_same_letter_is_the_same_bytes_and_another_key_another_message_id() -> None:
    other = replace(LETTER, key=KEY + "x", files=(Attachment("表.docx", b"x"),))

    assert built(LETTER) == built(LETTER)
    assert built(other) == built(other)
    assert read(built(LETTER))["Message-ID"] == envelope.message_id(KEY, US)
    assert read(built(other))["Message-ID"] != envelope.message_id(KEY, US)
    assert envelope.message_id(KEY, US).endswith("@qq.example>")


def test_a_token_needs_the_secret() -> None:
    mark = envelope.token(b"a", KEY)

    assert re.fullmatch(r"[A-Z2-7]{8}", mark)
    assert len({mark, envelope.token(b"b", KEY), envelope.token(b"a", KEY + "x")}) == 3


def test_what_a_reader_sees() -> None:
    raw = built(replace(LETTER, cc=("boss@units.example",)))
    mail = read(raw)
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))

    assert mail["Subject"] == LETTER.subject + "〔ABCDEFGH〕"
    assert (mail["From"], mail["To"], mail["Cc"]) == (
        "安全科 <gk@qq.example>",
        "dongchen@units.example, head@units.example",
        "boss@units.example",
    )
    assert mail["Date"].datetime == WHEN
    assert plain is not None and plain.get_content() == LETTER.text
    assert html is not None and html.get_content() == LETTER.html
    assert re.search(rb"(?<!\r)\n", raw) is None and max(map(len, raw.split(b"\r\n"))) < 998
    assert read(built(LETTER, name=""))["From"] == US
    assert read(built(LETTER))["Cc"] is None


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("receipt", "auto-replied"),
        ("question", "auto-replied"),
        ("notice", "auto-replied"),
        ("reminder", "auto-generated"),
        ("digest", "auto-generated"),
    ],
)
def test_every_letter_says_that_a_program_wrote_it(kind: str, says: str) -> None:
    mail = read(built(replace(LETTER, kind=kind)))  # type: ignore[arg-type]

    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == (says, "All")


def test_the_name_of_a_file_stands_in_both_places_as_words_of_rfc_2047() -> None:
    name = "附件2 “安全生产月”活动进展情况统计表（东陈镇综合执法局）.docx"
    raw = built(replace(LETTER, files=(Attachment(name, b"\x00\xff" * 500),)))
    mail = read(raw)
    (part,) = mail.iter_attachments()
    body = mail.get_body(("plain",))

    assert body is not None and body.get_content() == LETTER.text
    assert raw.isascii() and part["Content-Transfer-Encoding"] == "base64"
    assert part.get_content() == b"\x00\xff" * 500
    assert part.get_filename() == name
    assert b"filename*" not in raw and b"name*" not in raw
    assert raw.count(b'name="=?utf-8?b?') == 2


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("<a@b>", "<a@b>"),
        ("<a@b>\r\nBcc: x@y", None),
        ("<a\n@b>", None),
        ("<表@b>", None),
        ("a@b", None),
        ("<a@b", None),
        ("a@b>", None),
        (None, None),
    ],
)
def test_only_a_plain_message_id_is_answered(said: str | None, taken: str | None) -> None:
    mail = read(built(replace(LETTER, in_reply_to=said)))

    assert (mail["In-Reply-To"], mail["References"], mail["Bcc"]) == (taken, taken, None)


def test_a_subject_of_several_lines_stays_one() -> None:
    raw = built(replace(LETTER, subject="回执\r\nBcc: x@y.example\n\n正文"))
    mail = read(raw)

    assert mail["Subject"] == "回执 Bcc: x@y.example 正文〔ABCDEFGH〕"
    assert mail["Bcc"] is None
