"""Real processes on one data folder: one looks and sends, another says so and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

import run
from service import demo, roster
from service import settings as settings_
from service.clock import SystemClock
from service.demo_servers import EmbeddedImap, SmtpSink

Process = subprocess.Popen[str]
BUSY = "BUSY 另一个进程正在这个数据文件夹上工作（pid {}），本次不再重复。\n"
STAFF = "gk@qq.example"
_CAMPAIGN = """\
title = "桥梁巡查"
issuer = "某市城市管理局"
notice = "《关于开展桥梁巡查的通知》"
mailbox = "gk@qq.example"
starts = {starts}
closes = {closes}

[staff]
section = "市政科"
contact = "王小明"
phone = "139-0000-0099"
addresses = ["gk@qq.example"]

[[form]]
key = "progress"
name = "桥梁巡查进展表"
blank = "progress.docx"
unit_field = "填报单位"

[[deadline]]
key = "last"
name = "末期巡查表"
form = "progress"
opens_at = "{starts} 00:00"
remind_by = "{closes} 17:30"
late_after = "{closes} 24:00"
mode = "record"

[chase]
office_hours = ["08:30-12:00"]
work_days = [{today}]

[desk]
digest_at = "00:00"
"""
"""A digest to the staff is due at once, whatever day and hour it is."""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Path, EmbeddedImap, SmtpSink]]:
    """Settings of a campaign of these days, on servers of its own."""
    folder, today = tmp_path / "campaigns" / "bridges", SystemClock().now().date()
    folder.mkdir(parents=True)
    days = {"starts": today - timedelta(3), "closes": today + timedelta(30), "today": today}
    blank = settings_.SHIPPED / demo.SLUG / "forms" / "progress.docx"
    (folder / "progress.docx").write_bytes(blank.read_bytes())
    (folder / "campaign.toml").write_text(_CAMPAIGN.format(**days), encoding="utf-8")
    (folder / roster.FILE).write_text(f"{','.join(roster.COLUMNS)}\na,东陈镇,,,,,,,\n", "utf-8")
    (tmp_path / "authcode").write_text("right", encoding="ascii")
    with EmbeddedImap({STAFF: "right"}) as imap, SmtpSink({STAFF: "right"}) as sink:
        ports = {"imap": imap.port, "smtp": sink.port}
        text = demo.SETTINGS.format(slug="bridges", user=STAFF, **ports)
        (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
        yield tmp_path, imap, sink


@contextmanager
def started(folder: Path, command: str) -> Iterator[Process]:
    with subprocess.Popen(
        [sys.executable, run.__file__, command, "--settings", folder / "settings.toml"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def first_to_end(*processes: Process) -> Process:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for process in processes:
            if process.poll() is not None:
                return process
        time.sleep(0.02)
    raise AssertionError("all are at work")


def looked(process: Process) -> str:
    """What the log says of its first pass."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "look complete=True" in line:
            return line
    raise AssertionError(said)


def test_one_of_two_works_alone_and_another_takes_over_when_it_is_killed(
    servers: tuple[Path, EmbeddedImap, SmtpSink],
) -> None:
    folder, imap, sink = servers
    with started(folder, "serve") as one, started(folder, "serve") as two:
        refused = first_to_end(one, two)
        works = two if refused is one else one
        said, _ = refused.communicate()
        assert "sent=1" in looked(works)
        with started(folder, "tick") as beside:
            told, _ = beside.communicate(timeout=60)

        assert (refused.returncode, said) == (4, BUSY.format(works.pid))
        assert (beside.returncode, told) == (0, BUSY.format(works.pid))
        assert len(imap._writers) == 1  # who was refused did not even knock
        works.kill()
        works.wait()

    with started(folder, "serve") as another:
        assert "sent=0" in looked(another)
        another.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        rest, _ = another.communicate(timeout=10)

    assert (another.returncode, time.monotonic() - begun < 10) == (0, True)
    assert "已停止" in rest
    assert "Traceback" not in rest
    assert [t.recipients for t in sink.taken] == [(STAFF,)]
