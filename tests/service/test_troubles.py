"""A trouble that lasts is told once, and once more when it is over; also over a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from service.archive import Archive
from service.errors import DoorShut
from service.postman import Delivery
from service.types import Campaign
from service.workers import WorkerFailed, WorkersBroken
from tests.service.machines import Office, office, short


@pytest.fixture
def here(few: Campaign, tmp_path: Path) -> Iterator[Office]:
    with office(few, tmp_path, "06-01 08:00", words=short) as made:
        made.tick()
        made.tick("06-02 09:00")
        yield made


def told(here: Office) -> list[str]:
    """The kinds of alerts that left, in order."""
    return [k.split("/")[1] for k in here.sent("alert")]


def over(here: Office) -> list[str]:
    """What was told to be over."""
    said, _ = here.store.settled(here.campaign.slug)
    start = "alert/over/"
    return sorted(d.removeprefix(start).split("/")[0] for d in said if d.startswith(start))


def passes(here: Office, *times: str) -> None:
    """Passes of a service that is started anew before each."""
    for at in times:
        readers, room = here.intake._workers, here.intake._room
        here.restart()
        here.intake._workers, here.intake._room = readers, room
        here.tick(at)


def test_an_hour_without_a_look(here: Office) -> None:
    here.shut_mailbox()
    passes(here, "06-02 09:50")
    assert told(here) == []
    passes(here, "06-02 10:05", "06-02 10:30", "06-02 18:00", "06-03 07:00")
    assert (told(here), over(here)) == (["silent"], [])

    here.shut_mailbox(False)
    passes(here, "06-03 08:00", "06-03 08:03")
    assert (told(here), over(here)) == (["silent", "over"], ["silent"])


def test_reminders_that_cannot_leave_are_the_same_trouble(here: Office) -> None:
    here.shut_mailbox()
    passes(here, "06-02 10:05", "06-03 09:00", "06-03 09:30", "06-03 17:40")
    assert (told(here), over(here)) == (["silent"], [])

    here.shut_mailbox(False)
    passes(here, "06-04 08:00", "06-04 08:03")
    assert told(here) == ["silent", "over"]


def test_a_trouble_does_not_end_with_the_office_hours(here: Office) -> None:
    here.tick("06-03 08:55")
    here.shut_mailbox()
    passes(here, "06-03 09:00", "06-03 09:30", "06-03 17:40", "06-03 22:00")
    assert (told(here), over(here)) == (["no_look"], [])

    here.shut_mailbox(False)
    passes(here, "06-04 08:00", "06-04 08:03")
    assert (told(here), over(here)) == (["no_look", "over"], ["no_look"])


def refusing(key: str) -> Callable[[str, Sequence[str], bytes], Delivery | None]:
    """A server that puts one letter off."""

    def answer(_: str, to: Sequence[str], raw: bytes) -> Delivery | None:
        return Delivery("retry", 450, "4.2.0 later") if key in to[0] else None

    return answer


def test_a_letter_that_does_not_leave(here: Office) -> None:
    here.post.behaviour = refusing("baipu")
    here.files("06-02 10:00", "baipu", "liaison")
    passes(here, "06-02 10:01", "06-02 10:30")
    assert told(here) == []
    passes(here, "06-02 11:05", "06-02 11:30", "06-02 13:30")
    assert (told(here), over(here)) == (["stuck"], [])

    here.post.behaviour = None
    passes(here, "06-02 16:00", "06-02 16:03", "06-02 16:06")
    assert len(here.sent("receipt")) == 1
    assert (told(here), over(here)) == (["stuck", "over"], ["stuck"])


def test_a_server_that_was_away_for_hours(here: Office) -> None:
    """The alert itself leaves first when it is back: then staff know why answers came late."""
    here.shut_smtp()
    here.files("06-02 10:00", "baipu", "liaison")
    passes(here, "06-02 10:01", "06-02 11:05", "06-02 13:30")
    assert told(here) == []

    here.shut_smtp(False)
    passes(here, "06-02 16:00", "06-02 16:03", "06-02 16:06")
    assert (told(here), over(here)) == (["stuck", "over"], ["stuck"])


def test_a_disk_without_room(here: Office) -> None:
    def full() -> None:
        raise DoorShut("DISK_FULL", folder="/data", free=100, floor=200)

    here.intake._room = full
    passes(here, "06-02 10:00", "06-02 10:03", "06-03 09:00", "06-03 10:00")
    assert (told(here), over(here)) == (["disk_full"], [])

    here.intake._room = lambda: None
    passes(here, "06-03 10:03", "06-03 10:06")
    assert (told(here), over(here)) == (["disk_full", "over"], ["disk_full"])


class Failing:
    """Readers that fail on every mail, until `error` is taken away."""

    reader = "test"

    def __init__(self, here: Office, error: Exception) -> None:
        self.error: Exception | None = error
        self.calls = 0
        self._readers: Any = here.intake._workers
        here.intake._workers = self  # type: ignore[assignment]

    def read_mail(self, *given: Any) -> Any:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return self._readers.read_mail(*given)

    read_without_scans = read_mail

    def read_head(self, raw: bytes) -> Any:
        return self._readers.read_head(raw)


def test_a_mail_that_cannot_be_read(here: Office) -> None:
    readers = Failing(here, WorkerFailed("died"))
    here.files("06-02 10:00", "baipu", "liaison")
    passes(here, "06-02 10:01", "06-02 10:04")
    assert readers.calls == 3
    assert (told(here), over(here)) == (["unread"], [])
    assert here.outlook().ledger.cell("baipu", "liaison").state == "doubt"

    readers.error = None
    here.store.reread()
    passes(here, "06-02 11:00", "06-02 11:03")
    assert (told(here), over(here)) == (["unread", "over"], ["unread"])


def test_readers_that_do_not_start_cost_no_mail_an_attempt(here: Office) -> None:
    """No reminder leaves meanwhile: what came may be the very form."""
    readers = Failing(here, WorkersBroken("no such interpreter"))
    here.files("06-02 10:00", "baipu", "liaison")
    passes(here, "06-02 10:01", "06-03 09:00", "06-03 09:03", "06-03 09:06")
    assert (
        here.tick("06-03 09:09").problem
        == "WORKERS_BROKEN 读取来件的程序起不来：no such interpreter"
    )
    (row,) = here.store.rows("readings")
    assert (row["state"], row["attempts"]) == ("pending", 0)
    assert (told(here), over(here), here.reminded()) == (["no_reader"], [], [])

    readers.error = None
    passes(here, "06-03 09:12", "06-03 09:15")
    assert (told(here), over(here)) == (["no_reader", "over"], ["no_reader"])
    assert [r.split()[0] for r in here.reminded()] == ["dingyan", "dongchen"]


@pytest.mark.parametrize("harm", ["missing", "cut", "changed"])
def test_a_lost_original_stops_nothing_else_and_is_fetched_again(
    here: Office, tmp_path: Path, harm: str
) -> None:
    """Between its row and its reading the file of one mail is harmed; another mail is whole."""
    archive = Archive(tmp_path / "originals")
    here.shelf = archive  # type: ignore[assignment]
    here.restart()
    readers = Failing(here, WorkersBroken("not yet"))
    here.files("06-02 10:00", "baipu", "liaison")
    here.files("06-02 10:00", "dongchen", "liaison")
    passes(here, "06-02 10:01")
    readers.error = None
    (sha256, _), *_ = here.store.pending()
    file = archive.path(sha256)
    whole = file.read_bytes()
    if harm == "missing":
        file.unlink()
    else:
        file.chmod(0o600)
        file.write_bytes(whole[:100] if harm == "cut" else whole[:-1] + b"!")

    assert here.intake.read_pending() == 1  # the other one is read
    assert "ORIGINAL_LOST" in next(iter(here.intake.unreadable.values()))
    assert [s for s, _ in here.store.pending()] == [sha256]

    here.tick("06-02 10:07")
    assert archive.get(sha256) == whole
    assert here.store.pending() == []
    assert here.intake.unreadable == {}
    states = {u: here.outlook().ledger.cell(u, "liaison").state for u in ("baipu", "dongchen")}
    assert set(states.values()) == {"reported"}


def test_staff_hear_of_a_lost_original_that_is_nowhere_any_more(
    here: Office, tmp_path: Path
) -> None:
    archive = Archive(tmp_path / "originals")
    here.shelf = archive  # type: ignore[assignment]
    here.restart()
    readers = Failing(here, WorkersBroken("not yet"))
    here.files("06-02 10:00", "baipu", "liaison")
    passes(here, "06-02 10:01")
    readers.error = None
    (sha256, _), *_ = here.store.pending()
    archive.path(sha256).unlink()
    here._mailbox_without_sent.mails["INBOX"].clear()

    passes(here, "06-02 10:04", "06-02 10:07", "06-03 09:00", "06-03 09:03")
    assert told(here) == ["no_reader"]
    assert here.reminded() == []  # it may be the very form
