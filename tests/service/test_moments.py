"""Times as offices write them."""

from __future__ import annotations

from datetime import date

import pytest

from service import moments
from tests.service.facts import when


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2021-06-08 17:30", "2021-06-08T17:30:00+08:00"),
        ("2021-06-08T24:00", "2021-06-09T00:00:00+08:00"),
        ("2021-6-8", "2021-06-08T00:00:00+08:00"),
        ("2021-06-08T09:00:00+00:00", "2021-06-08T17:00:00+08:00"),
    ],
)
def test_a_time_is_read_in_shanghai(text: str, iso: str) -> None:
    assert moments.iso(moments.moment(text)) == iso


@pytest.mark.parametrize(
    "text", ["", "6月8日", "2021-06-08 24:01", "2021-06-08 25:00", "2021-13-01"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moments.moment(text)


def test_midnight_belongs_to_the_day_that_it_ends() -> None:
    assert moments.spoken(when("06-09 00:00")) == "6月8日24:00"
    assert moments.spoken(when("06-08 17:30")) == "6月8日17:30"
    assert moments.last_day(when("06-09 00:00")) == date(2021, 6, 8)
    assert moments.iso(None) is None
