"""Who really sent it: QQ's own results, forged ones, and DKIM signatures of our own keys."""

from __future__ import annotations

import base64

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from parsers.authentication import Proof, prove

SENDER = "unit@163.com"
QQ = b"Received: from m12.mail.163.com (unknown [1.2.3.4])\r\n by newxmmxszc5.qq.com (NewMX) with SMTP id 1; Tue, 8 Jun 2021 09:00:00 +0800\r\n"
OTHER = b"Received: from somewhere.example by relay.example with ESMTP; Tue, 8 Jun 2021 08:59:00 +0800\r\n"
BODY = b"From: <unit@163.com>\r\nTo: <1137652316@qq.com>\r\nSubject: x\r\nDate: Tue, 8 Jun 2021 08:59:00 +0800\r\nMessage-ID: <1@163.com>\r\n\r\nhello\r\n"


def results(said: bytes) -> bytes:
    return b"Authentication-Results: mx.qq.com; " + said + b"\r\n"


@pytest.mark.parametrize(
    ("said", "verdict"),
    (
        (b"spf=pass smtp.mailfrom=<unit@163.com>;\r\n\tdkim=none; dmarc=none", "pass"),
        (b"spf=fail smtp.mailfrom=unit@163.com; dkim=pass header.d=163.com; dmarc=none", "pass"),
        (b"spf=pass smtp.mailfrom=x@other.example; dkim=none; dmarc=none", "none"),
        (b"dkim=pass header.d=evil163.com; dmarc=none", "none"),
        (b"spf=pass smtp.mailfrom=unit@163.com; dmarc=fail(permerror) header.from=163.com", "fail"),
        (b"dmarc=pass header.from=163.com", "pass"),
    ),
)
def test_results_below_qqs_own_received_count(said: bytes, verdict: str) -> None:
    raw = QQ + results(said) + OTHER + BODY

    assert prove(raw, SENDER, {}).verdict == verdict


def test_results_above_the_received_of_qq_count_too() -> None:
    raw = results(b"dmarc=pass header.from=163.com") + QQ + OTHER + BODY

    assert prove(raw, SENDER, {}) == Proof("pass", "dmarc_pass")


@pytest.mark.parametrize("top", (QQ + OTHER, OTHER, OTHER + QQ, b""))
def test_results_below_a_foreign_received_are_forged(top: bytes) -> None:
    raw = top + results(b"dmarc=pass header.from=163.com") + BODY

    assert prove(raw, SENDER, {}).verdict == "forged"


def test_results_of_another_server_prove_nothing() -> None:
    raw = QQ + b"Authentication-Results: mx.evil.example; dmarc=pass\r\n" + BODY

    assert prove(raw, SENDER, {}).verdict == "none"


def test_without_one_sender_nothing_is_proved() -> None:
    raw = QQ + results(b"dmarc=pass") + BODY

    assert prove(raw, None, {}).verdict == "none"


@pytest.fixture(scope="module")
def signed() -> tuple[bytes, dict[str, bytes]]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    header = dkim.sign(BODY, b"s1", b"163.com", private)
    return header + BODY, {"s1._domainkey.163.com": record}


def test_a_signature_of_the_senders_domain_is_proof(
    signed: tuple[bytes, dict[str, bytes]],
) -> None:
    raw, keys = signed

    assert prove(raw, SENDER, keys) == Proof("pass", "dkim_signature")


def test_a_changed_body_an_unknown_key_or_another_domain_is_no_proof(
    signed: tuple[bytes, dict[str, bytes]],
) -> None:
    raw, keys = signed

    assert prove(raw.replace(b"hello", b"hullo"), SENDER, keys).verdict == "none"
    assert prove(raw, SENDER, {}).verdict == "none"
    assert (
        prove(raw.replace(b"unit@163.com", b"unit@qq.com"), "unit@qq.com", keys).verdict == "none"
    )


def test_a_signature_with_a_length_is_refused(signed: tuple[bytes, dict[str, bytes]]) -> None:
    raw, keys = signed

    assert prove(raw.replace(b"; s=s1", b"; l=3; s=s1"), SENDER, keys).verdict == "none"


def test_rubbish_in_a_signature_is_no_proof() -> None:
    raw = b"DKIM-Signature: v=1; d=163.com; b=!!!; bh==; s=\xff\r\n" + BODY

    assert prove(raw, SENDER, {}).verdict == "none"
