"""A small office at work: settings, a campaign, a week of mail that was fetched and answered."""

from __future__ import annotations

import contextlib
import io
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import run
from service import demo, demo_story
from service.assembly import running
from service.clock import MovingClock
from service.moments import moment
from service.outlook import Outlook, survey
from service.settings import Settings, load, load_campaigns
from service.store import Store
from service.types import Campaign
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.story import playing

UNTIL = "2021-06-09 12:00"
MAILS = 8


@dataclass(frozen=True, slots=True)
class Office:
    """Where its settings lie, and the mails that arrived."""

    folder: Path
    settings: Settings
    campaign: Campaign
    mails: tuple[demo_story.Incoming, ...] = field(repr=False)

    @property
    def file(self) -> Path:
        return self.folder / "settings.toml"

    def store(self) -> Store:
        return Store(self.settings.database)

    def outlook(self, at: str = UNTIL) -> Outlook:
        """How things stood at that time, by the campaign as it lies on disk now."""
        store = self.store()
        try:
            return survey(store, load_campaigns(self.settings)[0], moment(at), as_of=True)
        finally:
            store.close()

    def run(self, *arguments: object) -> tuple[int, str]:
        """A command's exit code and everything that it said."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = run.run([str(a) for a in arguments] + ["--settings", str(self.file)])
        return code, said.getvalue()


def open_(folder: Path) -> Office:
    """A new office without any mail."""
    settings, campaign, _ = playing.set_up(folder)
    shutil.rmtree(folder / "campaigns")
    demo.campaign_folder(folder / "campaigns" / demo.SLUG, demo_story.load())
    campaign = load_campaigns(settings)[0]
    mails = _some(demo_story.mails(campaign, demo_story.load()))
    code = folder / "authcode"
    code.touch(mode=0o600)
    code.write_text("canary-authcode", encoding="ascii")
    return Office(folder, settings, campaign, mails)


def _some(mails: tuple[demo_story.Incoming, ...]) -> tuple[demo_story.Incoming, ...]:
    """The last few of that week, and a stranger's return, which the story has later."""
    week = tuple(m for m in mails if m.when <= moment(UNTIL))[-MAILS:]
    stranger = next(m for m in mails if b"stranger@" in m.raw)
    return (*week, demo_story.Incoming(moment("2021-06-09 11:00"), stranger.raw))


def work(office: Office) -> None:
    """A first look on 1 June, and one when the week's mail is in: on lists for doors."""
    mailbox, clock = ListMailbox(), MovingClock(demo.START)
    doors = mailbox, ListPostman()
    with running(office.settings, (office.campaign,), *doors, clock) as machine:
        assert machine.daemon.tick().problem is None
        for mail in office.mails:
            mailbox.deliver(mail.raw, mail.when)
        clock.move_to(moment(UNTIL))
        assert machine.daemon.tick().problem is None


def copy(office: Office, folder: Path) -> Office:
    shutil.copytree(office.folder, folder, ignore=shutil.ignore_patterns("ballast"))
    settings = load(folder / "settings.toml")
    return Office(folder, settings, office.campaign, office.mails)
