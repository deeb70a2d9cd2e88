"""The bones of a Word 97-2003 file: streams, pieces of text, property runs.

Says which bytes are which character and which properties stand on it; what they mean
for a reader is doc.py's. Structures and offsets: [MS-DOC] 2.4 to 2.6, 2.9.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO

import olefile

from parsers import limits
from parsers.types import Damaged, Encrypted, OverLimit, Unsupported

# Index of an (fc, lcb) pair in FibRgFcLcb97, which begins at byte 0x9A.
CHPX, PAPX, FONTS, CLX, SHAPES, DRAWING, BOXES = 12, 13, 15, 33, 40, 50, 56
_PAIRS = 0x9A
_CCP = 0x4C
"""ccpText, ccpFtn, ccpHdd, ccpMcr, ccpAtn, ccpEdn, ccpTxbx: characters of each story."""
_FIRST_WORD_97 = 0x00C1
_OPERAND = (1, 1, 2, 4, 2, 2, 0, 3)
"""Operand bytes by spra, the top three bits of a sprm; 0 is a length before the operand."""
_DEF_TABLE = 0xD608
VERTICAL_MERGE = 0xD62B
"""sprmTVertMerge comes once for each cell, so its operands are kept one after the other."""
_HUGE = (0x6645, 0x6646, 0x646B)
"""Properties kept in the Data stream: sprmPHugePapx and sprmPTableProps."""

Sprms = dict[int, bytes]
_Finder = Callable[[bytes, int, int], bytes]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of characters [start, end) that stands at byte `fc`, `width` bytes each."""

    start: int
    end: int
    fc: int
    width: int
    sprms: Sprms


@dataclass(slots=True)
class Runs:
    """Properties by byte offset: run i reaches from starts[i] to starts[i + 1]."""

    starts: list[int] = field(default_factory=list)
    grpprls: list[bytes] = field(default_factory=list)

    def at(self, fc: int) -> bytes:
        i = bisect_right(self.starts, fc) - 1
        return self.grpprls[i] if i >= 0 else b""


@dataclass(slots=True)
class Word97:
    """An opened file: `text` holds all stories, main text first."""

    word: bytes
    table: bytes
    data: bytes
    pieces: list[Piece]
    text: str
    stories: tuple[int, ...]
    chars: Runs
    paragraphs: Runs
    fonts: list[str]
    _known: dict[bytes, Sprms] = field(default_factory=dict)

    def pair(self, index: int) -> bytes:
        """The bytes in the table stream that FIB entry `index` points to."""
        return _pair(self.word, self.table, index)

    def sprms(self, grpprl: bytes) -> Sprms:
        """Properties by sprm; of a repeated one the last counts."""
        known = self._known.get(grpprl)
        if known is None:
            known = self._known[grpprl] = _sprms(grpprl, self.data)
        return known

    def paragraph(self, cp: int) -> Sprms:
        """The properties of the paragraph whose mark stands at character `cp`."""
        piece = self.pieces[bisect_right(self.pieces, cp, key=lambda p: p.start) - 1]
        found = self.sprms(self.paragraphs.at(piece.fc + (cp - piece.start) * piece.width))
        return found | piece.sprms if piece.sprms else found

    def looks(self, start: int, end: int) -> Iterator[tuple[int, int, Sprms]]:
        """Stretches of [start, end) with the character properties that hold there."""
        for piece in self.pieces:
            low, high = max(start, piece.start), min(end, piece.end)
            while low < high:
                fc = piece.fc + (low - piece.start) * piece.width
                i = bisect_right(self.chars.starts, fc) - 1
                stop = high
                if i + 1 < len(self.chars.starts):
                    bytes_left = self.chars.starts[i + 1] - fc
                    stop = min(high, low + max(1, bytes_left // piece.width))
                look = self.sprms(self.chars.grpprls[i]) if i >= 0 else {}
                yield low, stop, (look | piece.sprms if piece.sprms else look)
                low = stop


def open_word(content: bytes) -> Word97:
    """Opens the streams and reads what the text hangs on.

    Raises Encrypted for FIB flag 0x0100, Unsupported for Word 6 and 95.
    """
    with olefile.OleFileIO(BytesIO(content)) as ole:
        if ole.exists("EncryptedPackage"):
            raise Encrypted("password")
        if not ole.exists("WordDocument"):
            raise Unsupported("no_word_document")
        word = ole.openstream("WordDocument").read()
        flags, magic, version = _flags(word)
        if flags & 0x0100:
            raise Encrypted("password")
        if magic != 0xA5EC or version < _FIRST_WORD_97:
            raise Unsupported("old_word", version=version)
        table = ole.openstream("1Table" if flags & 0x0200 else "0Table").read()
        data = ole.openstream("Data").read() if ole.exists("Data") else b""
    pieces = _pieces(_pair(word, table, CLX), data)
    return Word97(
        word,
        table,
        data,
        pieces,
        _text(word, pieces),
        struct.unpack_from("<7i", word, _CCP),
        _runs(word, _pair(word, table, CHPX), _chpx),
        _runs(word, _pair(word, table, PAPX), _papx),
        _fonts(_pair(word, table, FONTS)),
    )


def _flags(word: bytes) -> tuple[int, int, int]:
    magic, version = struct.unpack_from("<HH", word, 0)
    return struct.unpack_from("<H", word, 10)[0], magic, version


def _pair(word: bytes, table: bytes, index: int) -> bytes:
    if index >= struct.unpack_from("<H", word, _PAIRS - 2)[0]:
        return b""
    fc, lcb = struct.unpack_from("<II", word, _PAIRS + 8 * index)
    return table[fc : fc + lcb]


def _pieces(clx: bytes, data: bytes) -> list[Piece]:
    """The piece table: property lists (Prc), then the pieces (Pcdt)."""
    lists: list[bytes] = []
    at = 0
    while clx[at] == 1:
        size = struct.unpack_from("<H", clx, at + 1)[0]
        lists.append(clx[at + 3 : at + 3 + size])
        at += 3 + size
    if clx[at] != 2:
        raise Damaged("damaged_doc", why="piece table")
    plc = clx[at + 5 : at + 5 + struct.unpack_from("<I", clx, at + 1)[0]]
    count = (len(plc) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", plc, 0)
    pieces = []
    for i in range(count):
        _, fc, prm = struct.unpack_from("<HIH", plc, 4 * (count + 1) + 8 * i)
        small = bool(fc & 0x40000000)
        fc &= 0x3FFFFFFF
        sprms = _sprms(lists[prm >> 1], data) if prm & 1 and prm >> 1 < len(lists) else {}
        start, end = ends[i], ends[i + 1]
        if end > start:
            width = 1 if small else 2
            pieces.append(Piece(start, end, fc // 2 if small else fc, width, sprms))
    return pieces


def _text(word: bytes, pieces: list[Piece]) -> str:
    if pieces and pieces[-1].end > limits.DOCUMENT_CHARACTERS:
        raise OverLimit("too_many_characters", limit=limits.DOCUMENT_CHARACTERS)
    parts = []
    at = 0
    for piece in pieces:
        size = (piece.end - piece.start) * piece.width
        raw = word[piece.fc : piece.fc + size]
        if piece.start != at or len(raw) < size:
            raise Damaged("damaged_doc", why="pieces of text")
        parts.append(_letters(raw, piece.width))
        at = piece.end
    return "".join(parts)


def _letters(raw: bytes, width: int) -> str:
    """One character a code unit, so that positions stay positions: the halves of a
    surrogate pair are kept apart here and joined by doc.py."""
    if width == 1:
        return raw.decode("cp1252", "replace")
    text = raw.decode("utf-16-le", "surrogatepass")
    if 2 * len(text) == len(raw):
        return text
    return "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw)))


def _runs(word: bytes, plc: bytes, where: _Finder) -> Runs:
    """Flattens the pages (FKP, 512 bytes each) of a bin table into one list of runs.

    Both kinds of page begin with offsets and end with their count; `where` finds the
    properties of run i in a page.
    """
    runs = Runs()
    count = (len(plc) - 4) // 8
    if count < 1:
        return runs
    for page_number in struct.unpack_from(f"<{count}I", plc, 4 * (count + 1)):
        at = (page_number & 0x3FFFFF) * 512
        page = word[at : at + 512]
        if len(page) < 512:
            raise Damaged("damaged_doc", why="page of properties")
        size = page[511]
        starts = struct.unpack_from(f"<{size + 1}I", page, 0)
        for i in range(size):
            if runs.starts and starts[i] < runs.starts[-1]:
                raise Damaged("damaged_doc", why="order of properties")
            runs.starts.append(starts[i])
            runs.grpprls.append(where(page, 4 * (size + 1), i))
    return runs


def _chpx(page: bytes, base: int, i: int) -> bytes:
    at = 2 * page[base + i]
    return page[at + 1 : at + 1 + page[at]] if at else b""


def _papx(page: bytes, base: int, i: int) -> bytes:
    """PapxInFkp: a length in words (0: the next byte has it), a style, the properties."""
    at = 2 * page[base + 13 * i]
    if not at:
        return b""
    if page[at]:
        return page[at + 3 : at + 2 * page[at]]
    return page[at + 4 : at + 2 + 2 * page[at + 1]]


def _sprms(grpprl: bytes, data: bytes, depth: int = 0) -> Sprms:
    found: Sprms = {}
    at = 0
    while at + 2 <= len(grpprl):
        sprm = struct.unpack_from("<H", grpprl, at)[0]
        at += 2
        size = _OPERAND[sprm >> 13]
        if sprm == _DEF_TABLE:
            size = struct.unpack_from("<H", grpprl, at)[0] - 1 if at + 2 <= len(grpprl) else 0
            at += 2
        elif size == 0:
            size = grpprl[at] if at < len(grpprl) else 0
            at += 1
        if size < 0:
            raise Damaged("damaged_doc", why="property")
        operand = grpprl[at : at + size]
        at += size
        if sprm in _HUGE and depth == 0 and len(operand) == 4:
            there = struct.unpack("<I", operand)[0]
            size = struct.unpack_from("<H", data, there)[0] if there + 2 <= len(data) else 0
            found |= _sprms(data[there + 2 : there + 2 + size], data, 1)
        elif sprm == VERTICAL_MERGE:
            found[sprm] = found.get(sprm, b"") + operand[:2]
        else:
            found[sprm] = operand
    return found


def _fonts(table: bytes) -> list[str]:
    """SttbfFfn: records with a length byte; the name starts at byte 40 of a record."""
    names: list[str] = []
    at = 4
    while at < len(table) and table[at]:
        record = table[at : at + 1 + table[at]]
        names.append(record[40:].decode("utf-16-le", "replace").split("\0")[0])
        at += len(record)
    return names
