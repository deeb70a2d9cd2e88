"""Members of a zip archive. Names are Chinese in whatever encoding the packer used.

Everything is judged from the directory before a byte is unpacked: entries, sizes, ratio,
and entries that lie over one another (a 20 KB zip read as 2 GB). Format: APPNOTE 6.3.10.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from itertools import pairwise

from parsers import limits
from parsers.containers.member import Budget, Member, check_ratio, is_system, left
from parsers.foreign import border
from parsers.types import Encrypted, OverLimit

_IS_UTF8, _IS_ENCRYPTED = 0x800, 0x1
_UNICODE_PATH = 0x7075
_LOCAL_HEADER = 30


def members(content: bytes, budget: Budget) -> tuple[Member, ...]:
    """All entries in the archive's order; raises Damaged, Encrypted or OverLimit."""
    budget.open()
    with border("broken_zip"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        budget.spend_entries(len(entries))
        _check_overlap(entries, archive.start_dir)
        files = [e for e in entries if not e.is_dir()]
        if files and all(e.flag_bits & _IS_ENCRYPTED for e in files):
            raise Encrypted("password")
        total = sum(e.file_size for e in entries)
        check_ratio(total, len(content))
        budget.spend_bytes(total)
        return tuple(_member(archive, entry) for entry in entries)


def _check_overlap(entries: Sequence[zipfile.ZipInfo], directory: int) -> None:
    ordered = sorted(entries, key=lambda e: e.header_offset)
    starts = [e.header_offset for e in ordered] + [directory]
    for entry, (start, following) in zip(ordered, pairwise(starts), strict=True):
        if start + _LOCAL_HEADER + entry.compress_size > following:
            raise OverLimit("overlapping_entries")


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Member:
    name = _name(entry)
    if entry.is_dir() or is_system(name):
        return left(name, "ignored_entry")
    if entry.flag_bits & _IS_ENCRYPTED:
        return left(name, "encrypted")
    if entry.file_size > limits.PART_IN_MEMORY_BYTES:
        return left(name, "part_too_large")
    try:
        return Member(name, archive.read(entry))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, OSError, ValueError):
        return left(name, "damaged_entry")


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as packed: marked UTF-8; else UTF-8 (macOS) or GBK (Windows) unmarked."""
    said = _unicode_path(entry.extra)
    if said:
        return said
    name = entry.filename
    if not entry.flag_bits & _IS_UTF8:
        raw = entry.orig_filename.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/").replace("\0", "")


def _unicode_path(extra: bytes) -> str:
    """Info-ZIP's extra field: version, CRC of the other name, the name in UTF-8."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == _UNICODE_PATH and size > 5:
            return extra[at + 9 : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size
    return ""
