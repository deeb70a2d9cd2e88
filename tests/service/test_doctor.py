"""Each broken set-up is named with its mend; a healthy one gives not one warning."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service import backup, doctor, doctor_machine, doctor_mail, setting_up, space, walls, words
from service.clock import SystemClock
from service.demo_servers import EmbeddedImap, SmtpSink, TlsFiles
from service.moments import iso, moment
from service.settings import load, load_campaigns, secret
from tests.fakes.certificates import Certificate, make_certificate
from tests.fakes.list_mailbox import ListMailbox
from tests.service.office import Office

CODE = "abcdefghijklmnop"
USER = "1137652316@qq.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def servers(certificate: Certificate) -> Iterator[tuple[EmbeddedImap, SmtpSink]]:
    tls = TlsFiles(certificate.cert, certificate.key)
    with EmbeddedImap({USER: CODE}, tls) as imap, SmtpSink({USER: CODE}, tls) as sink:
        imap.deliver(USER, b"Subject: sent\r\n\r\n", "Sent Messages")
        yield imap, sink


@pytest.fixture
def healthy(
    office: Office, servers: tuple[EmbeddedImap, SmtpSink], certificate: Certificate
) -> Office:
    """Real addresses and numbers, a fresh backup, servers that answer."""
    imap, sink = servers
    text = f"""\
data = "data"
campaigns = ["campaigns/2021-safety-month"]
authcode_file = "authcode"
read_scans = false
[mailbox]
host = "localhost"
port = {imap.port}
user = "{USER}"
folders = ["INBOX"]
ca_file = "{certificate.cert}"
command_seconds = 5
[smtp]
host = "localhost"
port = {sink.port}
ca_file = "{certificate.cert}"
timeout_seconds = 5
"""
    office.file.write_text(text, encoding="utf-8")
    (office.folder / "authcode").write_text(CODE, encoding="ascii")
    campaign = office.settings.campaign_folders[0] / "campaign.toml"
    real = campaign.read_text(encoding="utf-8").replace("139-0000-0000", "0513-80000000")
    campaign.write_text(real.replace("head@rugao.example", "head@qq.com"), encoding="utf-8")
    backup.make(office.settings, office.settings.data / "backups", SystemClock().now())
    return office


def checked(office: Office, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    code, said = office.run("doctor", "--json", *arguments)
    report = json.loads(said.splitlines()[-1])
    assert report["ok"] == (code == 0)
    return code, {c["code"]: c for c in report["checks"]}


def test_a_healthy_installation_gives_not_one_warning(
    healthy: Office, servers: tuple[EmbeddedImap, SmtpSink]
) -> None:
    code, found = checked(healthy, "--send-test")

    assert [c for c in found.values() if c["state"] in ("warn", "wrong")] == []
    assert code == 0
    assert {"imap", "smtp", "letter", "raw", "database", "backup", "addresses"} <= set(found)
    assert servers[1].taken[-1].recipients == (USER,)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.search(old, text, re.M)
    file.write_text(re.sub(old, new, text, count=1, flags=re.M), encoding="utf-8")


def campaign_file(office: Office, name: str) -> Path:
    return office.settings.campaign_folders[0] / name


def change(old: str, new: str) -> Callable[[Office], None]:
    return lambda office: edit(office.file, old, new)


def change_campaign(name: str, old: str, new: str) -> Callable[[Office], None]:
    return lambda office: edit(campaign_file(office, name), old, new)


def spoil_database(office: Office) -> None:
    with office.settings.database.open("r+b") as f:
        f.seek(4096 * 3)
        f.write(os.urandom(4096 * 8))


def newer_database(office: Office) -> None:
    connection = sqlite3.connect(office.settings.database)
    connection.execute("pragma user_version = 99")
    connection.close()


def spoil_raw(office: Office) -> None:
    for file in office.settings.archive.rglob("*.eml"):
        file.write_bytes(b"other")


def no_backups(office: Office) -> None:
    for one in backup.sets(office.settings.data / "backups"):
        (one / "manifest.json").unlink()


def future_mail(office: Office) -> None:
    store = office.store()
    later = SystemClock().now() + timedelta(days=2)
    with store.writing():
        store._run("update mails set received_at = ? where id = 1", (iso(later),))
    store.close()


def unreadable_mail(office: Office) -> None:
    store = office.store()
    with store.writing():
        store._run("update readings set state = 'failed'")
    store.close()


def data_is_a_file(office: Office) -> None:
    (office.folder / "flat").touch()
    edit(office.file, "^data = .*", 'data = "flat"')


OFFLINE: dict[str, tuple[Callable[[Office], None], str]] = {
    "no_settings": (lambda o: o.file.unlink(), "run.py init"),
    "settings_wrong": (change(r"^port = \d+", 'port = "x"'), "deploy/settings.example.toml"),
    "no_secret": (lambda o: (o.folder / "authcode").unlink(), "授权码"),
    "secret_open": (lambda o: (o.folder / "authcode").chmod(0o644), "chmod 600"),
    "secret_spaced": (lambda o: (o.folder / "authcode").write_text("abcd efgh"), "空格"),
    "campaign_wrong": (
        change_campaign("campaign.toml", '^remind_by = "2021-06-04', 'remind_by = "2020-06-04'),
        "campaign check",
    ),
    "no_campaign": (lambda o: shutil.rmtree(o.settings.campaign_folders[0]), "campaign new"),
    "mailbox_differs": (change(f'^user = "{USER}"', 'user = "other@qq.com"'), "同一个邮箱"),
    "sample_left": (
        change_campaign("campaign.toml", "head@qq.com", "head@rugao.example"),
        "campaign.toml",
    ),
    "no_address": (
        change_campaign("units.csv", "dongchen@units.example", ""),
        "decide bind",
    ),
    "data_open": (lambda o: o.settings.data.chmod(0o755), "chmod 700"),
    "data_shut": (data_is_a_file, "chown"),
    "database_newer": (newer_database, "install.sh"),
    "database_wrong": (spoil_database, "restore"),
    "raw_wrong": (spoil_raw, "restore"),
    "clock_behind": (future_mail, "timedatectl"),
    "backup_old": (no_backups, "run.py backup"),
    "unread": (unreadable_mail, "decide retry"),
}


@pytest.mark.parametrize("code", sorted(OFFLINE))
def test_each_broken_set_up_is_named_with_its_mend(healthy: Office, code: str) -> None:
    spoil, mend = OFFLINE[code]
    spoil(healthy)

    exit_code, found = checked(healthy, "--offline")

    assert exit_code == 1
    assert found[code]["state"] in ("warn", "wrong")
    assert mend in found[code]["mend"]


def test_an_empty_secret_is_no_secret(healthy: Office) -> None:
    (healthy.folder / "authcode").write_text("\n")

    assert checked(healthy, "--offline")[1]["no_secret"]["state"] == "wrong"


def test_a_secret_saved_by_windows_is_a_secret(healthy: Office) -> None:
    (healthy.folder / "authcode").write_bytes(b"\xef\xbb\xbfabcdefghijklmnop\r\n")

    assert secret(load(healthy.settings.file)) == "abcdefghijklmnop"


def test_root_is_sent_to_the_user_whose_data_it_is(
    healthy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        os.chown(healthy.settings.data, 12345, 12345)
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    code, said = healthy.run("backup", "--folder", healthy.settings.data)

    assert (code, "WRONG_USER" in said) == (2, True)
    assert "sudo -u" in checked(healthy, "--offline")[1]["wrong_user"]["mend"]


def test_a_look_at_an_installation_makes_nothing(office: Office) -> None:
    shutil.rmtree(office.settings.data)

    found = checked(office, "--offline")[1]

    assert not office.settings.data.exists()
    assert found["disk"]["state"] == "ok"


def test_the_zone_of_the_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = moment("2021-06-08 09:00")
    found = {}
    for zone in ("Asia/Shanghai", "UTC"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        found[zone] = [f.code for f in doctor_machine.machine(now)][-1]
    monkeypatch.undo()
    time.tzset()

    assert found == {"Asia/Shanghai": "clock", "UTC": "zone_differs"}


@pytest.mark.parametrize(
    ("refused", "codes"),
    [
        ((), ["walls"]),
        ((walls.FILES,), ["no_wall_files"]),
        ((walls.FILES, walls.NETWORK), ["no_wall_network", "no_wall_files"]),
    ],
)
def test_a_wall_that_the_machine_refuses_is_told(
    refused: tuple[str, ...], codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walls, "refused", lambda: refused)

    found = list(doctor_machine.machine(moment("2021-06-08 09:00")))

    assert [f.code for f in found if "wall" in f.code] == codes


def test_a_full_disk_is_named(healthy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.statvfs(healthy.folder)
    values = list(real)
    values[4] = space.FLOOR_BYTES // real.f_frsize - 1  # f_bavail
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(values))

    assert "disk_full" in checked(healthy, "--offline")[1]


ONLINE: dict[str, Callable[[Office], None]] = {
    "dns": change('^host = "localhost"', 'host = "nosuch.invalid"'),
    "imap_unreachable": change(r"^port = \d+", "port = 9"),
    "imap_tls": change("^ca_file = .*", ""),
    "imap_auth_refused": lambda o: (o.folder / "authcode").write_text("z" * 16) and None,
    "folders_missing": change('"INBOX"', '"INBOX", "Junk"'),
    "smtp_unreachable": change(r"(?s)(\[smtp\].*?)port = \d+", r"\1port = 9"),
    "smtp_tls": change(r"(?s)(\[smtp\].*?)ca_file = [^\n]*", r"\1"),
}


@pytest.mark.parametrize("code", sorted(ONLINE))
def test_each_shut_door_is_named_with_its_mend(healthy: Office, code: str) -> None:
    ONLINE[code](healthy)

    exit_code, found = checked(healthy)

    assert exit_code == 1
    assert found[code]["mend"]


def test_a_mailbox_that_does_not_go_back_far_enough_is_named(office: Office) -> None:
    """QQ shows the last thirty days unless told otherwise."""
    box = ListMailbox(("INBOX", "Junk", "Sent Messages"))
    box.deliver(b"x", moment("2021-06-03 09:00"))
    now = moment("2021-06-04 09:00")

    found = list(doctor_mail.mailbox(office.settings, box, [office.campaign], now))

    assert [f.code for f in found] == ["imap", "mailbox_short"]
    assert "run.py import" in (found[1].mend or "")


def test_every_finding_has_words() -> None:
    said, mends = words.section("doctor"), words.section("mend")

    assert set(mends) <= set(said)
    for code in said.keys() - mends.keys() - {"summary"}:
        assert doctor.Finding(code, "ok").mend is None


def test_init_writes_settings_that_are_valid_and_commented(office: Office) -> None:
    out = office.folder / "new.toml"
    given = ("--user", "someone@foxmail.com", "--no-input", "--sender-name", "某局“安全”\\科")

    code, _ = office.run("init", "--out", out, *given)

    text = out.read_text(encoding="utf-8")
    assert code == 0
    setting_up.check(text, "x")
    assert "# 要看的文件夹" in text
    assert 'host = "imap.qq.com"' in text
    assert "某局“安全”" in text
    assert [c.slug for c in load_campaigns(load(out))] == ["2021-safety-month"]
    assert office.run("init", "--out", out, *given)[0] == 2  # never overwritten


def test_init_lays_the_example_only_where_nothing_is(office: Office) -> None:
    given = ("--user", "someone@foxmail.com", "--no-input")
    roster = office.settings.campaign_folders[0] / "units.csv"
    before = roster.read_bytes()

    code, said = office.run("init", "--out", office.folder / "one.toml", *given)
    (office.folder / "new").mkdir()
    _, laid = office.run("init", "--out", office.folder / "new" / "two.toml", *given)

    assert (code, roster.read_bytes()) == (0, before)
    assert "活动示例" not in said
    assert "活动示例" in laid
    assert (office.folder / "new" / "campaigns" / "2021-safety-month" / "units.csv").is_file()


def test_a_wrong_address_is_refused_by_init(office: Office) -> None:
    out = office.folder / "new.toml"

    assert office.run("init", "--out", out, "--user", "", "--no-input")[0] == 2
    assert not out.exists()


def test_the_ballast_is_laid_with_room_and_given_up(tmp_path: Path) -> None:
    space.lay_ballast(tmp_path, 4096, 0)
    file = tmp_path / space.BALLAST
    assert file.stat().st_blocks * 512 >= 4096
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    space.drop_ballast(tmp_path)
    assert not file.exists()
    space.lay_ballast(tmp_path, 4096, 1 << 60)
    assert not file.exists()
