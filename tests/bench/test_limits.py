"""A bench fails when a limit of mail is broken, and so does the run of all benches."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench import __main__ as benches
from tests.bench import bench_mail

LIMIT, OURS = bench_mail.WAYS[1][0], bench_mail.WAYS[3][0]


@pytest.mark.parametrize(("ours", "held"), [(51.0, True), (49.0, False)])
def test_ours_must_keep_up_with_half_of_the_limit(ours: float, held: bool) -> None:
    rates = {name: 100.0 for name, _ in bench_mail.WAYS} | {LIMIT: 100.0, OURS: ours}

    assert bench_mail.show_rates(rates, "mails") is held


@pytest.mark.parametrize(
    ("many", "held"),
    [
        ((120.0, 0.049, 0.001), True),
        ((131.0, 0.049, 0.001), False),
        ((120.0, 0.051, 0.001), False),
    ],
)
def test_memory_and_idle_looks_must_stay_as_they_are(
    many: tuple[float, float, float], held: bool
) -> None:
    assert bench_mail.show_alone((100.0, 0.002, 0.001), many) is held


def test_a_bench_that_fails_fails_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bench_good.py").touch()
    (tmp_path / "bench_bad.py").touch()
    program = tmp_path / "python"
    program.write_text('#!/bin/sh\n[ "$2" != tests.bench.bench_bad ]\n', encoding="ascii")
    program.chmod(0o700)
    monkeypatch.setattr(benches, "HERE", tmp_path)
    monkeypatch.setattr(sys, "executable", str(program))

    assert benches.main([]) == 1
    assert benches.main(["good"]) == 0
