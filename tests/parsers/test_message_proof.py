"""Mail reading at full size: 20,000 damaged mails (SIZE=ci: 4,000)."""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import pytest

from parsers import message
from tests.generate.mail_damage import damaged

pytestmark = pytest.mark.proof

SPECIMENS = sorted((Path(__file__).parent.parent / "specimens" / "mail").glob("*.eml"))
BATCHES = 8 if os.environ.get("SIZE") == "ci" else 40


@pytest.mark.parametrize("seed", range(1_000, 1_000 + BATCHES))
def test_five_hundred_damaged_mails(seed: int) -> None:
    mails = [path.read_bytes() for path in SPECIMENS]
    slowest = 0.0
    for mail in damaged(mails, 500, seed):
        started = time.process_time()
        message.parse(mail)
        slowest = max(slowest, time.process_time() - started)

    assert slowest < 1.0


def test_memory_stays_bounded() -> None:
    mails = [path.read_bytes() for path in SPECIMENS]
    tracemalloc.start()
    for mail in damaged(mails, 2_000, 7):
        message.parse(mail)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 20_000_000
