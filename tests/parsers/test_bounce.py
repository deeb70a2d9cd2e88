"""Bounces taken apart: reports, attached originals of any type, plain words."""

from __future__ import annotations

import base64
from email.header import Header

import pytest

from parsers import bounce, message

TOKEN = "ABCD2345"
SUBJECT = Header(f"报送提醒：进展情况统计表〔{TOKEN}〕", "utf-8").encode()
ORIGINAL = (
    f"From: office@qq.example\r\nTo: gone@units.example\r\nSubject: {SUBJECT}\r\n"
    "Message-ID: <tencent_1@qq.com>\r\nX-OQ-MSGID: <ours@qq.example>\r\n\r\nbody"
)
REPORT = (
    "Reporting-MTA: dns; mx.example\r\n\r\n"
    "Original-Recipient: rfc822;Gone@Units.example\r\n"
    "Final-Recipient: rfc822; forwarded@elsewhere.example\r\n"
    "Action: {action}\r\nStatus: {status}\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <gone@units.example>:\r\n  no such user\r\n"
)


def bounced(*parts: tuple[str, str], subject: str = "Undelivered Mail", headers: str = "") -> bytes:
    body = "".join(f"--b\r\n{head}\r\n\r\n{text}\r\n" for head, text in parts)
    return (
        f"From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: {subject}\r\n{headers}"
        f"Content-Type: multipart/report; boundary=b\r\n\r\n{body}--b--\r\n"
    ).encode()


def test_a_delivery_report_names_the_address_that_we_wrote_to() -> None:
    raw = bounced(
        ("Content-Type: text/plain", "sorry"),
        ("Content-Type: message/delivery-status", REPORT.format(action="failed", status="5.1.1")),
        ("Content-Type: message/rfc822", ORIGINAL),
    )

    found = bounce.read(raw)

    (failed,) = found.failed
    assert (failed.address, failed.status) == ("gone@units.example", "5.1.1")
    assert failed.said.startswith("550 5.1.1") and "no such user" in failed.said
    assert found.tokens == (TOKEN,)
    assert set(found.ids) == {"<tencent_1@qq.com>", "<ours@qq.example>"}
    assert found.returned_to == ("gone@units.example",)


def test_a_server_that_still_tries_has_given_nobody_up() -> None:
    report = REPORT.format(action="delayed", status="4.4.1")

    found = bounce.read(bounced(("Content-Type: message/delivery-status", report)))

    assert found.delayed and not found.failed


@pytest.mark.parametrize("encoding", ["8bit", "base64"])
def test_the_bounce_of_qq_hides_the_original_in_an_octet_stream(encoding: str) -> None:
    text = "抱歉，您的邮件被退回来了。\n收件人：gone@units.example\n退信原因：收件人邮件地址不存在"
    original = ORIGINAL if encoding == "8bit" else base64.b64encode(ORIGINAL.encode()).decode()
    subject = Header("来自qq.com的退信", "gb18030").encode()
    raw = bounced(
        (
            "Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64",
            base64.b64encode(text.encode("gb18030")).decode(),
        ),
        (
            f"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: {encoding}",
            original,
        ),
        subject=subject,
    ).replace(b"MAILER-DAEMON@mx.example", b"PostMaster@qq.com")

    found = bounce.read(raw)

    assert message.parse(raw).automatic == "bounce"
    assert found.tokens == (TOKEN,)
    assert found.mentioned == ("gone@units.example",)
    assert found.said == "退信原因：收件人邮件地址不存在"


def test_a_bounce_in_plain_words_with_the_original_below() -> None:
    raw = (
        "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n"
        "<gone@units.example>:\r\n550 5.1.1 no mailbox here by that name\r\n\r\n"
        f"--- Below this line is a copy of the message.\r\n\r\n{ORIGINAL}\r\n"
    ).encode()

    found = bounce.read(raw)

    assert found.tokens == (TOKEN,)
    assert "<ours@qq.example>" in found.ids
    assert "gone@units.example" in found.mentioned
    assert found.said == "550 5.1.1 no mailbox here by that name"


def test_a_header_may_say_who_failed() -> None:
    raw = bounced(("Content-Type: text/plain", "x"), headers="X-Failed-Recipients: a@b.example\r\n")

    assert [f.address for f in bounce.read(raw).failed] == ["a@b.example"]


@pytest.mark.parametrize("raw", [b"", b"\0\xff" * 500, b"Content-Type: message/delivery-status"])
def test_rubbish_is_an_empty_bounce(raw: bytes) -> None:
    found = bounce.read(raw)

    assert (found.failed, found.tokens, found.ids) == ((), (), ())
