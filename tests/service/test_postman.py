"""The postman says how far each letter came, on good and on bad days of the server."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.demo_servers import TlsFiles
from service.postman import Delivery, Postman, PostmanConfig, PostmanError
from tests.fakes.certificates import make_certificate
from tests.fakes.dovecot import free_port
from tests.fakes.faulty_smtp import FaultySmtp

USER, CODE = "gk@qq.example", "authcode"
LETTER = "Subject: 催报\r\n\r\n请报送。\r\n.\r\n.好\r\n".encode()


@pytest.fixture(scope="module")
def sink() -> Iterator[FaultySmtp]:
    with FaultySmtp({USER: CODE}) as server:
        yield server


@pytest.fixture
def postman(sink: FaultySmtp) -> Iterator[Postman]:
    sink.clear()
    made = Postman(config(sink.port))
    yield made
    made.close()


def config(port: int, **changes: object) -> PostmanConfig:
    settings: dict[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "user": USER,
        "password": CODE,
        "tls": "none",
        "timeout_seconds": 1.0,
    }
    return PostmanConfig(**(settings | changes))  # type: ignore[arg-type]


def post(postman: Postman, *recipients: str, phases: list[str] | None = None) -> Delivery:
    heard = [] if phases is None else phases
    return postman.deliver(USER, recipients or ("unit@qq.com",), LETTER, heard.append)


def test_a_letter_arrives_octet_for_octet(sink: FaultySmtp, postman: Postman) -> None:
    phases: list[str] = []

    assert post(postman, "a@qq.com", "b@qq.com", phases=phases).state == "sent"
    (taken,) = sink.taken
    assert (taken.sender, taken.recipients, taken.content) == (
        USER,
        ("a@qq.com", "b@qq.com"),
        LETTER,
    )
    assert phases == ["mail", "rcpt", "data", "dot"]


def test_many_letters_share_one_session(sink: FaultySmtp, postman: Postman) -> None:
    for _ in range(3):
        assert post(postman).state == "sent"

    assert sink.commands.count("AUTH") == 1
    assert sink.commands.count("RSET") == 2


@pytest.mark.parametrize(
    ("command", "answer", "state", "code", "last_phase", "taken"),
    [
        ("MAIL", "450 4.7.1 later", "retry", 450, "mail", 0),
        (
            "MAIL",
            "501 mail from address must be same as authorization user",
            "refused",
            501,
            "mail",
            0,
        ),
        ("MAIL", "421 4.3.2 closing", "retry", 421, "mail", 0),
        ("MAIL", "CUT", "retry", None, "mail", 0),
        ("MAIL", "550 Sender frequency limited", "retry", 550, "mail", 0),
        ("RCPT", "450 4.2.0 greylisted", "retry", 450, "rcpt", 0),
        ("RCPT", "550 5.1.1 no such user", "refused", 550, "rcpt", 0),
        ("RCPT", "550 Connection frequency limited", "retry", 550, "rcpt", 0),
        ("RCPT", "421 4.3.2 closing", "retry", 421, "rcpt", 0),
        ("RCPT", "CUT", "retry", None, "rcpt", 0),
        ("DATA", "451 4.3.0 later", "retry", 451, "data", 0),
        ("DATA", "554 5.7.1 refused", "refused", 554, "data", 0),
        ("DATA", "CUT", "retry", None, "data", 0),
        ("DATA", "STALL", "retry", None, "data", 0),
        ("BODY", "452 4.3.1 full", "retry", 452, "dot", 0),
        ("BODY", "550 5.7.1 content refused", "refused", 550, "dot", 0),
        ("BODY", "CUT", "uncertain", None, "dot", 0),
        ("DOT", "CUT", "uncertain", None, "dot", 1),
        ("DOT", "STALL", "uncertain", None, "dot", 1),
        ("DOT", "nonsense", "uncertain", -1, "dot", 1),
        ("DOT", "SLOW:0.3", "sent", 250, "dot", 1),
    ],
)
def test_each_behaviour_of_the_server_has_its_meaning(
    sink: FaultySmtp,
    postman: Postman,
    command: str,
    answer: str,
    state: str,
    code: int | None,
    last_phase: str,
    taken: int,
) -> None:
    sink.script(command, answer)
    phases: list[str] = []
    delivery = post(postman, phases=phases)

    assert (delivery.state, delivery.code) == (state, code)
    assert phases[-1] == last_phase
    assert len(sink.taken) == taken
    sink.clear()
    assert post(postman).state == "sent"  # the next letter goes out, over a new session if need be


def test_partly_refused_recipients_are_named(sink: FaultySmtp, postman: Postman) -> None:
    sink.script("RCPT", "550 5.1.1 no such user", when="lost@")
    delivery = post(postman, "lost@qq.com", "unit@qq.com")

    assert delivery.state == "sent"
    assert delivery.refused == (("lost@qq.com", 550, "5.1.1 no such user"),)
    assert sink.taken[0].recipients == ("unit@qq.com",)


def test_one_recipient_worth_a_retry_makes_the_letter_worth_it(
    sink: FaultySmtp, postman: Postman
) -> None:
    sink.script("RCPT", "550 5.1.1 no such user", when="lost@")
    sink.script("RCPT", "450 4.2.0 greylisted", when="unit@")
    delivery = post(postman, "lost@qq.com", "unit@qq.com")

    assert delivery.state == "retry"
    assert [code for _, code, _ in delivery.refused] == [550, 450]


def test_garbage_at_quit_is_no_failure(sink: FaultySmtp, postman: Postman) -> None:
    sink.script("QUIT", "\x00garbage")

    assert post(postman).state == "sent"
    postman.close()


def test_a_cut_at_quit_is_no_failure(sink: FaultySmtp, postman: Postman) -> None:
    sink.script("QUIT", "CUT")

    assert post(postman).state == "sent"
    postman.close()


def test_a_session_that_died_between_letters_is_made_anew(
    sink: FaultySmtp, postman: Postman
) -> None:
    post(postman)
    sink.script("RSET", "CUT")

    assert post(postman).state == "sent"
    assert sink.commands.count("AUTH") == 2


def test_nothing_leaves_when_the_phase_cannot_be_recorded(
    sink: FaultySmtp, postman: Postman
) -> None:
    def full_disk(name: str) -> None:
        if name == "dot":
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        postman.deliver(USER, ["unit@qq.com"], LETTER, full_disk)

    assert sink.taken == []
    assert post(postman).state == "sent"


@pytest.mark.parametrize(
    "address", ["a@b>\r\nDATA", "a b@c", "a@b\n", "<a@b>", "a", "张@qq.com", "a@b@c\0"]
)
def test_an_address_cannot_end_the_command(
    sink: FaultySmtp, postman: Postman, address: str
) -> None:
    assert post(postman, address).state == "refused"
    assert "MAIL" not in sink.commands


def test_a_wrong_code_is_tried_once(sink: FaultySmtp) -> None:
    sink.clear()
    with pytest.raises(PostmanError) as caught:
        post(Postman(config(sink.port, password="wrong-canary")))

    assert caught.value.code == "SMTP_AUTH_REFUSED"
    assert "wrong-canary" not in str(caught.value)
    assert sink.commands.count("AUTH") == 1


@pytest.mark.parametrize(
    ("command", "answer", "code"),
    [
        ("CONNECT", "421 4.3.2 busy", "SMTP_UNREACHABLE"),
        ("CONNECT", "CUT", "SMTP_UNREACHABLE"),
        ("CONNECT", "STALL", "SMTP_TIMEOUT"),
        ("EHLO", "CUT", "SMTP_UNREACHABLE"),
        ("AUTH", "454 4.7.0 temporary failure", "SMTP_UNREACHABLE"),
        ("AUTH", "CUT", "SMTP_UNREACHABLE"),
        ("AUTH", "STALL", "SMTP_TIMEOUT"),
        (
            "AUTH",
            "535 Login fail. Account is abnormal, service is not open, password is incorrect, "
            "login frequency limited, or system is busy",
            "SMTP_AUTH_REFUSED",
        ),
    ],
)
def test_a_session_that_cannot_be_made_has_its_code(
    sink: FaultySmtp, command: str, answer: str, code: str
) -> None:
    sink.clear()
    sink.script(command, answer)
    phases: list[str] = []
    with pytest.raises(PostmanError) as caught:
        post(Postman(config(sink.port)), phases=phases)

    assert caught.value.code == code
    assert phases == []


def test_nobody_listening_is_unreachable() -> None:
    with pytest.raises(PostmanError, match="SMTP_UNREACHABLE"):
        post(Postman(config(free_port())))


def test_no_letter_leaves_without_tls_except_on_loopback() -> None:
    with pytest.raises(PostmanError, match="SMTP_TLS"):
        post(Postman(config(25, host="192.0.2.1")))


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_tls_is_spoken_and_verified(tmp_path: Path, tls: str) -> None:
    good = make_certificate(tmp_path)
    files = TlsFiles(good.cert, good.key)
    kind = {"tls": files} if tls == "implicit" else {"starttls": files}
    trusted = ssl.create_default_context(cafile=str(good.cert))
    with FaultySmtp({USER: CODE}, **kind) as server:  # type: ignore[arg-type]
        known = Postman(config(server.port, tls=tls, ssl_context=trusted))

        assert post(known).state == "sent"
        known.close()
        with pytest.raises(PostmanError, match="SMTP_TLS"):
            post(Postman(config(server.port, tls=tls)))


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    old = make_certificate(tmp_path, expired=True)
    trusted = ssl.create_default_context(cafile=str(old.cert))
    with FaultySmtp({USER: CODE}, TlsFiles(old.cert, old.key)) as server:
        with pytest.raises(PostmanError, match="SMTP_TLS"):
            post(Postman(config(server.port, tls="implicit", ssl_context=trusted)))

        assert server.taken == []


def test_a_server_without_starttls_gets_no_password(sink: FaultySmtp) -> None:
    sink.clear()
    with pytest.raises(PostmanError, match="SMTP_TLS"):
        post(Postman(config(sink.port, tls="starttls")))

    assert "AUTH" not in sink.commands


def test_a_stalled_answer_ends_within_the_deadline(sink: FaultySmtp, postman: Postman) -> None:
    sink.script("MAIL", "STALL")
    started = time.monotonic()

    assert post(postman).state == "retry"
    assert time.monotonic() - started < 3
