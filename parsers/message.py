"""Raw bytes to Message: Chinese mail as it really is. Reads any input and never raises.

The reading is our own, over raw headers and spans of bytes; the standard library's readers
lose half of the constructs that Chinese mail programs write, and policy.default is slow and
unsafe on hostile headers. It decides nothing: trust, units and duties come later.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from parsers import automatic, limits, mail_body, mail_dates, mime, oversize_links
from parsers.automatic import Evidence
from parsers.encoded_words import readable
from parsers.mail_addresses import mailboxes
from parsers.mail_body import Body
from parsers.mail_headers import Headers
from parsers.mail_params import described, file_name
from parsers.mime import Leaf
from parsers.transfer import pieces, undo, uu_files
from parsers.types import Doubt, Large, Message, Part

_ID = re.compile(r"<[^<>\s]{1,500}>")
_HEADERS_KEPT = 200
_VALUE_KEPT = 2_000
_IDS_KEPT = 50
_HEAD_KEPT = 4_096


def parse(raw: bytes) -> Message:
    """Reads a mail (RFC 5322, MIME) of at most MAIL_BYTES; what is above that is cut off
    with a doubt. Parts above PART_IN_MEMORY_BYTES are hashed, not loaded."""
    data = _line_fed(raw[: limits.MAIL_BYTES])
    tree = mime.tree(data)
    doubts = [Doubt.of(code, where) for code, where in tree.troubles]
    if len(raw) > limits.MAIL_BYTES:
        doubts.append(Doubt.of("mail_over_limit", "", size=len(raw)))
    bodies, parts = _read(data, tree.leaves, doubts)
    text = mail_body.text_of(bodies)
    html = "\n".join(b.html for b in bodies if b.html is not None) or None
    senders = _senders(tree.headers, doubts)
    subject = _subject(tree.headers, doubts)
    types = tuple(leaf.content_type.main for leaf in tree.leaves)
    evidence = Evidence(tree.headers, senders, subject, text, types, bool(parts))
    return Message(
        message_id=_message_id(tree.headers),
        senders=senders,
        subject=subject,
        sent_at=_sent_at(tree.headers),
        text=text,
        html=html,
        parts=tuple(parts),
        automatic=automatic.reason(evidence),
        links=oversize_links.links(text, html),
        in_reply_to=_in_reply_to(tree.headers),
        headers=tuple(_readable_headers(tree.headers)),
        doubts=tuple(doubts),
    )


def large_part(raw: bytes, path: str) -> Iterator[bytes]:
    """The decoded content of one part, piece by piece, for filing what is too large to load."""
    data = _line_fed(raw)
    for leaf in mime.tree(data).leaves:
        if leaf.path == path:
            yield from pieces(data, leaf.start, leaf.end, leaf.transfer_encoding)


def _line_fed(raw: bytes) -> bytes:
    """Old Macintosh programs end lines with CR alone."""
    return raw if b"\n" in raw else raw.replace(b"\r", b"\n")


def _read(
    data: bytes, leaves: tuple[Leaf, ...], doubts: list[Doubt]
) -> tuple[list[Body], list[Part]]:
    bodies: list[Body] = []
    parts: list[Part] = []
    for leaf in leaves:
        if mail_body.is_body(leaf) or _is_broken_multipart(leaf):
            body, files = _body(data, leaf)
            bodies.append(body)
            parts += files
            if body.lost:
                doubts.append(Doubt.of("undecodable", leaf.path, bytes=body.lost.hex()))
        else:
            parts.append(_part(data, leaf, doubts))
    return bodies, parts


def _body(data: bytes, leaf: Leaf) -> tuple[Body, list[Part]]:
    """A body part, and the files that were typed into it by uuencode."""
    body = mail_body.read(leaf, data)
    if body.html is not None or "begin " not in body.text:
        return body, []
    content = undo(data[leaf.start : leaf.end], leaf.transfer_encoding).content
    files = uu_files(content)
    parts = [
        Part(
            f"{leaf.path}.uu{number}", "application/octet-stream", readable(f.name).text, f.content
        )
        for number, f in enumerate(files, 1)
    ]
    for f in reversed(files):
        content = content[: f.start] + content[f.end :]
    return (mail_body.of_bytes(leaf, content) if files else body), parts


def _part(data: bytes, leaf: Leaf, doubts: list[Doubt]) -> Part:
    name = file_name(leaf.disposition, leaf.content_type) or described(
        leaf.headers.first("Content-Description")
    )
    if name and "\ufffd" in name:
        doubts.append(Doubt.of("name_undecodable", leaf.path, name=name))
    inline = leaf.disposition.main == "inline" or (
        leaf.headers.first("Content-ID") is not None and "related" in leaf.parents
    )
    kind = leaf.content_type.main
    if kind == "message/partial":
        doubts.append(Doubt.of("mail_partial", leaf.path))
    if _size(leaf) > limits.PART_IN_MEMORY_BYTES:
        return Part(leaf.path, kind, name, b"", inline, _large(data, leaf))
    undone = undo(data[leaf.start : leaf.end], leaf.transfer_encoding)
    if undone.trouble:
        doubts.append(Doubt.of(undone.trouble, leaf.path, name=name or ""))
    return Part(leaf.path, kind, name, undone.content, inline)


def _size(leaf: Leaf) -> int:
    """Decoded size, near enough to decide whether to load it."""
    size = leaf.end - leaf.start
    return size * 3 // 4 if leaf.transfer_encoding.strip().lower() == "base64" else size


def _large(data: bytes, leaf: Leaf) -> Large:
    digest, size, head = hashlib.sha256(), 0, b""
    for piece in pieces(data, leaf.start, leaf.end, leaf.transfer_encoding):
        digest.update(piece)
        size += len(piece)
        head = head or piece[:_HEAD_KEPT]
    return Large(size, digest.hexdigest(), head)


def _is_broken_multipart(leaf: Leaf) -> bool:
    """A multipart without any boundary in it is shown as what it is: text."""
    return leaf.content_type.main.startswith("multipart/")


def _senders(headers: Headers, doubts: list[Doubt]) -> tuple[tuple[str, str], ...]:
    """All mailboxes of all From headers: several of either leave nobody identified."""
    senders = tuple(m for raw in headers.all("From") for m in mailboxes(raw))
    if not senders:
        doubts.append(Doubt.of("sender_missing", ""))
    elif len(senders) > 1:
        doubts.append(Doubt.of("sender_several", "", who=", ".join(a for _, a in senders)[:500]))
    return senders


def _subject(headers: Headers, doubts: list[Doubt]) -> str:
    raw = headers.first("Subject")
    if raw is None:
        return ""
    decoded = readable(raw)
    if decoded.lost:
        doubts.append(Doubt.of("undecodable", "subject", bytes=decoded.lost.hex()))
    return decoded.text


def _sent_at(headers: Headers) -> str | None:
    raw = headers.first("Date")
    return None if raw is None else mail_dates.sent_at(raw)


def _message_id(headers: Headers) -> str | None:
    said = headers.text("Message-ID")
    found = _ID.search(said)
    return found[0] if found else (said[:500] or None)


def _in_reply_to(headers: Headers) -> tuple[str, ...]:
    said = " ".join((headers.text("In-Reply-To"), headers.text("References")))
    return tuple(dict.fromkeys(_ID.findall(said)))[:_IDS_KEPT]


def _readable_headers(headers: Headers) -> Iterator[tuple[str, str]]:
    for name, raw in headers.pairs[:_HEADERS_KEPT]:
        yield name, readable(raw).text[:_VALUE_KEPT]
