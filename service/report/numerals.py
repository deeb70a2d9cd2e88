"""Chinese numerals for headings: 一、（二十一）."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_MOST = 99


def chinese(number: int) -> str:
    """1 to 99 in Chinese numerals; beyond that Arabic ones, as office papers do."""
    if not 1 <= number <= _MOST:
        return str(number)
    tens, ones = divmod(number, 10)
    said = "十" if tens == 1 else f"{_DIGITS[tens]}十" if tens else ""
    return said + (_DIGITS[ones] if ones else "")
