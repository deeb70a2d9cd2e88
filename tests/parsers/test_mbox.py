"""One file with many mails is parted where mail programs part it, and nowhere else."""

from __future__ import annotations

import mailbox
from email.message import EmailMessage
from pathlib import Path

from parsers import mbox
from parsers.arrival import arrival


def written(folder: Path, *texts: str) -> Path:
    """An mbox as Python's own library writes it."""
    file = folder / "box"
    box = mailbox.mbox(str(file))
    for number, text in enumerate(texts):
        mail = EmailMessage()
        mail["Subject"] = f"mail {number}"
        mail.set_content(text)
        box.add(mail)
    box.close()
    return file


def split(content: bytes) -> list[bytes]:
    return list(mbox.split(content.splitlines(keepends=True)))


def test_each_mail_comes_out_with_the_line_ends_of_the_wire(tmp_path: Path) -> None:
    mails = split(written(tmp_path, "one\n", "two\n\nFrom here on\n").read_bytes())

    assert [m.count(b"Subject") for m in mails] == [1, 1]
    assert mails[1].endswith(b"two\r\n\r\nFrom here on\r\n")
    assert not any(b"\n" in m.replace(b"\r\n", b"") for m in mails)


def test_a_line_that_merely_begins_with_from_parts_nothing() -> None:
    content = (
        b"From a@b Tue Jun  8 09:00:00 2021\nSubject: x\n\ntext\n\nFrom my side all is well.\n"
    )

    assert split(content) == [b"Subject: x\r\n\r\ntext\r\n\r\nFrom my side all is well.\r\n"]


def test_what_thunderbird_adds_is_taken_off_the_head_only() -> None:
    content = (
        b"From - Tue Jun  8 09:00:00 2021\r\nX-Mozilla-Status: 0001\r\nSubject: x\r\n\r\n"
        b"X-Mozilla-Status: 0001\r\n\r\n"
    )

    assert split(content) == [b"Subject: x\r\n\r\nX-Mozilla-Status: 0001\r\n"]


def test_an_empty_file_holds_no_mail() -> None:
    assert split(b"") == []
    assert split(b"From - Tue Jun  8 09:00:00 2021\n") == []


def test_arrival_is_the_topmost_received() -> None:
    head = (
        b"Received: from x by mx.qq.com;\r\n Tue, 8 Jun 2021 09:00:03 +0800 (CST)\r\n"
        b"Received: from y by x; Tue, 8 Jun 2021 08:00:00 +0800\r\n"
        b"Date: Mon, 7 Jun 2021 23:00:00 +0800\r\n\r\n"
    )

    assert arrival(head) == ("2021-06-08T09:00:03+08:00", "2021-06-07T23:00:00+08:00")
    assert arrival(b"Subject: x\r\n\r\n") == (None, None)
