"""Members of rar (4 and 5) and 7z archives, through libarchive, in memory.

libarchive comes with the extra [archives] and Debian's libarchive13; without it the file
is kept and answered as one that cannot be read.
"""

from __future__ import annotations

import ctypes
from typing import Any

from parsers import limits
from parsers.charsets import decode
from parsers.containers.member import Budget, Member, check_ratio, is_system, left
from parsers.foreign import border
from parsers.types import Damaged, Encrypted, ParserError, Unsupported

try:
    import libarchive
    from libarchive.exception import ArchiveError
except (ImportError, OSError, TypeError, AttributeError):  # no package, or no library for it
    libarchive = None


def members(content: bytes, budget: Budget) -> tuple[Member, ...]:
    """All entries; raises Damaged, Encrypted, OverLimit or Unsupported."""
    budget.open()
    if libarchive is None:
        raise Unsupported("no_libarchive")
    found: list[Member] = []
    with border("broken_archive"):
        try:
            with libarchive.memory_reader(content) as archive:
                for entry in archive:
                    budget.spend_entries(1)
                    name = _name(entry) or f"entry-{len(found) + 1}"
                    found.append(_member(entry, name, len(content), budget))
        except ArchiveError as error:
            raise _refusal(error.msg or "") from error
    files = [m for m in found if not m.name.endswith("/")]
    if files and all(any(d.code == "encrypted" for d in m.doubts) for m in files):
        raise Encrypted("password")
    return tuple(found)


def _refusal(why: str) -> ParserError:
    if "ncrypt" in why or "assphrase" in why or "assword" in why:
        return Encrypted("password")
    return Damaged("broken_archive", why=why[:200])


def _member(entry: Any, name: str, packed: int, budget: Budget) -> Member:
    if entry.isdir or is_system(name):
        return left(name + ("/" if entry.isdir and name[-1:] != "/" else ""), "ignored_entry")
    if not entry.isfile:
        return left(name, "ignored_entry")
    if _is_locked(entry):
        return left(name, "encrypted")
    if (entry.size or 0) > limits.PART_IN_MEMORY_BYTES:
        check_ratio(entry.size, packed)
        return left(name, "part_too_large")
    content = bytearray()
    unpacked = limits.ARCHIVE_BYTES - budget.bytes_left
    try:
        for block in entry.get_blocks():
            budget.spend_bytes(len(block))
            content += block
            check_ratio(unpacked + len(content), packed)
            if len(content) > limits.PART_IN_MEMORY_BYTES:
                return left(name, "part_too_large")
    except ArchiveError as error:
        refusal = _refusal(error.msg or "")
        return left(name, "encrypted" if isinstance(refusal, Encrypted) else "damaged_entry")
    return Member(name, bytes(content))


def _is_locked(entry: Any) -> bool:
    """libarchive knows; libarchive-c has no word for it and lets its data through."""
    ask = libarchive.ffi.libarchive.archive_entry_is_encrypted
    ask.argtypes, ask.restype = [ctypes.c_void_p], ctypes.c_int
    return bool(ask(entry._entry_p))


def _name(entry: Any) -> str:
    name = entry.pathname  # bytes where libarchive cannot tell their encoding
    if isinstance(name, bytes):
        name = decode(name).text
    return str(name or "").replace("\\", "/").replace("\0", "")
