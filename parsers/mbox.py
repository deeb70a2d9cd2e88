"""mbox (邮箱文件): one file with many mails, as Thunderbird, Foxmail and mutt leave it.

Pure, and a line at a time: a mailbox of years does not fit into memory. RFC 4155 and the
mboxrd quoting of lines that begin with From; a `From ` in the middle of a text, left bare by
careless programs, does not part a mail because it bears no clock time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_SEPARATOR = re.compile(rb"From \S+.*\d{1,2}:\d{2}")
_QUOTED = re.compile(rb">+From ")
_ADDED = re.compile(rb"X-Mozilla-(?:Status2?|Keys):", re.I)
"""Headers that Thunderbird writes into its copy: the mail that was sent has none."""


def is_separator(line: bytes) -> bool:
    """Whether this line begins a mail: `From somebody Tue Jun  8 09:00:00 2021`."""
    return _SEPARATOR.match(line) is not None


def split(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The mails of the file, one by one, each as it travelled: with CRLF at its line ends."""
    mail: list[bytes] = []
    blank_before = True
    in_head = True
    for line in lines:
        if blank_before and is_separator(line):
            yield from _mail(mail)
            mail, in_head = [], True
        else:
            text = line.rstrip(b"\r\n")
            if not (in_head and _ADDED.match(text)):
                mail.append(text[1:] if _QUOTED.match(text) else text)
            in_head = in_head and bool(text)
        blank_before = not line.strip(b"\r\n")
    yield from _mail(mail)


def _mail(lines: list[bytes]) -> Iterator[bytes]:
    if not any(lines):
        return
    if not lines[-1]:
        lines = lines[:-1]  # the empty line before the next separator is the file's, not the mail's
    yield b"\r\n".join(lines) + b"\r\n"
