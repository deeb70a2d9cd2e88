"""Counting words (量词) that may stand behind a number: an open vocabulary.

The list only helps to cut a unit off the words that follow it; a blank may use others.
"""

from __future__ import annotations

import re

_KNOWN = [
    "万人次",
    "人次",
    "场次",
    "家次",
    "条次",
    "件次",
    "户次",
    "台次",
    "批次",
    "车次",
    "班次",
    "篇次",
    "项次",
    "处次",
    "个次",
    "学时",
    "课时",
    "小时",
    "分钟",
    "平方米",
    "立方米",
    "公里",
    "千米",
    "公斤",
    "千克",
    "万元",
    "亿元",
    "次",
    "场",
    "个",
    "篇",
    "条",
    "部",
    "份",
    "幅",
    "块",
    "处",
    "项",
    "家",
    "户",
    "件",
    "名",
    "人",
    "位",
    "台",
    "辆",
    "套",
    "张",
    "起",
    "宗",
    "期",
    "批",
    "本",
    "册",
    "支",
    "只",
    "座",
    "间",
    "栋",
    "所",
    "亩",
    "吨",
    "米",
    "元",
    "天",
    "节",
    "例",
    "面",
    "副",
    "顶",
    "把",
    "根",
    "棵",
    "株",
    "箱",
    "袋",
    "桶",
    "艘",
    "头",
    "类",
    "组",
    "队",
    "届",
    "轮",
    "遍",
    "回",
    "点",
    "站",
    "片",
    "段",
    "则",
    "封",
    "通",
    "笔",
    "岁",
    "年",
    "月",
    "㎡",
    "m²",
    "%",
    "％",
    "‰",
]
KNOWN = tuple(sorted(set(_KNOWN), key=len, reverse=True))
MEASURES = frozenset(
    [
        "%",
        "％",
        "‰",
        "万元",
        "亿元",
        "元",
        "吨",
        "公斤",
        "千克",
        "公里",
        "千米",
        "米",
        "平方米",
        "立方米",
        "㎡",
        "m²",
        "m2",
        "亩",
        "小时",
        "天",
    ]
)
"""Units that are measured and not counted: decimals are right there."""
_END = re.compile(r"[\s，,；;。．、：:！!？?（()）_＿/]|$")
_OPEN_UNIT_CHARACTERS = 3


def unit_of(text: str) -> str:
    """The unit at the start of the text behind a slot; "" if none can be told."""
    text = text.lstrip()
    end = _END.search(text)
    head = text[: end.start()] if end else text
    if head in KNOWN or 0 < len(head) < _OPEN_UNIT_CHARACTERS:
        return head
    known = next((unit for unit in KNOWN if head.startswith(unit)), "")
    return known or (head if len(head) == _OPEN_UNIT_CHARACTERS else "")
