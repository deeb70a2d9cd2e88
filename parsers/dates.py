"""Dates as people write them (日期): 2021年6月8日, 2021-06-08, 6.8, 6月8日, 二〇二一年六月八日.

A date without a year gets the year that the caller gives; the parsers know no clock.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import replace

from parsers.numerals import Said, chinese, unsure
from parsers.types import Value

_CN = "零一二三四五六七八九〇○十廿卅"
_CHINESE = re.compile(rf"[{_CN}]+(?=[年月日号])")
_FULL = re.compile(
    r"(?P<y>(?:19|20)\d{2}|\d{2}(?=年|\.\d{1,2}\.))[-年./](?P<m>\d{1,2})[-月./](?P<d>\d{1,2})[日号]?"
)
_COMPACT = re.compile(r"(?P<y>20\d{2})(?P<m>\d{2})(?P<d>\d{2})")
_SHORT = re.compile(r"(?P<m>\d{1,2})(?:[-./]|月)(?P<d>\d{1,2})[日号]?")
_NO_YEAR = re.compile(r"\d{2}-\d{2}")
_UNTOUCHED = re.compile(r"[\s_＿年月日.]*")


def date(text: str, year: int | None = None) -> datetime.date | None:
    """The one date that the text is; None if it is no date, or lacks a year and none is given."""
    found = _match(text)
    if found is None:
        return None
    groups = found.groupdict()
    if not groups.get("y") and year is None:
        return None
    full = int(groups["y"]) if groups.get("y") else year or 0
    try:
        return datetime.date(
            full + 2000 if full < 100 else full, int(groups["m"]), int(groups["d"])
        )
    except ValueError:
        return None


def said(text: str) -> Said:
    """A date slot's text as a value: ISO 8601, or `06-08` where the year is not written."""
    if _UNTOUCHED.fullmatch(text):
        return Said(None, "blank")
    full = date(text)
    if full is not None:
        return Said(full.isoformat(), "filled")
    short = date(text, 2024)
    if short is not None and _match(text, with_year=False) is not None:
        return Said(f"{short:%m-%d}", "filled")
    return unsure("not_a_date")


def in_year(value: Value, year: int | None) -> Value:
    """A date without a year as one of this year, where that is a day (29 February is not
    always); any other value as it is."""
    if year is None or not isinstance(value.value, str) or not _NO_YEAR.fullmatch(value.value):
        return value
    full = date(value.value, year) if date(value.raw, year) is not None else None
    return value if full is None else replace(value, value=full.isoformat())


def _match(text: str, with_year: bool = True) -> re.Match[str] | None:
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).strip("_()。.")
    plain = _CHINESE.sub(_digits, plain)
    plain = re.sub(r"(00:00(:00)?|星期.|周.)$", "", plain)
    patterns = (_FULL, _COMPACT, _SHORT) if with_year else (_SHORT,)
    for pattern in patterns:
        found = pattern.fullmatch(plain)
        if found:
            return found
    return None


def _digits(found: re.Match[str]) -> str:
    numeral = found.group()
    if not set(numeral) & set("十廿卅"):
        return "".join(str("零一二三四五六七八九".find("零" if c in "〇○" else c)) for c in numeral)
    value = chinese(numeral)
    return numeral if value is None else str(value)
