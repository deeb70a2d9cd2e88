"""The shared texts of an .xls in which some words are struck out.

Format: [MS-XLS] 2.4.265 SST, 2.5.293 XLUnicodeRichExtendedString; a text may go on in the
next record, which then begins with its own flags (2.4.58 Continue).
"""

from __future__ import annotations

import struct
from collections.abc import Container, Sequence
from itertools import pairwise

from parsers.formats.shown import Words

_WIDE, _EXTENDED, _RICH = 1, 4, 8


class _Bytes:
    """The bytes of a record and of those that continue it."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self.parts = parts
        self.part = 0
        self.at = 0

    def left(self) -> int:
        """Bytes up to the end of this record; turns to the next one where it is used up."""
        while self.part < len(self.parts) - 1 and self.at >= len(self.parts[self.part]):
            self.part, self.at = self.part + 1, 0
        return len(self.parts[self.part]) - self.at

    def take(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size and (left := self.left()) > 0:
            step = min(size - len(taken), left)
            taken += self.parts[self.part][self.at : self.at + step]
            self.at += step
        return taken.ljust(size, b"\0")

    def number(self, shape: str) -> int:
        return int(struct.unpack(shape, self.take(struct.calcsize(shape)))[0])

    def letters(self, count: int, flags: int) -> str:
        said = ""
        while len(said) < count and (left := self.left()) > 0:
            width = 2 if flags & _WIDE else 1
            step = min(count - len(said), max(left // width, 1))
            raw = self.take(step * width)
            # one character a code unit, for the runs count them so
            said += "".join(map(chr, struct.unpack(f"<{step}{'H' if width == 2 else 'B'}", raw)))
            if len(said) < count and self.left() > 0 and self.at == 0:
                flags = self.number("<B")
        return said


def struck_texts(parts: Sequence[bytes], fonts: Container[int]) -> dict[int, Words]:
    """By the number of the text: what is left of it, and what one of these fonts strikes out."""
    source, found = _Bytes(parts), {}
    source.take(4)
    for number in range(min(source.number("<I"), sum(map(len, parts)) // 3)):
        size, flags = source.number("<H"), source.number("<B")
        runs = source.number("<H") if flags & _RICH else 0
        extra = source.number("<I") if flags & _EXTENDED else 0
        text = source.letters(size, flags)
        marks = [(source.number("<H"), source.number("<H")) for _ in range(runs)]
        source.take(min(extra, sum(map(len, parts))))
        words = _parted(text, marks, fonts)
        if words[1]:
            found[number] = words
    return found


def _parted(text: str, marks: Sequence[tuple[int, int]], fonts: Container[int]) -> Words:
    """The text by the font of each run; before the first one the cell's own font holds."""
    kept, out = text[: marks[0][0]] if marks else text, ""
    for (start, font), (end, _) in pairwise([*marks, (len(text), 0)]):
        if font in fonts:
            out += text[start:end]
        else:
            kept += text[start:end]
    return _whole(kept), _whole(out)


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
