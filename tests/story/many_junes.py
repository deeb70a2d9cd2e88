"""Simulated Junes by the hundred: side by side, each told when it is over, resumed where they
were left.

    python -m tests.story.many_junes 1000

Each June's figures are a line of out/proof/junes-MARK.jsonl; the mark changes with the code
that they judge, so that no June counts for another code than its own.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path

from service.types import Campaign
from tests.service.report import stories
from tests.story import simulated_junes
from tests.story.simulated_junes import Figures

ROOT = Path(__file__).parent.parent.parent
FIRST_SEED = 20
"""The seeds below it are those of the suite."""
_JUDGED = ("service", "parsers", "tests/story", "tests/service", "tests/fakes", "templates")
_TOLD_EVERY = 25


def play(count: int, folder: Path, processes: int = 2) -> Figures:
    """So many whole Junes under the seeds from FIRST_SEED on, those of `folder` not again."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"junes-{_mark()}.jsonl"
    seeds = range(FIRST_SEED, FIRST_SEED + count)
    known = {seed: figures for seed, figures in _known(file) if seed in seeds}
    began = time.monotonic()
    with file.open("a", encoding="utf-8") as lines:
        for seed, figures in _played((s for s in seeds if s not in known), processes):
            known[seed] = figures
            lines.write(json.dumps([seed, asdict(figures)], ensure_ascii=False) + "\n")
            lines.flush()
            if len(known) % _TOLD_EVERY == 0 or len(known) == count:
                print(f"  {time.monotonic() - began:.0f} s  {total(known.values())}", flush=True)
    return total(known.values())


def total(every: Iterable[Figures]) -> Figures:
    out = Figures()
    for figures in every:
        out.add(figures)
    return out


def _known(file: Path) -> Iterator[tuple[int, Figures]]:
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            seed, given = json.loads(line)
            yield seed, Figures(**given)


def _played(seeds: Iterable[int], processes: int) -> Iterator[tuple[int, Figures]]:
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(_one, seeds)


def _one(seed: int) -> tuple[int, Figures]:
    with tempfile.TemporaryDirectory() as folder:
        return seed, simulated_junes.run(_campaign(), Path(folder), seed)


@cache
def _campaign() -> Campaign:
    return simulated_junes.forty(stories.load())


def _mark() -> str:
    files = (f for name in _JUDGED for f in (ROOT / name).rglob("*") if f.suffix in _KINDS)
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


_KINDS = (".py", ".toml", ".csv", ".docx")


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if sys.argv[1:] else 1_000
    found = play(wanted, ROOT / "out" / "proof", int(os.environ.get("PROCESSES", "2")))
    print(found, *found.faults, sep="\n")
    sys.exit(bool(found.faults))
