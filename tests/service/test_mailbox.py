"""The mailbox door against Dovecot: every mail once, nothing changed, whatever breaks."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.archive import Archive
from service.arrivals import Arrived, Failed, Look, MailboxDoor, MailboxError
from service.imap_sweep import LARGE_BYTES
from service.mailbox import Mailbox, MailboxConfig
from tests.fakes.dovecot import PrivateDovecot, free_port, is_installed, quoted
from tests.fakes.fault_proxy import Fault, FaultProxy
from tests.fakes.list_mailbox import ListMailbox

pytestmark = [
    pytest.mark.real_server,
    pytest.mark.skipif(not is_installed(), reason="dovecot-imapd is not installed"),
]

SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE = datetime(2021, 6, 8, 9, 0, tzinfo=SHANGHAI)
SECONDS = 1.0
_numbers = iter(range(1_000))


@pytest.fixture(scope="module")
def dovecot() -> Iterator[PrivateDovecot]:
    users = {f"u{n}@qq.example": "authcode" for n in range(100)}
    with PrivateDovecot(users) as server:
        yield server


@pytest.fixture
def user(dovecot: PrivateDovecot) -> str:
    """An account of its own for each test."""
    return f"u{next(_numbers)}@qq.example"


def config(port: int, user: str, **changes: object) -> MailboxConfig:
    settings: dict[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "user": user,
        "password": "authcode",
        "command_seconds": SECONDS,
        "tls": False,
    }
    return MailboxConfig(**(settings | changes))  # type: ignore[arg-type]


@dataclass
class Clerk:
    """A caller as the service is one: keeps mails, remembers cursors and what failed."""

    mailbox: MailboxDoor
    kept: list[Arrived] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    skipped: list[Failed] = field(default_factory=list)
    cursors: dict[tuple[str, int], int] = field(default_factory=dict)

    def look(self) -> Look:
        return self.mailbox.look(self.cursors, self.keep, self.skipped.append)

    def keep(self, mail: Arrived) -> None:
        size = len(mail.raw) if mail.raw is not None else sum(map(len, mail.chunks or ()))
        self.sizes.append(size)
        self.kept.append(mail)
        place = (mail.folder, mail.uidvalidity)
        assert mail.uid > self.cursors.get(place, 0)
        self.cursors[place] = mail.uid


def mails(count: int, size: int = 300, seed: int = 1) -> list[bytes]:
    chance = random.Random(seed)
    return [
        f"Subject: {n}\r\nMessage-ID: <{n}@x>\r\n\r\n".encode()
        + b"".join(b"%x\r\n" % chance.getrandbits(240) for _ in range(max(1, size // 62)))
        for n in range(count)
    ]


def fill(dovecot: PrivateDovecot, user: str, raws: list[bytes], folder: str = "INBOX") -> None:
    for n, raw in enumerate(raws):
        dovecot.append(user, raw, NINE + timedelta(minutes=n), folder)


@pytest.fixture
def clerk(dovecot: PrivateDovecot, user: str) -> Iterator[Clerk]:
    mailbox = Mailbox(config(dovecot.imap_port, user))
    yield Clerk(mailbox)
    mailbox.close()


def test_every_mail_comes_once_in_order_with_its_arrival(
    dovecot: PrivateDovecot, user: str, clerk: Clerk
) -> None:
    raws = mails(7)
    fill(dovecot, user, raws)

    first, second = clerk.look(), clerk.look()

    assert [m.raw for m in clerk.kept] == raws
    assert [m.uid for m in clerk.kept] == sorted(m.uid for m in clerk.kept)
    assert clerk.kept[3].received_at == NINE + timedelta(minutes=3)
    assert clerk.kept[3].received_at.tzinfo == SHANGHAI
    assert first.complete
    assert second.complete
    assert (first.folders[0].new, second.folders[0].new) == (7, 0)


def test_an_empty_mailbox_is_looked_at_completely(clerk: Clerk) -> None:
    look = clerk.look()

    assert look.complete
    assert clerk.kept == []
    assert [(f.folder, f.is_missing) for f in look.folders] == [("INBOX", False), ("Junk", True)]


def test_flags_are_the_same_before_and_after(
    dovecot: PrivateDovecot, user: str, clerk: Clerk
) -> None:
    fill(dovecot, user, mails(4))
    staff = dovecot.client(user)
    staff.select("INBOX")
    staff.store("2", "+FLAGS", "\\Deleted")
    staff.store("3", "+FLAGS", "\\Seen \\Flagged")
    before = dovecot.flags(user)
    clerk.look()
    clerk.mailbox.close()

    assert dovecot.flags(user) == before
    assert len(clerk.kept) == 4
    staff.logout()


def test_folders_below_a_chinese_name_are_found(
    dovecot: PrivateDovecot, user: str, clerk: Clerk
) -> None:
    fill(dovecot, user, mails(1), "其他文件夹/报送")
    fill(dovecot, user, mails(1), "Junk")
    fill(dovecot, user, mails(1), "Drafts")
    clerk.look()

    assert sorted(m.folder for m in clerk.kept) == ["Junk", "其他文件夹/报送"]
    assert "其他文件夹/报送" in clerk.mailbox.list_folders()


def test_mails_larger_than_a_batch_and_smaller_come_alike(
    dovecot: PrivateDovecot, user: str, clerk: Clerk, tmp_path: Path
) -> None:
    raws = [*mails(2), *mails(1, LARGE_BYTES + 3_000_000), *mails(1, 5_000_000), *mails(2)]
    fill(dovecot, user, raws)
    archive = Archive(tmp_path)
    stored: list[bytes] = []

    def keep(mail: Arrived) -> None:
        chunks = mail.chunks if mail.chunks is not None else [mail.raw or b""]
        stored.append(archive.get(archive.put_stream(chunks)))

    clerk.mailbox.look({}, keep)

    assert stored == raws


def test_a_new_mail_wakes_the_waiting(dovecot: PrivateDovecot, user: str, clerk: Clerk) -> None:
    clerk.look()
    timer = threading.Timer(0.3, dovecot.append, [user, b"Subject: x\r\n\r\n"])
    timer.start()
    started = time.monotonic()

    assert clerk.mailbox.wait(10, threading.Event())
    assert time.monotonic() - started < 5
    timer.join()
    assert clerk.look().folders[0].new == 1


def test_what_came_since_the_look_is_not_waited_for(
    dovecot: PrivateDovecot, user: str, clerk: Clerk
) -> None:
    clerk.look()
    fill(dovecot, user, mails(1))
    started = time.monotonic()

    assert clerk.mailbox.wait(10, threading.Event())
    assert time.monotonic() - started < 1


def test_waiting_ends_when_told_to_stop(clerk: Clerk) -> None:
    clerk.look()
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()

    assert not clerk.mailbox.wait(10, stop)
    assert time.monotonic() - started < 3


def test_a_look_at_a_silent_server_ends_when_it_is_cut(dovecot: PrivateDovecot, user: str) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.fault = Fault("stall", after_bytes=2_000)
        fill(dovecot, user, mails(9, 5_000))
        mailbox = Mailbox(config(proxy.port, user, command_seconds=30))
        threading.Timer(0.5, mailbox.cut).start()
        started = time.monotonic()
        with pytest.raises(MailboxError):
            mailbox.look({}, lambda _: None)

        assert time.monotonic() - started < 5
        with pytest.raises(MailboxError, match="stopping"):
            mailbox.look({}, lambda _: None)


def test_a_renumbered_folder_is_read_anew(dovecot: PrivateDovecot, user: str, clerk: Clerk) -> None:
    fill(dovecot, user, mails(2), "Junk")
    clerk.look()
    client = dovecot.client(user)
    client.delete(quoted("Junk"))
    client.logout()
    time.sleep(1.1)  # Dovecot makes UIDVALIDITY from the clock
    fill(dovecot, user, mails(3), "Junk")
    clerk.look()

    assert len({m.uidvalidity for m in clerk.kept}) == 2
    assert len(clerk.kept) == 5


def test_a_mail_moved_to_another_folder_is_found_there(
    dovecot: PrivateDovecot, user: str, clerk: Clerk
) -> None:
    fill(dovecot, user, mails(2))
    clerk.look()
    client = dovecot.client(user)
    client.create(quoted("Junk"))
    client.select("INBOX")
    client.uid("MOVE", str(clerk.kept[0].uid), quoted("Junk"))
    client.logout()
    clerk.look()

    assert [m.raw for m in clerk.kept] == [*mails(2), mails(2)[0]]


def test_a_mail_deleted_while_it_is_fetched_stops_nothing(
    dovecot: PrivateDovecot, user: str
) -> None:
    raws = mails(4)
    fill(dovecot, user, raws)
    with FaultProxy(dovecot.imap_port) as proxy:
        mailbox = Mailbox(config(proxy.port, user))
        clerk = Clerk(mailbox)
        delete_between(dovecot, user, mailbox, 2)
        look = clerk.look()
        mailbox.close()

    assert [m.raw for m in clerk.kept] == [raws[0], raws[2], raws[3]]
    assert [f.code for f in look.failed] == ["GONE"]
    assert clerk.skipped == []
    assert not look.complete


def delete_between(dovecot: PrivateDovecot, user: str, mailbox: Mailbox, uid: int) -> None:
    """Has another client expunge a mail after our SEARCH and before our FETCH of bodies."""
    session = mailbox._connected()
    search = session.uids_above

    def searched(cursor: int) -> list[int]:
        found = search(cursor)
        client = dovecot.client(user)
        client.select("INBOX")
        client.uid("STORE", str(uid), "+FLAGS", "\\Deleted")
        client.expunge()
        client.logout()
        return found

    session.uids_above = searched  # type: ignore[method-assign]


def test_single_mails_are_tried_again(dovecot: PrivateDovecot, user: str, clerk: Clerk) -> None:
    fill(dovecot, user, mails(3))
    look = clerk.mailbox.look({}, lambda _: None)
    folder, validity = "INBOX", look.folders[0].uidvalidity or 0
    got: list[Arrived] = []
    gone: list[Failed] = []

    failed = clerk.mailbox.fetch(folder, validity, [3, 2, 99], got.append, gone.append)

    assert [m.uid for m in got] == [2, 3]
    assert failed == ()
    assert gone == [Failed(folder, validity, 99, "GONE")]


def test_what_keep_raises_passes_and_the_next_look_goes_on(
    dovecot: PrivateDovecot, user: str, clerk: Clerk
) -> None:
    fill(dovecot, user, mails(3))

    def full(mail: Arrived) -> None:
        if mail.uid == 2:
            raise OSError("disk full")
        clerk.keep(mail)

    with pytest.raises(OSError, match="disk full"):
        clerk.mailbox.look(clerk.cursors, full)
    clerk.look()

    assert [m.raw for m in clerk.kept] == mails(3)


def test_a_token_is_found_in_sent_messages(
    dovecot: PrivateDovecot, user: str, clerk: Clerk
) -> None:
    letter = "Subject: =?utf-8?B?5Zue5omnIFtPUS03ZjNhXQ==?=\r\nX-OQ-MSGID: <k1@oq>\r\n\r\nOQ-body"
    dovecot.append(user, letter.encode(), NINE, "Sent Messages")
    since = NINE - timedelta(hours=1)

    assert clerk.mailbox.find_token("Sent Messages", "OQ-7f3a", since)
    assert clerk.mailbox.find_token("Sent Messages", "k1@oq", since)
    assert not clerk.mailbox.find_token("Sent Messages", "OQ-body", since)
    assert not clerk.mailbox.find_token("Sent Messages", "OQ-7f3a", NINE + timedelta(days=3))
    with pytest.raises(MailboxError, match="IMAP_FOLDER_MISSING"):
        clerk.mailbox.find_token("No Such", "OQ-7f3a", since)


def test_the_oldest_mail_and_all_uids_are_told(
    dovecot: PrivateDovecot, user: str, clerk: Clerk
) -> None:
    assert clerk.mailbox.oldest("INBOX") is None
    fill(dovecot, user, mails(2))

    assert clerk.mailbox.oldest("INBOX") == NINE
    uids = clerk.mailbox.uids("INBOX")
    assert uids is not None
    assert uids[1] == (1, 2)
    assert clerk.mailbox.uids("No Such") is None


def test_a_wrong_code_is_refused_and_not_told(dovecot: PrivateDovecot, user: str) -> None:
    with pytest.raises(MailboxError) as caught:
        Clerk(Mailbox(config(dovecot.imap_port, user, password="wrong-canary"))).look()

    assert caught.value.code == "IMAP_AUTH_REFUSED"
    assert "wrong-canary" not in str(caught.value)
    assert "wrong-canary" not in repr(config(1, user, password="wrong-canary"))


def test_nobody_listening_is_unreachable(user: str) -> None:
    with pytest.raises(MailboxError, match="IMAP_UNREACHABLE"):
        Clerk(Mailbox(config(free_port(), user))).look()


def test_a_handshake_that_stalls_ends_at_the_deadline(user: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(MailboxError, match="IMAP_TIMEOUT"):
            Clerk(Mailbox(config(port, user, tls=True, command_seconds=0.3))).look()

    assert time.monotonic() - started < 2


def test_a_certificate_that_nobody_vouches_for_is_refused(
    dovecot: PrivateDovecot, user: str
) -> None:
    with pytest.raises(MailboxError, match="IMAP_TLS"):
        Clerk(Mailbox(config(dovecot.imaps_port, user, tls=True))).look()


def test_a_certificate_of_our_own_authority_is_taken(dovecot: PrivateDovecot, user: str) -> None:
    trusted = ssl.create_default_context(cafile=str(dovecot.certificate.cert))
    mailbox = Mailbox(config(dovecot.imaps_port, user, tls=True, ssl_context=trusted))

    assert Clerk(mailbox).look().complete
    mailbox.close()


def test_an_expired_certificate_is_refused() -> None:
    with PrivateDovecot({"a@qq.example": "authcode"}, expired=True) as server:
        trusted = server.trusted()
        mailbox = Mailbox(config(server.imaps_port, "a@qq.example", tls=True, ssl_context=trusted))
        with pytest.raises(MailboxError, match="IMAP_TLS"):
            Clerk(mailbox).look()


def test_no_mail_without_tls_except_on_loopback() -> None:
    with pytest.raises(MailboxError, match="IMAP_TLS"):
        Clerk(Mailbox(config(143, "a", host="192.0.2.1"))).look()


FAULTS = [
    *(
        Fault(action, at=words, nth=nth, answered=answered)
        for action in ("reset", "close", "stall")
        for words, nth, answered in (
            (b"LOGIN", 1, False),
            (b"EXAMINE", 1, True),
            (b"SEARCH", 1, False),
            (b"SEARCH", 1, True),
            (b"RFC822.SIZE", 1, False),
            (b"RFC822.SIZE", 1, True),
            (b"BODY.PEEK", 1, False),
            (b"BODY.PEEK", 1, True),
            (b"EXAMINE", 2, False),
        )
    ),
    *(
        Fault("stall" if n % 9 == 0 else ("reset", "close")[n % 2], after_bytes=400 + 731 * n)
        for n in range(24)
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_broken_connection_loses_nothing_and_doubles_nothing(
    broken_house: tuple[PrivateDovecot, str, FaultProxy, list[bytes]], fault: Fault
) -> None:
    server, user, proxy, raws = broken_house
    before = server.flags(user)
    mailbox = Mailbox(config(proxy.port, user, command_seconds=0.4))
    clerk = Clerk(mailbox)
    proxy.fault = fault
    started = time.monotonic()
    try:
        clerk.look()
    except MailboxError as e:
        assert e.code in ("IMAP_UNREACHABLE", "IMAP_TIMEOUT", "IMAP_PROTOCOL")
    else:
        pytest.fail("the fault was not met")
    assert time.monotonic() - started < 2
    proxy.fault = None
    look = clerk.look()
    mailbox.close()

    assert look.complete
    assert [m.raw for m in clerk.kept] == raws
    assert server.flags(user) == before


@pytest.fixture(scope="module")
def broken_house(
    dovecot: PrivateDovecot,
) -> Iterator[tuple[PrivateDovecot, str, FaultProxy, list[bytes]]]:
    user = "u99@qq.example"
    raws = mails(9, 3_000)
    fill(dovecot, user, raws)
    with FaultProxy(dovecot.imap_port) as proxy:
        yield dovecot, user, proxy, raws


def test_a_server_that_dribbles_is_cut_off_at_the_deadline(
    broken_house: tuple[PrivateDovecot, str, FaultProxy, list[bytes]],
) -> None:
    _, user, proxy, _ = broken_house
    mailbox = Mailbox(config(proxy.port, user, command_seconds=0.5))
    proxy.dribble = 0.05
    started = time.monotonic()
    with pytest.raises(MailboxError, match="IMAP_TIMEOUT"):
        Clerk(mailbox).look()
    proxy.dribble = 0.0

    assert time.monotonic() - started < 2


def test_a_mail_that_kills_every_connection_is_passed_over(
    broken_house: tuple[PrivateDovecot, str, FaultProxy, list[bytes]],
) -> None:
    _, user, proxy, raws = broken_house
    mailbox = Mailbox(config(proxy.port, user))
    clerk = Clerk(mailbox)
    looks: list[Look] = []
    for attempt in range(6):
        # first the batch that holds the mail, then the mail alone
        words = b"FETCH 4 (UID BODY.PEEK[])" if attempt else b"BODY.PEEK[]"
        proxy.fault = Fault("close", at=words)
        with contextlib.suppress(MailboxError):
            looks.append(clerk.look())
            break
    mailbox.close()
    proxy.fault = None

    assert [f.code for f in looks[-1].failed] == ["SESSION_LOST"]
    assert [(f.uid, f.code) for f in clerk.skipped] == [(4, "SESSION_LOST")]
    assert [m.raw for m in clerk.kept] == [*raws[:3], *raws[4:]]


def test_a_closed_session_is_made_anew_without_an_error(dovecot: PrivateDovecot, user: str) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        mailbox = Mailbox(config(proxy.port, user))
        clerk = Clerk(mailbox)
        clerk.look()
        proxy.fault = Fault("close", at=b"NOOP")

        assert clerk.look().complete
        assert proxy.connections == 2
        mailbox.close()


def test_one_session_serves_many_looks(dovecot: PrivateDovecot, user: str) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        clerk = Clerk(Mailbox(config(proxy.port, user)))
        for _ in range(5):
            clerk.look()

        assert proxy.connections == 1
        assert proxy.sent_by_client.count(b"LOGIN") == 1
        clerk.mailbox.close()


def test_only_commands_that_change_nothing_are_sent(dovecot: PrivateDovecot, user: str) -> None:
    fill(dovecot, user, mails(2))
    with FaultProxy(dovecot.imap_port) as proxy:
        clerk = Clerk(Mailbox(config(proxy.port, user)))
        clerk.look()
        clerk.mailbox.find_token("INBOX", "x", NINE)
        clerk.mailbox.wait(0.1, threading.Event())
        clerk.mailbox.close()
        verbs = {
            line.split()[1].upper() for line in proxy.sent_by_client.splitlines() if b" " in line
        }

    assert verbs <= {b"CAPABILITY", b"LOGIN", b"ID", b"LIST", b"EXAMINE", b"UID", b"NOOP",
                     b"IDLE", b"LOGOUT"}  # fmt: skip
    assert b"BODY[" not in proxy.sent_by_client


def test_the_list_fake_behaves_like_the_door() -> None:
    fake = ListMailbox(["INBOX", "Junk"])
    clerk = Clerk(fake)
    for raw in mails(3):
        fake.deliver(raw, NINE)
    fake.poison = {("INBOX", 2)}
    first = clerk.look()
    fake.poison = set()
    late: list[Arrived] = []

    assert not first.complete
    assert fake.fetch("INBOX", 1, [f.uid for f in first.failed], late.append) == ()
    assert [m.raw for m in (*clerk.kept, *late)] == [mails(3)[0], mails(3)[2], mails(3)[1]]
    assert clerk.look().complete
    assert fake.oldest("INBOX") == NINE
