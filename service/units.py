"""Whose form is it (单位识别): the name on the form, the known address, subject and file name.

Pure. Does not decide whether the sender may be trusted; a conflict is told, never settled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.regions import region
from service.types import Unit

_NOISE = re.compile(r"[\s“”\"'‘’《》<>_\-—·.,，。、:：;；()（）\[\]【】]+")
_SHORTEST_IN_RUNNING_TEXT = 3
"""“长江” in a mail's text names a river more often than a town."""
_BEFORE_A_NAME = re.compile(r"(?:^|[^\u4e00-\u9fff])$")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose a form is: `unit` when sure; else who may be meant, and why it is not sure."""

    unit: str | None
    claimed: tuple[str, ...] = ()
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def fold(text: str) -> str:
    """Text as names are compared: width folded, no white space or punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


class Roster:
    """The units by name and by confirmed address (units.csv and what staff bound); the
    issuer's own county in front of a name may be left out."""

    def __init__(self, units: Iterable[Unit], bound: Mapping[str, str], issuer: str = "") -> None:
        self.units = tuple(units)
        self._by_id = {u.id: u for u in self.units}
        self._region = region(issuer)
        named = [(fold(name), u.id) for u in self.units for name in (u.name, *u.aliases)]
        self._names = dict(named)
        for name, unit_id in named:
            self._names.setdefault(self._region.trim(name), unit_id)
        self._by_start: dict[str, list[str]] = {}
        for name in self._names:
            self._by_start.setdefault(name[:2], []).append(name)
        self._addresses = dict(bound)

    def by_address(self, address: str | None) -> str | None:
        return self._addresses.get(address or "")

    def exact(self, text: str) -> str | None:
        """The unit whose name or alias this is, and nothing less."""
        folded = fold(text)
        return self._names.get(folded) or self._names.get(self._region.trim(folded))

    def by_name(self, text: str) -> tuple[str, ...]:
        """Units that a name field means: the exact name, else every name standing in it."""
        whole = self.exact(text)
        return self.mentioned(text) if whole is None else (whole,)

    def mentioned(self, text: str, shortest: int = 2) -> tuple[str, ...]:
        """Units named in running text; a longer name hides the shorter ones inside it
        (“高新技术产业开发区” does not also mean “开发区”)."""
        folded = fold(text)
        hits = [
            (name, i)
            for i in range(len(folded) - 1)
            for name in self._by_start.get(folded[i : i + 2], ())
            if len(name) >= shortest and folded.startswith(name, i)
        ]
        hits.sort(key=lambda h: (-len(h[0]), h[1]))
        taken: set[int] = set()
        found: dict[str, None] = {}
        for name, i in hits:
            place = range(i, i + len(name))
            if taken.isdisjoint(place) and self._stands_alone(name, text):
                taken.update(place)
                found[self._names[name]] = None
        return tuple(found)

    def _stands_alone(self, name: str, text: str) -> bool:
        """A word of two characters that does not begin its unit's name (“宣教” for 人事科)
        is a name only where no other word runs into it: not in “安全宣教材料”."""
        whole = fold(self._by_id[self._names[name]].name)
        if len(name) > 2 or self._region.trim(whole).startswith(name):
            return True
        plain = unicodedata.normalize("NFKC", text).lower()
        starts = (m.start() for m in re.finditer(re.escape(name), plain))
        before = (plain[:i] for i in starts)
        return any(_BEFORE_A_NAME.search(b) or self._region.ends(b) for b in before)

    def name(self, unit_id: str) -> str:
        return self._by_id[unit_id].name


@dataclass(frozen=True, slots=True)
class Signs:
    """Everything that may say whose a part is."""

    on_form: str = ""
    sender: str | None = None
    sender_name: str = ""
    subject: str = ""
    file_name: str = ""
    text: str = ""
    from_staff: bool = False


def identify(roster: Roster, signs: Signs) -> Identity:
    """The unit that filed, or who may have, with the reason in a code."""
    known = None if signs.from_staff else roster.by_address(signs.sender)
    written = roster.by_name(signs.on_form) if signs.on_form.strip() else ()
    around = _around(roster, signs)
    if written:
        return _by_form(roster, signs, known, written, around)
    if known is not None:
        return _by_address(roster, signs, known, around)
    if len(around) == 1:
        return Identity(around[0])
    if around:
        return Identity(None, around, "unit_ambiguous", (("names", _names(roster, around)),))
    code = "unit_unknown" if signs.on_form.strip() else "unit_nowhere"
    return Identity(None, (), code, (("written", signs.on_form.strip()),))


def _by_form(
    roster: Roster,
    signs: Signs,
    known: str | None,
    written: tuple[str, ...],
    around: tuple[str, ...],
) -> Identity:
    if known is not None and known in written:
        return Identity(known)
    facts = [("written", signs.on_form.strip())]
    if known is not None:
        facts += [("sender", signs.sender or ""), ("known", roster.name(known))]
        return Identity(None, (*written, known), "unit_conflict", tuple(facts))
    if len(written) > 1:
        both = [u for u in written if u in around]
        if len(both) == 1:
            return Identity(both[0])
        facts.append(("names", _names(roster, written)))
        return Identity(None, written, "unit_ambiguous", tuple(facts))
    if len(around) == 1 and around[0] not in written:
        facts.append(("around", roster.name(around[0])))
        return Identity(None, (*written, *around), "unit_conflict_around", tuple(facts))
    return Identity(written[0])


def _by_address(roster: Roster, signs: Signs, known: str, around: tuple[str, ...]) -> Identity:
    """Nothing readable on the form: the address counts, unless the names beside it disagree."""
    if around and known not in around:
        facts = (("known", roster.name(known)), ("around", _names(roster, around)))
        return Identity(None, (known, *around), "unit_conflict_around", facts)
    return Identity(known)


def _around(roster: Roster, signs: Signs) -> tuple[str, ...]:
    """Units named beside the form, from the strongest sign that names any."""
    for text, shortest in (
        (signs.file_name, 2),
        (signs.subject, 2),
        (signs.sender_name, 2),
        (signs.text, _SHORTEST_IN_RUNNING_TEXT),
    ):
        found = roster.mentioned(text, shortest)
        if found:
            return found
    return ()


def _names(roster: Roster, unit_ids: Iterable[str]) -> str:
    return "、".join(roster.name(u) for u in unit_ids)
