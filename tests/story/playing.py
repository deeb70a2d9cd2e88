"""Plays tests/story/june.py through the whole service on given doors, and reads what left."""

from __future__ import annotations

import email
import email.policy
import json
import shutil
import ssl
import tempfile
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from service import demo, demo_story, duties
from service import settings as settings_
from service.arrivals import MailboxDoor
from service.assembly import Machine, running
from service.clock import MovingClock
from service.decisions import Decided
from service.demo_servers import SmtpSink
from service.moments import ZONE, moment
from service.postman import Postman, PostmanConfig, PostmanDoor
from service.settings import Settings
from service.types import Campaign
from service.workers import Workers
from tests.story import june

USER = "1137652316@qq.com"
CODE = "authcode"
KINDS = {"回执": "receipt", "请重新": "question", "报送提醒": "reminder", "逾期提醒": "reminder"}
_SETTINGS = """\
data = "data"
campaigns = ["campaigns/2021-safety-month"]
read_scans = false
[mailbox]
user = "1137652316@qq.com"
[outbox]
hold_first_batch = false
"""

Deliver = Callable[[bytes, datetime], None]


def set_up(folder: Path) -> tuple[Settings, Campaign, tuple[demo_story.Incoming, ...]]:
    """A folder with settings and a campaign whose units have the story's addresses."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(_SETTINGS, encoding="utf-8")
    demo.campaign_folder(folder / "campaigns" / demo.SLUG, june.story())
    settings = settings_.load(folder / "settings.toml")
    campaign = settings_.load_campaigns(settings)[0]
    return settings, campaign, mails()


@cache
def mails() -> tuple[demo_story.Incoming, ...]:
    """The story's mails: the same for every test that plays it."""
    with tempfile.TemporaryDirectory() as folder:
        demo.campaign_folder(Path(folder) / demo.SLUG, june.story())
        campaign = settings_.load_campaign(Path(folder) / demo.SLUG)
    return demo_story.mails(campaign, june.story())


def play(
    settings: Settings,
    campaign: Campaign,
    mails: Iterable[demo_story.Incoming],
    doors: tuple[MailboxDoor, PostmanDoor],
    deliver: Deliver,
    until: str = "2021-07-05 18:00",
    remember: bool = False,
) -> None:
    """Moves the clock from event to event, as `serve` would live through the month. With
    `remember` each mail is read once for all the plays of this process."""
    clock = MovingClock(demo.START)
    waiting = list(mails)
    with running(settings, (campaign,), *doors, clock) as machine:
        if remember:
            machine.intake._workers = Remembered(machine.intake._workers)  # type: ignore[assignment]
        while (now := _next(campaign, waiting, clock.now())) <= moment(until):
            while waiting and waiting[0].when <= now:
                mail = waiting.pop(0)
                deliver(mail.raw, mail.when)
            clock.move_to(now)
            _tick(machine)


class Remembered:
    """The workers' outcomes by the mail's bytes: the same bytes give the same result."""

    _outcomes: ClassVar[dict[bytes, str]] = {}

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self.reader = workers.reader

    def read_mail(self, raw: bytes, arrived_on: date | None = None) -> dict[str, Any]:
        if raw not in self._outcomes:
            self._outcomes[raw] = json.dumps(self._workers.read_mail(raw, arrived_on))
        outcome: dict[str, Any] = json.loads(self._outcomes[raw])
        return outcome


def _tick(machine: Machine) -> None:
    ticked = machine.daemon.tick()
    assert ticked.problem is None, ticked.problem


def _next(campaign: Campaign, waiting: list[demo_story.Incoming], after: datetime) -> datetime:
    due = duties.next_event(campaign, Decided(), after)
    moments = [m.when + timedelta(minutes=1) for m in waiting[:1]] + ([due] if due else [])
    return min((m for m in moments if m > after), default=moment("2022-01-01"))


def postman(sink: SmtpSink, context: ssl.SSLContext | None = None) -> Postman:
    tls = "implicit" if context else "none"
    return Postman(PostmanConfig("127.0.0.1", sink.port, USER, CODE, tls, context))


def told(sink: SmtpSink) -> list[tuple[str, str, str]]:
    return letters((t.recipients, t.content) for t in sink.taken)


def letters(contents: Iterable[tuple[tuple[str, ...], bytes]]) -> list[tuple[str, str, str]]:
    """(unit, MMDD, kind) of every letter that a unit got; staff letters under `staff`."""
    out = []
    for recipients, raw in contents:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        when = parsedate_to_datetime(str(mail["Date"])).astimezone(ZONE)
        subject = str(mail["Subject"])
        kind = next((k for start, k in KINDS.items() if subject.startswith(start)), subject[:4])
        units = [r.partition("@")[0] for r in recipients if r.endswith("@units.example")]
        out.append((units[0] if units else "staff", f"{when:%m%d}", kind))
    return out


def check(said: list[tuple[str, str, str]], until: str = "0705") -> None:
    """Compares what left with the table, unit by unit and day by day."""
    wanted = june.expected(until)
    got: dict[tuple[str, str], list[str]] = {cell: [] for cell in wanted}
    for unit, day, kind in said:
        if unit != "staff":
            got.setdefault((unit, day), []).append(kind)
    differences = {
        cell: (sorted(kinds), wanted.get(cell))
        for cell, kinds in got.items()
        if sorted(kinds) != wanted.get(cell)
    }
    assert not differences, f"(unit, day): (left, expected): {differences}"
