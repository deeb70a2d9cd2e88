"""A scan or photo as a part: the forms on its pages, or why a person has to look.

What two looks do not say alike is unsure with the first one's guess; what they do is read
from a scan and says so (`evidence`), for a person to accept or a text twin to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers import interpret, limits, ocr, stamp
from parsers.fold import folded
from parsers.looks import Looks, Scan, scan
from parsers.types import Doubt, Form, Outcome, ParserError, PartRead, Reading, Value

EVIDENCE = "ocr"
_ALIKE = re.compile(r"[lIO|]|(?<=[A-Z])0|0(?=[A-Z])")
"""Letters that most print shows as one another: both looks would err alike."""
_A_NAME = 40
"""Characters: in a longer text a letter taken for another changes nothing."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What pictures hold, and the looks it was read from: a part of its own in a mail may be
    one page of a form (parsers/pages.py)."""

    parts: tuple[PartRead, ...]
    looks: tuple[Looks, ...] = ()


def read(pictures: Sequence[bytes], forms: Sequence[Form], name: str | None) -> Scanned:
    """The forms on these pages; else one part: `material` where it is plainly no page,
    `scan_unread` where somebody should look, or nothing can be read here at all."""
    unread = PartRead(name, "scan_unread")
    if not ocr.is_installed():
        return Scanned((unread,))
    try:
        looks = ocr.look(pictures)
    except ParserError as e:
        doubt = Doubt.of("picture_not_read", name or "", why=e.code)
        return Scanned((replace(unread, doubts=(doubt,)),))
    left = len(pictures) - len(looks)
    return Scanned(interpreted(scan(looks, left), forms, name), looks)


def interpreted(seen: Scan, forms: Sequence[Form], name: str | None) -> tuple[PartRead, ...]:
    """The forms on pages that were looked at; else one part that says what they are."""
    first = interpret.interpret(seen.first, forms, name)
    if first[0].form is None:
        outcome: Outcome = "scan_unread" if seen.is_page else "material"
        return (PartRead(name, outcome, doubts=seen.first.doubts, text=first[0].text),)
    return agreed(first, interpret.interpret(seen.second, forms, name))


def has_stamp(pictures: Sequence[bytes]) -> bool | None:
    """Whether a seal can be seen on one of these pictures; None where there is none to see."""
    seen = None
    for picture in pictures[: limits.OCR_PAGES]:
        try:
            seen = stamp.has_stamp(picture) or bool(seen)
        except ParserError:
            # a drawing that cannot be decoded (EMF, HEIF) tells nothing
            continue
    return seen


def agreed(first: Sequence[PartRead], second: Sequence[PartRead]) -> tuple[PartRead, ...]:
    """What the first look's document holds, each value as sure as both looks make it."""
    same = [p.form and p.form.key for p in first] == [p.form and p.form.key for p in second]
    return tuple(_agreed(p, second[i] if same else None) for i, p in enumerate(first))


def _agreed(first: PartRead, second: PartRead | None) -> PartRead:
    if first.reading is None or first.form is None:
        return first
    other = second.reading if second is not None else None
    labels = {f.key: f.label for f in first.form.fields}
    values, doubts = [], list(first.reading.doubts)
    for value in first.reading.values:
        values.append(_settled(value, other.value(value.field) if other else None))
        if values[-1].state != value.state:
            doubts = [d for d in doubts if d.where != value.field]
            doubts.append(_doubt(values[-1], labels[value.field]))
    doubts += _header_doubts(first.reading, other)
    reading = replace(first.reading, values=tuple(values), doubts=tuple(doubts))
    # a blank that the second look doubts may be filled
    is_filled = interpret.is_filled(reading)
    return replace(first, outcome="form" if is_filled else first.outcome, reading=reading)


def _doubt(value: Value, label: str) -> Doubt:
    guess = {} if value.guess is None else {"guess": str(value.guess)}
    return Doubt.of(value.why, value.field, label=label, raw=value.raw, **guess)


def _settled(value: Value, other: Value | None) -> Value:
    """The value as read from a scan, or unsure where the second look says otherwise."""
    value = replace(value, evidence=EVIDENCE)
    if value.state == "unsure":
        return value
    why = "" if other is not None and _is_same(value, other) else "looks_differ"
    if isinstance(value.value, str) and len(value.value) < _A_NAME and _ALIKE.search(value.value):
        why = why or "letters_alike"
    if not why:
        return value
    guess = value.value if isinstance(value.value, int | str) else None
    return replace(value, value=None, state="unsure", guess=guess, why=why, margin=0.0)


def _is_same(one: Value, other: Value) -> bool:
    if one.state != other.state or one.approx != other.approx:
        return False
    if isinstance(one.value, str) and isinstance(other.value, str):
        return folded(one.value) == folded(other.value)
    return one.value == other.value


def _header_doubts(first: Reading, second: Reading | None) -> list[Doubt]:
    known = {d.where for d in first.doubts}
    said = dict(second.header) if second else {}
    return [
        Doubt.of("header_unclear", f"header/{label}", label=label, raw=text)
        for label, text in first.header
        if f"header/{label}" not in known and folded(text) != folded(said.get(label, ""))
    ]
