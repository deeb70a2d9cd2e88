"""Poison among good mails: it costs itself three attempts, and its neighbours nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.bureau import CODE
from tests.faults.mails import PHONES

ROOT = Path(__file__).parents[2]


def fed(folder: Path, good: int, *kinds: str) -> dict[str, Any]:
    """How a service of its own fared with these poisons among so many good mails."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.poisoned", str(folder), str(good), *kinds],
        cwd=ROOT, capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    told["log"] = done.stderr
    return told


def check(told: dict[str, Any], good: int, *killed: str) -> None:
    assert told["states"] == {"done": good + 2, "failed": len(killed)}, told["log"]
    assert told["failed"] == sorted(killed)
    assert told["attempts"] == [4]  # the fourth is not made
    assert told["cells"] == ["over_limit"]
    assert set(told["picture"]) == {"form", "scan_unread"}
    assert told["picture"]["scan_unread"] == ["scan_gave_up"]
    assert (told["alerts"], told["left"]) == (["unread"], [])
    assert all(f"　{kind}" in told["alert"][0] for kind in killed)
    unread = [d for d in told["doubts"] if d.startswith("unread")]
    assert unread == ["unread_mail", "unread_over_limit", "unread_scan_unread"]
    assert told["peak"] < 300
    for canary in (CODE, *PHONES):
        assert canary not in told["log"]
        assert canary not in told["commands"]


def test_poison_among_twenty_good_mails(tmp_path: Path) -> None:
    told = fed(tmp_path / "bureau", 20, "cells", "picture", "error")

    check(told, 20, "error")
    assert "139****0004" in told["log"]


@pytest.mark.proof
def test_every_poison_among_twenty_good_mails_each(tmp_path: Path) -> None:
    killed = ("hang", "native_hang", "segfault", "memory", "error")
    told = fed(tmp_path / "bureau", 120, "cells", "picture", *killed)
    print(f"\n122 of 122 mails done beside {killed}; the service's peak {told['peak']} MB")

    check(told, 120, *killed)
