"""One part of a mail as bytes again (取件): by the path under which it was recorded.

Paths are those of the outcomes: `2` is the second part, `2.1` the first member of that archive.
"""

from __future__ import annotations

from parsers import containers, formats, message, sniff
from parsers.types import Unsupported


def content(raw: bytes, path: str) -> bytes:
    """The decoded bytes of the part; Unsupported where no such part can be taken out."""
    first, *rest = (int(step) for step in path.split("."))
    parts = message.parse(raw).parts
    if not 1 <= first <= len(parts) or parts[first - 1].large is not None:
        raise Unsupported("no_such_part", path=path)
    found = parts[first - 1].content
    for step in rest:
        found = _member(found, step, path)
    return found


def _member(archive: bytes, number: int, path: str) -> bytes:
    kind = sniff.kind(archive)
    if kind == "eml":
        inner = message.parse(archive).parts
        if 1 <= number <= len(inner):
            return inner[number - 1].content
    elif kind in containers.MEMBERS:
        members = containers.MEMBERS[kind](archive, containers.Budget())
        if 1 <= number <= len(members):
            taken = members[number - 1].content
            if taken is not None:
                return taken
    elif kind in formats.READERS:
        return archive  # one document that holds several forms: each is the whole file
    raise Unsupported("no_such_part", path=path)
