"""Corrections in a staff reply (改数): which return, which field, which value.

Pure. `环卫处 3.2 12`, `环卫处 6月8日 3.2 改为 12`: without a deadline the unit must have only
one return with that field; a number must be one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from parsers import numerals
from parsers.types import Field
from service.reply_words import NotUnderstood, Rest, fold
from service.types import Campaign, Deadline, Ledger, Submission, Unit

_SIGN = re.compile(r"(?:项|栏)?\s*(?:应)?(?:改为|改成|更正为|应为|为|=|->|→|:)?\s*")
_AND = re.compile(r"[\s,，、和及]+")
_ANOTHER = re.compile(r"[\s,，、]*\d")
_SEPARATE = re.compile(r"[\s,，(（。;；]")


def correction(
    text: str, unit: Unit, campaign: Campaign, ledger: Ledger, passage: str | None = None
) -> Mapping[str, Any]:
    """The arguments of `decide correct`; NotUnderstood where anything is not sure. `passage`
    is the new text of a field that holds one; the text itself then ends with the field."""
    found = []
    problem: NotUnderstood | None = None
    for deadline, rest in _with_or_without_deadline(text, unit, campaign):
        try:
            found.append(_read(rest, unit, deadline, campaign, ledger, passage))
        except NotUnderstood as e:
            # the second reading (with the deadline) tells more of what is wrong
            problem = e
    if len(found) == 1:
        return found[0]
    if problem is not None and not found:
        raise problem
    raise NotUnderstood("key_unclear", got=text[:30])


def _with_or_without_deadline(
    text: str, unit: Unit, campaign: Campaign
) -> Iterator[tuple[Deadline | None, str]]:
    """“6.8 3.2 12”: what stands first may be a day or a field."""
    yield None, text
    rest = Rest(campaign, text)
    deadline = rest.deadline(unit)
    if deadline is not None:
        yield deadline, rest.text


def _read(
    text: str,
    unit: Unit,
    deadline: Deadline | None,
    campaign: Campaign,
    ledger: Ledger,
    passage: str | None,
) -> Mapping[str, Any]:
    forms = [deadline.form] if deadline else [b.key for b in campaign.forms]
    fields = {f.key: f for key in forms if key for f in campaign.blank(key).form.fields}
    key, rest = _key(text, fields)
    s = _return(unit, deadline, key, campaign, ledger)
    field = next(f for f in campaign.blank(s.form or "").form.fields if f.key == key)
    due = deadline.key if deadline else _main(campaign, s)
    if field.kind == "narrative":
        value = _passage(rest, passage, field)
    else:
        value = _value(f"{rest}{passage or ''}", field)
    return {"unit": unit.id, "deadline": due, "key": key, "value": value}


def _key(text: str, fields: Iterable[str]) -> tuple[str, str]:
    """The field that the text begins with (3.2, 第3.2项, 手机), and what follows."""
    plain = re.sub(r"^第(?=\d)", "", text)
    for key in sorted(fields, key=len, reverse=True):
        word = fold(key)
        after = plain[len(word) :]
        if plain.startswith(word) and not (word[-1].isdigit() and re.match(r"[\d.]", after)):
            sign = _SIGN.match(after.lstrip())
            return key, after.lstrip()[sign.end() if sign else 0 :]
    raise NotUnderstood("key_unknown", got=text[:30])


def _return(
    unit: Unit, deadline: Deadline | None, key: str, campaign: Campaign, ledger: Ledger
) -> Submission:
    """The unit's return that holds the field."""
    held = [
        s
        for s in ledger.submissions
        if s.unit == unit.id
        and s.status in ("governing", "waiting")
        and key in (s.read.get("fields") or {})
        and (deadline is None or deadline.key in s.deadlines)
        and s.deadlines
    ]
    # what counts is corrected before what waits
    held = [s for s in held if s.status == "governing"] or held
    if not held:
        name = deadline.name if deadline else ""
        raise NotUnderstood("no_return", unit=unit.name, deadline=name, key=key)
    if len(held) > 1:
        names = "、".join(campaign.deadline(_main(campaign, s)).name for s in held)
        raise NotUnderstood("several_returns", unit=unit.name, names=names)
    return held[0]


def _main(campaign: Campaign, s: Submission) -> str:
    """The chased deadline of a return, else its first."""
    chased = [k for k in s.deadlines if campaign.deadline(k).mode == "chase"]
    return next(iter(chased or s.deadlines))


def _passage(rest: str, passage: str | None, field: Field) -> str:
    if rest.strip():
        raise NotUnderstood("key_unclear", got=rest[:30])
    if not passage:
        raise NotUnderstood("passage_unfinished", label=field.label)
    return passage


def _value(text: str, field: Field) -> Any:
    if field.kind == "list":
        raise NotUnderstood("not_by_reply", label=field.label)
    if field.several:
        return _options(text, field)
    if field.kind == "choice":
        for option in field.options:
            if text.startswith(option) and not text[len(option) :].strip(" 。,，"):
                return option
        raise NotUnderstood("choice_needed", label=field.label, options="、".join(field.options))
    if field.kind != "number":
        if not text:
            raise NotUnderstood("value_missing", label=field.label)
        return text
    word = _SEPARATE.split(text, maxsplit=1)[0]
    said = numerals.number(word, field.unit) if word else None
    if said is None or said.state not in ("filled", "nil") or not isinstance(said.value, int):
        raise NotUnderstood("number_needed", label=field.label, got=text[:20])
    if said.approx or _ANOTHER.match(text[len(word) :]):
        raise NotUnderstood("number_needed", label=field.label, got=text[:20])
    return said.value


def _options(text: str, field: Field) -> tuple[str, ...]:
    """Of a choice that allows several: those that are named, each by its own words."""
    named = tuple(x for x in _AND.split(text.strip(" 。,，")) if x)
    if not named or any(x not in field.options for x in named):
        raise NotUnderstood("choice_needed", label=field.label, options="、".join(field.options))
    return named
