"""What a sender wrote, made fit for a sheet, a document and a file name.

Changes no meaning: drops only what XML, Excel or Windows cannot hold, and hides
the middle of phone numbers.
"""

from __future__ import annotations

import re
import unicodedata

CELL_CHARS = 32_000
"""Excel holds 32,767 UTF-16 units in a cell ("Excel specifications and limits")."""
NAME_CHARS = 60

# XML 1.0 section 2.2, production [2] Char; lone surrogates cannot be encoded at all
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# U+202A-202E and 2066-2069 turn the reading order round: they dress up names
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NOT_WINDOWS = re.compile(r'[<>:"/\\|?*\s\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_DIGITS = re.compile(r"\d(?:[-\s]?\d){6,}")
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?"
    r"(?:1[3-9]\d[- ]?\d{4}[- ]?\d{4}|[(（]?0\d{2,3}[)）]?[- ]?\d{7,8})(?!\d)"
)


def text(raw: object, limit: int = CELL_CHARS) -> str:
    """`raw` as text that XML can hold, at most `limit` characters long."""
    said = "" if raw is None else str(raw)
    if not said.isprintable():
        # printable text holds no control sign, no surrogate and nothing that turns the order
        said = said.replace("\r\n", "\n").replace("\r", "\n")
        said = _TURNING.sub("", _NOT_XML.sub("", said))
    return said if len(said) <= limit else said[: limit - 1] + "…"


def line(raw: object, limit: int = CELL_CHARS) -> str:
    """The same on one line."""
    return text(" ".join(text(raw).split()), limit)


def masked(raw: object) -> str:
    """What stands in a phone field with the middle of every number hidden: 139****1234."""
    return _DIGITS.sub(_hide, text(raw))


def discreet(raw: object, limit: int = CELL_CHARS) -> str:
    """Free text with the mobile and trunk numbers in it masked; other numbers stay."""
    return text(_PHONE.sub(_hide, text(raw)), limit)


def _hide(found: re.Match[str]) -> str:
    """Stars for all digits but the last four and, in a long number, the first three or four."""
    places = [i for i, sign in enumerate(found[0]) if sign.isdigit()]
    # 0513-80001101: the trunk code is no secret
    in_front = 4 if found[0][places[0]] == "0" and len(places) == 12 else 3
    kept = in_front if len(places) > 10 else 0
    hidden = set(places[kept:-4])
    return "".join("*" if i in hidden else sign for i, sign in enumerate(found[0]))


def file_name(raw: object, limit: int = NAME_CHARS) -> str:
    """One path component that Windows takes: no reserved sign or word, no dot at the end.

    Source: "Naming Files, Paths, and Namespaces", Microsoft Learn.
    """
    name = unicodedata.normalize("NFC", line(raw))
    name = _NOT_WINDOWS.sub("_", name).strip(" ._")
    stem, dot, suffix = name.rpartition(".")
    if dot and len(suffix) <= 5:
        name = stem[: limit - len(suffix) - 1].rstrip(" ._") + "." + suffix
    name = name[:limit].rstrip(" .")
    return f"_{name}" if _RESERVED.fullmatch(name) else name or "未命名"
