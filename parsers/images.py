"""What an image is and how large, from its header alone: nothing is decoded here.

A 20 KB PNG can claim 800 MB of pixels; it is refused before any decoder sees it.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from parsers import limits
from parsers.foreign import border
from parsers.types import Damaged, OverLimit

_NO_FRAME = {0xC4, 0xC8, 0xCC}
"""JPEG markers between SOF0 and SOF15 that are no frame: tables and reserved."""
_TIFF_TYPES = {1: "B", 3: "H", 4: "I"}


@dataclass(frozen=True, slots=True)
class Image:
    """An image's format and its size in pixels."""

    kind: str
    width: int
    height: int


def size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels; raises Damaged or OverLimit."""
    image = measure(content)
    return image.width, image.height


def measure(content: bytes) -> Image:
    """Format and size; raises Damaged where there is none, OverLimit above 50 Mpx."""
    with border("broken_image"):
        image = _measured(content)
    if image is None or image.width < 1 or image.height < 1:
        raise Damaged("broken_image", why="no size")
    pixels = image.width * image.height
    if pixels > limits.IMAGE_PIXELS:
        raise OverLimit("image_too_large", pixels=pixels, limit=limits.IMAGE_PIXELS)
    return image


def _measured(content: bytes) -> Image | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Image("png", *struct.unpack_from(">II", content, 16))
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"GIF8"):
        return Image("gif", *struct.unpack_from("<HH", content, 6))
    if content.startswith(b"BM"):
        width, height = struct.unpack_from("<ii", content, 18)
        return Image("bmp", abs(width), abs(height))
    if content.startswith((b"II*\0", b"MM\0*")):
        return _tiff(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    if content[4:8] == b"ftyp":
        return _heif(content)
    if content.startswith(b"\xd7\xcd\xc6\x9a"):
        left, top, right, bottom = struct.unpack_from("<4h", content, 6)
        return Image("wmf", abs(right - left), abs(bottom - top))
    return None


def _jpeg(content: bytes) -> Image | None:
    """Walks the segments to the frame header (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return Image("jpeg", width, height)
        else:
            at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return None


def _tiff(content: bytes) -> Image | None:
    """ImageWidth (256) and ImageLength (257) of the first directory (TIFF 6.0, section 2)."""
    order = "<" if content.startswith(b"II") else ">"
    at = struct.unpack_from(order + "I", content, 4)[0]
    found: dict[int, int] = {}
    for i in range(struct.unpack_from(order + "H", content, at)[0]):
        entry = at + 2 + 12 * i
        tag, kind = struct.unpack_from(order + "HH", content, entry)
        if tag in (256, 257) and kind in _TIFF_TYPES:
            found[tag] = struct.unpack_from(order + _TIFF_TYPES[kind], content, entry + 8)[0]
    return Image("tiff", found[256], found[257]) if len(found) == 2 else None


def _webp(content: bytes) -> Image | None:
    chunk = content[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        return Image("webp", width, int.from_bytes(content[27:30], "little") + 1)
    if chunk == b"VP8L":
        bits = struct.unpack_from("<I", content, 21)[0]
        return Image("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack_from("<HH", content, 26)
    return Image("webp", width & 0x3FFF, height & 0x3FFF)


def _heif(content: bytes) -> Image | None:
    """The largest `ispe` box: a phone keeps tiles and a preview beside the picture."""
    head = content[: 1 << 20]
    sizes = [
        struct.unpack_from(">II", head, found.end() + 4)
        for found in re.finditer(b"ispe", head)
        if found.end() + 12 <= len(head)
    ]
    return Image("heif", *max(sizes, key=lambda s: s[0] * s[1])) if sizes else None
