"""Files take the road of fetched mail: the same ledger, nothing twice, odd ones named."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from service import demo_story
from service.archive import Archive
from service.assembly import backroom
from service.clock import MovingClock, SystemClock
from service.importing import Importer
from service.moments import moment
from service.rereading import reread
from service.store import Store
from service.workers import Workers, desk
from tests.service import office as offices
from tests.service.office import Office


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(desk(()), processes=1) as made:
        yield made


def stamped(mail: demo_story.Incoming) -> bytes:
    """The mail as it lies in the mailbox, with the line of the server that took it."""
    return f"Received: by mx.qq.com; {format_datetime(mail.when)}\r\n".encode() + mail.raw


def importer(folder: Path, workers: Workers) -> tuple[Importer, Store]:
    store = Store(folder / "baosong.db")
    return Importer("a@qq.example", Archive(folder / "raw"), store, workers, SystemClock()), store


def taken(folder: Path, workers: Workers, *paths: Path) -> tuple[Importer, list[datetime]]:
    """What an import into an empty store gives: its count, and the arrivals."""
    made, store = importer(folder / "data", workers)
    for path in paths:
        made.take(path)
    arrivals = sorted(m.received_at for m in store.mail_facts())
    store.close()
    return made, arrivals


def test_a_week_imported_gives_the_ledger_of_the_week_fetched(
    worked: Office, tmp_path: Path
) -> None:
    fresh = offices.open_(tmp_path / "fresh")
    (tmp_path / "mails").mkdir()
    for number, mail in enumerate(worked.mails):
        (tmp_path / "mails" / f"{number:03d}.eml").write_bytes(stamped(mail))

    code, said = fresh.run("import", tmp_path / "mails")

    cells = {k: (c.state, c.arrived_at) for k, c in fresh.outlook().ledger.cells.items()}
    assert code == 1  # the week brought doubts
    assert f"新收 {len(worked.mails)} 封" in said
    assert cells == {k: (c.state, c.arrived_at) for k, c in worked.outlook().ledger.cells.items()}


def test_what_was_fetched_is_not_counted_twice(office: Office, tmp_path: Path) -> None:
    before = office.outlook().ledger
    box = mailbox.mbox(str(tmp_path / "box"))
    for mail in office.mails:
        box.add(mail.raw.replace(b"\r\n", b"\n"))
    box.close()
    for number, mail in enumerate(office.mails[:5]):
        (tmp_path / f"{number}.eml").write_bytes(mail.raw)

    (tmp_path / "note.docx").write_bytes(b"PK")

    code, said = office.run("import", tmp_path / "box", *sorted(tmp_path.glob("*.*")))

    assert "新收 0 封" in said
    assert "不是邮件，未导入" in said
    assert code == 1
    assert office.outlook().ledger == before


def test_mbox_maildir_and_folders_bring_the_same_mails(
    worked: Office, tmp_path: Path, workers: Workers
) -> None:
    mails = [stamped(m) for m in worked.mails[:4]]
    local = [m.replace(b"\r\n", b"\n") for m in mails]
    maildir = mailbox.Maildir(str(tmp_path / "Maildir"))
    box = mailbox.mbox(str(tmp_path / "box"))
    for mail in local:
        maildir.add(mail)
        box.add(mail)
    box.close()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for number, mail in enumerate(mails):
        (tmp_path / "deep" / "er" / f"{number}.eml").write_bytes(mail)
    wanted = sorted(m.when for m in worked.mails[:4])

    for number, path in enumerate(("Maildir", "box", "deep")):
        done, arrivals = taken(tmp_path / str(number), workers, tmp_path / path)
        assert arrivals == wanted, path
        assert not done.done.refused
    every, arrivals = taken(
        tmp_path / "all", workers, *(tmp_path / p for p in ("Maildir", "box", "deep"))
    )
    assert (every.done.new, every.done.known, arrivals) == (4, 8, wanted)


def test_the_earliest_sure_arrival_of_the_same_bytes_counts(
    worked: Office, tmp_path: Path, workers: Workers
) -> None:
    """The Date is only the sender's claim: it yields to a server's word, whichever came first."""
    mail = worked.mails[0]
    (tmp_path / "a.eml").write_bytes(mail.raw)
    made, store = importer(tmp_path / "data", workers)

    made.take(tmp_path / "a.eml")
    (guessed,) = store.mail_facts()
    sha = guessed.sha256
    late = mail.when + timedelta(days=2)
    store.add_mail(("a", "INBOX", 1, 1), sha, 1, late, SystemClock().now())
    (sure,) = store.mail_facts()
    store.close()

    assert [d["code"] for d in guessed.doubts] == ["arrival_from_date"]
    assert (sure.received_at, sure.doubts) == (late, ())


def test_a_mail_without_any_time_or_from_the_future_is_a_doubt(
    tmp_path: Path, workers: Workers
) -> None:
    for name, date in (("none", ""), ("future", "Date: Tue, 8 Jun 2999 09:00:00 +0800\r\n")):
        file = tmp_path / f"{name}.eml"
        file.write_bytes(
            b"From: a@units.example\r\nSubject: x\r\n" + date.encode() + b"\r\ntext\r\n"
        )
        done, (arrival,) = taken(tmp_path / name, workers, file)

        assert done.done.guessed == 1
        assert moment("2021-01-01") < arrival <= SystemClock().now()


def test_what_is_no_mail_is_named(worked: Office, tmp_path: Path, workers: Workers) -> None:
    box = tmp_path / "in"
    box.mkdir()
    (box / "form.docx").write_bytes(b"PK\x03\x04rest")
    (box / "empty.eml").touch()
    (box / "good.eml").write_bytes(stamped(worked.mails[0]))
    (box / ".DS_Store").write_bytes(b"\x00\x01")

    made, _ = taken(tmp_path, workers, box)

    assert [(p.name, why) for p, why in made.done.refused] == [
        ("empty.eml", "empty"),
        ("form.docx", "no_mail"),
    ]
    assert made.done.new == 1


def test_replay_gives_the_same_ledger_and_sends_nothing(office: Office) -> None:
    before = office.outlook()
    store = office.store()
    letters = store.rows("letters")
    store.close()

    code, said = office.run("replay")

    after = office.outlook()
    store = office.store()
    assert (code, "没有发信" in said) == (0, True)
    assert after.ledger == before.ledger
    assert after.wanted == before.wanted
    assert store.rows("letters") == letters
    store.close()


def test_replay_keeps_what_a_person_accepted_and_withholds_new_answers(office: Office) -> None:
    """A newer reader is played by older readings that said something else."""
    doubt = next(d for d in office.outlook().ledger.doubts if d.unit and not d.soft)
    store = office.store()
    sha = store.mail_bytes_of(int(doubt.id.partition("/")[0]))
    at = moment(offices.UNTIL)
    store.decide(office.campaign.slug, at, "科员", "", "accept", {"doubt": doubt.id})
    answered = next(r for r in store.rows("letters") if r["kind"] == "receipt")
    with store.writing():
        store._run("update parts set text = 'as accepted' where sha256 = ?", (sha,))
        store._run("delete from letters where key = ?", (answered["key"],))
        store._run(
            "update readings set ours = 1 where sha256 in (select sha256 from mails where id = ?)",
            (answered["mail"],),
        )
    store.close()

    with backroom(office.settings, MovingClock(at)) as room:
        done = reread(room)
        texts = {r["text"] for r in room.store.rows("parts") if r["sha256"] == sha}
        withdrawn = room.store.decisions(office.campaign.slug, at)[-1]

    assert texts == {"as accepted"}
    assert (done.kept, done.withheld) == (1, ((1, withdrawn.id),))
    assert withdrawn.args == {"letters": [answered["key"]]}


def test_replay_rebuilds_derived_tables_that_were_lost(office: Office) -> None:
    before = office.outlook().ledger
    store = office.store()
    with store.writing():
        for table in ("readings", "parts", "submissions", '"values"'):
            store._run(f"delete from {table}")
    store.close()

    office.run("replay")

    assert office.outlook().ledger == before
