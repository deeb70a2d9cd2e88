"""The heartbeat (常驻): look, read, decide, send; again and again until told to stop.

One pass is `tick`; `serve` repeats it with `schedule` as a mere heartbeat: what is due is
decided from the ledger and the clock each time, never remembered by a timer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import schedule

from service import duties
from service.alerts import alerts
from service.arrivals import MailboxDoor
from service.clock import Clock
from service.errors import ServiceError
from service.intake import Intake, Looked
from service.moments import iso
from service.outbox import Outbox
from service.outlook import STARTED, Outlook, survey
from service.store import Store
from service.types import Campaign

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
        self._recovered = False
        self._saved: dict[str, int] = {}

    def tick(self) -> Ticked:
        """One pass: look, read, then each campaign's letters."""
        self._start()
        looked = self._intake.look()
        read = self._intake.read_pending()
        sent, problem = 0, looked.problem
        for campaign, outbox in self._campaigns:
            if looked.problem is None:
                outbox.settle(self._mailbox)
            outlook = self._survey(campaign, looked)
            self._record_missed(outlook)
            outbox.reconcile(outlook)
            sent += outbox.flush(outlook, lambda c=campaign: self._again(c))  # type: ignore[misc]
            problem = problem or outbox.door_problem
            outbox.door_problem = None
            self._save(outlook, read)
        return Ticked(looked, read, sent, problem)

    def serve(self, seconds: float, stop: threading.Event) -> None:
        """Ticks every so many seconds until `stop` is set; a failed pass is told and survived."""
        beat = schedule.Scheduler()
        beat.every(max(1, round(seconds))).seconds.do(self._guarded)
        self._guarded()
        while not stop.is_set():
            beat.run_pending()
            stop.wait(1.0)

    def _guarded(self) -> None:
        try:
            done = self.tick()
        except ServiceError as e:
            log.error("tick failed: %s", e)
        except Exception:
            # one heartbeat: a bug of ours is told, and the next beat tries again
            log.exception("tick failed unexpectedly")
        else:
            log.info(
                "look complete=%s new=%d read=%d sent=%d problem=%s",
                done.looked.complete,
                done.looked.new,
                done.read,
                done.sent,
                done.problem,
            )

    def _start(self) -> None:
        self._store.first_meta(STARTED, iso(self._clock.now()) or "")
        if not self._recovered:
            for _, outbox in self._campaigns:
                outbox.recover()
            self._recovered = True

    def _save(self, outlook: Outlook, read: int) -> None:
        """Writes the derived tables when a mail or a decision may have changed them."""
        slug, mark = outlook.campaign.slug, outlook.decided.last
        if read or self._saved.get(slug) != mark:
            self._store.save_ledger(slug, outlook.ledger)
            self._saved[slug] = mark

    def _survey(self, campaign: Campaign, looked: Looked) -> Outlook:
        outlook = survey(self._store, campaign, self._clock.now())
        days = duties.workdays(campaign)
        extra = tuple(
            a
            for a in alerts(outlook, days, not looked.complete)
            if not self._alerted(outlook, f"{campaign.slug}/{a.key}")
        )
        return replace(outlook, wanted=(*outlook.wanted, *extra))

    def _alerted(self, outlook: Outlook, key: str) -> bool:
        return any(r.key == key and r.state not in ("queued", "held") for r in outlook.letters)

    def _again(self, campaign: Campaign) -> Outlook | None:
        looked = self._intake.look()
        if not looked.complete:
            return None
        self._intake.read_pending()
        return self._survey(campaign, looked)

    def _record_missed(self, outlook: Outlook) -> None:
        for duty in duties.missed(
            outlook.campaign, outlook.ledger, outlook.decided, outlook.said, outlook.at
        ):
            self._store.miss_duty(outlook.campaign.slug, duty.key, outlook.at)
