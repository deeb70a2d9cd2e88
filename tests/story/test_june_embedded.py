"""The whole month on the demo's own servers, as `run.py demo` plays it."""

from __future__ import annotations

from pathlib import Path

from service import demo_servers
from service.demo_servers import EmbeddedImap, SmtpSink
from service.mailbox import Mailbox, MailboxConfig
from tests.story import playing


def test_june_on_the_embedded_server(tmp_path: Path) -> None:
    settings, campaign, mails = playing.set_up(tmp_path / "june")
    with (
        EmbeddedImap({playing.USER: playing.CODE}) as server,
        SmtpSink({playing.USER: playing.CODE}) as sink,
    ):
        box = Mailbox(
            MailboxConfig(
                "127.0.0.1", server.port, playing.USER, playing.CODE, ("INBOX",), tls=False
            )
        )
        playing.play(
            settings,
            campaign,
            mails,
            (box, playing.postman(sink)),
            lambda raw, when: server.deliver(playing.USER, raw, when=when),
            remember=True,
        )

    playing.check(playing.told(sink))


def test_the_demo_servers_listen_on_loopback_only() -> None:
    assert demo_servers.LOOPBACK == "127.0.0.1"
