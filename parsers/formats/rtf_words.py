r"""The letters of an RTF file: groups, control words, code pages, fields, pictures.

Hands marks of structure (\par, \cell, \trowd …) to its caller and keeps the words said
since the last one. Microsoft RTF Specification 1.9.1: destinations, \uN, \'hh, \field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from parsers import limits
from parsers.formats import symbols
from parsers.types import Damaged, OverLimit

Control = tuple[str, int]

_CODEPAGES = {
    0: "cp1252", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950",
    161: "cp1253", 162: "cp1254", 177: "cp1255", 178: "cp1256", 204: "cp1251", 238: "cp1250",
}  # fmt: skip
_SAID = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": "\u3000", "enspace": " ",
}  # fmt: skip
_ESCAPED = {"~": "\xa0", "_": "-", "\\": "\\", "{": "{", "}": "}"}
_STRUCTURE = {
    "par", "sect", "page", "pard", "intbl", "itap", "cell", "nestcell", "row", "nestrow",
    "trowd", "trleft", "clmrg", "clvmrg", "cellx", "nesttableprops",
}  # fmt: skip
_PROPERTIES = {
    "f", "plain", "v", "deleted", "ul", "uld", "uldb", "ulth", "ulw", "uldash", "ulnone", "uc",
    "strike", "striked",
    "bin", "ansicpg", "deff", "fcharset", "cpg", "fftype", "ffres", "ffdefres", "pngblip",
    "jpegblip", "u",
}  # fmt: skip
_UNDERSTOOD = _STRUCTURE | _PROPERTIES | set(_SAID)
_WORDS = "|".join(sorted(_UNDERSTOOD, key=len, reverse=True)).encode()
# Most words only say how letters look: runs of them are passed over as one token, but
# never right behind a brace or a star, where a word names a destination.
_TOKEN = re.compile(
    rb"((?<![{*\r\n])(?:\\(?!(?:" + _WORDS + rb")(?![a-zA-Z]))[a-zA-Z]{1,32}(?:-?\d{1,10})? ?)+)"
    rb"|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])"
    rb"|([^\\{}\r\n]+)|[\r\n]+"
)
_SKIPPED = {
    "colortbl", "stylesheet", "info", "header", "headerl", "headerr", "headerf", "footer",
    "footerl", "footerr", "footerf", "footnote", "listtext", "pntext", "nonshppict", "sp",
    "nonesttables", "shprslt", "listtable", "listoverridetable", "filetbl", "revtbl",
    "rsidtbl", "xmlnstbl", "objdata", "pntxta", "pntxtb", "txe", "rxe", "tc", "xe",
}  # fmt: skip
_FOLLOWED = {"shpinst", "shppict", "nesttableprops", "do", "fldinst", "formfield", "ffl"}
"""Destinations behind \\* that are read; all others behind it are skipped."""
_BOXES = {"shptxt", "dptxbxtext"}
_HALF = re.compile("[\ud800-\udfff]")
_DEEPEST_GROUP = 2_000
_MOST_PICTURES = 200


@dataclass(slots=True)
class _Field:
    """An open field: its code, and the form field in it."""

    said: int
    code: str = ""
    kind: int = -1
    result: int = 25
    default: int = 0
    entries: list[str] = field(default_factory=list)

    def shows(self) -> str:
        """What it shows where it has no result of its own; 25 means the default stands."""
        chosen = self.default if self.result == 25 else self.result
        if self.kind == 1:
            return "☑" if chosen else "□"
        if self.kind == 2 and 0 <= chosen < len(self.entries):
            return self.entries[chosen]
        return symbols.shown_by_code(self.code)


@dataclass(slots=True)
class _Group:
    """The state that a brace opens and its partner takes back."""

    target: str = ""
    """The destination it is: "", skip, fonts, picture, box, code, entry, field …"""
    font: int = 0
    hidden: bool = False
    deleted: bool = False
    ruled: bool = False
    struck: bool = False
    fallback: int = 1
    sink: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Font:
    name: str = ""
    codec: str = ""


class Reader:
    """Walks the bytes; `turn` is told each mark of structure outside text boxes."""

    def __init__(self, content: bytes, start: int, turn: Callable[[Control], None]) -> None:
        self.content = content
        self.at = start
        self.turn = turn
        self.groups = [_Group()]
        self.fonts: dict[int, _Font] = {}
        self.fields: list[_Field] = []
        self.boxes: list[list[str]] = []
        self.pictures: list[tuple[str, bytes]] = []
        self.struck: list[str] = []
        self.codec = "cp1252"
        self.default_font = 0
        self.raw = bytearray()
        self.skip = 0
        self.starred = False
        self.opened = False
        self.picture = ""

    @property
    def group(self) -> _Group:
        return self.groups[-1]

    def take(self) -> str:
        """The words since the last call."""
        self.flush()
        sink = self.groups[0].sink
        text = "".join(sink)
        sink.clear()
        for open_field in self.fields:
            open_field.said = -1  # its result has been said before this mark
        return _whole(text)

    def take_boxes(self) -> list[str]:
        """The text boxes met since the last call."""
        boxes, self.boxes = self.boxes, []
        return [line for box in boxes for line in box]

    def run(self) -> None:
        """Reads to the end. A last brace may be missing; an open field's result stands."""
        while self.at < len(self.content):
            token = _TOKEN.match(self.content, self.at)
            if token is None:
                break
            self.at = token.end()
            looks, word, number, code, escaped, brace, text = token.groups()
            if looks:
                self.skip = max(self.skip - 1, 0)
                self.opened = False
            elif code or text:
                self.letters(bytes.fromhex(code.decode()) if code else text)
            elif brace == b"{":
                self.open_group()
            elif brace:
                self.close_group()
                if len(self.groups) == 1:
                    break
            elif word:
                self.control(word.decode(), int(number) if number else None)
            elif escaped:
                self.escape(escaped.decode("latin-1"))
        self.flush()

    def letters(self, raw: bytes) -> None:
        cut = min(self.skip, len(raw))
        self.skip -= cut
        self.raw += raw[cut:]
        if cut < len(raw):
            self.opened = self.starred = False

    def open_group(self) -> None:
        self.flush()
        if len(self.groups) > _DEEPEST_GROUP:
            raise OverLimit("nested_too_deep", limit=_DEEPEST_GROUP)
        target = self.group.target if self.group.target in ("skip", "fonts", "picture") else ""
        self.groups.append(replace(self.group, target=target))
        self.opened, self.starred = True, False
        self.skip = 0

    def close_group(self) -> None:
        self.flush()
        if len(self.groups) == 1:
            raise Damaged("broken_rtf", why="braces")
        closed = self.groups.pop()
        self.opened = self.starred = False
        self.skip = 0
        text = "".join(closed.sink) if closed.target in ("box", "code", "entry", "picture") else ""
        if closed.target == "box":
            self.boxes.append([line for line in _whole(text).split("\n") if line.strip()])
        elif closed.target == "code" and self.fields:
            self.fields[-1].code = text
        elif closed.target == "entry" and self.fields:
            self.fields[-1].entries.append(_whole(text))
        elif closed.target == "field" and self.fields:
            done = self.fields.pop()
            if done.said == len(closed.sink):
                self.say(done.shows())
        elif closed.target == "picture" and self.group.target != "picture":
            self.keep_picture(text)

    def control(self, name: str, number: int | None) -> None:
        self.flush()
        if self.skip and name != "u":
            self.skip -= 1
            return
        first, starred = self.opened, self.starred
        self.opened = self.starred = False
        if self.group.target == "skip":
            if name == "bin":
                self.at += max(number or 0, 0)
            return
        if first and self.destination(name, starred):
            return
        if name in _STRUCTURE:
            self.structure(name, number or 0)
        elif name == "u":
            self.say_symbol((number or 0) & 0xFFFF)
            self.skip = self.group.fallback
        elif name in _SAID:
            self.say(_SAID[name])
        else:
            self.property(name, number)

    def destination(self, name: str, starred: bool) -> bool:
        """Whether this first word of a group made it a destination."""
        group = self.group
        if name in _SKIPPED or (starred and name not in _FOLLOWED):
            group.target = "skip"
        elif name == "fonttbl":
            group.target = "fonts"
        elif name == "pict":
            group.target, group.sink, self.picture = "picture", [], ""
            group.struck = False
        elif name in _BOXES:
            group.target, group.sink = "box", []
        elif name == "field":
            group.target = "field"
            self.fields.append(_Field(len(group.sink)))
        elif name == "fldinst":
            group.target, group.sink, group.struck = "code", [], False
        elif name == "formfield":
            group.target = "form"
        elif name == "ffl":
            group.target, group.sink, group.struck = "entry", [], False
        else:
            return name in _FOLLOWED and name != "nesttableprops"
        return True

    def structure(self, name: str, number: int) -> None:
        if self.groups[0].sink is self.group.sink:
            self.turn((name, number))
        elif name in ("par", "row", "sect", "page"):
            self.say("\n")
        elif name in ("cell", "nestcell"):
            self.say("\t")

    def property(self, name: str, number: int | None) -> None:
        group = self.group
        is_on = number != 0
        if name == "f":
            group.font = number or 0
        elif name == "plain":
            group.font = self.default_font
            group.hidden = group.deleted = group.ruled = group.struck = False
        elif name == "v":
            group.hidden = is_on
        elif name == "deleted":
            group.deleted = is_on
        elif name in ("ul", "uld", "uldb", "ulth", "ulw", "uldash"):
            group.ruled = is_on
        elif name == "ulnone":
            group.ruled = False
        elif name in ("strike", "striked"):
            group.struck = is_on
        elif name == "uc":
            group.fallback = min(max(number or 0, 0), 100)
        elif name == "bin":
            self.at += max(number or 0, 0)
        else:
            self.document(name, number or 0)

    def document(self, name: str, number: int) -> None:
        """Words of the header, of fonts, form fields and pictures."""
        if name == "ansicpg":
            self.codec = "gb18030" if number == 936 else _known(f"cp{number}")
        elif name == "deff":
            self.default_font = self.group.font = number
        elif name in ("fcharset", "cpg") and self.group.target == "fonts":
            codec = _CODEPAGES.get(number, "") if name == "fcharset" else _known(f"cp{number}")
            self.fonts.setdefault(self.group.font, _Font()).codec = codec
        elif name in ("fftype", "ffres", "ffdefres") and self.fields:
            part = {"fftype": "kind", "ffres": "result", "ffdefres": "default"}[name]
            setattr(self.fields[-1], part, number)
        elif name in ("pngblip", "jpegblip"):
            self.picture = "png" if name == "pngblip" else "jpg"

    def escape(self, char: str) -> None:
        self.flush()
        if char == "*":
            self.starred = True
            return
        if self.skip:
            self.skip -= 1
        elif char in "\r\n":
            self.structure("par", 0)
        elif char in _ESCAPED:
            self.say(_ESCAPED[char])
        self.opened = self.starred = False

    def flush(self) -> None:
        """Says the bytes collected so far in the code page of their font."""
        if not self.raw:
            return
        raw = bytes(self.raw)
        self.raw.clear()
        if self.group.target == "fonts":
            self.name_font(raw)
        elif self.group.target != "skip":
            font = self.fonts.get(self.group.font, _Font())
            if symbols.is_symbol_font(font.name):
                self.say("".join(symbols.seen(font.name, byte) or chr(byte) for byte in raw))
            else:
                self.say(self.decoded(raw, font.codec or self.codec))

    def decoded(self, raw: bytes, codec: str) -> str:
        if raw.isascii():
            return raw.decode("ascii")
        if codec == "cp1252" and self.codec != codec:
            # Chinese programs write their own code page into fonts that claim Latin
            try:
                return raw.decode(self.codec)
            except UnicodeDecodeError:
                pass
        return raw.decode(codec, "replace")

    def name_font(self, raw: bytes) -> None:
        name = raw.decode(self.codec, "replace").strip().rstrip(";")
        font = self.fonts.setdefault(self.group.font, _Font())
        font.name = font.name or name

    def say_symbol(self, code: int) -> None:
        font = self.fonts.get(self.group.font, _Font()).name
        if symbols.is_symbol_font(font):
            self.say(symbols.seen(font, code) or chr(code))
        elif code >= 32:
            self.say(chr(code))

    def say(self, text: str) -> None:
        group = self.group
        if not text or group.target in ("skip", "fonts", "form") or group.hidden or group.deleted:
            return
        if group.ruled and len(text) > 1 and not text.strip(" \xa0\u3000\t"):
            text = "_" * len(text)
        (self.struck if group.struck else group.sink).append(text)

    def keep_picture(self, text: str) -> None:
        digits = re.sub(r"[^0-9a-fA-F]", "", text)
        if self.picture and digits and len(self.pictures) < _MOST_PICTURES:
            content = bytes.fromhex(digits[: len(digits) // 2 * 2])
            if len(content) <= limits.PART_IN_MEMORY_BYTES:
                self.pictures.append((self.picture, content))


def _known(codec: str) -> str:
    try:
        b"".decode(codec)
    except LookupError:
        return "cp1252"
    return codec


def _whole(text: str) -> str:
    """Surrogate halves, which \\u gives one by one, joined to letters."""
    if _HALF.search(text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
