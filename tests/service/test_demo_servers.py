"""The demo's servers behave enough like servers that our doors work against them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.arrivals import Arrived, MailboxError
from service.demo_servers import EmbeddedImap, SmtpSink, TlsFiles
from service.mailbox import Mailbox, MailboxConfig
from service.postman import Postman, PostmanConfig
from service.tls import client_context
from tests.fakes.certificates import make_certificate

NINE = datetime(2021, 6, 8, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_delivered_mails_are_seen_with_their_arrival() -> None:
    kept: list[Arrived] = []
    with EmbeddedImap({"a@qq.example": "one", "b@qq.example": "two"}) as server:
        server.deliver("b@qq.example", b"Subject: x\r\n\r\nx", when=NINE)
        server.deliver("b@qq.example", b"Subject: y\r\n\r\ny", "其他文件夹/报送", NINE)
        mailbox = Mailbox(MailboxConfig("127.0.0.1", server.port, "b@qq.example", "two", tls=False))
        look = mailbox.look({}, kept.append)
        mailbox.close()

    assert look.complete
    assert [(m.folder, m.received_at) for m in kept] == [("INBOX", NINE), ("其他文件夹/报送", NINE)]


def test_each_user_has_a_mailbox_and_a_password_of_his_own() -> None:
    with EmbeddedImap({"a@qq.example": "one", "b@qq.example": "two"}) as server:
        server.deliver("a@qq.example", b"Subject: x\r\n\r\nx", when=NINE)
        other = Mailbox(MailboxConfig("127.0.0.1", server.port, "b@qq.example", "two", tls=False))
        wrong = Mailbox(MailboxConfig("127.0.0.1", server.port, "b@qq.example", "one", tls=False))

        assert other.look({}, lambda _: None).folders[0].new == 0
        with pytest.raises(MailboxError, match="IMAP_AUTH_REFUSED"):
            wrong.look({}, lambda _: None)
        other.close()


def test_both_speak_tls(tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    files = TlsFiles(made.cert, made.key)
    trusted = client_context(made.cert)
    with EmbeddedImap({"a": "one"}, files) as imap, SmtpSink({"a": "one"}, files) as sink:
        mailbox = Mailbox(MailboxConfig("127.0.0.1", imap.port, "a", "one", ssl_context=trusted))
        postman = Postman(PostmanConfig("127.0.0.1", sink.port, "a", "one", ssl_context=trusted))

        assert mailbox.look({}, lambda _: None).complete
        assert postman.deliver("a@b", ["c@d"], b"x: y\r\n\r\n", lambda _: None).state == "sent"
        postman.close()
        mailbox.close()
        assert sink.taken[0].recipients == ("c@d",)


def test_the_sink_takes_no_letter_without_a_login() -> None:
    with SmtpSink({"a": "one"}) as sink:
        postman = Postman(PostmanConfig("127.0.0.1", sink.port, "", "", tls="none"))
        delivery = postman.deliver("a@b", ["c@d"], b"x: y\r\n\r\n", lambda _: None)
        postman.close()

        assert (delivery.state, delivery.code) == ("refused", 530)
        assert sink.taken == []
