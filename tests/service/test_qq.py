"""The doors against a double of QQ's servers: its documented ways cost no mail and no letter."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.arrivals import Arrived, MailboxError
from service.imap import ImapSession, MailboxConfig
from service.mailbox import Mailbox
from service.postman import Postman, PostmanConfig, PostmanError
from tests.fakes.qq import UIDVALIDITY, QQImap, QQSmtp

USER, CODE = "1137652316@qq.com", "authcode16letter"
NINE = datetime(2021, 6, 8, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def qq() -> Iterator[QQImap]:
    with QQImap(USER, CODE) as double:
        yield double


@pytest.fixture
def smtp(qq: QQImap) -> Iterator[QQSmtp]:
    with QQSmtp(qq, NINE) as double:
        yield double


@pytest.fixture
def mailbox(qq: QQImap) -> Iterator[Mailbox]:
    made = Mailbox(config(qq))
    yield made
    made.close()


def config(qq: QQImap, **changes: object) -> MailboxConfig:
    settings: dict[str, object] = {
        "host": "127.0.0.1",
        "port": qq.port,
        "user": USER,
        "password": CODE,
        "tls": False,
        "command_seconds": 0.6,
    }
    return MailboxConfig(**(settings | changes))  # type: ignore[arg-type]


def mail(n: int, size: int = 10) -> bytes:
    return f"Subject: {n}\r\nMessage-ID: <{n}@x>\r\n\r\n".encode() + b"x" * size


def test_every_mail_gets_its_own_contents(qq: QQImap, mailbox: Mailbox) -> None:
    uids = [qq.deliver(mail(n, 10 * n), NINE + timedelta(minutes=n)) for n in range(120)]
    kept: list[Arrived] = []
    look = mailbox.look({}, kept.append)

    assert [(m.uid, m.raw) for m in kept] == [(u, mail(n, 10 * n)) for n, u in enumerate(uids)]
    assert kept[7].received_at == NINE + timedelta(minutes=7)
    assert look.complete


def test_folders_with_one_uidvalidity_are_kept_apart(qq: QQImap, mailbox: Mailbox) -> None:
    for folder in ("INBOX", "Junk", "其他文件夹/报送", "Drafts"):
        qq.deliver(folder.encode(), NINE, folder)
    kept: list[Arrived] = []
    mailbox.look({}, kept.append)

    assert [m.folder for m in kept] == ["INBOX", "Junk", "其他文件夹/报送"]
    assert {m.uidvalidity for m in kept} == {UIDVALIDITY}
    assert all((m.raw or b"").decode() == m.folder for m in kept)


def test_the_last_mail_is_not_new_again(qq: QQImap, mailbox: Mailbox) -> None:
    uid = qq.deliver(mail(1), NINE)
    kept: list[Arrived] = []
    mailbox.look({("INBOX", UIDVALIDITY): uid}, kept.append)

    assert kept == []


def test_looking_sets_no_flag(qq: QQImap, mailbox: Mailbox) -> None:
    for n in range(5):
        qq.deliver(mail(n), NINE)
    before = qq.flags()
    mailbox.look({}, lambda _: None)
    mailbox.find_token("INBOX", "x", NINE)

    assert qq.flags() == before


def test_a_large_mail_comes_in_pieces(qq: QQImap, mailbox: Mailbox) -> None:
    big = mail(1, 9_000_000)
    qq.deliver(big, NINE)
    kept: list[bytes] = []
    mailbox.look({}, lambda m: kept.append(b"".join(m.chunks or ())))

    assert kept == [big]


def test_no_more_logins_than_sessions(qq: QQImap, mailbox: Mailbox) -> None:
    for n in range(30):
        qq.deliver(mail(n), NINE)
        mailbox.look({}, lambda _: None)

    assert qq.logins == 1


def test_a_lockout_is_told_as_a_refused_login(qq: QQImap) -> None:
    qq.logins_allowed = 0
    with pytest.raises(MailboxError) as caught:
        Mailbox(config(qq)).look({}, lambda _: None)

    assert caught.value.code == "IMAP_AUTH_REFUSED"


def test_an_untagged_bad_ends_the_session_at_once(qq: QQImap) -> None:
    session = ImapSession(config(qq, command_seconds=20))
    started = time.monotonic()
    with pytest.raises(MailboxError, match="IMAP_PROTOCOL"), session._command() as client:
        client.check() if client.state == "SELECTED" else client.namespace()
    session.drop()

    assert time.monotonic() - started < 2


def test_a_descending_set_would_be_refused(qq: QQImap) -> None:
    for n in range(3):
        qq.deliver(mail(n), NINE)
    session = ImapSession(config(qq))
    session.examine("INBOX")
    with pytest.raises(MailboxError, match="IMAP_PROTOCOL"), session._command() as client:
        client.uid("FETCH", "109:103", "(UID)")
    session.drop()


def test_a_push_wakes_the_waiting(qq: QQImap, mailbox: Mailbox) -> None:
    mailbox.look({}, lambda _: None)
    timer = threading.Timer(0.2, qq.deliver, [mail(1), NINE])
    timer.start()
    started = time.monotonic()
    mailbox.wait(10, threading.Event())
    timer.join()

    assert time.monotonic() - started < 3


def test_our_letter_is_found_under_the_id_that_qq_gave_it(
    qq: QQImap, smtp: QQSmtp, mailbox: Mailbox
) -> None:
    letter = b"Subject: [OQ-7f3a]\r\nMessage-ID: <ours@oq>\r\n\r\nx\r\n"
    postman = Postman(post_config(smtp))

    assert postman.deliver(USER, ["unit@qq.com"], letter, lambda _: None).state == "sent"
    postman.close()
    assert b"tencent_" in smtp.taken[0].content
    assert mailbox.find_token("Sent Messages", "ours@oq", NINE)
    assert mailbox.find_token("Sent Messages", "OQ-7f3a", NINE)
    assert not mailbox.find_token("Sent Messages", "OQ-other", NINE)


def post_config(smtp: QQSmtp, **changes: object) -> PostmanConfig:
    settings: dict[str, object] = {
        "host": "127.0.0.1",
        "port": smtp.port,
        "user": USER,
        "password": CODE,
        "tls": "none",
        "timeout_seconds": 2.0,
    }
    return PostmanConfig(**(settings | changes))  # type: ignore[arg-type]


def test_a_letter_cut_after_the_final_dot_is_settled_from_sent_messages(
    qq: QQImap, smtp: QQSmtp, mailbox: Mailbox
) -> None:
    smtp.script("DOT", "nonsense")
    postman = Postman(post_config(smtp))
    letter = b"Subject: [OQ-1]\r\nMessage-ID: <one@oq>\r\n\r\nx\r\n"

    assert postman.deliver(USER, ["unit@qq.com"], letter, lambda _: None).state == "uncertain"
    assert mailbox.find_token("Sent Messages", "OQ-1", NINE)


def test_another_sender_is_refused(smtp: QQSmtp) -> None:
    postman = Postman(post_config(smtp))
    delivery = postman.deliver("other@qq.com", ["unit@qq.com"], b"x: y\r\n\r\n", lambda _: None)
    postman.close()

    assert (delivery.state, delivery.code) == ("refused", 501)


def test_a_frequency_limit_means_later(smtp: QQSmtp) -> None:
    smtp.letters_allowed = 2
    postman = Postman(post_config(smtp))
    letter = b"Subject: x\r\nMessage-ID: <x@oq>\r\n\r\n"
    states = [postman.deliver(USER, ["u@qq.com"], letter, lambda _: None).state for _ in range(3)]
    postman.close()

    assert states == ["sent", "sent", "retry"]


def test_a_wrong_code_is_refused(smtp: QQSmtp) -> None:
    with pytest.raises(PostmanError, match="SMTP_AUTH_REFUSED"):
        Postman(post_config(smtp, password="wrong")).deliver(
            USER, ["u@qq.com"], b"", lambda _: None
        )
