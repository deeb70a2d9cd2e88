"""A return by another road (另路报送): a file from WeChat or a stick becomes a mail like any other,
so that it is kept, read, replayed and forgotten as all are.

Pure. Such a mail says nothing by itself: it counts only by the decision that names it, and
nobody is answered.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

RECEIVED = "received"
"""The source of its row, and the folder that it stands in."""


def wrapped(
    name: str, content: bytes, subject: str, text: str, sender: str, when: datetime
) -> bytes:
    """The mail (RFC 5322) with the file as its attachment; the same file recorded for the same
    unit, deadline and time gives the same bytes."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(addr_spec=sender)
    mail["To"] = Address(addr_spec=sender)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(when)
    mail.set_content(text, cte="base64")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    mark = hashlib.sha256(subject.encode() + content).digest()
    mail.set_boundary(f"=={base64.b16encode(mark[:12]).decode()}==")
    return mail.as_bytes()


def place(account: str, sha256: str) -> tuple[str, str, int, int]:
    """Where it stands: follows from its bytes, so that twice the same is one row."""
    return account, RECEIVED, int(sha256[:8], 16), int(sha256[8:22], 16)
