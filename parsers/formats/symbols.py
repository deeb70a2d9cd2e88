"""Ticks and boxes that are drawn with a symbol font: which character a reader sees.

Word stores them as a font name and a code (Wingdings R, £, þ, ¨), often in the private
area U+F000-F0FF. Codes: Microsoft's Wingdings character sets.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WINGDINGS = {
    0x6C: "●",
    0x6D: "○",
    0x6E: "■",
    0x6F: "□",
    0x70: "□",
    0x71: "□",
    0x72: "□",
    0x78: "☒",
    0xA1: "○",
    0xA8: "☐",
    0xFB: "✗",
    0xFC: "√",
    0xFD: "☒",
    0xFE: "☑",
} | {0x80 + n: "⓪①②③④⑤⑥⑦⑧⑨⑩"[n] for n in range(11)}
_WINGDINGS_2 = {
    0x4F: "✗",
    0x50: "√",
    0x51: "☒",
    0x52: "☑",
    0x53: "☒",
    0x54: "☒",
    0xA2: "■",
    0xA3: "☐",
    0xA4: "□",
}
_SYMBOL = {0xD6: "√", 0xB4: "×", 0xB7: "·", 0xA3: "≤", 0xB3: "≥", 0xB1: "±"}
_SYMBOL_CODE = re.compile(
    r'^\s*symbol\s+(0x[0-9a-f]+|\d+)\b(?:.*?\\f\s*"?([^"\\]+))?', re.IGNORECASE | re.DOTALL
)
_OVERLAY = re.compile(r"^\s*eq\s+\\o\\?\w*\s*\((.+)\)\s*$", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=256)
def is_symbol_font(font: str) -> bool:
    """Whether the font's letters are pictures and not letters."""
    name = font.replace(" ", "").lower()
    return "wingdings" in name or "webdings" in name or name.endswith("symbol")


def seen(font: str, code: int) -> str:
    """The character that a code of this font shows; "" for a picture we do not know.

    Codes of other fonts come back as themselves.
    """
    name = font.replace(" ", "").lower()
    low = code & 0xFF if 0xF000 <= code <= 0xF0FF else code
    if "wingdings2" in name:
        return _WINGDINGS_2.get(low, "")
    if "wingdings" in name:
        return _WINGDINGS.get(low, "")
    if name.endswith("symbol"):
        return _SYMBOL.get(low, chr(low) if 0x20 <= low < 0x7F else "")
    return "" if 0xF000 <= code <= 0xF0FF or not 0x20 <= code < 0xD800 else chr(code)


def overlay(instruction: str) -> str:
    r"""What an EQ field shows that lays characters over one another (带圈字符).

    Clerks tick a box with `eq \o\ac(□,√)`; a ring around a number shows the number.
    """
    found = _OVERLAY.match(instruction)
    if not found:
        return ""
    parts = [part.strip() for part in re.split(r"[,，;；]", found[1])]
    ring, inner = parts[0], "".join(parts[1:])
    if ring in "□口☐" and inner and inner in "√✓✔vV":
        return "☑"
    if ring in "□口☐" and inner and inner in "×✗xX":
        return "☒"
    return inner or ring


def shown_by_code(instruction: str) -> str:
    """What a field without a result shows by its code alone: EQ \\o or SYMBOL, else ""."""
    found = _SYMBOL_CODE.match(instruction)
    if found:
        return seen((found[2] or "Symbol").strip(), int(found[1], 0) & 0xFFFF)
    return overlay(instruction)
