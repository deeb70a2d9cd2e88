"""The notations in which people fill a slot, each with what it means."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

ASK = "ask"
CN = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Meant:
    """What a filled slot says: a state and value, or ASK where a person must judge."""

    text: str
    state: str
    value: int | str | None
    approx: bool = False


Maker = Callable[[random.Random, str], Meant]


def chinese(n: int) -> str:
    """A Chinese numeral below 10,000."""
    text, zero = "", False
    for scale, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, n = divmod(n, scale)
        if digit:
            text += ("零" if zero else "") + CN[digit] + word
            zero = False
        elif text and n:
            zero = True
    return text.removeprefix("一") if text.startswith("一十") else text


def _said(pattern: str, low: int = 1, high: int = 500) -> Maker:
    def make(rng: random.Random, unit: str) -> Meant:
        n = rng.randint(low, high)
        wide = str(n).translate({48 + i: 0xFF10 + i for i in range(10)})
        text = pattern.format(
            n=n, wide=wide, unit=unit, cn=chinese(n % 10_000), grouped=f"{n:,}",
            spaced=f"{n:,}".replace(",", " "), full=f"{n:,}".replace(",", "，"),
        )  # fmt: skip
        return Meant(text, "filled", n, any(c in pattern for c in "约近多左余+≥超"))

    return make


def _scaled(pattern: str, scale: int, half: bool, approx: bool) -> Maker:
    def make(rng: random.Random, unit: str) -> Meant:
        n = rng.randint(1, 60)
        shown = f"{n / 10}" if half else str(n)
        value = n * scale // 10 if half else n * scale
        return Meant(pattern.format(n=shown), "filled", value, approx)

    return make


def _fixed(text: str, state: str, value: int | None = None) -> Maker:
    return lambda rng, unit: Meant(text, state, value)


def _asked(pattern: str) -> Maker:
    return lambda rng, unit: Meant(
        pattern.format(n=rng.randint(2, 90), m=rng.randint(100, 300)), ASK, None
    )


READABLE: dict[str, Maker] = {
    "full-width brackets": _said("（{n}）"),
    "spaced": _said("（ {n} ）"),
    "wide spaces": _said("（　{n}　）"),
    "half-width brackets": _said("({n})"),
    "wide digits": _said("（{wide}）"),
    "wide digits, wide spaces": _said("(　{wide}　)"),
    "brackets gone": _said("{n}"),
    "unit inside": _said("（{n}{unit}）"),
    "ruled": _said("_{n}_"),
    "ruled twice": _said("__{n}__"),
    "behind the brackets": _said("（）{n}"),
    "behind spaced brackets": _said("（ ）{n}"),
    "before the brackets": _said("{n}（）"),
    "numeral": _said("（{cn}）", 1, 9),
    "numeral of tens": _said("（{cn}）", 10, 99),
    "numeral of hundreds": _said("（{cn}）", 100, 999),
    "numeral of thousands": _said("（{cn}）", 1000, 9999),
    "numeral, brackets gone": _said("{cn}", 10, 99),
    "liang": _fixed("（两）", "filled", 2),
    "liang thousand": _fixed("（两千）", "filled", 2000),
    "nian": _fixed("（廿三）", "filled", 23),
    "comma": _said("（{grouped}）", 1000, 99999),
    "wide comma": _said("（{full}）", 1000, 99999),
    "space": _said("（{spaced}）", 1000, 99999),
    "thousands": _scaled("（{n}千）", 1000, False, False),
    "half thousands": _scaled("（{n}千）", 1000, True, False),
    "ten thousands": _scaled("（{n}万）", 10000, True, False),
    "ten thousands and more": _scaled("（{n}万余）", 10000, True, True),
    "more ten thousands": _scaled("（{n}余万）", 10000, False, True),
    "about": _said("（约{n}）", 50),
    "many": _said("（{n}多）", 50),
    "near": _said("（近{n}）", 50),
    "more or less": _said("（{n}左右）", 50),
    "plus": _said("（{n}+）", 50),
    "at least": _said("（≥{n}）", 50),
    "odd": _said("（{n}余）", 50),
    "over": _said("（超{n}）", 50),
    "circled": lambda rng, unit: (lambda n: Meant("①②③④⑤⑥⑦⑧⑨⑩"[n - 1], "filled", n))(rng.randint(1, 10)),
    "square brackets": _said("【{n}】"),
    "zero": _fixed("（0）", "nil", 0),
    "ling": _fixed("（零）", "nil", 0),
    "circle zero": _fixed("（〇）", "nil", 0),
    "none": _fixed("（无）", "nil", 0),
    "none yet": _fixed("（暂无）", "nil", 0),
    "not held": _fixed("（未开展）", "nil", 0),
    "nothing": _fixed("（没有）", "nil", 0),
    "slash": _fixed("（/）", "na"),
    "wide slash": _fixed("（／）", "na"),
    "dash": _fixed("（—）", "na"),
    "hyphen": _fixed("（-）", "na"),
    "n/a": _fixed("（N/A）", "na"),
    "not concerned": _fixed("（不涉及）", "na"),
    "blank": _fixed("（ ）", "blank"),
    "blank rule": _fixed("______", "blank"),
}  # fmt: skip
ASKED: dict[str, Maker] = {
    "range": _asked("（{n}～{m}）"),
    "range in words": _asked("（{n}至{m}）"),
    "some tens": _asked("（几十）"),
    "several": _asked("（若干）"),
    "some hundreds": _asked("（数百）"),
    "sum": _asked("（{n}+2）"),
    "two numbers": _asked("（{n}（累计{m}））"),
    "week and total": _asked("（本周{n}累计{m}）"),
    "change": _asked("（较上周增加{n}）"),
    "letter l": _asked("（l{n}）"),
    "letter O": _asked("（{n}O）"),
    "decimal": _asked("（{n}.5）"),
    "negative": _asked("（-{n}）"),
    "see annex": _asked("（见附件）"),
    "see summary": _asked("（详见总结）"),
    "two or three": _asked("（两三）"),
    "unbalanced": _asked("（{n}"),
}
TICKS: dict[str, tuple[str, str | None, str]] = {
    "box before": ("☑{a}□{b}", "{a}", "filled"),
    "box behind the second": ("□{a}☑{b}", "{b}", "filled"),
    "tick for box": ("□{a}√{b}", "{b}", "filled"),
    "black box": ("■{a}□{b}", "{a}", "filled"),
    "crossed box": ("☒{a}□{b}", "{a}", "filled"),
    "tick behind": ("{a}√ {b}□", "{a}", "filled"),
    "ticked box behind": ("{a}☑{b}□", "{a}", "filled"),
    "tick beside box": ("□√{a}□{b}", "{a}", "filled"),
    "tick in brackets": ("□{a}（√）□{b}", "{a}", "filled"),
    "wingdings": ("R{a}£{b}", "{a}", "filled"),
    "wingdings second": ("£{a}R{b}", "{b}", "filled"),
    "word": ("{a}", "{a}", "filled"),
    "other word": ("{b}", "{b}", "filled"),
    "brackets": ("{a}（√）、{b}（）", "{a}", "filled"),
    "brackets second": ("{a}（）、{b}（√）", "{b}", "filled"),
    "brackets and cross": ("{a}（√）、{b}（×）", "{a}", "filled"),
    "word in brackets": ("{a}（{a}）、{b}（）", "{a}", "filled"),
    "untouched": ("□{a}□{b}", None, "blank"),
    "both": ("☑{a}☑{b}", None, ASK),
}
LINES = (
    "1.召开专题学习会3次，传达学习有关精神；\n2.组织观看专题片，参学22人。",
    "1.制定责任清单18条；2.签订告知承诺书81份。",
    "一是开展风险辨识3次，排查隐患21处。\n二是更新风险清单。",
    "1.整改隐患10处，整改率100%；2.复查复核6次。",
    "组织“三项岗位”人员培训5期128人。",
    "立案查处8起，罚款4.4万元。",
)
