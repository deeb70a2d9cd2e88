"""The Date header, as far as it can be read: ISO 8601 with offset, or None.

RFC 5322, 3.3 with its obsolete forms, and what Chinese mail programs write. `CST` is
China's here, and a date without a zone is taken in Chinese time: both ends are in China.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from parsers.charsets import decode
from parsers.encoded_words import decode_words, unfold

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_CHINESE_MONTHS = [
    "一月",
    "二月",
    "三月",
    "四月",
    "五月",
    "六月",
    "七月",
    "八月",
    "九月",
    "十月",
    "十一月",
    "十二月",
]
_CLOCK = r"(\d{1,2})[:：.](\d{2})(?:[:：.](\d{2}))?(?:\.\d+)?\s*([AaPp][Mm])?"
_RFC = re.compile(
    r"(?<!\d)(\d{1,2})[\s-]+([A-Za-z]{3,9}|十?[一二三四五六七八九十]月|\d{1,2}月)[\s,-]+"
    r"(\d{4}|\d{2,3})[\s,]+" + _CLOCK
)
_ISO = re.compile(
    r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?[T\s]*(?:[星期周][^\s\d]*\s*)?"
    + _CLOCK
)
_AMERICAN = re.compile(
    r"([A-Za-z]{3,9})\s+(\d{1,2}),?\s+" + _CLOCK + r"\s+(?:([A-Za-z]{1,5})\s+)?(\d{4})"
)
# 下午3:12, as Chinese programs write 3:12 PM
_HALF_DAY = re.compile(
    r"(上午|凌晨|早上|早晨)?(下午|晚上|傍晚|中午)?\s*(\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)(?!\s*[AaPp][Mm])"
)
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])\s*(\d{1,2}):?(\d{2})?(?!\d)", re.I)
_ZONES = {
    "": 480, "cst": 480, "bjt": 480, "hkt": 480, "sgt": 480, "gmt": 0, "ut": 0, "utc": 0, "z": 0,
    "jst": 540, "kst": 540, "est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420,
}  # fmt: skip


def sent_at(raw: bytes) -> str | None:
    """ISO 8601 with offset; None where the header cannot be read (never an invented date)."""
    text = re.sub(r"\([^)]*\)", " ", decode_words(unfold(decode(raw).text)).text)[:200]
    text = _HALF_DAY.sub(_western_half, text)
    return _rfc(text) or _iso(text) or _american(text)


def _western_half(clock: re.Match[str]) -> str:
    if not (clock[1] or clock[2]):
        return clock[0]
    return f"{clock[3]} {'AM' if clock[1] else 'PM'}"


def _rfc(text: str) -> str | None:
    match = _RFC.search(text)
    if match is None:
        return None
    month = _month(match[2])
    year = _year(match[3])
    return _moment(year, month, int(match[1]), match.groups()[3:7], text[match.end() :])


def _iso(text: str) -> str | None:
    match = _ISO.search(text)
    if match is None:
        return None
    rest = text[match.end() :]
    return _moment(int(match[1]), int(match[2]), int(match[3]), match.groups()[3:7], rest)


def _american(text: str) -> str | None:
    """ctime and its relatives: Tue Jun  8 09:12:33 CST 2021."""
    match = _AMERICAN.search(text)
    if match is None:
        return None
    zone = match[7] or text[match.end() :]
    return _moment(int(match[8]), _month(match[1]), int(match[2]), match.groups()[2:6], zone)


def _month(word: str) -> int | None:
    if word[:-1].isdigit():
        return int(word[:-1])
    if word in _CHINESE_MONTHS:
        return _CHINESE_MONTHS.index(word) + 1
    short = word[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else None


def _year(digits: str) -> int:
    """RFC 5322, 4.3: two digits are 1950 to 2049, three count from 1900."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + 1900 if len(digits) == 3 or year >= 50 else year + 2000


def _moment(
    year: int, month: int | None, day: int, clock: tuple[str | None, ...], zone: str
) -> str | None:
    offset = _offset(zone)
    if month is None or offset is None:
        return None
    hour, minute, second = (int(part or 0) for part in clock[:3])
    half = (clock[3] or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        then = datetime(
            year, month, day, hour, minute, min(second, 59),
            tzinfo=timezone(timedelta(minutes=offset)),
        )  # fmt: skip
    except (ValueError, OverflowError):
        return None
    return then.isoformat()


def _offset(zone: str) -> int | None:
    """Minutes east of Greenwich; None for a zone that nobody knows."""
    match = _OFFSET.match(zone.strip())
    if match:
        digits = match[2]
        minutes = int(digits) * 60 + int(match[3] or 0)
        return -minutes if match[1] == "-" else minutes
    word = re.match(r"[A-Za-z]*", zone.strip())
    return _ZONES.get(word[0].lower() if word else "")
