"""The played month (演示): an IMAP server and an SMTP sink in this process, June 2021 in a minute.

The same machine as `serve` runs, under a clock that is moved from event to event.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from service import assembly, duties, report, words
from service import demo_story as story
from service import settings as settings_
from service.assembly import Machine, running
from service.clock import MovingClock
from service.decisions import Decided
from service.demo_servers import EmbeddedImap, SmtpSink, Taken
from service.errors import UsageError
from service.moments import moment
from service.outlook import Outlook, survey
from service.settings import Settings
from service.types import Campaign

START = moment("2021-06-01 00:10")
END = moment("2021-07-05 18:00")
SLUG = "2021-safety-month"
MARK = ".baosong-demo"
PASSWORD = "demo"
Progress = Callable[[float, datetime, int, int], None]
"""Share done, the time it is in the story, mails come, letters gone."""


@dataclass(frozen=True, slots=True)
class Played:
    """What the month left: the last picture, and every letter with its time."""

    outlook: Outlook
    folder: Path
    letters: int
    mails: int


def play(folder: Path, progress: Progress, end: datetime = END) -> Played:
    """Plays June 2021 into `folder`, which is made anew; tests may end it earlier."""
    _clear(folder)
    given = story.load()
    campaign_folder(folder / "campaigns" / SLUG, given)
    campaign = settings_.load_campaign(folder / "campaigns" / SLUG)
    mails = story.mails(campaign, given)
    users = {campaign.mailbox: PASSWORD}
    with EmbeddedImap(users) as imap, SmtpSink(users) as sink:
        settings = _settings(folder, campaign, imap.port, sink.port)
        clock = MovingClock(START)
        doors = assembly.mailbox(settings, PASSWORD), assembly.postman(settings, PASSWORD)
        with running(settings, (campaign,), *doors, clock) as machine:
            _run(campaign, mails, imap, sink, machine, clock, progress, end)
            outlook = survey(machine.store, campaign, clock.now())
            _leave_letters(folder / "letters", sink.taken)
            _leave_reports(folder / "reports", machine, campaign, end)
    return Played(outlook, folder, len(sink.taken), len(mails))


def _run(
    campaign: Campaign,
    mails: tuple[story.Incoming, ...],
    imap: EmbeddedImap,
    sink: SmtpSink,
    machine: Machine,
    clock: MovingClock,
    progress: Progress,
    end: datetime,
) -> None:
    waiting = list(mails)
    while (now := _next(campaign, waiting, clock.now())) <= end:
        while waiting and waiting[0].when <= now:
            mail = waiting.pop(0)
            imap.deliver(campaign.mailbox, mail.raw, when=mail.when)
        clock.move_to(now)
        machine.daemon.tick()
        done = (now - START) / (end - START)
        progress(done, now, len(mails) - len(waiting), len(sink.taken))
    progress(1.0, end, len(mails) - len(waiting), len(sink.taken))


def _next(campaign: Campaign, waiting: list[story.Incoming], after: datetime) -> datetime:
    """The next moment worth a pass: something falls due, or a minute after a mail came."""
    due = duties.next_event(campaign, Decided(), after)
    moments = [due] if due else []
    moments += [m.when + timedelta(minutes=1) for m in waiting[:1]]
    return min((m for m in moments if m > after), default=END + timedelta(days=1))


def _clear(folder: Path) -> None:
    """Makes the folder anew; refuses to empty one that no demo made."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UsageError("DEMO_FOLDER", path=folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def campaign_folder(folder: Path, given: Mapping[str, Any]) -> None:
    """The shipped campaign with the story's made-up addresses in its roster."""
    shutil.copytree(settings_.SHIPPED / SLUG, folder)
    players = story.players(settings_.load_campaign(folder), given)
    file = folder / "units.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        if row["id"] in players:
            p = players[row["id"]]
            row |= {"addresses": p.address, "contact": p.person, "phone": p.phone}
        writer.writerow(row)
    file.write_text(out.getvalue(), encoding="utf-8")


SETTINGS = """\
# 演示用的设置：服务器只在演示时存在，看状态、预览、出报表都可以用它。
data = "data"
campaigns = ["campaigns/{slug}"]
authcode_file = "authcode"
read_scans = false

[mailbox]
host = "127.0.0.1"
port = {imap}
user = "{user}"
folders = ["INBOX"]
tls = false

[smtp]
host = "127.0.0.1"
port = {smtp}
sender_name = "如皋市城市管理局安全科"
tls = "none"

[outbox]
hold_first_batch = false
"""


def _settings(folder: Path, campaign: Campaign, imap: int, smtp: int) -> Settings:
    file = folder / "settings.toml"
    text = SETTINGS.format(slug=SLUG, imap=imap, smtp=smtp, user=campaign.mailbox)
    file.write_text(text, encoding="utf-8")
    code = folder / "authcode"
    code.touch(mode=0o600)
    code.write_text(PASSWORD, encoding="ascii")
    return settings_.load(file)


def _leave_letters(folder: Path, taken: list[Taken]) -> None:
    """Each letter as the mail program of its reader would open it."""
    folder.mkdir()
    for number, letter in enumerate(taken, start=1):
        to = letter.recipients[0].partition("@")[0]
        (folder / f"{number:03d}-{to}.eml").write_bytes(letter.content)


def _leave_reports(folder: Path, machine: Machine, campaign: Campaign, end: datetime) -> None:
    """The consolidated report as it stood at each of its times."""
    for due in campaign.reports:
        if due.at > end:
            continue
        outlook = survey(machine.store, campaign, due.at, as_of=True)
        here = folder / f"{due.at:%m-%d}"
        here.mkdir(parents=True)
        for file in report.build(outlook.moved, outlook.ledger, due.deadline, due.at):
            (here / file.name).write_bytes(file.content)


def told(outlook: Outlook) -> Iterator[str]:
    """The month as a story: a line or two for each unit."""
    book = outlook.ledger
    for unit in outlook.campaign.expected:
        filed = []
        for d in outlook.campaign.deadlines:
            cell = book.cells.get((unit.id, d.key))
            if cell is None or (d.mode == "record" and cell.state == "missing"):
                continue
            filed.append(_cell(d.name, cell.state, cell.arrived_at, cell.days_late))
        yield f"{unit.name}：{'；'.join(filed)}"
        reminders = [r for r in outlook.letters if r.kind == "reminder" and r.unit == unit.id]
        if reminders:
            times = "、".join(f"{r.sent_at:%m-%d %H:%M}" for r in reminders if r.sent_at)
            yield f"　　催报 {len(reminders)} 次：{times}"


def _cell(name: str, state: str, arrived: datetime | None, days: int) -> str:
    said = words.say("cell", state, {"days": days})
    return f"{name} {said}{f'（{arrived:%m-%d %H:%M}）' if arrived else ''}"
