"""The service beats with `schedule`, wakes when a mail arrives, and stops when it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from service.arrivals import MailboxDoor
from service.assembly import Machine, running
from service.clock import SystemClock
from service.demo_story import Incoming
from service.mailbox import Mailbox, MailboxConfig
from service.moments import moment
from service.types import Campaign
from tests.fakes.dovecot import PrivateDovecot, is_installed
from tests.fakes.fault_proxy import Fault, FaultProxy
from tests.fakes.list_postman import ListPostman
from tests.service.machines import Office, office, short
from tests.story import playing

USER = "1137652316@qq.com"
HEARTBEAT = 300.0
needs_dovecot = pytest.mark.skipif(not is_installed(), reason="dovecot-imapd is not installed")


class June(SystemClock):
    """A clock that goes, from 8 June 2021 on."""

    def __init__(self) -> None:
        self._ahead = super().now() - moment("2021-06-08 10:00")

    def now(self) -> datetime:
        return super().now() - self._ahead

    def sleep(self, seconds: float) -> None:
        """The pace of letters is the outbox's test."""


def until(seconds: float, is_so: Callable[[], bool]) -> float:
    """Waits until it is so; how long that took."""
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < seconds
        time.sleep(0.02)
    return time.monotonic() - started


def serve(machine: Machine | Office, act: Callable[[], None], seconds: float = HEARTBEAT) -> float:
    """Serves while `act` runs beside it and until it is over; how long stopping took."""
    stop, stopped_at, errors = threading.Event(), [0.0], []

    def beside() -> None:
        try:
            act()
        except AssertionError as e:
            errors.append(e)
        stopped_at[0] = time.monotonic()
        stop.set()

    thread = threading.Thread(target=beside)
    thread.start()
    machine.daemon.serve(seconds, stop)
    took = time.monotonic() - stopped_at[0]
    thread.join()
    assert errors == []
    return took


@contextmanager
def june(
    folder: Path, box: MailboxDoor
) -> Iterator[tuple[Machine, ListPostman, list[Incoming], June]]:
    """The machine on 8 June, with mails that bring forms."""
    settings, campaign, mails = playing.set_up(folder)
    forms = [m for m in mails if m.when > moment("2021-06-08 08:00")][:2]
    post, clock = ListPostman(), June()
    with running(settings, (replace(campaign, reports=()),), box, post, clock) as machine:
        yield machine, post, forms, clock


def receipts(post: ListPostman) -> int:
    return sum(b"auto-replied" in p.content for p in post.posted)


def plain(port: int) -> Mailbox:
    return Mailbox(MailboxConfig("127.0.0.1", port, USER, "authcode", ("INBOX",), tls=False))


@pytest.mark.real_server
@needs_dovecot
def test_a_new_mail_is_answered_within_seconds_and_stopping_is_quick(tmp_path: Path) -> None:
    took = []
    with (
        PrivateDovecot({USER: "authcode"}) as server,
        june(tmp_path / "june", plain(server.imap_port)) as (machine, post, mails, clock),
    ):

        def act() -> None:
            until(20, lambda: len(post.posted) > 0)
            time.sleep(1.5)  # the first pass is over, the service waits
            for number, mail in enumerate(mails, start=1):
                server.append(USER, mail.raw, clock.now())
                took.append(until(20, lambda number=number: receipts(post) >= number))

        stopping = serve(machine, act)

    assert took[1] < 5, took  # the first mail also starts the reading processes
    assert stopping < 5


@pytest.mark.real_server
@needs_dovecot
def test_a_silent_server_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    with (
        PrivateDovecot({USER: "authcode"}) as server,
        FaultProxy(server.imap_port) as proxy,
        june(tmp_path / "june", plain(proxy.port)) as (machine, _, mails, clock),
    ):
        server.append(USER, mails[0].raw, clock.now())
        proxy.fault = Fault("stall", at=b"UID FETCH")
        stopping = serve(machine, lambda: time.sleep(1))
        assert b"UID FETCH" in proxy.sent_by_client

    assert stopping < 10


def test_without_any_mail_the_heartbeat_goes_on(few: Campaign, tmp_path: Path) -> None:
    with office(few, tmp_path, "06-07 08:00", words=short) as here:
        looks = here._mailbox_without_sent
        serve(here, lambda: until(5, lambda: looks.looks >= 3) and None, seconds=1)

        assert looks.looks >= 3


def test_a_pass_that_fails_waits_for_the_next_beat(
    few: Campaign, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with office(few, tmp_path, "06-07 08:00", words=short) as here:
        here.box.deliver(b"x", here.clock.now())  # the door that is waited at always calls

        def broken() -> None:
            raise RuntimeError

        here.before_look(broken)
        serve(here, lambda: time.sleep(2.5))

        assert here._mailbox_without_sent.looks == 2
