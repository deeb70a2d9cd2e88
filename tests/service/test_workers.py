"""The pool of reading children: what breaks it is told apart from what breaks on a mail."""

from __future__ import annotations

import multiprocessing.spawn
import multiprocessing.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessPool

from service.errors import DoorShut
from service.workers import WorkerFailed, Workers, WorkersBroken, desk

MAIL = b"From: a@units.example\r\nSubject: x\r\n\r\nhello\r\n"


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    with Workers(desk(()), processes=1, kept=tmp_path) as made:
        yield made


def test_a_missing_interpreter_is_our_own_failure_and_passes(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource_tracker.ensure_running()  # a program of its own, with the same interpreter
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", b"/nowhere/python")
    with pytest.raises(WorkersBroken, match="WORKERS_BROKEN 读取来件的程序起不来"):
        workers.read_mail(MAIL)

    monkeypatch.undo()
    assert workers.read_mail(MAIL)["mail"]["from"] == "a@units.example"


def test_a_mail_is_read_by_its_path_as_by_its_bytes(workers: Workers, tmp_path: Path) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(MAIL)

    assert workers.read_mail(file) == workers.read_mail(MAIL)
    assert workers.read_head(file) == workers.read_head(MAIL)


def test_a_fork_that_is_refused_is_our_own_failure(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(multiprocessing.util, "spawnv_passfds", refused)
    with pytest.raises(DoorShut, match="temporarily unavailable"):
        workers.read_mail(MAIL)


def test_a_child_that_cannot_load_the_readers_is_our_own_failure(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "parsers.py").write_text("raise ImportError('half an upgrade')", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    with pytest.raises(WorkersBroken):
        workers.read_mail(MAIL)


def test_a_mail_that_breaks_every_pool_costs_itself_an_attempt(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would keep all others from being read."""
    schedule = ProcessPool.schedule

    def breaks(pool: ProcessPool, function: Any, args: Any, **more: Any) -> Any:
        if b"nonsense" in args[-1].content:
            raise RuntimeError("Unexpected error within the Pool")
        return schedule(pool, function, args=args, **more)

    monkeypatch.setattr(ProcessPool, "schedule", breaks)
    with pytest.raises(WorkerFailed) as e:
        workers.read_mail(MAIL + b"nonsense")

    assert e.value.kind == "died"
    assert workers.read_mail(MAIL)["mail"]["from"] == "a@units.example"


def test_a_child_does_not_outlive_a_killed_service(tmp_path: Path) -> None:
    """Also one that hangs: nobody is left to end it."""
    script = (
        "from service.workers import Workers, desk\n"
        "from tests.service.test_workers import hangs\n"
        "if __name__ == '__main__':\n"
        "    Workers(desk(()), processes=1, work=hangs).read_mail(b'')\n"
    )
    file = tmp_path / "killed.py"
    file.write_text(script, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(file)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    until = time.monotonic() + 60
    while lives(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not lives(child)


def lives(pid: int) -> bool:
    """Whether it is there and no mere entry that nobody fetched (Z)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def hangs(_: Any) -> dict[str, Any]:
    print(os.getpid(), flush=True)
    while True:
        time.sleep(60)
