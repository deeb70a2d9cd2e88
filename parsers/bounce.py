"""A bounce (退信) taken apart: who could not be reached, why, and which letter came back.

Delivery reports (RFC 3464), the attached original whatever its type (QQ sends it as
application/octet-stream), and bounces in plain words (qmail, 163, QQ). Reads any bytes and
never raises; which letter of ours it is about is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from parsers import message, mime
from parsers.encoded_words import readable
from parsers.mail_addresses import mailboxes
from parsers.mail_headers import Headers, split
from parsers.mime import Leaf
from parsers.transfer import undo

_TOKEN = re.compile(r"〔([A-Z2-7]{8})〕")
_ID = re.compile(r"<[^<>\s]{1,500}>")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_STATUS = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")
_REPLY = re.compile(r"(?<![\d.])[45][0-5]\d(?=[ -])")
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_ORIGINALS = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
    "application/octet-stream",
)
_QUOTED_SUBJECT = re.compile(r"(?im)^[ \t>]*subject:[^\n]*(?:\n[ \t]+[^\n]*)*")
_QUOTED_ID = re.compile(r"(?im)^[ \t>]*(?:message-id|x-oq-msgid):\s*(<[^<>\s]{1,500}>)")
_TEXT_READ = 20_000
_MOST = 50


@dataclass(frozen=True, slots=True)
class Failed:
    """One address that a server gave up on. `status` is the enhanced status code (RFC 3463)
    or the SMTP reply code, empty where none is given; `said` are the server's own words."""

    address: str
    status: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a bounce says. `mentioned` are addresses in its words, for bounces that name nobody
    in a report; `returned_to` are those of the letter that came back."""

    failed: tuple[Failed, ...] = ()
    mentioned: tuple[str, ...] = ()
    returned_to: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    said: str = ""
    delayed: bool = False
    """A server still tries: nobody failed yet."""


def read(raw: bytes) -> Bounce:
    """Takes apart a mail that is known to be a bounce."""
    mail = message.parse(raw)
    tree = mime.tree(raw)
    text = mail.text[:_TEXT_READ]
    reports = [b for leaf in tree.leaves for b in _report(raw, leaf)]
    originals = [_original(raw, leaf) for leaf in tree.leaves if _may_be_original(leaf)]
    failed = [f for b in reports if (f := _failed(b)) is not None]
    failed += [Failed(a) for a in _addresses(tree.headers.text("X-Failed-Recipients"))]
    subjects = (mail.subject, text, *_subjects(text), *(o.text("Subject") for o in originals))
    actions = {b.text("Action").strip().lower() for b in reports} - {""}
    return Bounce(
        failed=_unique(failed),
        mentioned=_addresses(text),
        returned_to=tuple(a for o in originals for a in _recipients(o)),
        tokens=tuple(dict.fromkeys(t for s in subjects for t in _TOKEN.findall(s)))[:_MOST],
        ids=tuple(dict.fromkeys(_ids(originals, text, mail.in_reply_to)))[:_MOST],
        said=_reason(text),
        delayed=bool(actions) and "failed" not in actions,
    )


def _report(raw: bytes, leaf: Leaf) -> Iterator[Headers]:
    """The blocks of a delivery report: of the message, then of each recipient (RFC 3464, 2.1)."""
    if leaf.content_type.main not in _REPORTS:
        return
    content = undo(raw[leaf.start : leaf.end], leaf.transfer_encoding).content
    for block in re.split(rb"\r?\n[ \t]*\r?\n", content)[:_MOST]:
        yield split(block.strip() + b"\n\n")[0]


def _failed(block: Headers) -> Failed | None:
    """The recipient of a block whose delivery failed for good."""
    named = block.text("Original-Recipient") or block.text("Final-Recipient")
    found = _addresses(named.partition(";")[2] or named)
    if not found or block.text("Action").strip().lower() not in ("failed", ""):
        return None
    said = " ".join(block.text("Diagnostic-Code").partition(";")[2].split())
    return Failed(found[0], block.text("Status").strip().split(" ")[0], said[:500])


def _may_be_original(leaf: Leaf) -> bool:
    return leaf.content_type.main in _ORIGINALS


def _original(raw: bytes, leaf: Leaf) -> Headers:
    return split(undo(raw[leaf.start : leaf.end], leaf.transfer_encoding).content)[0]


def _recipients(original: Headers) -> Iterator[str]:
    for name in ("To", "Cc"):
        for raw in original.all(name):
            yield from (address for _, address in mailboxes(raw))


def _subjects(text: str) -> Iterator[str]:
    """Subjects of an original that was copied into the text, its words still encoded."""
    for found in _QUOTED_SUBJECT.finditer(text):
        yield readable(found[0].encode("utf-8", "replace")).text


def _ids(originals: Iterable[Headers], text: str, replied: Iterable[str]) -> Iterator[str]:
    """Message-IDs of the letter: its own, the one that QQ put aside, the one answered."""
    for original in originals:
        for name in ("Message-ID", "X-OQ-MSGID"):
            yield from _ID.findall(original.text(name))
    yield from _QUOTED_ID.findall(text)
    yield from replied


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.lower().rstrip(".") for a in _ADDRESS.findall(text)))[:_MOST]


def _unique(failed: Iterable[Failed]) -> tuple[Failed, ...]:
    by_address: dict[str, Failed] = {}
    for f in failed:
        by_address.setdefault(f.address, f)
    return tuple(by_address.values())[:_MOST]


def _reason(text: str) -> str:
    """The line that gives the reason: the one with a status code, or 退信原因."""
    for line in text.splitlines():
        if _STATUS.search(line) or _REPLY.search(line) or "退信原因" in line:
            return " ".join(line.split())[:500]
    return ""
