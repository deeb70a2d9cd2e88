"""A tick of the whole service with 20 and 200 units: a busy one, and one with nothing to do.

`python -m tests.bench.bench_intake`. Mailbox and postman are lists and the forms are read
already (tests/bench/bench_documents.py has that figure): what is left is the service's own.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.service import facts
from tests.service.machines import Office, office
from tests.service.report import stories

SIZES = (20, 200)
IDLE_TICKS = 10
MOST_IDLE_SECONDS = 1.0


def filed(here: Office) -> float:
    """Seconds of the tick that takes a form from every unit and answers each."""
    for number, unit in enumerate(here.campaign.units):
        here.files("06-08 08:00", unit.id, base=number + 1, subject=f"{unit.name}统计表")
    started = time.perf_counter()
    here.tick("06-08 08:05")
    took = time.perf_counter() - started
    assert len(here.sent("receipt")) == len(here.campaign.units)
    return took


def idle(here: Office) -> float:
    """Seconds of a tick to which nothing came."""
    took = []
    for _ in range(IDLE_TICKS):
        here.clock.move_to(here.clock.now() + timedelta(minutes=3))
        started = time.perf_counter()
        done = here.tick()
        took.append(time.perf_counter() - started)
        assert done.looked.complete
    return statistics.median(took)


def measure(count: int) -> tuple[float, float]:
    campaign = facts.with_addresses(stories.many_units(stories.load(), count))
    campaign = replace(campaign, reports=())
    with (
        tempfile.TemporaryDirectory() as folder,
        office(campaign, Path(folder), "06-07 08:00") as o,
    ):
        o.tick()
        o.tick("06-07 09:01")
        return filed(o), idle(o)


def main() -> int:
    table = Table("units", "tick with a form of each", "a form and its receipt", "idle tick")
    held = True
    for count in SIZES:
        busy, quiet = measure(count)
        each = f"{busy / count * 1000:.0f} ms"
        table.add_row(f"{count}", f"{busy:.2f} s", each, f"{quiet * 1000:.0f} ms")
        held = held and quiet <= MOST_IDLE_SECONDS
    Console().print(table)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
