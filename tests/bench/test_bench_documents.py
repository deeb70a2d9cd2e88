"""The bench of documents fails where a limit is broken."""

from __future__ import annotations

import pytest

from tests.bench.bench_documents import FLOOR, broken


@pytest.mark.parametrize(
    ("docx", "doc", "milliseconds", "memory", "count"),
    [
        (500.0, 400.0, 20.0, 110.0, 0),
        (240.0, 400.0, 20.0, 110.0, 1),
        (500.0, 149.0, 20.0, 110.0, 1),
        (500.0, 400.0, 41.0, 110.0, 1),
        (500.0, 400.0, 20.0, 151.0, 1),
        (240.0, 140.0, 50.0, 200.0, 4),
    ],
)
def test_a_broken_limit_is_told(
    docx: float, doc: float, milliseconds: float, memory: float, count: int
) -> None:
    rates = {"f2_u1.docx": {"baosong": docx, FLOOR: 1000.0}, "f2_u1.doc": {"baosong": doc}}

    assert len(list(broken(rates, milliseconds, memory))) == count
