"""A new settings file (初始设置): the commented example, with the answers in their places, so that
both can never say different things; and the example campaign that it names.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service import tables, words
from service.errors import DoorShut
from service.settings import SHIPPED, RawSettings, Settings

EXAMPLE = words.TEMPLATES.parent / "deploy" / "settings.example.toml"
_KNOWN = {
    "qq.com": ("imap.qq.com", "smtp.qq.com"),
    "foxmail.com": ("imap.qq.com", "smtp.qq.com"),
    "163.com": ("imap.163.com", "smtp.163.com"),
    "126.com": ("imap.126.com", "smtp.126.com"),
    "139.com": ("imap.139.com", "smtp.139.com"),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked, or given by options."""

    user: str
    data: str
    campaigns: tuple[str, ...]
    authcode_file: str
    sender_name: str
    imap_host: str
    smtp_host: str


def servers(user: str) -> tuple[str, str]:
    """The IMAP and SMTP servers of an address, guessed where they are not known."""
    domain = user.rpartition("@")[2].lower()
    return _KNOWN.get(domain, (f"imap.{domain}", f"smtp.{domain}"))


def settings_text(answers: Answers) -> str:
    """The example with these answers; its comments stay."""
    text = EXAMPLE.read_text(encoding="utf-8")
    head, mailbox, smtp = re.split(r"^(?=\[mailbox\]|\[smtp\])", text, flags=re.M)
    head = _set(head, "data", answers.data)
    head = _set(head, "campaigns", list(answers.campaigns))
    head = _set(head, "authcode_file", answers.authcode_file)
    mailbox = _set(_set(mailbox, "host", answers.imap_host), "user", answers.user)
    smtp = _set(_set(smtp, "host", answers.smtp_host), "sender_name", answers.sender_name)
    return head + mailbox + smtp


def check(text: str, file: str) -> None:
    """ConfigError where an answer makes no valid setting."""
    tables.parse(text.encode(), RawSettings, file)


def lay_examples(settings: Settings) -> Iterator[Path]:
    """Puts a shipped example where a campaign of that name is expected and nothing is yet."""
    for folder in settings.campaign_folders:
        example = SHIPPED / folder.name
        if example.is_dir() and not folder.exists():
            try:
                shutil.copytree(example, folder)
            except OSError as e:
                raise DoorShut("DISK_SHUT", detail=str(e)) from e
            yield folder


def _set(text: str, key: str, value: object) -> str:
    # a JSON string or list of strings is a TOML one too
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return re.sub(rf"^{key} = .*$", lambda _: line, text, count=1, flags=re.M)
