"""Attachments inside winmail.dat, Outlook's own wrapping (TNEF, [MS-OXTNEF]).

The text of the mail stands in the mail itself too; only the attachments are taken out.
"""

from __future__ import annotations

import logging
import struct

import tnefparse

from parsers import limits
from parsers.charsets import decode
from parsers.containers.member import Budget, Member, left
from parsers.foreign import border
from parsers.types import OverLimit

_MOST_COPIED = 4096 * limits.MIB
_LONG_NAME = 0x3707
"""PidTagAttachLongFilename."""

logging.getLogger("tnef-decode").setLevel(logging.CRITICAL)  # broken bytes are no news


def members(content: bytes, budget: Budget) -> tuple[Member, ...]:
    """All attachments; raises Damaged or OverLimit."""
    budget.open()
    if len(content) > limits.PART_IN_MEMORY_BYTES:
        raise OverLimit("part_too_large", size=len(content))
    with border("broken_tnef"):
        _check_attributes(content)
        attachments = tnefparse.TNEF(content, do_checksum=False).attachments
        budget.spend_entries(len(attachments))
        return tuple(
            _member(i, attachment, budget) for i, attachment in enumerate(attachments, start=1)
        )


def _check_attributes(content: bytes) -> None:
    """tnefparse copies the rest of the file for each attribute: many small ones in a large
    file would cost hours. An attribute is level, id, length, data, checksum (2.1.3.1)."""
    at, count = 6, 0
    while at + 9 <= len(content):
        count += 1
        at += 11 + struct.unpack_from("<I", content, at + 5)[0]
        if count * len(content) > _MOST_COPIED:
            raise OverLimit("too_many_entries", limit=limits.ARCHIVE_ENTRIES)


def _member(number: int, attachment: tnefparse.tnef.TNEFAttachment, budget: Budget) -> Member:
    name = _name(attachment) or f"attachment-{number}"
    data = attachment.data
    if not isinstance(data, bytes) or not data:
        return left(name, "ignored_entry")
    budget.spend_bytes(len(data))
    return Member(name, data)


def _name(attachment: tnefparse.tnef.TNEFAttachment) -> str:
    """The long name, else the short one. tnefparse's own property takes a short name for
    UTF-8; Outlook in China writes GBK."""
    long_names = [a.data for a in attachment.mapi_attrs if a.name == _LONG_NAME]
    said = long_names[0] if long_names else attachment._name
    text = decode(said).text if isinstance(said, bytes) else str(said)
    return text.replace("\0", "").replace("\\", "/").rpartition("/")[2].strip()
