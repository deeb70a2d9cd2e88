"""Forged mails by kind (伪造来件): each would like to pass for a unit's or the staff's own mail.

`UNIT` is a listed address whose domain signs its mail; the forger has a domain of his own that
signs too, has seen a genuine mail, and may write whatever he likes into what he sends.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tests.fakes.domain import Domain

UNIT = b"dongchen@units.example"
EVIL = b"someone@evil.example"
STAFF = b"1137652316@qq.com"
FORM = Path(__file__).parents[1] / "specimens" / "forms" / "f2_u1.docx"

QQ = (
    b"Received: from m12.evil.example (unknown [203.0.113.9])\r\n"
    b"\tby newxmmxszc5.qq.com (NewMX) with SMTP id 1; Tue, 8 Jun 2021 08:30:00 +0800\r\n"
)
HOP = b"Received: from a.example by b.example with ESMTP; Tue, 8 Jun 2021 08:29:00 +0800\r\n"
GOOD = b"Authentication-Results: mx.qq.com; spf=pass smtp.mailfrom=<dongchen@units.example>;\r\n\tdkim=pass header.d=units.example; dmarc=pass header.from=units.example\r\n"
NOTHING = b"Authentication-Results: mx.qq.com; spf=none smtp.mailfrom=<someone@evil.example>; dkim=none; dmarc=none\r\n"
FAILED = b"Authentication-Results: mx.qq.com; spf=fail smtp.mailfrom=<x@qq.com>; dkim=none; dmarc=fail header.from=qq.com\r\n"


@cache
def units() -> Domain:
    return Domain("units.example", "s1")


@cache
def evil() -> Domain:
    return Domain("evil.example", "s1")


def mail(sender: bytes = b"<" + UNIT + b">", more: bytes = b"", number: int = 0) -> bytes:
    """A mail with a filled form, unlike every other; `sender` is the whole value of From."""
    return (
        b"From: " + sender + b"\r\n" + more + b"To: <1137652316@qq.com>\r\n"
        b"Subject: =?utf-8?B?" + base64.b64encode("安全生产月进展情况统计表".encode()) + b"?=\r\n"
        b"Date: Tue, 8 Jun 2021 08:29:00 +0800\r\nMessage-ID: <%d@units.example>\r\n"
        % number
        + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nform %d\r\n"
        % number
        + b"--b\r\nContent-Type: application/octet-stream; name=form.docx\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(FORM.read_bytes()).replace(b"\n", b"\r\n")
        + b"--b--\r\n"
    )


def genuine() -> Iterator[bytes]:
    """What the forgeries imitate: these are verified."""
    yield QQ + GOOD + mail(number=1)
    yield units().sign(mail(number=2))


def _word(text: str) -> bytes:
    return b"=?utf-8?B?" + base64.b64encode(text.encode()) + b"?="


def _two_from_headers() -> Iterator[bytes]:
    other = b"From: <" + EVIL + b">\r\n"
    yield QQ + GOOD + mail(more=other)
    yield QQ + GOOD + other + mail()
    yield units().sign(mail(number=2)).replace(b"To: <1137", other + b"To: <1137", 1)
    yield other + units().sign(mail(number=2))
    yield QQ + GOOD + mail(more=b"from : <" + UNIT + b">\r\n")


def _two_mailboxes() -> Iterator[bytes]:
    for value in (
        b"<" + UNIT + b">, <" + EVIL + b">",
        b"<" + EVIL + b">; <" + UNIT + b">",
        b"<" + UNIT + b"> <" + EVIL + b">",
        UNIT + b" <" + EVIL + b">",
        b"a: <" + UNIT + b">; , <" + EVIL + b">",
    ):
        yield QQ + GOOD + mail(value)


def _display_name() -> Iterator[bytes]:
    names = (
        b'"dongchen@units.example"',
        _word("东陈镇综合执法局"),
        _word("东陈镇 <dongchen@units.example>"),
        _word("dongchen@units.example") + b" ",
        b"=?utf-8?Q?=3Cdongchen=40units=2Eexample=3E?=",
    )
    for name in names:
        yield QQ + NOTHING + mail(name + b" <" + EVIL + b">")


def _comment() -> Iterator[bytes]:
    yield QQ + NOTHING + mail(EVIL + b" (dongchen@units.example)")
    yield QQ + NOTHING + mail(b"(<dongchen@units.example>) <" + EVIL + b">")
    yield QQ + NOTHING + mail(b"<" + EVIL + b"> (" + _word("<dongchen@units.example>") + b")")
    yield mail(b"<dongchen(x)@units.example(y)@evil.example>")


def _look_alike_domain() -> Iterator[bytes]:
    for domain in ("unіts.example", "units.exampIe", "ｕｎｉｔｓ.example", "units。example",
                   "xn--unts-yva.example", "units.example.evil.example"):  # fmt: skip
        address = b"<dongchen@" + domain.encode() + b">"
        own = b"Authentication-Results: mx.qq.com; dmarc=pass header.from=" + domain.encode()
        yield QQ + own + b"\r\n" + mail(address)


def _hidden_characters() -> Iterator[bytes]:
    for address in (
        b"dong\0chen@units.example", b"dongchen@units.example\0", b"dongchen\x01@units.example",
        "dong\u200bchen@units.example".encode(), "dongchen@\u202eunits.example".encode(),
        b"dong\xadchen@units.example", b"\x1bdongchen@units.example",
    ):  # fmt: skip
        yield QQ + GOOD.replace(b"dmarc=pass", b"dmarc=none") + mail(b"<" + address + b">")


def _results_below_a_foreign_hop() -> Iterator[bytes]:
    yield QQ + HOP + GOOD + mail()
    yield QQ + NOTHING + HOP + GOOD + mail()
    yield QQ + HOP + QQ + GOOD + mail()
    yield HOP + QQ + GOOD + mail()


def _results_without_qqs_hop() -> Iterator[bytes]:
    yield GOOD + mail()
    yield HOP + GOOD + mail()
    yield GOOD + HOP + mail()
    yield mail(more=GOOD)


def _results_beside_qqs_own() -> Iterator[bytes]:
    yield QQ + NOTHING + GOOD + mail()
    yield QQ + FAILED + GOOD + mail()
    yield QQ + NOTHING + mail(more=GOOD)


def _results_of_another_server() -> Iterator[bytes]:
    for server in (b"mx.evil.example", b"mx.qq.com.evil.example", b"mx.qqcom", b"qq.com.cn", b"x"):
        yield QQ + NOTHING + GOOD.replace(b"mx.qq.com", server) + mail()


def _results_within_results() -> Iterator[bytes]:
    for envelope in (
        b"dmarc=pass@evil.example",
        b'"; dmarc=pass header.from=units.example; "@evil.example',
        b"x@evil.example (; dkim=pass header.d=units.example)",
        b'"; dmarc=pass',
    ):
        said = b"mx.qq.com; spf=none smtp.mailfrom=" + envelope + b"; dkim=none; dmarc=none"
        yield QQ + b"Authentication-Results: " + said + b"\r\n" + mail()
    yield QQ + NOTHING.replace(b"dmarc=none", b"dmarc=pass header.from=evil.example") + mail()


def _a_host_that_calls_itself_qq() -> Iterator[bytes]:
    for received in (
        b"from by newxmmx1.qq.com (NewMX) (evil [1.2.3.4]) by relay.example with SMTP; x",
        b"from x (by mx1.qq.com) by relay.example with SMTP; x",
        b"from mx1.qq.com by newxmmx1.qq.com.evil.example with SMTP; x",
    ):
        yield b"Received: " + received + b"\r\n" + GOOD + mail()


def _another_domains_signature() -> Iterator[bytes]:
    yield evil().sign(mail())
    yield evil().sign(mail(), identity=b"@units.evil.example")
    yield evil().sign(mail()).replace(b"d=evil.example", b"d=units.example")
    yield evil().sign(mail()).replace(b"s=s1", b"s=s1._domainkey.units.example")


def _signature_that_leaves_something_open() -> Iterator[bytes]:
    yield units().sign(mail(number=3), length=True).replace(b"--b--", b"--b--\r\nmore", 1)
    yield units().sign(mail(number=3), include_headers=[b"from", b"date"])
    yield units().sign(mail(number=3)).replace(b"rsa-sha256", b"rsa-sha1")


def _replayed_signature() -> Iterator[bytes]:
    signed = units().sign(mail(number=4))
    yield signed.replace(b"form 4", b"form 5")
    yield signed.replace(b"Subject: =?utf-8?B?", b"Subject: =?utf-8?B?5pyA57uI?= =?utf-8?B?")
    yield b"Subject: new\r\n" + signed
    yield b"Date: Wed, 9 Jun 2021 08:29:00 +0800\r\n" + signed
    yield b"Content-Type: text/plain\r\n" + signed
    yield signed.replace(b"\r\n--b--", b"\r\n--b\r\n\r\nmore\r\n--b--")
    yield signed.replace(b"dongchen@units", b"baipu@units", 1)


def _staff_address() -> Iterator[bytes]:
    sender = b"<" + STAFF + b">"
    yield QQ + FAILED + mail(sender)
    yield QQ + NOTHING + mail(sender)
    yield QQ + FAILED + mail(_word("安全科") + b" " + sender)
    yield HOP + GOOD.replace(b"units.example", b"qq.com") + mail(sender)
    yield mail(b'"1137652316@qq.com" <' + EVIL + b">")


def _group() -> Iterator[bytes]:
    yield QQ + NOTHING + mail(b"units: <" + UNIT + b">;")
    yield QQ + GOOD + mail(b"undisclosed-recipients:;")
    yield QQ + NOTHING + mail(b"dongchen@units.example: <" + EVIL + b">;")


def _other_headers_name_the_unit() -> Iterator[bytes]:
    for name in (b"Sender", b"Reply-To", b"Return-Path", b"Resent-From", b"X-Original-From",
                 b"Errors-To"):  # fmt: skip
        more = name + b": <" + UNIT + b">\r\n"
        yield QQ + NOTHING + mail(b"<" + EVIL + b">", more)


def _garbage_in_the_headers() -> Iterator[bytes]:
    yield QQ + NOTHING + b"\xff\xfe\xfd\r\n" + GOOD + mail()
    yield (
        b"From " + UNIT + b" Tue Jun  8 08:30:00 2021\r\n" + QQ + NOTHING + mail(b"<" + EVIL + b">")
    )
    yield QQ + NOTHING + b"\xce\xd2\xc3\xc7: x\r\n" + GOOD + mail()
    yield QQ + NOTHING + mail(b"\r\n <" + UNIT + b">\r\n\t<" + EVIL + b">")
    yield QQ + NOTHING + b"X: " + b"\xff" * 20_000 + b"\r\n" + GOOD + mail()


KINDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "two From headers": _two_from_headers,
    "two mailboxes in one From": _two_mailboxes,
    "the unit as display name": _display_name,
    "the unit in a comment": _comment,
    "a domain that looks alike": _look_alike_domain,
    "hidden characters in the address": _hidden_characters,
    "results below a foreign Received": _results_below_a_foreign_hop,
    "results without QQ's Received": _results_without_qqs_hop,
    "results beside QQ's own": _results_beside_qqs_own,
    "results of another server": _results_of_another_server,
    "results within the envelope sender": _results_within_results,
    "a host that calls itself QQ": _a_host_that_calls_itself_qq,
    "another domain's signature": _another_domains_signature,
    "a signature that leaves something open": _signature_that_leaves_something_open,
    "a replayed signature": _replayed_signature,
    "the staff's address": _staff_address,
    "a group as sender": _group,
    "other headers that name the unit": _other_headers_name_the_unit,
    "garbage in the headers": _garbage_in_the_headers,
}


def forged() -> Iterator[tuple[str, bytes]]:
    """(kind, mail), each with bytes of its own."""
    number = 100
    for kind, make in KINDS.items():
        for raw in make():
            number += 1
            yield kind, raw + b"%d\r\n" % number if b"DKIM-Sig" not in raw else raw
