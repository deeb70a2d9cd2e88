"""The words of a staff reply, one after the other: unit, deadline, mail number, day, address.

Pure. A word is taken only where it is sure: a name is the longest that stands there, a
deadline's words must leave exactly one. What else it might have meant is told, not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from parsers.numerals import chinese
from service.moments import at as moment_at
from service.moments import last_day
from service.regions import region
from service.report import wording
from service.types import Campaign, Deadline, Unit

_CHINESE = re.compile(r"[一二三四五六七八九十廿]{1,3}(?=[月日号周])")
_D = r"(3[01]|[12]\d|0?[1-9])"
_DAY = re.compile(
    rf"(?:(20\d\d)\s*[年./-]\s*)?(1[0-2]|0?[1-9])\s*(?:月份?|[./-])\s*{_D}(?![\d.])\s*[日号]?"
)
_BARE_DAY = re.compile(rf"{_D}[日号]")
_CLOCK = re.compile(r"(2[0-4]|[01]?\d)(?:[:：]([0-5]\d)|[时点](?:([0-5]?\d)分?|半)?)")
_WEEK = re.compile(r"第([1-6])周(?:的?周报)?")
_WEEKLY = ("周报", "周统计表", "周进展", "每周")
_MAIL = re.compile(r"(?:编号|来件)?\s*#?\s*(\d{1,9})(?:/([0-9a-z][0-9a-z.]*))?\s*号?(?![\d.])")
_NUMBER = re.compile(r"#?\s*(\d{1,9})(?![\d.:月日号年/])")
_ADDRESS = re.compile(r"<?([a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)>?", re.I)
_WORD = re.compile(r"[\u4e00-\u9fff]{2,}(?=$|[\s\d,、。:第#<])")
_GAP = re.compile(r"[\s,，、;；:：。]*")
_EVERYBODY = re.compile(r"全部|所有|全体|大家|各[单学]|各家")
_AND = re.compile(r"\s*(?:、|,|，|/|和|及|与|跟)\s*")


class NotUnderstood(Exception):
    """A line that changes nothing; `code` is a sentence of words/zh.toml [reply]. `meant` are
    the sure words, one of which ought to stand in the place of the fact `got`."""

    def __init__(self, code: str, meant: Sequence[str] = (), **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.meant = tuple(meant)
        self.facts = facts

    def within(self, line: str) -> NotUnderstood:
        """The same, with the lines that the writer may copy in the place of this one."""
        got = str(self.facts.get("got") or "")
        if not self.meant or not got:
            return self
        lines = "、".join(f"“{line.replace(got, word, 1)}”" for word in self.meant)
        return NotUnderstood(self.code, self.meant, **{**self.facts, "lines": lines})


def days(text: str) -> list[str]:
    """The days that stand in a text, as they are written."""
    return [m.group() for m in _DAY.finditer(text)]


def fold(text: str) -> str:
    """Width folded, Chinese numerals of dates as figures, one line."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    return _CHINESE.sub(lambda m: str(chinese(m.group()) or m.group()), plain)


@dataclass(slots=True)
class Rest:
    """What is left of a line; each taking moves on, or leaves it as it was and gives None."""

    campaign: Campaign
    text: str

    def __post_init__(self) -> None:
        self.text = _GAP.sub("", self.text, count=1)

    def _move(self, length: int) -> None:
        self.text = _GAP.sub("", self.text[length:], count=1)

    def take(self, words: Iterable[str]) -> str | None:
        """The longest of these words that stands here."""
        for word in sorted(words, key=len, reverse=True):
            if self.text.lower().startswith(word.lower()):
                self._move(len(word))
                return word
        return None

    def units(self) -> tuple[Unit, ...]:
        """One unit or several: 东陈, 丁堰和白蒲. NotUnderstood where none stands here."""
        if every := _EVERYBODY.match(self.text):
            some = "、".join(u.name for u in self.campaign.expected[:2])
            raise NotUnderstood("unit_everybody", [some], got=every.group())
        first = self._unit()
        if first is None:
            known = wording.names(self.campaign.expected)
            raise NotUnderstood("unit_unknown", got=self._shown(), known=known)
        found = [first]
        while (another := self._unit()) is not None:
            found.append(another)
        return tuple(dict.fromkeys(found))

    def unit(self) -> Unit | None:
        """A unit, if one stands here."""
        return self._unit()

    def _unit(self) -> Unit | None:
        stands = _AND.sub("", self.text, count=1) if _AND.match(self.text) else self.text
        text = region(self.campaign.issuer).trim(stands)
        for name, unit in _names(self.campaign.units, self.campaign.issuer):
            if text.startswith(name):
                self._move(len(self.text) - len(text) + len(name))
                return unit
        return self._shortened(text)

    def _shortened(self, text: str) -> Unit | None:
        """城北 for 城北街道: a whole word with which only one unit's names begin."""
        word = _WORD.match(text)
        if word is None:
            return None
        every = _names(self.campaign.units, self.campaign.issuer)
        begun = {u for name, u in every if name.startswith(word[0])}
        meant = [u for u in self.campaign.units if u in begun]
        if len(meant) > 1:
            raise NotUnderstood("unit_ambiguous", [u.name for u in meant], got=word[0])
        if not meant:
            return None
        self._move(len(self.text) - len(text) + word.end())
        return meant[0]

    def deadline(self, unit: Unit | None = None) -> Deadline | None:
        """The one deadline that the next words name, None if they name none; NotUnderstood
        where they name several, or one that the unit does not owe."""
        before = self.text
        found = self._deadlines()
        said = before[: len(before) - len(self.text)].strip(" ,，、。")
        if found is None:
            return None
        owed = [d for d in found if unit is None or d.applies_to(unit)]
        if not owed:
            name = unit.name if unit else ""
            raise NotUnderstood("deadline_not_owed", unit=name, got=said)
        if len(owed) > 1:
            raise NotUnderstood("deadline_ambiguous", [d.name for d in owed], got=said)
        return owed[0]

    def needed_deadline(self, unit: Unit | None = None) -> Deadline:
        found = self.deadline(unit)
        names = "、".join(d.name for d in self.campaign.deadlines)
        if found is None and not self.text:
            raise NotUnderstood("deadline_missing", known=names)
        if found is None:
            raise NotUnderstood("deadline_unknown", got=self._shown(), known=names)
        return found

    def _deadlines(self) -> list[Deadline] | None:
        """Every deadline that the next words may name; None where they name none."""
        every = self.campaign.deadlines
        exact = {word.lower(): d for d in every for word in (d.key, fold(d.name))}
        word = self.take(exact)
        if word is not None:
            return [exact[word]]
        week = _WEEK.match(self.text)
        if week:
            self._move(week.end())
            return [d for d in every if d.week == int(week[1])] or None
        on = self._days_of(every)
        kind = self._kind(every)
        if on is None:
            return kind
        return on if kind is None else [d for d in on if d in kind] or None

    def _days_of(self, every: Sequence[Deadline]) -> list[Deadline] | None:
        """The deadlines on the day that stands here; a day of none of them is not taken."""
        match = _DAY.match(self.text) or _BARE_DAY.match(self.text)
        if match is None:
            return None
        day = int(match.groups()[-1])
        month = int(match[2]) if len(match.groups()) > 1 else None
        found = [d for d in every if any(_is_day(x, month, day) for x in _known_days(d))]
        if not found:
            return None
        self._move(match.end())
        self.take(("的", "那期", "这期", "一期", "那次"))
        return found

    def _kind(self, every: Sequence[Deadline]) -> list[Deadline] | None:
        """The deadlines whose form or material the next word names."""
        if self.take(_WEEKLY):
            return [d for d in every if d.week is not None]
        words = {w: d for d in every if d.week is None for w in _kind_words(self.campaign, d)}
        word = self.take(words)
        if word is None:
            return None
        return [d for d in every if d.week is None and word in _kind_words(self.campaign, d)]

    def mail(self) -> tuple[int, str | None]:
        """#12, or #12/1 for one part of it."""
        match = _MAIL.match(self.text)
        if match is None:
            raise NotUnderstood("number_missing", got=self._shown())
        self._move(match.end())
        return int(match[1]), match[2]

    def numbers(self) -> tuple[int, ...]:
        """3 5, #3、#5, 3和5."""
        found: dict[int, None] = {}
        while match := re.match(rf"(?:和|及|与)?\s*{_NUMBER.pattern}", self.text):
            found[int(match[1])] = None
            self._move(match.end())
        return tuple(found)

    def address(self) -> str | None:
        match = _ADDRESS.match(self.text)
        if match is None:
            return None
        self._move(match.end())
        return match[1].lower()

    def moment(self, default: time) -> tuple[datetime, bool] | None:
        """A day with or without an hour, and whether the hour was said."""
        match = _DAY.match(self.text)
        if match is None:
            return None
        try:
            day = date(int(match[1] or self.campaign.starts.year), int(match[2]), int(match[3]))
        except ValueError as e:
            raise NotUnderstood("time_unclear", got=self._shown()) from e
        self._move(match.end())
        clock = _CLOCK.match(self.text)
        if clock is None:
            return moment_at(day, default), False
        self._move(clock.end())
        return _at(day, clock), True

    def only_a_reason(self) -> None:
        """What is left may be a reason, not another unit or deadline of which nobody knows
        what it is to do here."""
        try:
            rest = Rest(self.campaign, self.text)
            another = rest.unit() is not None or (rest.deadline() is not None and not rest.text)
        except NotUnderstood:
            another = True
        if another or _DAY.fullmatch(self.text):
            raise NotUnderstood("left_over", got=self._shown())

    def end(self) -> None:
        """Nothing may stand here any more."""
        if self.text:
            raise NotUnderstood("left_over", got=self._shown())

    def _shown(self) -> str:
        return self.text[:30]


def _at(day: date, clock: re.Match[str]) -> datetime:
    hour = int(clock[1])
    minute = int(clock[2] or clock[3] or (30 if clock[0].endswith("半") else 0))
    if hour == 24 and minute:
        raise NotUnderstood("time_unclear", got=clock[0])
    return moment_at(day, time(0)) + timedelta(hours=hour, minutes=minute)


@cache
def _names(units: tuple[Unit, ...], issuer: str) -> tuple[tuple[str, Unit], ...]:
    """Every name and alias, longest first; one that two units bear is none."""
    bearers: dict[str, set[str]] = {}
    by_id = {u.id: u for u in units}
    for unit in units:
        for name in (unit.id, unit.name, *unit.aliases):
            known = region(issuer).trim(unicodedata.normalize("NFKC", name))
            bearers.setdefault(known, set()).add(unit.id)
    sure = [(n, by_id[next(iter(b))]) for n, b in bearers.items() if len(b) == 1]
    return tuple(sorted(sure, key=lambda x: -len(x[0])))


def _known_days(d: Deadline) -> set[date]:
    """The days that people call it by: those of the notice, also where staff moved it."""
    return {last_day(d.late_after), d.remind_by.date()}


def _is_day(day: date, month: int | None, number: int) -> bool:
    return day.day == number and month in (None, day.month)


def _kind_words(campaign: Campaign, d: Deadline) -> set[str]:
    """联络员, 附件1, 统计表, 总结, 照片: what people call the form or material of a deadline."""
    words: set[str] = set()
    if d.form is not None:
        blank = campaign.blank(d.form)
        words = {*blank.words, blank.name, *blank.name.split()}
    if d.material is not None:
        material = next(m for m in campaign.materials if m.key == d.material)
        words = {*material.words, material.name}
    folded = {fold(w) for w in words}
    return {w for w in folded if len(w) > 1 and not w.startswith("周")}
