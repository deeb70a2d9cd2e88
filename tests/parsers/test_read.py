"""One file or mail read to the end: every part ends as one outcome, whatever is sent."""

from __future__ import annotations

from parsers import limits, read
from parsers.types import PartRead

DESK = read.desk_for(())
HEAD = (
    b"From: a@example.cn\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
)
LETTER = b"From: a@example.cn\r\nSubject: s\r\n\r\nhello\r\n"


def innermost(part: PartRead) -> tuple[int, PartRead]:
    """The last of the parts that lie within one another, and how deep it lies."""
    depth = 0
    while part.parts:
        depth, part = depth + 1, part.parts[0]
    return depth, part


def test_mails_within_mails_are_read_as_deep_as_people_forward_them() -> None:
    depth, letter = innermost(read.read(HEAD * 5 + LETTER, "转发.eml", DESK))

    assert (depth, letter.outcome) == (5, "mail")


def test_a_tower_of_mails_ends_with_a_reason() -> None:
    depth, refused = innermost(read.read(HEAD * 2_000 + LETTER, "转发.eml", DESK))

    assert depth == limits.MAIL_DEPTH
    assert (refused.outcome, [d.code for d in refused.doubts]) == ("over_limit", ["mails_too_deep"])
