"""How long the report takes for 20, 200 and 5,000 units, and its peak of memory.

Run: .venv/bin/python -m tests.bench.bench_report [UNITS ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys
from time import perf_counter

from service import digest, report
from service.moments import moment
from tests.service.report import stories

SIZES = (20, 200, 5_000)
LIMITS = {20: (2, 1024), 5_000: (60, 1024)}
"""Seconds and megabytes that must not be exceeded."""
DEADLINE = "progress-0608"


def story(count: int) -> stories.Story:
    """So many units, nine in ten of which have filed both forms."""
    made = stories.Story(stories.many_units(stories.load(), count), moment("2021-06-09 09:00"))
    form = made.campaign.blank("progress").form
    for i, unit in enumerate(made.campaign.expected):
        if i % 10 == 9:
            continue
        made.filed(unit.id, ["liaison"], "2021-06-03 09:00", stories.liaison(unit, i % 10_000))
        made.filed(unit.id, [DEADLINE], "2021-06-08 09:00", stories.reading(form, unit.name, i))
    return made


def measure(count: int) -> tuple[float, float, int]:
    """Seconds for all files, the letter and the digest; peak MB; bytes of the files."""
    made = story(count)
    ledger = made.ledger()
    start = perf_counter()
    files = report.build(made.campaign, ledger, DEADLINE, made.now)
    report.covering(made.campaign, ledger, DEADLINE, made.now, False)
    digest.compose(made.campaign, ledger, made.now, (), made.now)
    seconds = perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds, peak, sum(len(f.content) for f in files)


def broken(count: int, seconds: float, peak: float) -> list[str]:
    """The limits that a measurement breaks."""
    most_seconds, most_mb = LIMITS.get(count, (seconds, peak))
    out = [f"{seconds:.1f} s, at most {most_seconds} s"] if seconds > most_seconds else []
    return out + ([f"{peak:.0f} MB, at most {most_mb} MB"] if peak > most_mb else [])


def one(count: int) -> int:
    """Measures and prints one size; 1 where a limit is broken."""
    seconds, peak, size = measure(count)
    print(f"{count:>6} units  {seconds:7.2f} s  {peak:7.0f} MB  files {size / 1e6:.1f} MB")
    found = broken(count, seconds, peak)
    for told in found:
        print(f"   BROKEN LIMIT: {told}")
    return int(bool(found))


def main() -> int:
    """Each size in a process of its own, so that one's memory is not the other's."""
    if len(sys.argv) > 2 and sys.argv[1] == "--one":
        return one(int(sys.argv[2]))
    sizes = [int(a) for a in sys.argv[1:]] or SIZES
    command = [sys.executable, "-m", "tests.bench.bench_report", "--one"]
    codes = [subprocess.run([*command, str(n)], check=False).returncode for n in sizes]
    return int(any(codes))  # one that was killed for its memory has a negative code


if __name__ == "__main__":
    sys.exit(main())
