"""The bench of the report fails where a limit is broken."""

from __future__ import annotations

import pytest

from tests.bench.bench_report import broken


@pytest.mark.parametrize(
    ("count", "seconds", "peak", "told"),
    [
        (20, 1.9, 100, 0),
        (20, 2.1, 100, 1),
        (200, 300, 5_000, 0),
        (5_000, 59, 1_000, 0),
        (5_000, 61, 1_000, 1),
        (5_000, 59, 1_025, 1),
        (5_000, 61, 1_025, 2),
    ],
)
def test_a_broken_limit_is_told(count: int, seconds: float, peak: float, told: int) -> None:
    assert len(broken(count, seconds, peak)) == told
