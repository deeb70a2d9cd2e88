"""The whole month on real servers: every unit, every day, the exact kinds of letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.demo_servers import SmtpSink, TlsFiles
from service.mailbox import Mailbox, MailboxConfig
from tests.fakes import dovecot
from tests.story import june, playing


@pytest.mark.real_server
@pytest.mark.skipif(not dovecot.is_installed(), reason="dovecot-imapd is not installed")
def test_june_on_dovecot(tmp_path: Path) -> None:
    settings, campaign, mails = playing.set_up(tmp_path / "june")
    with dovecot.PrivateDovecot({playing.USER: playing.CODE}) as server:
        files = TlsFiles(server.certificate.cert, server.certificate.key)
        with SmtpSink({playing.USER: playing.CODE}, tls=files) as sink:
            box = Mailbox(
                MailboxConfig(
                    "127.0.0.1",
                    server.imaps_port,
                    playing.USER,
                    playing.CODE,
                    ("INBOX",),
                    server.trusted(),
                )
            )
            doors = box, playing.postman(sink, server.trusted())
            playing.play(
                settings,
                campaign,
                mails,
                doors,
                lambda raw, when: server.append(playing.USER, raw, when),
                remember=True,
            )
            flags = server.flags(playing.USER)

            told = playing.told(sink)

    playing.check(told)
    assert len(flags) == len(mails)
    assert not any(b"\\Seen" in f for f in flags)
    staff = [(day, kind) for unit, day, kind in told if unit == "staff"]
    assert [day for day, kind in staff if kind == "【汇总】"] == list(june.REPORTS)
