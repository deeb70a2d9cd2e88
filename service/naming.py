"""Which deadline the sender's own words name (写明哪一期): 6.8, 6月24日, 第二周, 周报.

Pure. In a subject or file name any day of a deadline names it; in running text only a day
that stands beside the word for a return does: “6月8日开展了宣传” names no deadline. What a
reply quotes of an earlier mail is not the sender's own word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from parsers.numerals import chinese
from service.types import Deadline

_CHINESE = re.compile(r"[一二三四五六七八九十廿]{1,3}(?=[月日号])")
_D = r"(?:3[01]|[12]\d|0?[1-9])"
_SPOKEN = re.compile(
    rf"(?<!\d)(?P<m>1[0-2]|0?[1-9])月(?:份)?(?P<d>{_D})(?!\d)[日号]?"
    rf"(?:(?P<sep>[-~—–至到、和及,])(?P<d2>{_D})(?=[日号]))?"
)
# 6.8, 2021-06-08, 6/24; not 6.8%, v6.8, 16.8, 0513-6-8, 6.8万元
_FIGURES = re.compile(
    rf"(?<![\da-z./])(?:20\d\d[.\-/])?(?P<m>1[0-2]|0?[1-9])(?P<s>[.\-/])(?P<d>{_D})"
    r"(?!\d|[.\-/]\d|\s*(?:[%‰万亿元分米折版级人次场条篇个件处℃]|公里|平方|小时|[kmg]b))[日号]?"
)
_BARE = re.compile(rf"(?<![\d月年.\-/])(?P<d>{_D})[日号](?=.{{0,8}}(?:表|进展|报))")
_WEEK = re.compile(r"第([一二三四五1-5])(?:周|期周报|次周报)")
_WEEKLY = re.compile(r"周报|周统计表|周进展")
_RANGE = re.compile(r"\s*[-~—–至到]+\s*")
_SPANS = frozenset("-~—–至到")

_NO_RETURN = re.compile(r"\s*(?:开展|举办|举行|组织|召开|参加|进行|在|上午|下午|晚|收到|来)")
_BEFORE = re.compile(r"(?:补报|补交|补送|上报|报送|报上|更正|修改|重报|截至|截止|应于|关于)的?$")
_AFTER = re.compile(r"[^。,;!?\n]{0,6}?(?:表|进展|周报|报表|材料|总结|一期|这期)")

_QUOTED = re.compile(
    r"^\s*(?:"
    r"-{2,}\s*(?:原始邮件|回复的原邮件|回复的邮件|转发邮件信息|转发邮件|转发的邮件|"
    r"Original Message|Forwarded message)\s*-{0,}"
    r"|\|?\s*(?:\*\*)?(?:发件人|寄件人|From)(?:\*\*)?\s*[:：|]"
    r"|(?:在|于|On)\s?.{4,120}(?:写道|wrote)\s*[:：]"
    r"|_{10,}\s*$"
    r").*",
    re.M | re.I | re.S,
)
_REPLY = re.compile(r"^\s*(?:\[[^\]]*\]\s*)?(?:回复|答复|回覆|re)\s*[:：(（\[]", re.I)
_OUR_TOKEN = re.compile(r"〔[A-Z2-7]{8}〕")


@dataclass(frozen=True, slots=True)
class Owed:
    """A deadline as it holds for a unit, with every day that people know it by: a moved
    one is still called by the day of the notice."""

    deadline: Deadline
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The sender's own words: titles (subject, file name), running text, and the subject
    of a reply, which is ours and weighs least."""

    titles: tuple[str, ...] = ()
    text: str = ""
    quoted: str = ""

    @classmethod
    def of(cls, subject: str, file_name: str, text: str) -> Words:
        if is_reply(subject):
            return cls((file_name,), own_words(text), subject)
        return cls((subject, file_name), own_words(text))


@dataclass(frozen=True, slots=True)
class Named:
    """The deadlines that words name, and the words that name them."""

    keys: tuple[str, ...] = ()
    said: str = ""


def named(words: Words, owed: Sequence[Owed]) -> Named:
    """The deadlines that the strongest speaking words name."""
    titles = [_fold(t) for t in words.titles]
    own = _fold(words.text)
    weekly = any(_WEEKLY.search(t) for t in (*titles, own))
    for text, days in (
        *((t, _days(t)) for t in titles),
        (own, _days_in_text(own)),
        *((t, _bare_days(t, owed)) for t in titles),
        (words.quoted, _days(_fold(words.quoted))),
    ):
        found = _by_day(days, owed)
        if not found.keys:
            found = _by_week(_fold(text), owed)
        if found.keys:
            return _only_weekly(found, owed) if weekly else found
    return Named()


def says_weekly(words: Words) -> bool:
    """Whether the sender calls it a weekly return (周报) without saying of which week."""
    return any(_WEEKLY.search(_fold(t)) for t in (*words.titles, words.text))


def is_reply(subject: str) -> bool:
    """Whether the subject is that of an earlier mail: a reply, or a letter of ours passed on."""
    return bool(_REPLY.match(subject) or _OUR_TOKEN.search(subject))


def own_words(text: str) -> str:
    """A mail's text without what it quotes of earlier mails."""
    kept = _QUOTED.sub("", text, count=1)
    return "\n".join(x for x in kept.splitlines() if not x.lstrip().startswith((">", "＞")))


# -- days ---------------------------------------------------------------------

_Day = tuple[int, int, str]
"""Month, day, and the words that say so."""


def _by_day(days: Iterable[_Day], owed: Sequence[Owed]) -> Named:
    keys: dict[str, None] = {}
    said: dict[str, None] = {}
    for month, day, words in days:
        for o in owed:
            if any((d.month, d.day) == (month, day) for d in o.days):
                keys[o.deadline.key] = said[words] = None
    return Named(tuple(keys), "、".join(said))


def _by_week(text: str, owed: Sequence[Owed]) -> Named:
    for m in _WEEK.finditer(text):
        number = chinese(m.group(1)) or int(m.group(1))
        keys = tuple(o.deadline.key for o in owed if o.deadline.week == number)
        if keys:
            return Named(keys, m.group(0))
    return Named()


def _only_weekly(found: Named, owed: Sequence[Owed]) -> Named:
    """“6月24日周报” names the weekly return of that day, not the other form due then."""
    weekly = {o.deadline.key for o in owed if o.deadline.week is not None}
    keys = tuple(k for k in found.keys if k in weekly)
    return Named(keys, found.said) if keys else found


def _days(text: str) -> list[_Day]:
    """Every day named in a title; of a range only its end."""
    found = list(_matches(text))
    return [
        day
        for i, (m, days) in enumerate(found)
        for day in days
        if not (
            i + 1 < len(found) and _RANGE.fullmatch(text[m.end() : found[i + 1][0].start()] or "x")
        )
    ]


def _matches(text: str) -> Iterator[tuple[re.Match[str], list[_Day]]]:
    spoken = [(m, _spoken(m)) for m in _SPOKEN.finditer(text)]
    figures = [
        (m, [(int(m["m"]), int(m["d"]), m.group())])
        for m in _FIGURES.finditer(text)
        if m["s"] != "-" or not text[: m.start()].endswith("-")
    ]
    yield from sorted((*spoken, *figures), key=lambda x: x[0].start())


def _spoken(m: re.Match[str]) -> list[_Day]:
    """6月8日; of 6月4-10日 the end; of 6月8、24日 both."""
    month, words = int(m["m"]), m.group()
    first = (month, int(m["d"]), words)
    if m["d2"] is None:
        return [first]
    second = (month, int(m["d2"]), words)
    return [second] if m["sep"] in _SPANS else [first, second]


def _days_in_text(text: str) -> list[_Day]:
    """Days that running text says a return is for."""
    return [
        day
        for m, days in _matches(text)
        for day in days
        if not _NO_RETURN.match(text, m.end())
        and (_BEFORE.search(text, 0, m.start()) or _AFTER.match(text, m.end()))
    ]


def _bare_days(title: str, owed: Sequence[Owed]) -> list[_Day]:
    """“24日统计表”: the month is left out where everybody knows it."""
    months = {d.day: d.month for o in owed for d in o.days}
    return [
        (months[int(m["d"])], int(m["d"]), m.group())
        for m in _BARE.finditer(title)
        if int(m["d"]) in months
    ]


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower()
    return _CHINESE.sub(lambda m: str(chinese(m.group()) or m.group()), plain)
