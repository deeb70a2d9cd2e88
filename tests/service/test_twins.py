"""PDF twins: made in a cage without network, or not at all."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time

import pytest

from service import twins
from service.moments import moment
from service.report import paper
from service.types import Attachment
from tests.service.report import office


def can_cage() -> bool:
    """Whether both programs are here and the kernel lets bubblewrap build its cage."""
    bwrap = shutil.which("bwrap")
    if bwrap is None or shutil.which("soffice") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = [*twins._cage(bwrap, folder), "/bin/true"]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0


caged = pytest.mark.skipif(not can_cage(), reason="no LibreOffice in bubblewrap here")


def bulletin() -> Attachment:
    lines = paper.marked(["题|通报", "文|如皋市城市管理局"])
    return Attachment("通报 1.docx", paper.write("通报", lines, moment("2021-06-09 09:00")))


@pytest.mark.real_server
@caged
def test_a_paper_gets_a_pdf_of_its_name_and_text() -> None:
    found = twins.twins([bulletin(), Attachment("index.html", b"<p>")])

    assert [f.name for f in found] == ["通报 1.pdf"]
    assert "如皋市城市管理局" in office.page_texts(found[0].content)[0]


@pytest.mark.real_server
@caged
def test_a_program_that_takes_too_long_is_given_up() -> None:
    start = time.monotonic()

    assert twins.twins([bulletin()], seconds=0.05) == ()
    assert time.monotonic() - start < 5


@pytest.mark.real_server
@caged
def test_in_the_cage_there_is_no_network_and_no_home(tmp_path: object) -> None:
    shell = "cat /proc/net/dev; ls /home /root /var /etc/passwd 2>&1"
    cage = twins._cage(str(shutil.which("bwrap")), str(tmp_path))

    said = subprocess.run([*cage, "/bin/sh", "-c", shell], capture_output=True, check=False)

    out = said.stdout.decode()
    interfaces = set(re.findall(r"^\s*(\w+): +\d", out, re.MULTILINE))
    assert interfaces == {"lo"}
    assert out.count("No such file") == 4


def test_without_the_programs_there_are_no_twins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert twins.twins([bulletin()]) == ()


def test_nothing_to_convert_starts_nothing() -> None:
    assert twins.twins([Attachment("index.html", b"")]) == ()
