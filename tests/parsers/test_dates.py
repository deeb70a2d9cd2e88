"""Dates in every notation; the year comes from the caller, never from a clock."""

from __future__ import annotations

from datetime import date

import pytest

from parsers import dates
from parsers.types import Value


@pytest.mark.parametrize(
    "text",
    [
        "2021年6月8日", "2021-06-08", "2021/6/8", "2021.6.8", "2021．6．8", "20210608", "６月８日",
        "6.8", "6月8日", "6月8号", "二〇二一年六月八日", "2021年 6 月 8 日", "21年6月8日",
        "2021-06-08 00:00", "六月八日",
    ],
)  # fmt: skip
def test_the_eighth_of_june(text: str) -> None:
    assert dates.date(text, 2021) == date(2021, 6, 8)


@pytest.mark.parametrize(
    "text", ["", "6月", "13.40", "2021年2月30日", "6.8-6.9", "第二周", "6月8日前"]
)
def test_what_is_no_date(text: str) -> None:
    assert dates.date(text, 2021) is None


def test_a_date_without_a_year_needs_one() -> None:
    assert dates.date("6.8") is None
    assert dates.said("6.8").value == "06-08"
    assert dates.said("2021.6.8").value == "2021-06-08"


def test_the_printed_date_is_blank() -> None:
    assert dates.said("    年  月  日").state == "blank"
    assert dates.said("2021年  月  日").state == "unsure"


def test_tens_in_chinese() -> None:
    assert dates.date("二〇二一年十二月二十四日") == date(2021, 12, 24)


@pytest.mark.parametrize(
    ("raw", "year", "value"),
    [("6.8", 2021, "2021-06-08"), ("6.8", None, "06-08"), ("2.29", 2021, "02-29")],
)
def test_a_date_gets_the_year_of_its_campaign(raw: str, year: int | None, value: str) -> None:
    written = Value("日期", raw, dates.said(raw).value, "filled")

    assert dates.in_year(written, year).value == value
