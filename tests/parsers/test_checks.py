"""Checks are soft doubts: they ask, and change nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from parsers.checks import Check, CheckError, check, pairs, verify
from parsers.interpret import interpret
from parsers.types import Reading, Value
from tests.parsers.papers import blanks, specimen

WATCHED = Check(when="1.3 == 是", expect="1.4 > 0", say="看了片却是0场")
EARLY = Check(before=date(2021, 6, 16), expect="row 4 blank or nil", say="未到6月16日")


def reading(**said: tuple[str, object]) -> Reading:
    """The specimen with some values changed: k1_4=("nil", 0)."""
    part = interpret(specimen("f2_u1.docx"), blanks(), None)[0]
    changed = {k[1:].replace("_", "."): v for k, v in said.items()}
    values = tuple(
        Value(v.field, v.raw, changed[v.field][1], changed[v.field][0]) if v.field in changed else v  # type: ignore[arg-type]
        for v in part.reading.values
    )
    return replace(part.reading, values=values)


def doubts(rule: Check, said: Reading, **about: object) -> list[tuple[str, str]]:
    found = check(said, blanks()[1], [rule], **about)  # type: ignore[arg-type]
    return [(d.code, d.where) for d in found if d.code == "check_failed"]


def test_a_rule_that_holds_says_nothing() -> None:
    assert doubts(WATCHED, reading()) == []


@pytest.mark.parametrize("state", [("nil", 0), ("blank", None), ("na", None)])
def test_watched_but_never_shown(state: tuple[str, object]) -> None:
    assert doubts(WATCHED, reading(k1_4=state)) == [("check_failed", "1.4")]


def test_what_waits_for_a_person_breaks_no_rule() -> None:
    assert doubts(WATCHED, reading(k1_4=("unsure", None))) == []
    assert doubts(WATCHED, reading(k1_3=("unsure", None), k1_4=("nil", 0))) == []


def test_the_row_of_the_16th_filled_before_it() -> None:
    assert doubts(EARLY, reading(), on=date(2021, 6, 15)) == [("check_failed", "4.2")]
    assert doubts(EARLY, reading(), on=date(2021, 6, 16)) == []
    assert doubts(EARLY, reading(), year=2021) == [("check_failed", "4.2")]


def test_events_and_people_are_paired_by_the_blank() -> None:
    found = [(a.key, b.key) for a, b in pairs(blanks()[1])]

    assert ("1.4", "1.5") in found and ("5.2", "5.3") in found
    assert not any(b.startswith("4.6") for _, b in found)


def test_events_without_people_and_the_reverse() -> None:
    said = reading(
        k1_4=("filled", 3),
        k1_5=("blank", None),
        k3_7=("nil", 0),
        k5_2=("filled", 9),
        k5_3=("filled", 5),
    )
    codes = {(d.code, d.where) for d in check(said, blanks()[1], [])}

    assert ("events_without_people", "1.5") in codes
    assert ("people_without_events", "3.7") in codes
    assert ("fewer_people_than_events", "5.3") in codes


def test_no_unit_no_date_and_another_year() -> None:
    said = reading()
    bare = replace(said, header=tuple((k, "") for k, _ in said.header))
    codes = {d.code for d in check(bare, blanks()[1], [])}

    assert {"unit_missing", "date_missing"} <= codes
    assert "other_year" in {d.code for d in check(said, blanks()[1], [], year=2022)}
    assert "other_year" not in {d.code for d in check(said, blanks()[1], [], year=2021)}


@pytest.mark.parametrize(
    "text",
    ["", "1.3 = 是", "1.3 >", "row x blank", "1.1 > 0 1.2", "__import__('os')", "(1.1 > 0", "1.1"],
)
def test_a_rule_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(CheckError) as error:
        Check(expect=text, say="")

    assert text in str(error.value)


def test_a_rule_about_a_field_that_is_not_there() -> None:
    verify(WATCHED, blanks()[1])
    with pytest.raises(CheckError, match=r"9\.9"):
        verify(Check(expect="1.1 > 0 and 9.9 > 0", say=""), blanks()[1])


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("1.1 > 0 and 1.2 > 1000", False), ("1.1 > 1000 or 1.2 > 0", True), ("not 1.1 blank", True),
        ("1.2 >= 1.1", True), ("(1.1 == 2 or 1.1 == 3) and 1.3 == 是", True), ("1.3 != 否", True),
        ("6.1 filled", True), ("row 3 blank or nil", False),
    ],
)  # fmt: skip
def test_the_language_of_rules(text: str, holds: bool) -> None:
    assert (doubts(Check(expect=text, say=""), reading()) == []) is holds
