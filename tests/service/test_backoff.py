"""A shut door is tried again soon, then seldom; a refused login never soon."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from service.backoff import Failures, after_failure, next_try

NOON = datetime(2021, 6, 8, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def wait(count: int, code: str = "IMAP_UNREACHABLE", chance: float = 0.0) -> timedelta:
    then = next_try(Failures(count, NOON, code), chance)
    assert then is not None
    return then - NOON


def test_an_open_door_is_tried_at_once() -> None:
    assert next_try(None, 0.5) is None


def test_the_wait_doubles_up_to_its_limit() -> None:
    assert [wait(n).total_seconds() for n in (1, 2, 3, 4)] == [15, 30, 60, 120]
    assert wait(100) == timedelta(minutes=5)


def test_a_refused_login_waits_at_least_a_quarter_of_an_hour() -> None:
    assert wait(1, "IMAP_AUTH_REFUSED") == timedelta(minutes=15)
    assert wait(1, "SMTP_AUTH_REFUSED") == timedelta(minutes=15)
    assert wait(50, "IMAP_AUTH_REFUSED") == timedelta(hours=1)


def test_failures_in_a_row_are_counted() -> None:
    once = after_failure(None, "IMAP_TIMEOUT", NOON)
    twice = after_failure(once, "IMAP_UNREACHABLE", NOON + timedelta(hours=1))

    assert (once.count, twice.count) == (1, 2)
    assert twice == Failures(2, NOON + timedelta(hours=1), "IMAP_UNREACHABLE")


def test_refused_logins_are_counted_apart() -> None:
    cut = after_failure(after_failure(None, "IMAP_TIMEOUT", NOON), "IMAP_TIMEOUT", NOON)
    refused = after_failure(cut, "IMAP_AUTH_REFUSED", NOON)

    assert refused.count == 1
    assert after_failure(refused, "SMTP_AUTH_REFUSED", NOON).count == 2
    assert after_failure(refused, "IMAP_TIMEOUT", NOON).count == 1


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_chance_spreads_but_never_shortens(count: int, one: float, other: float) -> None:
    assert wait(count) <= wait(count, chance=one) <= wait(count) * 1.5
    assert (one <= other) == (wait(count, chance=one) <= wait(count, chance=other)) or (
        wait(count, chance=one) == wait(count, chance=other)
    )
