"""What is installed: units that verify and are hardened, an installer that changes nothing
when asked to show, a container file that names what exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.store import Store

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
RUN = ROOT / "run.py"
UNITS = ("baosong.service", "baosong-backup.service")
systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def ask(*command: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(c) for c in command], capture_output=True, text=True, timeout=60,
        env={**os.environ, **env},
    )  # fmt: skip


@systemd
@pytest.mark.real_server
@pytest.mark.parametrize("unit", UNITS)
def test_the_exposure_is_at_most_two(unit: str) -> None:
    done = ask("systemd-analyze", "security", "--offline=true", "--no-pager", DEPLOY / unit)

    score = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert score and float(score[1]) <= 2.0


@systemd
@pytest.mark.real_server
def test_the_units_verify_without_a_word(tmp_path: Path) -> None:
    """With this interpreter in place of the installed one, which is not here."""
    for unit in (*UNITS, "baosong-backup.timer"):
        text = (DEPLOY / unit).read_text(encoding="utf-8")
        text = text.replace("/opt/baosong/.venv/bin/python", sys.executable)
        (tmp_path / unit).write_text(text, encoding="utf-8")

    done = ask("systemd-analyze", "verify", *sorted(tmp_path.iterdir()))

    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_may_shut_its_children_in() -> None:
    """Debian 12's systemd knows no group with these calls in it."""
    text = (DEPLOY / "baosong.service").read_text(encoding="utf-8")
    allowed = re.findall(r"^SystemCallFilter=(?!~)(.+)$", text, re.M)[0].split()

    for call in ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"):
        assert call in allowed


def test_no_secret_stands_in_a_unit() -> None:
    text = (DEPLOY / "baosong.service").read_text(encoding="utf-8")

    assert "LoadCredential=authcode:" in text
    assert "BAOSONG_AUTHCODE" not in text


def debian(folder: Path, text: str) -> str:
    file = folder / "os-release"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.mark.real_server
def test_a_backup_writes_only_where_the_service_may(tmp_path: Path) -> None:
    """As under baosong-backup.service: everything read-only but its state, no network."""
    bwrap = shutil.which("bwrap")
    if bwrap is None or ask(bwrap, "--ro-bind", "/", "/", "true").returncode:
        pytest.skip("bwrap is not installed or refused here")
    settings = tmp_path / "settings.toml"
    text = 'data = "state/data"\ncampaigns = ["campaigns/none"]\n[mailbox]\nuser = "a@qq.com"\n'
    settings.write_text(text, encoding="utf-8")
    Store(tmp_path / "state" / "data" / "baosong.db").close()
    walls = ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp")
    state = ("--ro-bind", tmp_path, tmp_path, "--bind", tmp_path / "state", tmp_path / "state")

    done = ask(
        bwrap, *walls, "--ro-bind", ROOT, ROOT, *state, "--unshare-all", "--new-session",
        sys.executable, "-B", RUN, "backup", "--settings", settings,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((tmp_path / "state" / "data" / "backups").glob("2*/manifest.json"))) == 1


def test_a_dry_run_shows_every_step_and_does_none(tmp_path: Path) -> None:
    release = debian(tmp_path, 'ID=debian\nVERSION_ID="12"\n')
    before = {
        p: p.exists() for p in map(Path, ("/opt/baosong", "/etc/baosong", "/var/lib/baosong"))
    }

    done = ask("sh", DEPLOY / "install.sh", "--dry-run", BAOSONG_OS_RELEASE=release)

    assert (done.returncode, done.stderr) == (0, "")
    assert "--require-hashes" in done.stdout
    assert {p: p.exists() for p in before} == before
    changing = [x for x in done.stdout.splitlines() if x.startswith("  + ")]
    assert len(changing) > 10


@pytest.mark.parametrize(
    "text", ['ID=debian\nVERSION_ID="11"\n', 'ID=fedora\nVERSION_ID="40"\n', ""]
)
def test_elsewhere_it_stops_with_a_sentence_and_the_steps_by_hand(
    tmp_path: Path, text: str
) -> None:
    done = ask("sh", DEPLOY / "install.sh", "--dry-run", BAOSONG_OS_RELEASE=debian(tmp_path, text))

    assert done.returncode == 3
    assert "手工安装" in done.stdout
    assert "  + " not in done.stdout


def test_a_debian_without_a_number_is_newer_than_any(tmp_path: Path) -> None:
    release = debian(tmp_path, "ID=debian\n")

    assert ask("sh", DEPLOY / "install.sh", "--dry-run", BAOSONG_OS_RELEASE=release).returncode == 0


def test_the_installer_copies_what_exists() -> None:
    text = (DEPLOY / "install.sh").read_text(encoding="utf-8")
    named = set(re.findall(r"\$SOURCE/([\w./-]+)", text)) - {"deploy/"}

    assert {"run.py", "requirements-ocr.lock", "deploy/baosong"} <= named
    for name in named:
        assert (DEPLOY.parent / name).exists(), name


def test_the_wrapper_runs_what_is_installed() -> None:
    text = (DEPLOY / "baosong").read_text(encoding="utf-8")
    unit = (DEPLOY / "baosong.service").read_text(encoding="utf-8")
    run, settings = (
        "/opt/baosong/.venv/bin/python /opt/baosong/run.py",
        "/etc/baosong/settings.toml",
    )

    assert f"{run} --settings {settings}" in text
    assert f"{run} serve --settings {settings}" in unit
    assert ask("sh", "-n", DEPLOY / "baosong").returncode == 0


def test_the_container_file_copies_what_exists_and_is_not_root() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    root = DEPLOY.parent

    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.M):
        for source in line.split()[:-1]:
            assert (root / source).exists(), source
    assert re.search(r"^USER baosong$", text, re.M)


def test_cron_runs_commands_that_exist() -> None:
    text = (DEPLOY / "baosong.cron").read_text(encoding="utf-8")

    assert re.findall(r"run\.py (\w+) --settings", text) == ["tick", "backup"]
