"""The heartbeat (常驻): look, read, decide, send; again and again until told to stop.

One pass is `tick`; `serve` repeats it with `schedule` as a mere heartbeat: what is due is
decided from the ledger and the clock each time, never remembered by a timer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import schedule

from service import chase, staff_mail
from service.alerts import alerts
from service.arrivals import MailboxDoor
from service.clock import Clock
from service.errors import ServiceError
from service.intake import Intake, Looked
from service.moments import iso, moment
from service.outbox import Outbox
from service.outlook import STARTED, Kept, Outlook, survey
from service.rereading import read_scans_anew
from service.store import Store
from service.types import Campaign
from service.watching import Nobody, Sign, Watcher

LONGEST_WAIT = 25 * 60.0
"""IDLE is renewed before servers end it (RFC 2177: 29 minutes, QQ: 30)."""
SETTLE = 1.0
"""What comes together is looked at together, and a talkative server costs no more."""
GRACE = 3.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one pass did. `problem` is a shut door in words, None when all went well."""

    looked: Looked
    read: int
    sent: int
    problem: str | None = None


class Daemon:
    """Everything of one mailbox: its intake and the outboxes of its campaigns."""

    def __init__(
        self,
        campaigns: Sequence[tuple[Campaign, Outbox]],
        intake: Intake,
        store: Store,
        mailbox: MailboxDoor,
        clock: Clock,
    ) -> None:
        self._campaigns = tuple(campaigns)
        self._intake = intake
        self._store = store
        self._mailbox = mailbox
        self._clock = clock
        self._saved: dict[str, int] = {}
        self._kept: dict[str, Kept] = {}
        self._has_heard = False
        self._watcher: Watcher = Nobody()

    def tick(self, enough: Callable[[], bool] = lambda: False) -> Ticked:
        """One pass: look, read, then each campaign's letters. `enough` ends it early, between
        two mails or two letters."""
        self._note_start(self._clock.now())
        for _, outbox in self._campaigns:
            # there is one writer: what is found half sent was left by a pass that died
            outbox.recover()
        looked = self._intake.look()
        read = self._intake.read_pending(enough)
        campaigns = [campaign for campaign, _ in self._campaigns]
        read += read_scans_anew(self._store, campaigns, self._intake, self._clock, enough)
        self._hear(read)
        sent = 0
        problem = looked.problem or next(iter(self._intake.unreadable.values()), None)
        for campaign, outbox in self._campaigns:
            if enough():
                break
            if looked.problem is None:
                outbox.settle(self._mailbox)
            outlook = self._survey(campaign, looked)
            self._record_missed(outlook)
            outbox.reconcile(outlook)
            sent += outbox.flush(outlook, _Looker(self, outlook, enough), enough)
            problem = problem or outbox.door_problem
            outbox.door_problem = None
            self._save(outlook, read)
        return Ticked(looked, read, sent, problem)

    def serve(self, seconds: float, stop: threading.Event, watcher: Watcher | None = None) -> None:
        """Ticks every so many seconds, and as soon as a mail arrives, until `stop` is set; a
        failed pass is told and survived."""
        self._watcher = watcher or Nobody()
        every = max(1, round(seconds))
        beat = schedule.Scheduler()
        beat.every(every).seconds.do(self._guarded, stop.is_set)
        over = threading.Event()
        cutter = threading.Thread(target=self._cut, args=(stop, over), daemon=True)
        cutter.start()
        try:
            self._guarded(stop.is_set)
            while not stop.is_set():
                if (beat.idle_seconds or 0.0) > every:
                    # it goes by the machine's clock: set back, that would silence it as long
                    beat.run_all()
                beat.run_pending()
                self._watcher.alive()
                rest = max(0.0, min(beat.idle_seconds or 0.0, LONGEST_WAIT))
                woken = self._mailbox.wait(rest, stop) and not stop.wait(SETTLE)
                if woken and not self._guarded(stop.is_set):
                    stop.wait(rest)  # what fails is not tried again for the same mail at once
        finally:
            over.set()

    def _cut(self, stop: threading.Event, over: threading.Event) -> None:
        """Ends a look at a server that keeps silent, once the service is told to stop."""
        stop.wait()
        if not over.wait(GRACE):
            self._mailbox.cut()

    def _guarded(self, enough: Callable[[], bool]) -> bool:
        """One pass of the heartbeat; whether it ran to its end. A bug in it is told and costs
        this pass, not the service: every mail is kept, every letter has its phase."""
        try:
            done = self.tick(enough)
        except ServiceError as e:
            log.error("tick failed: %s", e)
            self._watcher.passed(Sign(problem=str(e)))
        except Exception as e:
            log.exception("tick failed")
            self._watcher.passed(Sign(problem=type(e).__name__))
        else:
            looked = done.looked
            self._watcher.passed(
                Sign(looked.complete, looked.new, done.read, done.sent, done.problem)
            )
            log.info(
                "look complete=%s new=%d found=%d read=%d sent=%d problem=%s",
                looked.complete,
                looked.new,
                looked.found,
                done.read,
                done.sent,
                done.problem,
            )
            return True
        return False

    def look_again(self, before: Outlook, enough: Callable[[], bool]) -> Outlook | None:
        """The picture after another look at the mailbox; None if that was not complete."""
        looked = self._intake.look()
        if not looked.complete:
            return None
        read = self._intake.read_pending(enough)
        self._hear(read)
        if enough() or self._intake.unreadable:
            return None
        now = self._clock.now()
        if not read and self._store.newest_decision(before.campaign.slug) == before.newest:
            # nothing came and nothing was decided: what was true a moment ago still is
            return replace(before, at=now, last_look=looked.started_at)
        return self._survey(before.campaign, looked)

    def _hear(self, read: int) -> None:
        """Acts upon staff replies and bounces, once a mail was read; and at the start, should
        an earlier process have died between reading and hearing."""
        if read or not self._has_heard:
            for campaign, _ in self._campaigns:
                staff_mail.hear(self._store, campaign, self._clock.now())
            self._has_heard = True

    def _note_start(self, now: datetime) -> None:
        """When this installation began: stages before it are missed. A start that is yet to come
        was noted by a clock that has been set back since."""
        if moment(self._store.first_meta(STARTED, iso(now) or "")) > now:
            self._store.set_meta(STARTED, iso(now) or "")

    def _save(self, outlook: Outlook, read: int) -> None:
        """Writes the derived tables when a mail or a decision may have changed them."""
        slug = outlook.campaign.slug
        if read or self._saved.get(slug) != outlook.newest:
            self._store.save_ledger(slug, outlook.ledger)
            self._saved[slug] = outlook.newest

    def _survey(self, campaign: Campaign, looked: Looked) -> Outlook:
        kept = self._kept.setdefault(campaign.slug, Kept(campaign))
        outlook = survey(self._store, campaign, self._clock.now(), kept=kept)
        unreadable = self._intake.unreadable
        extra = tuple(alerts(outlook, not looked.complete, looked.full, unreadable))
        wanted = outlook.wanted
        if unreadable:
            # what came and cannot be read may be the very form that a reminder asks for
            wanted = tuple(w for w in wanted if w.kind != "reminder")
        return replace(outlook, wanted=(*wanted, *extra))

    def _record_missed(self, outlook: Outlook) -> None:
        gone = chase.missed(
            outlook.campaign, outlook.ledger, outlook.decided, outlook.said, outlook.at
        )
        self._store.miss_duties(outlook.campaign.slug, (d.key for d in gone), outlook.at)


@dataclass(slots=True)
class _Looker:
    """Looks again for an outbox, each time from the picture that the last look gave."""

    daemon: Daemon
    outlook: Outlook
    enough: Callable[[], bool]

    def __call__(self) -> Outlook | None:
        fresh = self.daemon.look_again(self.outlook, self.enough)
        self.outlook = fresh or self.outlook
        return fresh
