"""When a mail arrived, as far as the mail itself can tell (到达时间): for imported files.

Each server on the way puts its Received line on top (RFC 5321, 4.4), so the topmost one is
that of the mailbox's own server. The Date header is only what the sender's machine claimed.
"""

from __future__ import annotations

from parsers import mail_dates, mail_headers


def arrival(head: bytes) -> tuple[str | None, str | None]:
    """The topmost Received's time and the Date, ISO 8601 with offset; None where unreadable."""
    headers, _ = mail_headers.split(head)
    received = headers.first("Received")
    when = None if received is None else mail_dates.sent_at(received.rpartition(b";")[2])
    date = headers.first("Date")
    return when, None if date is None else mail_dates.sent_at(date)
