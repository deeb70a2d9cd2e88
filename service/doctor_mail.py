"""What can be wrong between this machine and the mail servers (体检·邮箱): name, connection,
TLS, login, folders, what the mailbox still shows, whether a letter to oneself leaves.

One login at each door: QQ locks accounts that log in often. Nothing in the mailbox changes.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from service.arrivals import MailboxDoor, MailboxError
from service.doctor import Finding
from service.moments import spoken_day
from service.postman import Postman, PostmanError
from service.settings import Settings
from service.types import Campaign


def names(settings: Settings) -> Iterator[Finding]:
    """Whether the servers' names are known."""
    for host in dict.fromkeys((settings.raw.mailbox.host, settings.raw.smtp.host)):
        try:
            socket.getaddrinfo(host, None)
        except OSError as e:
            yield Finding("dns", "wrong", {"host": host, "detail": e})


def mailbox(
    settings: Settings, box: MailboxDoor, campaigns: Iterable[Campaign], now: datetime
) -> Iterator[Finding]:
    """Login, folders, and whether the mailbox goes back to the campaign's first day."""
    raw = settings.raw.mailbox
    facts = {"host": raw.host, "port": raw.port, "user": raw.user}
    try:
        folders = box.list_folders()
        oldest = box.oldest("INBOX")
    except MailboxError as e:
        yield Finding(e.code.lower(), "wrong", {**facts, "detail": e.detail})
        return
    yield Finding("imap", "ok", {**facts, "count": len(folders)})
    missing = [f for f in (*raw.folders, raw.sent_folder) if not _is_there(f, folders)]
    if missing:
        listed = {"missing": "、".join(missing), "folders": "、".join(folders)}
        yield Finding("folders_missing", "warn", listed)
    for one in campaigns:
        if oldest and one.starts <= now.date() and oldest.date() > one.starts:
            seen = {"oldest": spoken_day(oldest.date()), "starts": spoken_day(one.starts)}
            yield Finding("mailbox_short", "warn", {**seen, "slug": one.slug})


def _is_there(wanted: str, folders: tuple[str, ...]) -> bool:
    if wanted.endswith("/*"):
        return True  # a folder of folders may well be empty
    return any(wanted.casefold() == f.casefold() for f in folders)


def smtp(settings: Settings, post: Postman, now: datetime, send: bool) -> Iterator[Finding]:
    """Login, and on demand a letter to oneself."""
    raw = settings.raw.smtp
    facts = {"host": raw.host, "port": raw.port, "sender": settings.sender}
    try:
        post.knock()
        yield Finding("smtp", "ok", facts)
        if not send:
            return
        done = post.deliver(settings.sender, [settings.sender], _letter(settings, now), _ignore)
    except PostmanError as e:
        yield Finding(e.code.lower(), "wrong", {**facts, "detail": e.detail})
        return
    if done.state == "sent":
        yield Finding("letter", "ok", facts)
    else:
        yield Finding("letter_refused", "wrong", {**facts, "detail": f"{done.code} {done.text}"})


def _letter(settings: Settings, now: datetime) -> bytes:
    mail = EmailMessage()
    mail["From"] = mail["To"] = settings.sender
    mail["Subject"] = "报送：体检试信"
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("这是体检时发给自己的一封试信，不必理会。")
    return mail.as_bytes().replace(b"\n", b"\r\n")


def _ignore(phase: str) -> None:
    """How far a letter to oneself came matters to nobody."""
