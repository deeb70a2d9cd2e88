"""What a reader sees in a Word 97-2003 story, line by line.

Deleted, hidden and struck-out text is left out, inserted text stands; fields show their results,
symbol fonts their pictures, form fields their state ([MS-DOC] 2.8.25, 2.9.78).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.formats import symbols
from parsers.formats.marked import Piece
from parsers.formats.word97 import Sprms, Word97

_DELETED, _HIDDEN, _IS_DATA = 0x0800, 0x083C, 0x0806
_SYMBOL, _PICTURE, _FONT, _UNDERLINE = 0x6A09, 0x6A03, 0x4A4F, 0x2A3E
_STRIKES = (0x0837, 0x2A53)
"""sprmCFStrike, sprmCFDStrike; 1 says on, 0x81 the opposite of the style ([MS-DOC] 2.9.327)."""
_BOLD, _HIGHLIGHT, _COLOR, _RGB = 0x0835, 0x2A0C, 0x2A42, 0x6870
_SHADES = (0xCA71, 0x4866)
"""sprmCShd, sprmCShd80."""
_PLAIN_COLORS = (b"", b"\0", b"\1")
"""Of the sixteen of Ico ([MS-DOC] 2.9.119): automatic and black."""
_PLAIN_RGB = (b"", bytes(4), b"\0\0\0\xff")
"""COLORREF (2.9.43): black, and automatic."""
_RAISE, _RAISED = 0x2A48, str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""sprmCIss: a raised figure is a note's mark, no digit of the number before it."""
INNER_CELL, INNER_ROW_END = 0x244B, 0x244C
_SPECIAL = re.compile("[\x00-\x08\x0b-\x1f(]")
_HALF = re.compile("[\ud800-\udfff]")
_FORM_FIELDS = (["FORMCHECKBOX"], ["FORMDROPDOWN"])
_BLANKS = " \xa0\u3000\t"
_SAID = {"\x0b": "\n", "\x0e": "\n", "\x1e": "-"}


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph's visible text; its mark (`\\r`, `\\x07` for a cell) stands at `cp`."""

    text: str
    mark: str
    cp: int
    shapes: tuple[int, ...]
    """Character positions where a drawn object is anchored."""
    pictures: tuple[int, ...]
    """Offsets of inline pictures in the Data stream."""
    struck: str = ""
    """Words with a line drawn through them."""
    looks: tuple[Piece, ...] = ()
    """Its words again where some, not all of them look other than plain print."""


@dataclass(slots=True)
class _Field:
    """An open field: its code until the separator, then its result."""

    code: list[str] = field(default_factory=list)
    state: str = ""
    """What a form field says: its tick or chosen option."""
    shows: bool = False


@dataclass(slots=True)
class _Scribe:
    word: Word97
    text: list[str] = field(default_factory=list)
    fields: list[_Field] = field(default_factory=list)
    shapes: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    is_struck: bool = False
    """Whether the letters being read have a line through them."""
    is_marked: bool = False
    """Whether they look other than plain print."""
    marks: list[bool] = field(default_factory=list)
    """Of each piece of the text."""

    def lines(self, start: int, end: int) -> Iterator[Line]:
        for low, high, look in self.word.looks(start, end):
            at = low
            gone = look.get(_DELETED) == b"\1" or look.get(_HIDDEN) == b"\1"
            self.is_marked = _is_marked(look)
            self.is_struck = any(look.get(sprm) in (b"\1", b"\x81") for sprm in _STRIKES)
            for found in _SPECIAL.finditer(self.word.text, low, high):
                self.say(self.styled(at, found.start(), look), gone)
                at = found.end()
                yield from self.special(found[0], found.start(), look, gone)
            self.say(self.styled(at, high, look), gone)
        if self.text or self.pictures or self.shapes:
            yield self.line("\r", end - 1)

    def say(self, text: str, gone: bool = False) -> None:
        if gone or not text:
            return
        for open_field in reversed(self.fields):
            if not open_field.shows:
                open_field.code.append(text)
                return
        if self.is_struck:
            self.struck.append(text)
        else:
            self.text.append(text)
            self.marks.append(self.is_marked)

    def styled(self, start: int, end: int, look: Sprms) -> str:
        """Letters as their style shows them: symbols, and ruled blanks as underscores."""
        text = self.word.text[start:end]
        if look.get(_RAISE) == b"\1":
            text = text.translate(_RAISED)
        font = self.font(look)
        if font and symbols.is_symbol_font(font):
            return "".join(symbols.seen(font, ord(c)) or c for c in text)
        if len(text) > 1 and look.get(_UNDERLINE, b"\0") != b"\0" and not text.strip(_BLANKS):
            return "_" * len(text)
        return text

    def special(self, char: str, cp: int, look: Sprms, gone: bool) -> Iterator[Line]:
        if char == "\x07" or (char in "\r\x0c" and not (gone and self.melts(cp))):
            yield self.line("\r" if char == "\x0c" else char, cp)
        elif char in "\x13\x14\x15":
            self.turn(char, gone)
        elif not gone and char == "\x01":
            self.data(look)
        elif not gone and char == "\x08":
            self.shapes.append(cp)
        elif char == "(" and _SYMBOL in look:
            font, code = struct.unpack("<HH", look[_SYMBOL].ljust(4, b"\0"))
            name = self.word.fonts[font] if font < len(self.word.fonts) else ""
            self.say(symbols.seen(name, code), gone)
        else:
            self.say("(" if char == "(" else _SAID.get(char, ""), gone)

    def melts(self, cp: int) -> bool:
        """Whether a deleted paragraph mark joins two paragraphs: not where it ends a cell."""
        look = self.word.paragraph(cp)
        return INNER_CELL not in look and INNER_ROW_END not in look

    def turn(self, char: str, gone: bool) -> None:
        if char == "\x13":
            self.fields.append(_Field())
        elif self.fields and char == "\x14":
            self.fields[-1].shows = True
        elif self.fields:
            closed = self.fields.pop()
            code = "".join(closed.code)
            self.say(closed.state or symbols.shown_by_code(code), gone)

    def data(self, look: Sprms) -> None:
        where = struct.unpack("<I", look.get(_PICTURE, b"").ljust(4, b"\0")[:4])[0]
        if _PICTURE not in look:
            return
        if look.get(_IS_DATA) == b"\1":
            if self.fields and "".join(self.fields[-1].code).split()[:1] in _FORM_FIELDS:
                self.fields[-1].state = _form_field(self.word.data, where)
        elif all(open_field.shows for open_field in self.fields):
            self.pictures.append(where)

    def line(self, mark: str, cp: int) -> Line:
        text = "".join(self.text)
        if _HALF.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        struck = "".join(self.struck)
        differs = any(self.marks) and not all(self.marks)
        looks = tuple(zip(self.text, self.marks, strict=True)) if differs else ()
        made = Line(text, mark, cp, tuple(self.shapes), tuple(self.pictures), struck, looks)
        self.text, self.shapes, self.pictures, self.struck, self.marks = [], [], [], [], []
        return made

    def font(self, look: Sprms) -> str:
        index = int.from_bytes(look.get(_FONT, b"\xff\xff"), "little")
        return self.word.fonts[index] if index < len(self.word.fonts) else ""


def lines(word: Word97, start: int, end: int) -> Iterator[Line]:
    """The lines of the story at characters [start, end)."""
    return _Scribe(word).lines(start, end)


def _is_marked(look: Sprms) -> bool:
    """Bold, underlined, highlighted, coloured or shaded; an automatic colour is all ones."""
    if look.get(_BOLD) in (b"\1", b"\x81") or look.get(_UNDERLINE, b"\0") != b"\0":
        return True
    if look.get(_HIGHLIGHT, b"\0") != b"\0":
        return True
    if look.get(_COLOR, b"") not in _PLAIN_COLORS or look.get(_RGB, b"") not in _PLAIN_RGB:
        return True
    return any(_is_shaded(look[sprm]) for sprm in _SHADES if sprm in look)


def _is_shaded(shade: bytes) -> bool:
    """SHDOperand: fore, back, pattern; Shd80: all in two bytes (2.9.248, 2.9.249). Automatic and
    white grounds are plain."""
    if len(shade) == 2:
        packed = int.from_bytes(shade, "little")
        return packed != 0xFFFF and (packed >> 5 & 0x1F not in (0, 8) or packed >> 10 != 0)
    return shade[4:8] not in (b"", b"\0\0\0\xff", b"\xff\xff\xff\0")


def _form_field(data: bytes, at: int) -> str:
    """The tick of a check box or the chosen entry of a list; "" for a text field.

    FFData ([MS-DOC] 2.9.78) behind the header of a PICF: version, bits, lengths, name,
    default; result 25 means the default stands.
    """
    head = at + struct.unpack_from("<H", data, at + 4)[0]
    bits = struct.unpack_from("<H", data, head + 4)[0]
    kind, result = bits & 3, bits >> 2 & 31
    here = _after_string(data, head + 10)
    if kind == 0:
        return ""
    default = struct.unpack_from("<H", data, here)[0]
    chosen = default if result == 25 else result
    if kind == 1:
        return "☑" if chosen else "☐"
    here += 2
    for _ in range(5):  # text format, help, status, entry macro, exit macro
        here = _after_string(data, here)
    return _entry(data, here, chosen)


def _after_string(data: bytes, at: int) -> int:
    """Xstz: a count, that many UTF-16 units, a closing zero."""
    (units,) = struct.unpack_from("<H", data, at)
    return at + 4 + 2 * int(units)


def _entry(data: bytes, at: int, index: int) -> str:
    """Entry `index` of an STTB with 2-byte characters ([MS-DOC] 2.2.4)."""
    count = struct.unpack_from("<H", data, at + 2)[0]
    here = at + 6
    for _ in range(min(index, count - 1)):
        here += 2 + 2 * struct.unpack_from("<H", data, here)[0]
    size = 2 * struct.unpack_from("<H", data, here)[0] if count else 0
    return data[here + 2 : here + 2 + size].decode("utf-16-le", "replace")
