"""Mails damaged at random, repeatably: flips, cuts, spliced boundaries, header bombs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

Damage = Callable[[random.Random, bytearray], bytearray]


def damaged(mails: Sequence[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """`count` mails, each from one of `mails` by one to three kinds of damage."""
    chance = random.Random(seed)
    for _ in range(count):
        mail = bytearray(chance.choice(mails))
        for _ in range(chance.randint(1, 3)):
            mail = chance.choice(_DAMAGES)(chance, mail)
        yield bytes(mail)


def bombs() -> Iterator[tuple[str, bytes]]:
    """Mails made to cost much: each with its name."""
    yield "quotes in From", b'From: "' + b'\\"' * 10_000 + b"\r\n\r\nx"
    yield "comments in From", b"From: " + b"(" * 16_000 + b"\r\n\r\nx"
    yield "angles in From", b"From: " + b"<a@b>," * 2_700 + b"\r\n\r\nx"
    yield "half encoded-words", b"Subject: " + b"=?a?b?" * 2_600 + b"\r\n\r\nx"
    yield "many encoded-words", b"Subject: " + b"=?gbk?B?1vc=?= " * 1_100 + b"\r\n\r\nx"
    yield "half words in 100 headers", (b"X-A: " + b"=?a?b?" * 400 + b"\r\n") * 100 + b"\r\nx"
    yield "header of 1 MB", b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\nx"
    yield "20,000 headers", b"X-A: b\r\n" * 20_000 + b"\r\nx"
    yield "20,000 lines that are no headers", b"no header\r\n" * 20_000 + b"Subject: x\r\n\r\nx"
    yield "10,000 parameters", b"Content-Type: a/b" + b"; x=y" * 3_000 + b"\r\n\r\nx"
    yield "parameter quotes", b"Content-Type: a/b; name=" + b'"x' * 8_000 + b"\r\n\r\nx"
    yield (
        "continuations",
        (
            b"Content-Disposition: a"
            + b"".join(b"; filename*%d*=%%E4" % n for n in range(900))
            + b"\r\n\r\nx"
        ),
    )
    yield (
        "2,000 levels",
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
            for n in range(2_000)
        ),
    )
    yield (
        "20,000 parts",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000,
    )
    yield (
        "delimiters in one line",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b" * 700_000,
    )
    yield (
        "almost delimiters",
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--bx\r\n" * 200_000),
    )
    yield (
        "5 MB of broken base64",
        (b"Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUJ=D" * 1_000_000),
    )
    yield (
        "5 MB of odd bytes as text",
        b"Content-Type: text/plain\r\n\r\n" + b"\xff\x80a" * 1_700_000,
    )
    yield "deep html", b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000
    yield "html of half tags", b"Content-Type: text/html\r\n\r\n" + b"<a href=" * 100_000
    yield (
        "html anchors",
        (
            b"Content-Type: text/html\r\n\r\n"
            + b'<a href="https://mail.qq.com/cgi-bin/ftnExs_download?k=1">x' * 15_000
        ),
    )
    yield "open anchors", b"Content-Type: text/html\r\n\r\nhttps://fs.163.com/" + b"<a " * 300_000
    yield "link words", b"Content-Type: text/plain\r\n\r\n" + b"https://fs.163.com/x (1M, " * 30_000
    yield (
        "brackets before a link",
        (b"Content-Type: text/plain\r\n\r\n" + b"a (" * 200_000 + b"https://fs.163.com/x"),
    )
    yield "uuencode begins", b"Content-Type: text/plain\r\n\r\n" + b"begin 644 a\r\n" * 100_000
    yield "spaces", b"Content-Type: text/plain; format=flowed\r\n\r\n" + b" \r\n" * 500_000
    yield "date digits", b"Date: " + b"1" * 15_000 + b"\r\n\r\nx"
    yield "date words", b"Date: " + b"1 jun " * 2_600 + b"\r\n\r\nx"
    yield "received", "已收到，谢谢".encode() * 20_000
    yield "nothing", b""
    yield "nulls", b"\0" * 100_000


def _flip(chance: random.Random, mail: bytearray) -> bytearray:
    for _ in range(chance.randint(1, 20)):
        if mail:
            mail[chance.randrange(len(mail))] = chance.randrange(256)
    return mail


def _cut(chance: random.Random, mail: bytearray) -> bytearray:
    return mail[: chance.randrange(len(mail) + 1)]


def _drop(chance: random.Random, mail: bytearray) -> bytearray:
    start = chance.randrange(len(mail) + 1)
    del mail[start : start + chance.randint(1, 60)]
    return mail


def _repeat(chance: random.Random, mail: bytearray) -> bytearray:
    start = chance.randrange(len(mail) + 1)
    return mail[:start] + mail[start : start + 200] * chance.randint(2, 30) + mail[start:]


def _boundary(chance: random.Random, mail: bytearray) -> bytearray:
    where = [at for at in range(len(mail) - 1) if mail[at : at + 2] == b"--"]
    if where:
        at = chance.choice(where)
        mail[at : at + 2] = chance.choice([b"", b"-", b"---", b"\r\n--", b"--\r\n"])
    return mail


def _token(chance: random.Random, mail: bytearray) -> bytearray:
    at = chance.randrange(len(mail) + 1)
    mail[at:at] = chance.choice(_TOKENS) * chance.choice([1, 1, 2, 50])
    return mail


def _header(chance: random.Random, mail: bytearray) -> bytearray:
    return bytearray(chance.choice(_HEADERS)) + b"\r\n" + mail


_TOKENS = (
    b"=?", b"?=", b"=?gb18030?B?", b"=?utf-8?q?=", b'"', b"\\", b"<", b">", b"(", b";", b"\r\n",
    b"\r", b"\n ", b"\0", b"%E4", b"''", b"*0*=", b"\xff\xfe", b"\x80", "镕".encode("gbk"),
    b"begin 644 x\r\n", b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
)  # fmt: skip
_HEADERS = (
    b"From: a@b, c@d", b"Content-Type: multipart/mixed; boundary=\"", b"Content-Type: text/html",
    b"Content-Type: text/plain; charset=utf-7", b"Content-Type: text/plain; charset=punycode",
    b"Content-Type: text/plain; charset=\0", b"Content-Type: text/plain; charset=utf-16",
    b"Content-Type: text/plain; charset=idna", b"Content-Type: message/rfc822",
    b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: x-uuencode",
    b"Content-Transfer-Encoding: quoted-printable", b"Date: 99 Foo 99999 99:99:99 +9999",
    b"Subject: =?hz?B?fn4=?=", b"Auto-Submitted: \xff",
)  # fmt: skip
_DAMAGES: tuple[Damage, ...] = (_flip, _cut, _drop, _repeat, _boundary, _token, _header)
