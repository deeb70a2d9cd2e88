"""Working days: the local table, the State Council's, holidays, Monday to Friday last."""

from __future__ import annotations

from datetime import date, time

import pytest

from service.workdays import Workdays, spans
from tests.service.facts import when

DAYS = Workdays()


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2021, 6, 8), (True, "state")),
        (date(2021, 6, 12), (False, "state")),  # 端午
        (date(2021, 6, 14), (False, "state")),
        (date(2021, 9, 26), (True, "state")),  # a Sunday worked for 国庆
        (date(2045, 1, 4), (True, "holidays")),
        (date(2045, 10, 2), (False, "holidays")),
    ],
)
def test_which_table_says_so_is_part_of_the_answer(day: date, expected: tuple[bool, str]) -> None:
    assert DAYS.judge(day) == expected


def test_a_year_no_table_knows_does_not_stop_the_daemon() -> None:
    assert isinstance(DAYS.judge(date(2199, 3, 4))[0], bool)


def test_the_local_table_wins() -> None:
    local = Workdays(rest=(date(2021, 6, 8),), work=(date(2021, 6, 12),))

    assert local.judge(date(2021, 6, 8)) == (False, "local")
    assert local.judge(date(2021, 6, 12)) == (True, "local")


def test_shifting_counts_working_days_only() -> None:
    assert DAYS.shift(date(2021, 6, 11), 1) == date(2021, 6, 15)
    assert DAYS.shift(date(2021, 6, 15), -1) == date(2021, 6, 11)
    assert DAYS.shift(date(2021, 6, 12), 0) == date(2021, 6, 12)
    assert DAYS.roll(date(2021, 6, 12)) == date(2021, 6, 15)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("06-08 08:00", "06-08 08:30"),
        ("06-08 09:00", "06-08 09:00"),
        ("06-08 12:00", "06-08 14:00"),
        ("06-11 17:30", "06-15 08:30"),
    ],
)
def test_the_office_opens_next(at: str, opens: str) -> None:
    assert DAYS.next_opening(when(at)) == when(opens)


def test_hours_are_read_as_written() -> None:
    assert spans(["08:30-12:00"]) == ((time(8, 30), time(12)),)
    with pytest.raises(ValueError):
        spans(["12:00-08:30"])
