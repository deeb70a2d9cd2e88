"""The walls around a reading child, tried from inside it; and that it still reads."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service import settings, walls
from service.workers import Workers, desk
from tests.service.report import stories

CODE = "canarycanarycana"
FORM = Path(__file__).parents[1] / "specimens" / "forms" / "f2_u1.docx"


def connects(given: Path) -> str:
    with socket.create_connection(("127.0.0.1", int(given.name)), timeout=5):
        return "connected"


def opens(family: int) -> Callable[[Path], str]:
    def tried(_: Path) -> str:
        with socket.socket(family):
            return "opened"

    return tried


def rings(_: Path) -> str:
    """io_uring_setup(2)."""
    ctypes.set_errno(0)
    handle = ctypes.CDLL(None, use_errno=True).syscall(425, 1, ctypes.create_string_buffer(120))
    if handle < 0:
        raise OSError(ctypes.get_errno(), "")
    return "a ring"


def looks_into_the_service(_: Path) -> str:
    with Path(f"/proc/{os.getppid()}/mem").open("rb"):
        return "opened"


TRIES: dict[str, Callable[[Path], object]] = {
    "connect": connects,
    "AF_INET": opens(socket.AF_INET),
    "AF_INET6": opens(socket.AF_INET6),
    "AF_UNIX": opens(socket.AF_UNIX),
    "io_uring": rings,
    "secret": lambda given: (given.parent / "authcode").read_text(),
    "settings": lambda _: (walls.ROOT / "pyproject.toml").read_text(),
    "list": lambda given: [p.name for p in given.parent.iterdir()],
    "write": lambda given: (given / "new").write_text("x"),
    "delete": lambda given: (given / "mail.eml").unlink(),
    "run": lambda _: subprocess.run(["/bin/true"], check=True),
    "service's memory": looks_into_the_service,
    "kept mail": lambda given: (given / "mail.eml").read_text(),
    "threads": lambda _: len([*Path("/proc/self/task").iterdir()]),
    "environment": lambda _: Path("/proc/self/environ").read_text() + str(os.environ),
    "processor": lambda _: Path("/proc/cpuinfo").read_text()[:9],
}


def tries(task: Any) -> dict[str, Any]:
    """What a child that was taken over would try; `given` is the folder of the kept mails."""
    told: dict[str, Any] = {}
    for name, act in TRIES.items():
        try:
            told[name] = act(Path(task.content.decode()))
        except OSError as e:
            told[name] = errno.errorcode.get(e.errno or 0, str(e))
    return {"told": told}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("bureau")
    (folder / "authcode").write_text(CODE)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.MonkeyPatch.context() as patch,
    ):
        kept = folder / str(listener.getsockname()[1])
        kept.mkdir()
        (kept / "mail.eml").write_text("a mail")
        patch.setenv(settings.VARIABLE, CODE)
        with Workers(desk(()), processes=1, work=tries, kept=kept) as made:
            yield made.read_mail(str(kept).encode())["told"]


def needs(wall: str) -> None:
    if wall in walls.refused():
        pytest.skip(f"this machine refuses the wall: {wall}")


def test_a_child_has_no_network(told: dict[str, Any]) -> None:
    needs(walls.NETWORK)

    for name in ("connect", "AF_INET", "AF_INET6", "AF_UNIX", "io_uring"):
        assert told[name] == "EPERM", name


def test_a_child_has_no_file_but_code_and_mail(told: dict[str, Any]) -> None:
    needs(walls.FILES)

    for name in ("secret", "settings", "list", "write", "delete", "run", "service's memory"):
        assert told[name] in ("EACCES", "EPERM"), name


def test_a_child_does_not_inherit_the_secret(told: dict[str, Any]) -> None:
    assert CODE not in told["environment"]
    assert settings.VARIABLE not in told["environment"]
    assert "'ORT_DISABLE_TELEMETRY': '1'" in told["environment"]


def test_what_is_said_to_be_refused_is(told: dict[str, Any]) -> None:
    refused = walls.refused()

    assert (told["AF_INET"] == "opened") == (walls.NETWORK in refused)
    assert (told["secret"] == CODE) == (walls.FILES in refused)


def test_a_child_can_do_what_reading_needs(told: dict[str, Any]) -> None:
    assert told["kept mail"] == "a mail"
    assert told["threads"] == 1  # each would need walls of its own
    assert told["processor"] == "processor"


def test_a_form_is_read_behind_the_walls() -> None:
    with Workers(desk((stories.load(),), ocr=False), processes=1) as made:
        read = made.read_file(FORM.read_bytes(), FORM.name)

    assert (read["outcome"], len(read["fields"])) == ("form", 52)


def test_a_wall_that_is_refused_is_told_and_the_others_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walls, "_CREATE_RULESET", 9999)
    monkeypatch.setattr(walls, "_SOCKET_CALLS", {})
    monkeypatch.setattr(walls, "_prctl", lambda *_: 0)  # this process is to live on

    assert walls.put_up() == (walls.FILES, walls.NETWORK)


def test_packages_may_lie_anywhere_and_settings_beside_the_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = "/home/someone/.local/lib/python3.11/site-packages"
    monkeypatch.setattr(walls.sys, "path", [str(walls.ROOT), own])
    found = set(walls._code())

    assert {Path(own), walls.ROOT / "parsers", walls.ROOT / "templates"} <= found
    assert walls.ROOT not in found
