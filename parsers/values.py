"""Judges what stands in a slot (填写内容): the value, and which of the five states it is in.

Blank, a written zero and "not applicable" are three different things. What has more than
one reading is unsure and waits for a person.
"""

from __future__ import annotations

import re
import unicodedata

from parsers import dates
from parsers.choices import choice
from parsers.labels import may_have_decimals
from parsers.numerals import NA, Said, number, unsure
from parsers.types import Field

_OPEN, _CLOSE = "（(【[〔", "）)】]〕"
_EMPTY_PAIR = re.compile(r"[（(【\[〔][\s_＿]*[）)】\]〕]")
_RULES = " \t\n\r\u3000\u00a0\u200b_＿ˍ"
_ABOUT = re.compile(r"^(约|近|超|逾|共)?[（(]([\d,，.]+)[）)](余|多|左右|以上)?$")
_PHONE = re.compile(r"电话|手机|联系方式|传真|号码")
_NAME = re.compile(r"(姓名|联系人|负责人|填报人|填表人|联络员)$")
_NOTHING = frozenset({"无", "暂无", "没有", "未开展", "无此项", "本周无", "本月无", "尚未开展"})
_FORMULA = re.compile(
    r"\s*(?:#(?:=|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!)|Err:\d{3})"
)
"""A sheet's formula that came to nothing, or to no value that the file keeps."""
_WITHOUT_ZERO = re.compile(r"(?!400|800|1[3-9])(?:10|2\d|[3-9]\d{2})\d{7,8}")
"""An area code and a number, without the zero that a sheet takes off a number."""
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")


def bare(content: str) -> str:
    """A slot's text without its brackets and rules: （3次） is 3次, （）3 is 3, __3__ is 3."""
    # a gap stays where the pair was: 37（）12 are two numbers
    text = _EMPTY_PAIR.sub(" ", content).strip(_RULES)
    while len(text) > 1 and text[0] in _OPEN and _closing(text) == len(text) - 1:
        text = text[1:-1].strip(_RULES)
    if text and text[0] in _OPEN and (end := _closing(text)) > 0:
        behind = text[end + 1 :].strip(_RULES)
        if not any(c in _OPEN + _CLOSE for c in behind) and text[1:end].strip(_RULES) and behind:
            return _said_twice(text[1:end].strip(_RULES), behind, text)
    return text


def _said_twice(inner: str, behind: str, text: str) -> str:
    """（3次）次: the unit stands within the brackets and again behind them."""
    return inner if inner.endswith(behind) and inner != behind else text


def _closing(text: str) -> int:
    """Where the bracket that opens the text closes; -1 if it never does."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c in _OPEN) - (c in _CLOSE)
        if depth == 0:
            return i
    return -1


def is_balanced(text: str) -> bool:
    """Whether every bracket in the text has its partner."""
    depth = 0
    for c in text:
        depth += (c in _OPEN) - (c in _CLOSE)
        if depth < 0:
            return False
    return depth == 0


def judge(field: Field, content: str) -> Said:
    """What a slot's content says for this field."""
    if _FORMULA.match(content):
        return unsure("formula_error")
    if field.kind == "choice":
        return choice(content, field.options, field.several)
    if not is_balanced(content) and field.kind in ("number", "date"):
        return unsure("brackets")
    text = bare(content)
    if field.kind == "number":
        decimals = may_have_decimals(field.label, field.unit)
        return number(_ABOUT.sub(r"\1\2\3", text), field.unit, decimals)
    if field.kind == "date":
        return dates.said(text)
    if field.kind == "narrative":
        return narrative(text)
    return words(text, field.label)


def words(text: str, label: str) -> Said:
    """A name, a phone, an address: the text as written, tidied."""
    plain = text.strip(_RULES)
    if not plain:
        return Said(None, "blank")
    if unicodedata.normalize("NFKC", plain).lower() in NA or re.fullmatch(r"[—–\-]+", plain):
        return Said(None, "na")
    if _PHONE.search(label):
        return _phone(plain)
    if _NAME.search(label) and re.fullmatch(r"[\u4e00-\u9fff·\s\u3000]+", plain):
        return Said(re.sub(r"\s+", "", plain), "filled")
    return Said(plain, "filled")


def _phone(text: str) -> Said:
    """A phone number; a sheet may have turned it into a float or lost its last digits."""
    plain = unicodedata.normalize("NFKC", text)
    if _SCIENTIFIC.search(plain):
        return unsure("phone_lost_digits")
    plain = re.sub(r"^(\d{7,})\.0+$", r"\1", plain)
    if _WITHOUT_ZERO.fullmatch(plain) and len(plain) >= 10:
        return unsure("phone_lost_zero", f"0{plain}")
    compact = re.sub(r"[\s\u2010-\u2015－—]+", lambda m: "" if m.group().isspace() else "-", plain)
    return Said(compact, "filled")


def narrative(text: str) -> Said:
    """Some lines of text; a lone 无 or ／ is said as such."""
    plain = text.strip(_RULES).lstrip(",，、;；:：" + _RULES)
    if not plain:
        return Said(None, "blank")
    if plain.rstrip("。.") in _NOTHING:
        return Said(plain, "nil")
    if unicodedata.normalize("NFKC", plain).lower() in NA | {"不涉及。"}:
        return Said(None, "na")
    return Said(plain, "filled")


def characters(text: str) -> int:
    """How many characters people count: every sign but white space, a Latin word or a
    number as one (Word's 字数)."""
    return len(re.findall(r"[A-Za-z0-9.%]+|\S", text))
