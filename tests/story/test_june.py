"""The whole month on real servers: every unit, every day, the exact kinds of letters."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from service import chase, demo_servers, ledger
from service.assembly import running
from service.clock import MovingClock, SystemClock
from service.demo_servers import EmbeddedImap, SmtpSink, TlsFiles
from service.mailbox import Mailbox, MailboxConfig
from service.postman import Postman, PostmanConfig
from service.store import Store
from service.types import LedgerCell
from service.workdays import Workdays
from tests.fakes import dovecot
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.story import june, playing

USER = "1137652316@qq.com"
CODE = "authcode"
SHORT = "2021-06-08 23:00"


def _postman(sink: SmtpSink, context: ssl.SSLContext | None = None) -> Postman:
    tls = "implicit" if context else "none"
    return Postman(PostmanConfig("127.0.0.1", sink.port, USER, CODE, tls, context))


def _told(sink: SmtpSink) -> list[tuple[str, str, str]]:
    return playing.letters((t.recipients, t.content) for t in sink.taken)


@pytest.mark.real_server
@pytest.mark.skipif(not dovecot.is_installed(), reason="dovecot-imapd is not installed")
def test_june_on_dovecot(tmp_path: Path) -> None:
    settings, campaign, mails = playing.set_up(tmp_path / "june")
    with dovecot.PrivateDovecot({USER: CODE}) as server:
        files = TlsFiles(server.certificate.cert, server.certificate.key)
        with SmtpSink({USER: CODE}, tls=files) as sink:
            box = Mailbox(
                MailboxConfig(
                    "127.0.0.1", server.imaps_port, USER, CODE, ("INBOX",), server.trusted()
                )
            )
            doors = box, _postman(sink, server.trusted())
            playing.play(
                settings, campaign, mails, doors, lambda raw, when: server.append(USER, raw, when)
            )
            flags = server.flags(USER)

            told = _told(sink)

    playing.check(told)
    assert len(flags) == len(mails)
    assert not any(b"\\Seen" in f for f in flags)
    staff = [(day, kind) for unit, day, kind in told if unit == "staff"]
    assert [day for day, kind in staff if kind == "【汇总】"] == list(june.REPORTS)


def test_june_on_the_embedded_server(tmp_path: Path) -> None:
    settings, campaign, mails = playing.set_up(tmp_path / "june")
    with EmbeddedImap({USER: CODE}) as server, SmtpSink({USER: CODE}) as sink:
        box = Mailbox(MailboxConfig("127.0.0.1", server.port, USER, CODE, ("INBOX",), tls=False))
        playing.play(
            settings,
            campaign,
            mails,
            (box, _postman(sink)),
            lambda raw, when: server.deliver(USER, raw, when=when),
        )

    playing.check(_told(sink))


def _short_june(folder: Path) -> list[tuple[str, str, str]]:
    settings, campaign, mails = playing.set_up(folder)
    box, post = ListMailbox(), ListPostman()
    playing.play(settings, campaign, mails, (box, post), box.deliver, SHORT)
    return playing.letters((p.recipients, p.content) for p in post.posted)


def test_the_short_june_is_right_without_a_mutant(tmp_path: Path) -> None:
    playing.check(_short_june(tmp_path / "june"), "0608")


def _twice(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Store.change_letter

    def forgetful(self: Store, key: str, **changes: object) -> None:
        if changes.get("state") == "sent":
            changes |= {"state": "queued", "sent_at": None}
        real(self, key, **changes)

    monkeypatch.setattr(Store, "change_letter", forgetful)


def _on_rest_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workdays, "is_working", lambda self, day: True)


def _after_the_return(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ledger._cell

    def forgetful(*given: object) -> LedgerCell | None:
        cell = real(*given)  # type: ignore[arg-type]
        return None if cell is not None and cell.state == "reported" else cell

    monkeypatch.setattr(ledger, "_cell", forgetful)


@pytest.mark.parametrize("mutant", [_twice, _on_rest_days, _after_the_return])
def test_a_mutant_turns_the_table_red(
    mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mutant(monkeypatch)
    chase._steps.cache_clear()  # what the sound calendar worked out must not save the mutant

    with pytest.raises(AssertionError, match="left, expected"):
        playing.check(_short_june(tmp_path / "june"), "0608")

    chase._steps.cache_clear()


def test_the_shipped_campaign_is_silent_today(tmp_path: Path) -> None:
    """Under today's real clock for a simulated week not one letter leaves for a unit."""
    settings, campaign, mails = playing.set_up(tmp_path / "today")
    box, post = ListMailbox(), ListPostman()
    clock = MovingClock(SystemClock().now())
    for mail in mails[:5]:
        box.deliver(mail.raw, clock.now())
    with running(settings, (campaign,), box, post, clock) as machine:
        for _ in range(7 * 8):
            clock.move_to(clock.now() + timedelta(hours=3))
            machine.daemon.tick()
        kept = machine.store.mail_facts(clock.now())

    assert len(kept) == 5
    assert post.posted == []


def test_the_demo_servers_listen_on_loopback_only() -> None:
    assert demo_servers.LOOPBACK == "127.0.0.1"
