"""Letters as mail (RFC 5322): headers, alternatives, attachments; the same letter, the same bytes.

Our own mail says so (RFC 3834) and bears a token of ours in its subject, because QQ replaces
the Message-ID. Attachment names stand as RFC 2047 words in both name= and filename=: QQ shows
RFC 2231 names as tcmime.*.bin.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from email import encoders
from email.charset import BASE64, Charset
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr

from service.types import Attachment, Letter

_UTF8 = Charset("utf-8")
_UTF8.body_encoding = _UTF8.header_encoding = BASE64
ANSWERS = ("receipt", "question", "notice")


def token(secret: bytes, key: str) -> str:
    """Eight characters that only we can make for this letter (HMAC-SHA256, base32)."""
    digest = hmac.new(secret, key.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest)[:8].decode()


def message_id(key: str, sender: str) -> str:
    """The same letter has the same Message-ID, however often it is made."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{sender.partition('@')[2]}>"


def subject(letter: Letter, mark: str) -> str:
    """The letter's subject with its token: replies and bounces carry it back."""
    return f"{letter.subject}〔{mark}〕"


def build(letter: Letter, sender: str, sender_name: str, mark: str, when: datetime) -> bytes:
    """The letter as the bytes that SMTP takes, lines ended by CRLF."""
    body = MIMEMultipart("alternative", boundary=_boundary(letter.key, "a"))
    body.attach(_text(letter.text, "plain"))
    body.attach(_text(letter.html, "html"))
    mail: MIMEMultipart = body
    if letter.files:
        mail = MIMEMultipart("mixed", boundary=_boundary(letter.key, "m"))
        mail.attach(body)
        for file in letter.files:
            mail.attach(_attachment(file))
    mail["From"] = formataddr((sender_name, sender), "utf-8") if sender_name else sender
    mail["To"] = ", ".join(letter.to)
    if letter.cc:
        mail["Cc"] = ", ".join(letter.cc)
    mail["Subject"] = Header(
        _one_line(subject(letter, mark)), _UTF8, header_name="Subject"
    ).encode()
    mail["Date"] = format_datetime(when)
    mail["Message-ID"] = message_id(letter.key, sender)
    mail["Auto-Submitted"] = "auto-replied" if letter.kind in ANSWERS else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if letter.in_reply_to and _is_id(letter.in_reply_to):
        mail["In-Reply-To"] = letter.in_reply_to
        mail["References"] = letter.in_reply_to
    return mail.as_bytes(policy=compat32.clone(linesep="\r\n"))


def _text(content: str, subtype: str) -> MIMEText:
    # the library takes a Charset as well as its name (email.mime.text)
    return MIMEText(content, subtype, _UTF8)  # type: ignore[arg-type]


def _attachment(file: Attachment) -> MIMEBase:
    part = MIMEBase("application", "octet-stream")
    part.set_payload(file.content)
    encoders.encode_base64(part)
    name = Header(file.name, _UTF8).encode()
    part.add_header("Content-Disposition", f'attachment; filename="{name}"')
    part.replace_header("Content-Type", f'application/octet-stream; name="{name}"')
    return part


def _is_id(text: str) -> bool:
    """A Message-ID from outside goes into our header only if it is plainly one (no folding,
    no second header smuggled in)."""
    return text.startswith("<") and text.endswith(">") and text.isascii() and text.isprintable()


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _boundary(key: str, role: str) -> str:
    return f"=={role}{hashlib.sha256(key.encode()).hexdigest()[:24]}=="
