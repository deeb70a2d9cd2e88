"""Bytes to text under a charset label that may lie, be too narrow, or be missing.

Chinese mail labels gb18030 as gb2312, UTF-8 as gb2312, and raw bytes as nothing at all. A
guess is made only where the bytes leave no doubt; else the text carries U+FFFD and says so.
"""

from __future__ import annotations

import codecs
import functools
import re
from dataclasses import dataclass

_ALIASES = {
    "big5": "cp950",
    "big5-hkscs": "big5hkscs",
    "cn-big5": "cp950",
    "x-big5": "cp950",
    "ks_c_5601-1987": "cp949",  # Outlook's name for Korean
    "ks_c_5601": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "hz-gb-2312": "hz",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "macintosh": "mac_roman",
}
# gb2312, gbk, gb18030, cp936 and all their other names: the widest of them reads each
_CHINESE = re.compile(
    r"(?:x-|cs|cn-)?gb|(?:cp|ms|windows-|x-cp|x-windows-)?936$|(?:x-)?euc-?cn|chinese|csiso58|iso-ir-58"
)
# what mail programs write when they mean nothing by it
_SAYS_NOTHING = re.compile(
    r"$|us-?ascii|ansi_x3|ascii|unknown|x-unknown|default|none|null|auto|8bit|7bit|binary|x-user-defined"
)
_WESTERN = re.compile(r"iso-?8859-?1(?:5)?$|latin-?1|windows-1252|cp-?1252|l1$")
# text codecs that mail may name; Python knows stranger ones (punycode, unicode_escape …)
_KNOWN = re.compile(
    r"utf|gb|big5|iso|windows|cp\d|koi8|euc|hz$|mac_roman|johab|tis|latin|l\d|viscii|ptcp"
)
# 2E80 and above: CJK, kana, full-width forms, emoji; below: signs that Chinese text uses
_NOT_CHINESE = re.compile(
    r"[\x80-\xa6\xa9-\xaf\xb2-\xb6\xb8-\xd6\xd8-\xf6\xf8-\u036f\u0400-\u1fff]"
)
_WIDE = re.compile(r"[\u2e80-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the first bytes that are no text in it (empty when all was read)."""

    text: str
    lost: bytes = b""


def _euro(error: UnicodeError) -> tuple[str, int]:
    """Code page 936 on Windows has the euro sign at 0x80, where GBK has nothing."""
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0x80:
        return "€", error.start + 1
    raise error


codecs.register_error("cp936", _euro)


@functools.lru_cache(maxsize=256)
def codec(label: str | None) -> str | None:
    """The Python codec to read a label with; None where the label says nothing."""
    name = re.sub(r"[\s\"'<>]", "", label or "").lower().partition("*")[0]
    name = name.partition(";")[0].removeprefix("3d").removeprefix("charset=").replace("_", "-")
    if _SAYS_NOTHING.match(name):
        return None
    if _CHINESE.match(name):
        return "gb18030"
    name = _ALIASES.get(name) or _ALIASES.get(name.replace("-", "_")) or name
    if not _KNOWN.match(name):
        return None
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):  # ValueError: a null byte in the label
        return None


def decode(data: bytes, label: str | None = None) -> Decoded:
    """Reads bytes by their label where that holds, by what they plainly are where not."""
    if data.isascii() and not (label and _shifts(label)):
        return Decoded(data.decode("ascii"))
    marked = _by_mark(data)
    if marked is not None:
        return marked
    named = codec(label)
    for attempt in _attempts(data, named, bool(_WESTERN.match((label or "").strip().lower()))):
        text = _strict(data, attempt)
        if text is not None:
            return Decoded(text)
    if named == "gb18030" and (text := _strict(data, named, "cp936")) is not None:
        return Decoded(text)
    return _cut_short(data, named) or _best(data, named)


def _shifts(label: str) -> bool:
    """Charsets that hide their characters in ASCII bytes."""
    return (codec(label) or "").startswith(("utf-7", "hz", "iso2022", "utf-16", "utf-32"))


def _by_mark(data: bytes) -> Decoded | None:
    """A byte order mark outweighs the label."""
    if data.startswith(codecs.BOM_UTF8):
        return decode(data[3:], "utf-8")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) % 2 == 0:
        text = _strict(data, "utf-16")
        return None if text is None else Decoded(text)
    return None


def _attempts(data: bytes, named: str | None, is_western: bool) -> list[str]:
    """The codecs to try strictly, the likeliest first."""
    if named == "utf-8" or named is None:
        order = ["utf-8", "gb18030"]
    elif named == "gb18030":
        order = ["utf-8", "gb18030"] if _is_plainly_utf8(data) else ["gb18030", "utf-8"]
    elif is_western:
        order = ["utf-8"] if _is_plainly_utf8(data) else []
        order += ["gb18030"] if _is_plainly_gb2312(data) else []
        return [*order, "cp1252", "latin-1"]
    else:
        order = [named, "big5hkscs"] if named == "cp950" else [named]
        order += ["utf-8", "gb18030"]
    if _is_cut_utf8(data) and named != "gb18030":
        return [c for c in order if c != "gb18030"]
    return order


def _strict(data: bytes, name: str, errors: str = "strict") -> str | None:
    try:
        text = data.decode(name, errors)
    except (UnicodeError, LookupError):
        return None
    # A3A0 is the full-width space of GBK; Python's gb18030 maps it to the private area
    return text.replace("\ue5e5", "\u3000") if name == "gb18030" else text


def _is_plainly_utf8(data: bytes) -> bool:
    """Valid UTF-8 that makes Chinese text: GBK text of common characters never does both."""
    text = _strict(data, "utf-8")
    return text is not None and bool(_WIDE.search(text)) and not _NOT_CHINESE.search(text)


def _is_plainly_gb2312(data: bytes) -> bool:
    """High bytes in pairs of A1-F7, A1-FE only, as Western text hardly ever has them."""
    return not re.sub(rb"[\xa1-\xf7][\xa1-\xfe]|[\x00-\x7f]+", b"", data)


def _is_cut_utf8(data: bytes) -> bool:
    """UTF-8 Chinese whose last character was cut off by someone's length limit."""
    return _cut_utf8_at(data) is not None


def _cut_utf8_at(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as e:
        if e.reason == "unexpected end of data" and _is_plainly_utf8(data[: e.start]):
            return e.start
    return None


def _cut_short(data: bytes, named: str | None) -> Decoded | None:
    """Everything but a last character of which bytes are missing."""
    at = _cut_utf8_at(data)
    if at is not None and named != "gb18030":
        return Decoded(data[:at].decode("utf-8") + "\ufffd", data[at:])
    if named == "gb18030" and (text := _strict(data[:-1], "gb18030")) is not None:
        return Decoded(text + "\ufffd", data[-1:])
    return None


def _best(data: bytes, named: str | None) -> Decoded:
    """The reading that loses least; the label's own where they are equal."""
    names = dict.fromkeys(filter(None, (named, "utf-8", "gb18030")))
    readings = [(data.decode(name, "replace"), name) for name in names]
    text, name = min(readings, key=lambda reading: reading[0].count("\ufffd"))
    return Decoded(text.replace("\ue5e5", "\u3000"), _first_lost(data, name))


def _first_lost(data: bytes, name: str) -> bytes:
    try:
        data.decode(name)
    except UnicodeDecodeError as e:
        return data[e.start : e.start + 16]
    except UnicodeError:
        return data[:16]
    return b""
