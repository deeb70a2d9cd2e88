"""The whole intake on Dovecot while staff tidy the mailbox: no mail twice, none lost, no flag
changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.archive import Archive
from service.clock import MovingClock
from service.intake import Intake, Looked
from service.mailbox import Mailbox, MailboxConfig
from service.store import Store
from tests.fakes.dovecot import PrivateDovecot, is_installed, quoted

pytestmark = [
    pytest.mark.real_server,
    pytest.mark.skipif(not is_installed(), reason="dovecot-imapd is not installed"),
]

NINE = datetime(2021, 6, 8, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
_users = iter(f"u{n}@qq.example" for n in range(20))


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateDovecot]:
    with PrivateDovecot({f"u{n}@qq.example": "authcode" for n in range(20)}) as started:
        yield started


@dataclass
class Desk:
    """An intake on an account of its own, and the hands of the staff in the same mailbox."""

    server: PrivateDovecot
    user: str
    mailbox: Mailbox
    archive: Archive
    store: Store
    intake: Intake

    def arrive(self, *numbers: int, folder: str = "INBOX") -> None:
        for n in numbers:
            self.server.append(self.user, raw(n), NINE + timedelta(minutes=n), folder)

    def flag(self, uid: int, flags: str) -> None:
        client = self.server.client(self.user)
        client.select("INBOX")
        client.uid("STORE", str(uid), "+FLAGS", flags)
        client.logout()

    def delete(self, uid: int) -> None:
        client = self.server.client(self.user)
        client.select("INBOX")
        client.uid("STORE", str(uid), "+FLAGS", "\\Deleted")
        client.expunge()
        client.logout()

    def move(self, uid: int, to: str) -> None:
        client = self.server.client(self.user)
        client.create(quoted(to))
        client.select("INBOX")
        client.uid("MOVE", str(uid), quoted(to))
        client.logout()

    def look(self) -> Looked:
        return self.intake.look()

    def meanwhile(self, act: Callable[[], None]) -> None:
        """Something happens once, after our SEARCH and before our FETCH of bodies."""
        session = self.mailbox._connected()
        search, todo = session.uids_above, [act]

        def searched(cursor: int) -> list[int]:
            found = search(cursor)
            if todo and found:
                todo.pop()()
            return found

        session.uids_above = searched  # type: ignore[method-assign]

    def kept(self) -> list[int]:
        """Every mail that waits to be read, each once, by number and with its bytes whole."""
        found = [self.archive.get(sha256) for sha256, _ in self.store.pending()]
        numbers = [int(content.split()[1]) for content in found]
        assert found == [raw(n) for n in numbers]
        return sorted(numbers)

    def rows(self) -> list[tuple[str, int]]:
        """(folder, UIDVALIDITY) of every row, in order."""
        return [(r["folder"], r["uidvalidity"]) for r in self.store.rows("mails") if r["sha256"]]


def raw(number: int) -> bytes:
    return b"Subject: %d\r\n\r\nmail %d\r\n" % (number, number)


@pytest.fixture
def desk(server: PrivateDovecot, tmp_path: Path) -> Iterator[Desk]:
    user = next(_users)
    mailbox = Mailbox(MailboxConfig("127.0.0.1", server.imap_port, user, "authcode", tls=False))
    archive, store = Archive(tmp_path / "raw"), Store(tmp_path / "baosong.db")
    workers = None  # nothing is read here
    intake = Intake(user, mailbox, archive, store, workers, MovingClock(NINE))  # type: ignore[arg-type]
    yield Desk(server, user, mailbox, archive, store, intake)
    mailbox.close()
    store.close()


def test_a_renumbered_inbox_gives_each_mail_once(desk: Desk) -> None:
    desk.arrive(1, 2, 3)
    assert desk.look().new == 3
    renumber(desk)
    desk.arrive(4)
    looked = desk.look()

    assert (looked.complete, looked.new) == (True, 1)
    assert desk.kept() == [1, 2, 3, 4]
    (before, after) = sorted({validity for _, validity in desk.rows()})
    assert [v for _, v in desk.rows()] == [before] * 3 + [after] * 4
    assert desk.look().new == 0


def renumber(desk: Desk) -> None:
    """The server forgets its numbers, as after a restore of the mailbox."""
    desk.mailbox.close()
    time.sleep(1.1)  # Dovecot makes UIDVALIDITY from the clock
    for file in (desk.server.base / "mail" / desk.user / "Maildir").glob("dovecot*"):
        file.unlink()


def test_a_moved_mail_counts_once(desk: Desk) -> None:
    desk.arrive(1, 2)
    desk.look()
    desk.move(1, "Junk")
    looked = desk.look()

    assert (looked.complete, looked.new) == (True, 0)
    assert desk.kept() == [1, 2]
    assert [folder for folder, _ in desk.rows()] == ["INBOX", "INBOX", "Junk"]


def test_a_mail_moved_while_it_is_fetched_comes_from_where_it_went(desk: Desk) -> None:
    desk.arrive(1, 2, 3)
    desk.meanwhile(lambda: desk.move(2, "Junk"))
    looked = desk.look()

    assert (looked.complete, looked.new) == (True, 3)
    assert desk.kept() == [1, 2, 3]


def test_a_mail_moved_back_to_a_folder_already_looked_at_is_found(desk: Desk) -> None:
    """Junk is looked at after INBOX: what moves the other way meanwhile is seen at once too."""
    desk.arrive(1)
    desk.arrive(2, folder="Junk")
    desk.look()
    desk.arrive(3, folder="Junk")

    def back() -> None:
        client = desk.server.client(desk.user)
        client.select("Junk")
        client.uid("MOVE", "2", "INBOX")
        client.logout()

    desk.meanwhile(back)
    looked = desk.look()

    assert (looked.complete, looked.new) == (True, 1)
    assert desk.kept() == [1, 2, 3]


def test_a_mail_deleted_while_it_is_fetched_stops_nothing(desk: Desk) -> None:
    desk.arrive(1, 2, 3, 4)
    desk.meanwhile(lambda: desk.delete(2))
    looked = desk.look()

    assert (looked.complete, looked.new) == (True, 3)
    assert desk.kept() == [1, 3, 4]
    assert desk.store.not_come() == ()


def test_the_servers_flags_are_as_before(desk: Desk) -> None:
    desk.arrive(*range(1, 6))
    desk.flag(2, "\\Deleted")
    desk.flag(3, "\\Seen \\Flagged")
    desk.flag(4, "\\Answered")
    before = desk.server.flags(desk.user)
    desk.look()
    desk.look()

    assert desk.kept() == [1, 2, 3, 4, 5]
    assert desk.server.flags(desk.user) == before
    assert sum(b"\\Deleted" in line for line in before) == 1
