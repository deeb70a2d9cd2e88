"""Signs of life: heartbeat, systemd's socket, metrics; logs that name nobody."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import run
from service import space, watching
from service.assembly import running
from service.clock import MovingClock
from service.errors import DoorShut
from service.masking import masked
from service.moments import moment
from service.settings import load, load_campaigns
from service.watching import MaskingFormatter, Sign, Watch
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.service import office as offices
from tests.service.office import Office

NOON = moment("2021-06-09 12:00")
SECRET = "canarycanarycana"


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """The socket that systemd listens on."""
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(str(tmp_path / "notify"))
    heard.settimeout(60)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    return heard


def test_each_pass_leaves_a_sign_of_life(tmp_path: Path, systemd: socket.socket) -> None:
    watch = Watch(tmp_path, MovingClock(NOON))
    watch.passed(Sign(True, new=3, read=3, sent=2))
    watch.passed(Sign(problem="IMAP_TIMEOUT 13900000001"))

    beat = json.loads((tmp_path / watching.HEARTBEAT).read_text(encoding="utf-8"))
    metrics = (tmp_path / watching.METRICS).read_text(encoding="utf-8")
    assert beat["problem"] == "IMAP_TIMEOUT 139****0001"
    assert beat["at"] == "2021-06-09T12:00:00+08:00"
    assert "baosong_passes_total 2\n" in metrics
    assert "baosong_failed_passes_total 1\n" in metrics
    assert f"baosong_complete_look_timestamp_seconds {NOON.timestamp():.0f}\n" in metrics
    assert stat.S_IMODE((tmp_path / watching.METRICS).stat().st_mode) == 0o600
    assert systemd.recv(500) == b"STATUS=ok\nWATCHDOG=1"
    systemd.close()


def test_every_metric_is_explained_and_typed(tmp_path: Path) -> None:
    watch = Watch(tmp_path, MovingClock(NOON))
    watch.passed(Sign(True))

    lines = watching.metrics(watch.totals).splitlines()
    named = [x.split()[0] for x in lines if not x.startswith("#")]
    assert len([x for x in lines if x.startswith("# HELP")]) == len(named)
    assert len([x for x in lines if x.startswith("# TYPE")]) == len(named)


def test_a_sign_that_cannot_be_given_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "flat").touch()

    Watch(tmp_path / "flat", MovingClock(NOON)).passed(Sign(problem="x"))
    watching.notify("READY=1")  # no systemd here


def test_people_and_secrets_are_masked() -> None:
    text = masked(f"139-0000-0001 wang.xm@qq.com 13900000002 code={SECRET}", [SECRET])

    assert text == "139****0001 w***@qq.com 139****0002 code=***"
    assert (
        masked("a" * 20 + "13900000001" + "b" * 20) == "a" * 20 + "13900000001" + "b" * 20
    )  # a hash


def test_tracebacks_are_masked_too() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(MaskingFormatter("%(message)s", [SECRET]))
    log = logging.Logger("x")
    log.addHandler(handler)
    try:
        raise ValueError(f"login {SECRET} of 139 0000 0001")
    except ValueError:
        log.exception("failed for %s", "liaison@units.example")

    assert SECRET not in out.getvalue()
    assert "139 0000" not in out.getvalue()
    assert "l***@units.example" in out.getvalue()


def test_serve_tells_systemd_from_start_to_stop(tmp_path: Path, systemd: socket.socket) -> None:
    """Also: an unreachable mailbox, debug-worthy as it is, puts no secret into the log."""
    office = offices.open_(tmp_path / "office")
    (office.folder / "authcode").write_text(SECRET, encoding="ascii")
    text = office.file.read_text(encoding="utf-8").replace(
        "[mailbox]",
        'authcode_file = "authcode"\n[mailbox]\nhost = "127.0.0.1"\nport = 9\ntls = false',
    )
    office.file.write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, run.__file__, "serve", "--settings", str(office.file)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ),
    )  # fmt: skip
    try:
        assert systemd.recv(500) == b"READY=1"
        assert systemd.recv(500).startswith(b"STATUS=")
        command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        said, _ = process.communicate(timeout=20)
    finally:
        process.kill()

    rest = [systemd.recv(500)]
    while rest[-1] != b"STOPPING=1":
        rest.append(systemd.recv(500))
    systemd.close()
    assert time.monotonic() - begun < 20
    assert process.returncode == 0
    assert SECRET not in said
    assert SECRET.encode() not in command
    assert json.loads((office.settings.data / watching.HEARTBEAT).read_text(encoding="utf-8"))


# -- a disk without room ---------------------------------------------------------------------


def test_below_the_floor_nothing_is_fetched_and_staff_are_told_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox, post = ListMailbox(), ListPostman()
    mailbox.deliver(office.mails[0].raw.replace(b"Subject:", b"X-New: 1\r\nSubject:"), NOON)
    mailbox.renumber()
    settings = load(office.file)
    clock = MovingClock(moment("2021-06-10 10:00"))
    with running(settings, load_campaigns(settings), mailbox, post, clock) as machine:
        before = len(machine.store.mail_facts())
        monkeypatch.setattr(space, "free_bytes", lambda _: space.FLOOR_BYTES - 1)
        first, second = machine.daemon.tick(), machine.daemon.tick()
        assert "DISK_FULL" in (first.problem or "") and "DISK_FULL" in (second.problem or "")
        assert (mailbox.looks, len(machine.store.mail_facts())) == (0, before)
        monkeypatch.undo()
        assert machine.daemon.tick().problem is None
        assert len(machine.store.mail_facts()) == before + 1

    subjects = [r["subject"] for r in rows(office) if r["key"].find("disk_full") > 0]
    assert len(subjects) == 1
    assert "磁盘快满了" in subjects[0]


def rows(office: Office) -> list[dict[str, str]]:
    store = office.store()
    found = store.rows("letters")
    store.close()
    return found


def test_the_ballast_is_given_up_on_a_disk_full_to_the_brim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space.lay_ballast(tmp_path, 4096, 0)
    watch = Watch(tmp_path, MovingClock(NOON))
    watch.passed(Sign(problem="DISK_FULL"))
    assert (tmp_path / space.BALLAST).exists()
    monkeypatch.setattr(space, "free_bytes", lambda _: 0)

    watch.passed(Sign(problem="DISK_FULL"))

    assert not (tmp_path / space.BALLAST).exists()


def test_a_pass_for_cron_that_fails_leaves_its_sign_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAOSONG_AUTHCODE", SECRET)
    with contextlib.closing(sqlite3.connect(office.settings.database)) as db:
        db.execute("create trigger t before insert on looks begin select raise(abort, 'full'); end")

    assert office.run("tick")[0] == 3

    beat = json.loads((office.settings.data / watching.HEARTBEAT).read_text(encoding="utf-8"))
    assert beat["problem"] == "DATABASE_WRONG 数据库打不开：full"


def test_the_floor_is_said_with_figures(tmp_path: Path) -> None:
    with pytest.raises(DoorShut, match="DISK_FULL"):
        space.check(tmp_path, 1 << 62)
