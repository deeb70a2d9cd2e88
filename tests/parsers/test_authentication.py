"""Who really sent it: QQ's own results, forged ones, and DKIM signatures of our own keys."""

from __future__ import annotations

from datetime import date

import pytest

from parsers import dkim_proof
from parsers.authentication import Proof, prove
from parsers.dkim_proof import Key, signer
from tests.fakes.domain import Domain

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
        (b"spf=pass smtp.mailfrom=x@other.example; dkim=none; dmarc=none", "unproved"),
        (b"dkim=pass header.d=evil163.com; dmarc=none", "unproved"),
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


@pytest.mark.parametrize(
    "said",
    (
        b"spf=pass smtp.mailfrom=dmarc=pass@evil.example; dmarc=none",
        b'spf=none smtp.mailfrom="; dmarc=pass "@evil.example; dmarc=none',
        b"spf=none (dmarc=pass; dkim=pass header.d=163.com) smtp.mailfrom=x@evil.example",
        b'spf=none smtp.mailfrom="x; dmarc=pass',
        b"dmarc=pass header.from=evil.example",
    ),
)
def test_what_a_stranger_put_into_qqs_own_results_proves_nothing(said: bytes) -> None:
    assert prove(QQ + results(said) + OTHER + BODY, SENDER, {}).verdict == "unproved"


def test_second_results_that_say_something_else_came_with_the_mail() -> None:
    forged = results(b"dmarc=pass header.from=163.com")

    assert prove(QQ + results(b"dmarc=none") + forged + BODY, SENDER, {}).verdict == "forged"
    assert prove(QQ + forged + forged + BODY, SENDER, {}).verdict == "pass"


def test_a_host_that_only_calls_itself_qqs_is_none_of_qqs() -> None:
    helo = b"Received: from x by mx.qq.com (evil [1.2.3.4]) by relay.example with SMTP; x\r\n"

    found = prove(helo + results(b"dmarc=pass header.from=163.com") + BODY, SENDER, {})

    assert found.verdict == "forged"


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain("163.com", "s1")


def test_a_signature_of_the_senders_domain_is_proof(domain: Domain) -> None:
    assert prove(domain.sign(BODY), SENDER, domain.keys) == Proof("pass", "dkim_signature")


def test_a_body_that_was_changed_after_signing_fails(domain: Domain) -> None:
    changed = domain.sign(BODY).replace(b"hello", b"hullo")

    assert prove(changed, SENDER, domain.keys) == Proof("fail", "dkim_body_changed")


@pytest.mark.parametrize(
    ("old", "new"),
    (
        (b"Subject: x", b"Subject: y"),
        (b"Date: Tue", b"Subject: y\r\nDate: Tue"),
        (b"Date: Tue", b"Content-Type: text/plain\r\nContent-Type: text/html\r\nDate: Tue"),
        (b"; s=s1", b"; l=3; s=s1"),
        (b"; s=s1", b"; s=s2"),
        (b"rsa-sha256", b"rsa-sha1"),
    ),
)
def test_a_signature_that_does_not_hold_for_what_is_read_is_no_proof(
    domain: Domain, old: bytes, new: bytes
) -> None:
    raw = domain.sign(BODY)
    assert old in raw

    assert prove(raw.replace(old, new, 1), SENDER, domain.keys).verdict == "none"


def test_another_domains_signature_is_no_proof(domain: Domain) -> None:
    raw = domain.sign(BODY.replace(b"unit@163.com", b"unit@qq.com"))

    assert prove(raw, "unit@qq.com", domain.keys).verdict == "none"


@pytest.mark.parametrize("headers", ([b"from", b"date"], [b"subject", b"from", b"date"]))
def test_a_signature_must_cover_the_subject(domain: Domain, headers: list[bytes]) -> None:
    raw = domain.sign(BODY, include_headers=headers)
    wanted = "pass" if b"subject" in headers else "none"

    assert prove(raw, SENDER, domain.keys).verdict == wanted


def test_a_signature_without_a_key_is_no_proof(domain: Domain) -> None:
    assert prove(domain.sign(BODY), SENDER, {}) == Proof("none", "no_proof")


def test_an_old_key_counts_for_the_days_on_which_it_stood_there(domain: Domain) -> None:
    ((name, (key,)),) = domain.keys.items()
    keys = {name: (Key(key.record, date(2021, 6, 8)), Key(Domain("163.com", "s1").record))}
    raw = domain.sign(BODY)

    assert prove(raw, SENDER, keys, date(2021, 6, 8)).verdict == "pass"
    assert prove(raw, SENDER, keys, date(2021, 6, 9)).verdict == "none"


def test_the_day_of_arrival_says_whether_a_signature_has_expired() -> None:
    eighth_of_june = {b"x": b"1623110400"}

    assert not dkim_proof._has_expired(eighth_of_june, date(2021, 6, 8))
    assert dkim_proof._has_expired(eighth_of_june, date(2021, 6, 9))


def test_rubbish_in_a_signature_is_no_proof(domain: Domain) -> None:
    raw = b"DKIM-Signature: v=1; d=163.com; b=!!!; bh==; s=\xff\r\n" + BODY

    assert prove(raw, SENDER, domain.keys).verdict == "none"


@pytest.mark.parametrize(
    ("header", "wanted"),
    (
        ("v=1; a=rsa-sha256; d=163.com; s=s110527; h=From:Subject", ("s110527", "163.com")),
        ("s=S1;d=Mail.Gov.CN", ("s1", "mail.gov.cn")),
        ("d=163.com", None),
        ("d=163.com; s=../x", None),
        ("d=-; s=x y", None),
    ),
)
def test_the_signer_of_a_signature(header: str, wanted: tuple[str, str] | None) -> None:
    assert signer(header) == wanted
