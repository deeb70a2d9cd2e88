"""Numbers as clerks write them (数字): 3, ３, 三, 廿三, 1,200, 1.2万余, 约200, 无, ／ …

Says ok only where one reading exists. Ranges, sums, vague words, letters for digits and
two numbers in one slot are left for a person, with a guess where one is plausible.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from parsers.counters import KNOWN, MEASURES
from parsers.types import State

NIL = frozenset(
    [
        "0",
        "〇",
        "零",
        "无",
        "没有",
        "未开展",
        "暂无",
        "未组织",
        "未举办",
        "未发生",
        "未进行",
        "没开展",
        "没有开展",
        "尚未开展",
        "暂未开展",
        "还未开展",
        "均未开展",
        "未安排",
        "无此项",
        "本周无",
        "本期无",
        "本月无",
    ]
)
NA = frozenset(
    [
        "/",
        "\\",
        "-",
        "--",
        "---",
        "----",
        "n/a",
        "na",
        "不涉及",
        "不适用",
        "无关",
        "未涉及",
        "//",
        "\\\\",
        "—",
        "———",
    ]
)
_VAGUE = re.compile(
    r"若干|几|数[十百千万]|许多|大量|众多|部分|少量|不少|不详|不明|未统计|待定|^多$|[十百千]多个?$"
)
_POINTS_ELSEWHERE = re.compile(r"见|附件|附表|总结|同上|如上")
_DELTA = re.compile(r"较|比|新增|增加|减少|增长|下降|同比|环比|累计|其中|本周|上周|本月|^[+＋]\d")
_DIGIT_LETTERS = str.maketrans("lIi|OoDSsBZz", "111100055822")
_CN = {c: n for n, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "○": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6,
    "柒": 7, "捌": 8, "玖": 9, "弌": 1, "幺": 1,
}  # fmt: skip
_CN_SCALE = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_CN_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}
_SCALE = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_CN_CLASS = "零一二三四五六七八九〇○两壹贰叁肆伍陆柒捌玖十拾百佰千仟万萬亿廿卅"
_BEFORE = r"大约|大概|约|将近|接近|近|超过|超|逾|达到|达|多达|高达|至少|不少于|不低于|>=|≥|>"
_PLAIN_BEFORE = r"共计|共有|共|合计|总计|总共|计|有"
_AFTER = r"余|多|左右|以上|上下|许|\+"
_PEOPLE = frozenset({"人", "人次", "名", "人员"})
_DIGITS = re.compile(r"\d+")
_GROUPED = re.compile(r"(?<!\d)(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+)(?!\d)")
"""Thousands held apart; 1200,500 are two numbers."""
_NUMBER = (
    rf"(?:{_PLAIN_BEFORE})?(?P<before>{_BEFORE})?"
    rf"(?:(?P<digits>\d+(?:\.\d+)?)(?P<inner>余|多|来)?(?P<scale>[百千万亿])?|(?P<cn>[{_CN_CLASS}]+))"
    rf"(?P<after>{_AFTER})?(?P<unit>{{unit}})?(?P<last>{_AFTER})?[。.,;、]?"
)
_IMPLAUSIBLE = 10**10


@dataclass(frozen=True, slots=True)
class Said:
    """What a slot's text says, before it is tied to a field; `why` is a doubt's code."""

    value: int | float | str | tuple[str, ...] | None
    state: State
    guess: int | str | None = None
    approx: bool = False
    why: str = ""


def unsure(why: str, guess: int | str | None = None) -> Said:
    """A text that a person has to judge."""
    return Said(None, "unsure", guess, why=why)


def number(text: str, unit: str = "", decimals: bool = False) -> Said:
    """Read a number; `text` is the slot's text without its brackets, `unit` the word that
    stands behind the slot in the blank."""
    plain = unicodedata.normalize("NFKC", text).strip(" \t\n_")
    plain = re.sub(r"[—–―─−‐]", "-", plain)
    if not plain:
        return Said(None, "blank")
    if _has_mark(text):
        return unsure("two_numbers")
    joined = re.sub(r"\s+", "", plain)
    if _bare_word(joined, unit) in NIL:
        return Said(0, "nil")
    if joined.lower() in NA or re.fullmatch(r"-+", joined):
        return Said(None, "na")
    grouped = _GROUPED.search(plain.replace("\u00a0", " "))
    if grouped:
        digits = re.sub(r"[ ,]", "", grouped.group())
        plain = plain[: grouped.start()] + digits + plain[grouped.end() :]
    if re.search(r"\d\s+\d", plain):
        return unsure("number_gap")
    return _one_number(re.sub(r"\s+", "", plain), unit, decimals or unit in MEASURES)


def _has_mark(text: str) -> bool:
    """Whether a ringed or raised figure stands beside another one (11①, 11²): NFKC would
    make one number of the count and the mark of a note."""
    return any(unicodedata.category(c) == "No" for c in text) and sum(map(str.isnumeric, text)) > 1


def _bare_word(text: str, unit: str) -> str:
    """The text without a unit or full stop behind it: 0次, 无。"""
    text = text.rstrip("。.,;、")
    for tail in (unit, *KNOWN):
        if tail and text.endswith(tail) and len(text) > len(tail):
            return text[: -len(tail)]
    return text


def _one_number(text: str, unit: str, decimals: bool) -> Said:
    if unit and text.startswith(unit):
        # 学习次3，: the answer stands behind its unit
        text = text.removeprefix(unit)
    if unit[:1] in _SCALE and text.endswith(unit):
        # 3万元 where the blank says 万元: 万 is the unit's own
        text = text.removesuffix(unit)
    found = _pattern(unit).fullmatch(text)
    if found is None:
        return _why_not(text)
    if not _fits(found["unit"] or "", unit):
        return unsure("unit_differs", _guess(found))
    if unit.startswith(("万", "亿")) and (found["scale"] or _has_large(found["cn"])):
        return unsure("scale_twice")
    value = _amount(found)
    if value is None:
        return unsure("numeral_unclear", _cn_guess(found["cn"]))
    approx = any(found[part] for part in ("before", "inner", "after", "last"))
    return _settled(value, decimals, approx, found)


@lru_cache(maxsize=512)
def _pattern(unit: str) -> re.Pattern[str]:
    units = "|".join(re.escape(u) for u in dict.fromkeys((unit, *KNOWN)) if u)
    return re.compile(_NUMBER.replace("{unit}", units))


def _settled(value: Decimal, decimals: bool, approx: bool, found: re.Match[str]) -> Said:
    if value != value.to_integral_value():
        if decimals:
            return Said(float(value), "filled", approx=approx)
        return unsure("not_whole")
    whole = int(value)
    digits = found["digits"] or ""
    if whole >= _IMPLAUSIBLE or (len(digits) > 3 and digits[0] == "0" and "." not in digits):
        return unsure("implausible", whole)
    if whole == 0:
        return Said(0, "nil")
    return Said(whole, "filled", approx=approx)


def _fits(written: str, unit: str) -> bool:
    """Whether the unit written in the slot is the blank's own, or the same thing."""
    if not written or not unit or written == unit:
        return True
    return {written, unit} <= _PEOPLE


def _has_large(numeral: str | None) -> bool:
    return bool(numeral) and any(c in (numeral or "") for c in _CN_LARGE)


def _amount(found: re.Match[str]) -> Decimal | None:
    if found["digits"]:
        return Decimal(found["digits"]) * _SCALE.get(found["scale"] or "", 1)
    whole = chinese(found["cn"])
    return None if whole is None else Decimal(whole)


def _guess(found: re.Match[str]) -> int | None:
    value = _amount(found)
    return int(value) if value is not None and value == value.to_integral_value() else None


def _cn_guess(numeral: str | None) -> int | None:
    if numeral and all(c in _CN for c in numeral):
        return int("".join(str(_CN[c]) for c in numeral))
    return None


def _why_not(text: str) -> Said:
    """Name what keeps a text from being one number."""
    numbers = _DIGITS.findall(text)
    if _POINTS_ELSEWHERE.search(text):
        return unsure("see_elsewhere")
    if re.fullmatch(r"\d+(?:\+\d+)+", text):
        return unsure("sum", sum(int(n) for n in numbers))
    if re.search(r"\d\s*(?:[~～\-至到]|--)\s*\d", text):
        return unsure("range")
    if _DELTA.search(text):
        return unsure("two_numbers" if len(numbers) > 1 else "change_not_count")
    if re.fullmatch(r"-\d+(\.\d+)?\D{0,3}", text):
        return unsure("negative")
    if _VAGUE.search(text):
        return unsure("vague")
    if re.search(r"[A-Za-z|]", text):
        mended = text.translate(_DIGIT_LETTERS)
        return unsure("letters", int(mended) if mended.isdigit() else None)
    if len(numbers) > 1:
        return unsure("two_numbers")
    return unsure("not_a_number", int(numbers[0]) if numbers and len(numbers[0]) < 10 else None)


def chinese(numeral: str) -> int | None:
    """The value of a Chinese numeral; None where it can be read in two ways (三五, 两三百)."""
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    if all(c in _CN for c in numeral):
        return _digit_by_digit(numeral)
    total, rest = 0, numeral
    for large, scale in (("亿", 10**8), ("万", 10**4), ("萬", 10**4)):
        head, found, tail = rest.partition(large)
        if found:
            value = _below_ten_thousand(head)
            if not value:
                return None
            total, rest = total + value * scale, tail
            if tail and tail[0] not in "零〇" and not any(c in _CN_SCALE for c in tail):
                return None
    if not rest:
        return total
    value = _below_ten_thousand(rest)
    return None if value is None else total + value


def _digit_by_digit(numeral: str) -> int | None:
    """一二〇 is 120; 三五 may mean three to five."""
    if len(numeral) == 2 and not set(numeral) & set("零〇○"):
        return None
    if len(numeral) > 1 and "两" in numeral:
        return None
    return int("".join(str(_CN[c]) for c in numeral))


def _below_ten_thousand(numeral: str) -> int | None:
    total, digit, last_scale = 0, None, 10_000
    for i, c in enumerate(numeral):
        if c in _CN_SCALE:
            scale = _CN_SCALE[c]
            if scale >= last_scale or (
                digit is None
                and (c not in "十拾" or (i and total and numeral[i - 1] not in "零〇"))
            ):
                return None
            total += (1 if digit is None else digit) * scale
            digit, last_scale = None, scale
        elif c in _CN:
            if digit not in (None, 0):
                return None
            digit = _CN[c]
        else:
            return None
    if digit is None:
        return total
    if last_scale > 10 and last_scale < 10_000 and digit and numeral[-2] not in "零〇":
        return None if last_scale > 100 else total + digit * 10
    return total + digit
