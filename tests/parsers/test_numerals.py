"""Numbers in every notation that clerks use, and the ones that only a person can judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.numerals import chinese, number
from parsers.values import bare

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "slot_values.tsv").read_text("utf-8").splitlines()[1:]
]
STATES = {"ok": "filled", "approx": "filled", "nil": "nil", "na": "na", "blank": "blank"}


@pytest.mark.parametrize(("cell", "value", "flag"), ROWS)
def test_the_corpus_of_filled_blanks(cell: str, value: str, flag: str) -> None:
    said = number(bare(cell))
    kind = flag.partition(":")[0]

    assert said.state == STATES.get(kind, "unsure")
    assert said.approx == (kind == "approx")
    if kind in ("ok", "approx", "nil"):
        assert said.value == int(value)
    else:
        assert said.value is None


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("30人", "人次", 30), ("30人次", "人", 30), ("0次", "次", 0), ("次3", "次", 3),
        ("1 200", "次", 1200), ("12,345", "次", 12345), ("一万二千", "人次", 12000),
        ("一千零五", "次", 1005), ("二百五", "次", 250), ("一二〇", "次", 120), ("壹拾贰", "次", 12),
        ("共3", "次", 3), ("3。", "次", 3), ("03", "次", 3), ("４．５", "万元", 4.5), ("85%", "%", 85),
        ("3万元", "万元", 3), ("约1.2千米", "千米", 1.2), ("3万元", "元", 30000),
    ],
)  # fmt: skip
def test_one_reading(text: str, unit: str, value: float) -> None:
    assert number(text, unit).value == value


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("3场", "次", "unit_differs"), ("1 2", "次", "number_gap"), ("12 34", "次", "number_gap"),
        ("374 12", "人次", "number_gap"), ("1,20", "次", "two_numbers"), ("1l", "次", "letters"),
        ("三五", "次", "numeral_unclear"), ("两三百", "人次", "numeral_unclear"),
        ("一万二", "次", "numeral_unclear"), ("3万", "万元", "scale_twice"), ("4.5", "次", "not_whole"),
        ("13900000001", "次", "implausible"), ("0513", "次", "implausible"), ("-3", "次", "negative"),
        ("200-300", "次", "range"), ("3、5", "次", "two_numbers"), ("√", "次", "not_a_number"),
        ("累计8", "次", "change_not_count"), ("+2", "次", "change_not_count"), ("十几", "次", "vague"),
        ("第3", "次", "not_a_number"), ("不足200", "次", "not_a_number"),
        ("11①", "次", "two_numbers"), ("11²", "次", "two_numbers"), ("③⑤", "次", "two_numbers"),
        ("1200,500", "次", "two_numbers"), ("12，3456", "次", "two_numbers"),
        ("1234 567", "次", "number_gap"), ("3万万元", "万元", "scale_twice"),
    ],
)  # fmt: skip
def test_more_than_one_reading_waits_for_a_person(text: str, unit: str, why: str) -> None:
    said = number(text, unit)

    assert (said.state, said.value, said.why) == ("unsure", None, why)


def test_a_plausible_meaning_travels_as_a_guess() -> None:
    assert number("l2").guess == 12
    assert number("3+2").guess == 5
    assert number("200～300").guess is None


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("十", 10),
        ("二十", 20),
        ("一百零五", 105),
        ("两千", 2000),
        ("廿三", 23),
        ("一千二", None),
        ("十万", 100000),
        ("一百二十万", 1200000),
        ("三亿", 300000000),
        ("百", None),
    ],
)
def test_chinese_numerals(numeral: str, value: int | None) -> None:
    assert chinese(numeral) == value
