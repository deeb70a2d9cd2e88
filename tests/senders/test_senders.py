"""Mails that other people's programs compose, delivered by LMTP into Dovecot, read by ours.

nodemailer (npm), mutt, swaks and Python's own library write Chinese names and bodies in their own
ways; subject, sender and every file's name, size and hash must come out the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import smtplib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import formataddr
from pathlib import Path

import pytest

from parsers import message
from parsers.types import Message
from service.arrivals import Arrived
from service.mailbox import Mailbox, MailboxConfig
from tests.fakes.dovecot import PrivateDovecot, is_installed

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".cache" / "senders"
USER = "gk@qq.example"
NAME, ADDRESS = "石庄镇联络员", "unit@qq.example"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a sender was asked to send."""

    subject: str
    text: str
    files: tuple[tuple[str, bytes], ...]


LETTERS = (
    Letter(
        "安全生产月进展情况统计表",
        "张科长：\n表格在附件，请查收。",
        (("附件2.docx", b"PK\x03\x04" * 99),),
    ),
    Letter(
        "【石庄镇】6月8日安全生产月活动进展情况统计表（盖章）及联络员反馈表、工作总结、现场照片",
        "本周开展宣讲3场、参与120人次。" * 20,
        (
            (
                "附件2 东陈镇综合执法局“安全生产月”活动进展情况统计表(6.8)最终版.doc",
                bytes(range(256)),
            ),
            ("安全月（照片）.zip", b"PK\x05\x06" + bytes(18)),
        ),
    ),
    Letter(
        "补报 6.10", "朱镕、张喆、李堃、王珺", (("朱镕.xlsx", b"x"), ("空.txt", b"one\r\ntwo\r\n"))
    ),
    Letter("report", "plain words", (("table.xls", b"\xd0\xcf\x11\xe0"),)),
)
Compose = Callable[[Letter, str, Path], bytes]


def by_new_python(letter: Letter, charset: str, _: Path) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = formataddr((NAME, ADDRESS)), USER
    mail["Subject"] = letter.subject
    mail.set_content(letter.text, charset=charset)
    for name, content in letter.files:
        mail.add_attachment(content, "application", "octet-stream", filename=name)
    return mail.as_bytes()


def by_old_python(letter: Letter, charset: str, _: Path) -> bytes:
    mail = MIMEMultipart()
    mail["From"] = formataddr((str(Header(NAME, charset)), ADDRESS))
    mail["Subject"] = Header(letter.subject, charset).encode()
    mail.attach(MIMEText(letter.text, "plain", charset))
    for name, content in letter.files:
        part = MIMEApplication(content)
        part.add_header("Content-Disposition", "attachment", filename=(charset, "", name))
        mail.attach(part)
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def by_mutt(letter: Letter, charset: str, folder: Path) -> bytes:
    if shutil.which("mutt") is None:
        pytest.skip("mutt is not installed")
    for name, content in letter.files:
        (folder / name).write_bytes(content)
    taken = folder / "taken.eml"
    sendmail = folder / "sendmail"
    sendmail.write_text(f'#!/bin/sh\ncat > "{taken}"\n')
    sendmail.chmod(0o700)
    settings = folder / "muttrc"
    settings.write_text(
        f'set realname="{NAME}"\nset from={ADDRESS}\nset use_from=yes\nset charset=utf-8\n'
        f'set send_charset="us-ascii:{charset}:utf-8"\nset sendmail="{sendmail}"\nset record=""\n'
        "set sendmail_wait=20\nset rfc2047_parameters=yes\n"
    )
    command = ["mutt", "-n", "-F", str(settings), "-s", letter.subject]
    for name, _ in letter.files:
        command += ["-a", str(folder / name)]
    environment = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    subprocess.run(
        [*command, "--", USER], input=letter.text.encode(), env=environment, check=True, timeout=60
    )
    return taken.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def by_swaks(letter: Letter, charset: str, folder: Path) -> bytes:
    """swaks writes headers and names as it is given them: raw bytes, as old scripts do."""
    if shutil.which("swaks") is None:
        pytest.skip("swaks is not installed")
    body = folder / "body"
    body.write_bytes(letter.text.encode(charset))
    # without a server it would look for one in the DNS
    command: list[str | bytes] = ["swaks", "--dump-mail", "--server", "127.0.0.1", "--to", USER]
    command += ["--from", ADDRESS, "--h-From", f"{NAME} <{ADDRESS}>".encode(charset)]
    command += ["--h-Subject", letter.subject.encode(charset)]
    command += ["--attach-type", f"text/plain; charset={charset}", "--attach-body", f"@{body}"]
    for number, (name, content) in enumerate(letter.files):
        (folder / f"{number}").write_bytes(content)
        command += ["--attach-type", "application/octet-stream"]
        command += ["--attach-name", name.encode(charset), "--attach", f"@{folder / str(number)}"]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def by_nodemailer(letter: Letter, charset: str, _: Path) -> bytes:
    told: dict[str, object] = {
        "from": {"name": NAME, "address": ADDRESS},
        "to": USER,
        "subject": letter.subject,
    }
    body = None
    if charset == "utf-8":
        told["text"] = letter.text
    else:  # nodemailer itself writes UTF-8 only; other bytes are handed to it as they are
        encoded = base64.b64encode(letter.text.encode(charset)).decode()
        body = {"charset": charset, "base64": encoded}
    files = [{"name": n, "base64": base64.b64encode(c).decode()} for n, c in letter.files]
    done = subprocess.run(
        ["node", "compose.js"],
        input=json.dumps({"message": told, "files": files, "body": body}).encode(),
        cwd=_nodemailer(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def _nodemailer() -> Path:
    """nodemailer of the locked version, installed once into the clone's own cache."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    for name in ("package.json", "package-lock.json", "compose.js"):
        CACHE.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / name, CACHE / name)
    if not (CACHE / "node_modules" / "nodemailer").is_dir():
        done = subprocess.run(
            [npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=CACHE, check=False, timeout=120
        )
        if done.returncode:
            pytest.skip("npm could not install nodemailer")
    return CACHE


SENDERS: dict[str, Compose] = {
    "Python's EmailMessage": by_new_python,
    "Python's MIMEText": by_old_python,
    "mutt": by_mutt,
    "swaks": by_swaks,
    "nodemailer": by_nodemailer,
}


@pytest.fixture(scope="module")
def dovecot() -> Iterator[PrivateDovecot]:
    with PrivateDovecot({USER: "code"}, lmtp=True) as server:
        yield server


@pytest.mark.real_server
@pytest.mark.skipif(not is_installed(), reason="dovecot is not installed")
@pytest.mark.parametrize("charset", ["utf-8", "gbk", "gb18030"])
@pytest.mark.parametrize("sender", SENDERS)
def test_what_others_send_is_read_whole(
    dovecot: PrivateDovecot, tmp_path: Path, sender: str, charset: str
) -> None:
    mails = []
    for number, letter in enumerate(LETTERS):
        folder = tmp_path / str(number)
        folder.mkdir()
        mails.append(SENDERS[sender](letter, charset, folder))
    read = _through(dovecot, mails)

    assert len(read) == len(LETTERS)
    for letter, mail in zip(LETTERS, read, strict=True):
        assert mail.subject == letter.subject
        assert mail.senders == ((NAME, ADDRESS),)
        assert mail.text == letter.text
        assert mail.automatic is None
        assert mail.doubts == ()
        assert [(p.name, len(p.content), _sha(p.content)) for p in mail.parts] == [
            (name, len(content), _sha(content)) for name, content in letter.files
        ]


def _through(dovecot: PrivateDovecot, mails: list[bytes]) -> list[Message]:
    """Delivers by LMTP and brings the new mails through our door."""
    mailbox = Mailbox(
        MailboxConfig("127.0.0.1", dovecot.imap_port, USER, "code", ("INBOX",), tls=False)
    )
    known = mailbox.uids("INBOX")
    assert known is not None
    with smtplib.LMTP("127.0.0.1", dovecot.lmtp_port, local_hostname="localhost") as lmtp:
        for mail in mails:
            lmtp.sendmail(ADDRESS, [USER], mail)
    kept: list[Arrived] = []
    mailbox.look({("INBOX", known[0]): max(known[1], default=0)}, kept.append)
    mailbox.close()
    assert all(isinstance(m.received_at, datetime) for m in kept)
    return [message.parse(m.raw or b"") for m in kept]


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
