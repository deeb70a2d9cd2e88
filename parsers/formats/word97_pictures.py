"""Pictures inside a Word 97-2003 file: the bytes of each PNG, JPEG, GIF, TIFF or BMP.

Walks the records of [MS-ODRAW] that lead to a picture; metafiles (WMF, EMF) are left.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from parsers.formats.word97 import DRAWING, Word97

_STORE, _ENTRY = 0xF001, 0xF007
_KINDS = {0xF01D: "jpg", 0xF02A: "jpg", 0xF01E: "png", 0xF01F: "bmp", 0xF029: "tif"}
_TWO_IDS = {0x46B, 0x6E3, 0x6E1, 0x6E5, 0x7A9}
"""Record instances whose picture stands behind two 16-byte ids instead of one."""
_MOST = 200

Found = tuple[str, bytes]


def inline(data: bytes, at: int) -> list[Found]:
    """The pictures of a PICFAndOfficeArtData at `at` in the Data stream."""
    size, head, mode = struct.unpack_from("<iHH", data, at)
    start = at + head
    if mode == 0x66:  # a linked picture's name stands before the drawing
        start += 1 + data[start]
    return list(_pictures(data, start, min(at + size, len(data)), b""))


def floating(word: Word97) -> list[Found]:
    """The pictures that shapes of the main text draw: the store of DggInfo."""
    info = word.pair(DRAWING)
    return list(_pictures(info, 0, len(info), word.word))


def _pictures(data: bytes, start: int, end: int, delayed: bytes) -> Iterator[Found]:
    seen = 0
    stack = [(start, end)]
    while stack and seen < _MOST:
        at, stop = stack.pop()
        if at + 8 > stop:
            continue
        bits, kind, size = struct.unpack_from("<HHI", data, at)
        stack.append((at + 8 + size, stop))
        if bits & 0xF == 0xF and kind != _ENTRY:
            stack.append((at + 8, min(at + 8 + size, stop)))
        elif kind == _ENTRY:
            yield from _entry(data, at + 8, min(at + 8 + size, stop), delayed)
        elif kind in _KINDS:
            yield from _blip(data, at)
        seen += kind in _KINDS or kind == _ENTRY


def _entry(data: bytes, at: int, end: int, delayed: bytes) -> Iterator[Found]:
    """FBSE: the picture follows the entry, or stands at foDelay in the document stream."""
    if at + 36 > end:
        return
    where = struct.unpack_from("<I", data, at + 28)[0]
    if at + 36 + data[at + 33] + 8 <= end:
        yield from _blip(data, at + 36 + data[at + 33])
    elif where + 8 <= len(delayed):
        yield from _blip(delayed, where)


def _blip(data: bytes, at: int) -> Iterator[Found]:
    bits, kind, size = struct.unpack_from("<HHI", data, at)
    if kind in _KINDS:
        skip = 33 if bits >> 4 in _TWO_IDS else 17
        content = data[at + 8 + skip : at + 8 + size]
        if content:
            yield _KINDS[kind], content
