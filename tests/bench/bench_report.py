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


def main() -> int:
    """Each size in a process of its own, so that one's memory is not the other's."""
    if len(sys.argv) > 2 and sys.argv[1] == "--one":
        seconds, peak, size = measure(int(sys.argv[2]))
        print(
            f"{sys.argv[2]:>6} units  {seconds:7.2f} s  {peak:7.0f} MB  files {size / 1e6:.1f} MB"
        )
        most_seconds, most_mb = LIMITS.get(int(sys.argv[2]), (seconds, peak))
        return 0 if seconds <= most_seconds and peak <= most_mb else 1
    sizes = [int(a) for a in sys.argv[1:]] or SIZES
    command = [sys.executable, "-m", "tests.bench.bench_report", "--one"]
    return max(subprocess.run([*command, str(n)], check=False).returncode for n in sizes)


if __name__ == "__main__":
    sys.exit(main())
