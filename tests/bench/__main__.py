"""Every bench in one go: `python -m tests.bench [NAME …]`, each in a process of its own.

Absolute figures belong to the machine; what counts are the ratios side by side in one run.
"""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
SECONDS = 150
"""The longest that one bench may take."""


def machine() -> str:
    """Where and when this was measured."""
    cores = os.cpu_count()
    load = os.getloadavg()[0]
    return (
        f"{date.today().isoformat()}, {platform.system()} {platform.machine()}, {cores} cores,"
        f" Python {platform.python_version()}, load at the start {load:.1f}"
    )


def run(name: str) -> int:
    """One bench; 0 when every limit was held."""
    print(f"\n{name.removeprefix('bench_')}", flush=True)
    process = subprocess.Popen([sys.executable, "-m", f"tests.bench.{name}"])
    try:
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        print(f"not done within {SECONDS} s", flush=True)
        process.send_signal(signal.SIGINT)  # it stops the servers that it started
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        return 1


def main(asked: list[str]) -> int:
    found = [p.stem for p in sorted(HERE.glob("bench_*.py"))]
    chosen = [n for n in found if not asked or n.removeprefix("bench_") in asked]
    print(machine(), flush=True)
    return max([run(name) for name in chosen], default=2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
