"""Backups come back, what was forgotten does not: every file is searched, opened and unpacked."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import resource
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import backup as backups
from service import demo_story
from service.archive import Archive, ArchiveError
from service.assembly import running
from service.clock import MovingClock
from service.errors import DoorShut
from service.forgetting import clean_roster
from service.keyring import Keyring, learned
from service.moments import moment
from service.outlook import survey
from service.redaction import GONE, Redactor, TooShort
from service.settings import load_campaigns
from service.store import Store
from service.types import Heard
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.service.office import Office

NOON = moment("2021-06-09 12:00")
TODAY = NOON.date()
KEY = "s._domainkey.qq.com"


def unpacked(content: bytes) -> Iterator[bytes]:
    """The bytes, and whatever mail parts and zip members stand in them."""
    yield content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as z:
            for name in z.namelist():
                yield from unpacked(z.read(name))
    elif b"\nContent-Type:" in content[:20_000]:
        mail = email.message_from_bytes(content, policy=email.policy.default)
        yield " ".join(str(v) for v in mail.values()).encode()
        for part in mail.walk():
            if not part.is_multipart():
                yield from unpacked(part.get_payload(decode=True) or b"")


def hits(folder: Path, *canaries: str) -> list[str]:
    needles = [n for c in canaries for n in (c.encode(), c.encode("gbk"), c.encode("utf-16-le"))]
    needles += [n.replace(b"-", b"") for n in needles]
    return sorted(
        {
            str(file.relative_to(folder))
            for file in folder.rglob("*")
            if file.is_file()
            for content in unpacked(file.read_bytes())
            if any(n in content for n in needles)
        }
    )


def canaries(office: Office) -> tuple[str, str, str]:
    """Name, phone and address of a liaison who filed in this week."""
    players = demo_story.players(office.campaign, demo_story.load())
    p = players["dongchen"]
    return p.person, p.phone, p.address


def tick(office: Office, mailbox: ListMailbox, at: str) -> ListPostman:
    post = ListPostman()
    campaigns = load_campaigns(office.settings)  # as the roster is now
    with running(office.settings, campaigns, mailbox, post, MovingClock(moment(at))) as machine:
        assert machine.daemon.tick().problem is None
    return post


def full_mailbox(office: Office) -> ListMailbox:
    mailbox = ListMailbox()
    for mail in office.mails:
        mailbox.deliver(mail.raw, mail.when)
    return mailbox


def remember(office: Office, name: str, phone: str, address: str) -> str:
    """Writes down what else may name somebody: a reply that was acted upon, a bounce, a refused
    letter, an alert about an address. The hash of a mail that came with the reply."""
    sha256 = next(m.sha256 for m in office.outlook().ledger.mails if m.sender == address)
    told = {"subject": f"{name}的表", "arrived": "", "lines": [{"said": phone, "acts": []}]}
    bounced = {"subject": name, "unit": None, "letter": "", "addresses": [{"address": address}]}
    slug, at = office.campaign.slug, NOON
    store = office.store()
    with store.writing():
        store.hear(Heard(sha256, slug, "reply", 1, at, f"<{address}>", address, told))
        store.hear(Heard("b" * 64, slug, "bounce", 2, at, None, None, bounced))
        store.change_letter(store.letters(slug)[0].key, said=f"550 <{address}>")
        store.miss_duties(slug, [f"alert/bad_address/{address}"], at)
        store.mark_address(address, "dongchen", "bad", f"550 {address}", at)
        store.set_meta("smtp_problem", f"550 <{address}>")
    store.close()
    return sha256


# -- backup and restore ---------------------------------------------------------------------


def test_a_restore_brings_back_everything(office: Office) -> None:
    before = office.outlook()
    keys = Keyring(office.settings.keys_file)
    withdrawn = learned(learned({}, KEY, "p=A", TODAY), KEY, None, TODAY)
    keys.write(withdrawn)
    assert office.run("backup")[0] == 0
    backup = backups.sets(office.settings.data / "backups")[-1]
    shutil.move(office.settings.data / "backups", office.folder / "elsewhere")
    shutil.rmtree(office.settings.data)
    shutil.rmtree(office.settings.campaign_folders[0])

    code, said = office.run("restore", "--folder", office.folder / "elsewhere")

    after = office.outlook()
    archive = Archive(office.settings.archive)
    assert code == 0, said
    assert backup.name in said
    assert after.ledger == before.ledger
    assert {r.key: r.state for r in after.letters} == {r.key: r.state for r in before.letters}
    assert all(archive.get(m.sha256) for m in after.ledger.mails)
    assert (office.settings.data / "token.key").is_file()
    assert keys.read() == withdrawn


def test_keys_learned_since_a_backup_stay_after_its_restore(office: Office) -> None:
    keys = Keyring(office.settings.keys_file)
    keys.write(learned({}, KEY, "p=A", TODAY))
    assert office.run("backup")[0] == 0
    keys.write(learned({}, KEY, "p=B", TODAY))

    assert office.run("restore")[0] == 0

    assert {s.record for s in keys.read()[KEY]} == {"p=A", "p=B"}


def test_keys_that_were_damaged_are_replaced_and_kept_aside(office: Office) -> None:
    keys = Keyring(office.settings.keys_file)
    keys.write(learned({}, KEY, "p=A", TODAY))
    assert office.run("backup")[0] == 0
    keys.file.write_text("{", encoding="utf-8")

    assert office.run("restore")[0] == 0

    assert {s.record for s in keys.read()[KEY]} == {"p=A"}
    aside = next(office.settings.data.glob("replaced-*"))
    assert (aside / keys.file.name).read_text(encoding="utf-8") == "{"


def test_a_backup_beside_a_working_service_is_whole(office: Office) -> None:
    """A plain copy of the live file lacks what is still in the journal."""
    store = office.store()
    with store.writing():
        store.set_meta("busy", "yes")
    assert (office.settings.data / "baosong.db-wal").stat().st_size

    assert office.run("backup")[0] == 0

    copy = Store(backups.sets(office.settings.data / "backups")[-1] / "baosong.db")
    assert copy.meta("busy") == "yes"
    copy.close()
    store.close()


def test_old_sets_are_dropped_with_the_files_that_only_they_need(office: Office) -> None:
    folder = office.folder / "b"
    orphan = Archive(folder / "raw").put(b"of a mail that only the first set knows")
    for day in (1, 2, 3):
        backups.make(office.settings, folder, moment(f"2021-06-0{day}"))

    assert backups.rotate(folder, 2) == 1

    assert [p.name for p in backups.sets(folder)] == ["20210602-000000", "20210603-000000"]
    assert not Archive(folder / "raw").exists(orphan.sha256)
    assert not backups.faults(backups.sets(folder)[0])


def test_a_spoilt_backup_is_not_restored(office: Office) -> None:
    made = backups.make(office.settings, office.folder / "b", NOON)
    victim = next((office.folder / "b" / "raw").rglob("*.eml"))
    victim.write_bytes(b"spoilt")
    before = office.settings.database.read_bytes()

    code, said = office.run("restore", "--folder", office.folder / "b")

    assert (code, "BACKUP_WRONG" in said) == (3, True)
    assert office.settings.database.read_bytes() == before
    (made.folder / "baosong.db").write_bytes(b"spoilt too")
    assert backups.faults(made.folder) == ("database",)


def test_a_missing_raw_mail_is_said(office: Office) -> None:
    shutil.rmtree(next(p for p in office.settings.archive.iterdir() if p.is_dir()))

    code, said = office.run("backup")

    assert (code, "RAW_MISSING" in said) == (3, True)


def test_after_a_restore_letters_wait_and_nothing_is_said_twice(office: Office) -> None:
    store = office.store()
    store.decide(office.campaign.slug, NOON, "科员", "", "release", {"letters": []})
    store.close()
    office.run("backup")
    assert office.run("restore")[0] == 0

    store = office.store()
    outlook = survey(store, office.campaign, moment("2099-01-01"))
    store.close()

    assert not outlook.decided.released
    assert list(office.settings.data.glob("replaced-*/baosong.db"))


def test_no_backup_is_said(office: Office) -> None:
    assert office.run("restore")[0] == 2


# -- forget ---------------------------------------------------------------------------------


def test_a_forgotten_person_leaves_every_file_and_the_ledger_stands(office: Office) -> None:
    who = canaries(office)
    found = hits(office.folder, *who)
    assert any("baosong.db" in f for f in found)
    assert any(f.endswith(".eml") for f in found)
    assert any(f.endswith("units.csv") for f in found)
    before = office.outlook().ledger

    code, said = office.run("forget", *who)

    after = office.outlook("2099-01-01").ledger
    states = {k: (c.state, c.arrived_at) for k, c in before.cells.items() if c.arrived_at}
    assert code == 0, said
    assert "邮箱里的原信" in said
    assert hits(office.folder, *who) == []
    assert {k: (after.cells[k].state, after.cells[k].arrived_at) for k in states} == states
    assert any(GONE in s.read["header"].values() for s in after.submissions)


def test_a_roster_is_rewritten_whole_or_not_at_all(office: Office) -> None:
    folder = office.settings.campaign_folders[0]
    who, roster = Redactor.of([canaries(office)[2]]), folder / "units.csv"
    roster.chmod(0o640)
    before = roster.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(ArchiveError, match="DISK_WRITE"):
            clean_roster(folder, who)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert roster.read_bytes() == before
    assert clean_roster(folder, who) == [roster]
    assert (roster.read_bytes() != before, roster.stat().st_mode & 0o777) == (True, 0o640)


def test_nothing_brings_a_forgotten_mail_back(office: Office, tmp_path: Path) -> None:
    who = canaries(office)
    gone = (*who, remember(office, *who))
    mailbox = full_mailbox(office)
    for number, mail in enumerate(office.mails):
        (tmp_path / f"{number}.eml").write_bytes(mail.raw)
    assert office.run("backup")[0] == 0
    shutil.move(office.settings.data / "backups", tmp_path / "b")
    assert office.run("forget", *who, "--folder", tmp_path / "b")[0] == 0

    mailbox.renumber()
    tick(office, mailbox, "2021-06-20 12:00")  # a Sunday
    assert hits(office.folder, *gone) == []
    office.run("replay")
    assert "已按要求删除" in office.run("import", *sorted(tmp_path.glob("*.eml")))[1]
    assert hits(office.folder, *gone) == []
    code, said = office.run("restore", "--folder", tmp_path / "b")
    assert (code, "没有恢复" in said) == (0, True)
    for kept in office.settings.data.glob("replaced-*"):
        shutil.rmtree(kept)
    assert hits(office.folder, *gone) == []


def test_the_marks_beside_the_backups_hold_after_a_lost_disk(
    office: Office, tmp_path: Path
) -> None:
    who = canaries(office)
    gone = (*who, remember(office, *who))
    folder = tmp_path / "b"
    assert office.run("backup", "--folder", folder)[0] == 0
    assert office.run("forget", *who, "--folder", folder)[0] == 0
    shutil.rmtree(office.settings.data)

    assert office.run("restore", "--folder", folder)[0] == 0

    assert hits(office.folder, *gone) == []


def test_backups_are_cleaned_on_demand_and_stay_whole(office: Office) -> None:
    who = canaries(office)
    assert office.run("backup")[0] == 0

    assert "--backups" in office.run("forget", *who)[1]
    assert hits(office.folder, *who) != []
    assert office.run("forget", *who, "--backups")[0] == 0

    assert hits(office.folder, *who) == []
    assert office.run("restore")[0] == 0


def test_a_campaign_past_its_time_is_deleted_whole(office: Office) -> None:
    names = [u.id + "@units.example" for u in office.campaign.units]
    remember(office, *canaries(office))

    code, said = office.run("forget", "--campaign", office.campaign.slug)

    store = office.store()
    left = {
        t: len(store.rows(t))
        for t in ("letters", "decisions", "submissions", "parts", "said", "heard")
    }
    store.close()
    assert code == 0, said
    assert set(left.values()) == {0}
    assert str(office.settings.campaign_folders[0]) in said
    assert hits(office.settings.data, *names) == []


def test_what_would_tear_out_more_than_a_person_is_refused(office: Office) -> None:
    for who, code in (
        ("东陈", "FORGET_PUBLIC"),
        ("1", "FORGET_TOO_SHORT"),
        ("1234", "FORGET_TOO_SHORT"),
    ):
        exit_code, said = office.run("forget", who)
        assert (exit_code, code in said) == (2, True), who


def test_a_phone_is_known_however_it_is_grouped() -> None:
    who = Redactor.of(["139-0000-0001"])

    for text in (
        "13900000001",
        "139 0000 0001",
        "１３９００００００01",
        "(139)0000-0001",
        "+86 139-0000-0001",
    ):
        assert who.redacted(f"电话{text}。") == f"电话{GONE}。"
    assert who.redacted("139000000012") == "139000000012"
    assert json.loads(who.redacted('{"value":13900000001,"n":5}')) == {"value": GONE, "n": 5}


def test_a_name_is_known_with_spaces_in_it() -> None:
    assert Redactor.of(["王小明"]).redacted("联系人：王 小　明") == f"联系人：{GONE}"
    with pytest.raises(TooShort):
        Redactor.of(["王"])


# -- export ---------------------------------------------------------------------------------


def test_everything_recorded_is_handed_out(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out"

    assert office.run("export", "--out", out)[0] == 0

    whole = json.loads((out / "baosong.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader(io.StringIO((out / "mails.csv").read_text(encoding="utf-8-sig"))))
    assert len(whole["mails"]) == len(rows) == len(office.mails)
    assert "meta" not in whole
    assert whole["heard"] == []
    assert (out / "heard.csv").read_text(encoding="utf-8-sig").startswith("sha256,campaign,kind")
    assert isinstance(whole["letters"][0]["to"], list)
    assert (out / "mails.csv").stat().st_mode & 0o077 == 0
    for file in out.glob("*.csv"):
        for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))):
            assert not any(cell.startswith(("=", "+", "@")) for cell in row)


def test_a_database_that_is_no_database_is_a_shut_door(office: Office) -> None:
    office.settings.database.write_bytes(b"no database" * 500)

    with pytest.raises(DoorShut):
        backups.make(office.settings, office.folder / "b", NOON)
    assert backups.sets(office.folder / "b") == ()
