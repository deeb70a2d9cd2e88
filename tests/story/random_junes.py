"""Junes that hypothesis makes up: arrivals, outages, kills, decisions, a clock that jumps ahead
and back; and what must hold in every one of them, each under its name.

The service runs on lists (tests/service/machines.py); the laws are judged by what was delivered
and what left, by the notice's calendar as tests/story/simulated_junes.py has it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from service import ledger, status
from service.chase import Timetable
from service.clock import MovingClock
from service.decisions import in_force
from service.moments import iso, moment
from service.postman import Delivery
from service.store import Store
from service.types import Campaign
from tests.service import facts
from tests.service.machines import Gone, Office, form, short
from tests.story.simulated_junes import OWN_DAYS, REST, Killed, _may_leave

UNITS = ("dongchen", "dingyan", "baipu")
FORMS = ("liaison", "progress-0608", "progress-0624")
START = facts.when("06-01 08:00")
Event = tuple[str, int, int]
"""What happens, with two numbers that say to whom and how much."""

WHATS = (
    "next", "next", "next", "next", "wait", "wait", "file", "file", "file", "doubt", "correct",
    "smtp", "smtp", "imap", "kill", "cut", "slow", "slow", "morning", "morning",
    "waive", "extend", "undo", "accept", "back", "days",
)  # fmt: skip
EVENTS = st.lists(
    st.tuples(st.sampled_from(WHATS), st.integers(0, 8), st.integers(1, 240)),
    min_size=15,
    max_size=40,
)


class JumpingClock(MovingClock):
    """A clock that somebody sets back."""

    def set_back(self, minutes: int) -> None:
        self._now = max(START, self._now - timedelta(minutes=minutes))


def three(campaign: Campaign) -> Campaign:
    units = tuple(u for u in campaign.units if u.id in UNITS)
    return replace(campaign, units=units, reports=())


@dataclass
class June:
    """One made-up month while it is played, and what is remembered of it to be judged."""

    here: Office
    brought: list[tuple[str, str]] = field(default_factory=list)
    """(unit, deadline) of each return, sure or not, in order of delivery."""
    looks: list[tuple[datetime, int]] = field(default_factory=list)
    """When each complete look began, and how many returns lay in the mailbox then."""
    early: list[str] = field(default_factory=list)
    """Reminders that left though the return had been seen."""
    unseen: list[str] = field(default_factory=list)
    """Reminders that left on a look of more than three minutes ago, or on none."""
    resaid: list[str] = field(default_factory=list)
    """Duties that a second letter settled."""
    own_days: dict[str, set[date]] = field(default_factory=dict)
    """By deadline: the days that staff moved it to."""
    said: dict[str, str] = field(default_factory=dict)

    def happen(self, event: Event) -> None:
        what, who, amount = event
        getattr(self, f"_{what}")(who, amount)
        self._pass(_Postal(self, what, who, amount))

    # -- events -------------------------------------------------------------------------

    def _next(self, *_: int) -> None:
        """To the next moment at which a stage of the chase falls due."""
        now = self.here.clock.now()
        table = Timetable(self.here.campaign, in_force(self._decisions()))
        due = (s.due_at for c in table.every() for s in c.steps if s.due_at > now)
        self.here.clock.move_to(min(due, default=now))

    _kill = _cut = _slow = _next
    """What befalls the letters that leave then: see _Postal."""

    def _wait(self, _: int, minutes: int) -> None:
        self.here.clock.move_to(self.here.clock.now() + timedelta(minutes=minutes))

    def _morning(self, days: int, _: int) -> None:
        """Soon after the office has opened, before anything new falls due."""
        day = self.here.clock.now().date() + timedelta(days=1 + days % 2)
        self.here.clock.move_to(moment(f"{day.isoformat()} 08:35"))

    def _days(self, days: int, minutes: int) -> None:
        self._wait(0, days * 1440 + minutes)

    def _back(self, _: int, minutes: int) -> None:
        assert isinstance(self.here.clock, JumpingClock)
        self.here.clock.set_back(minutes)

    def _file(self, who: int, amount: int) -> None:
        self._bring(who, amount, sender=f"{UNITS[who % 3]}@units.example")

    def _doubt(self, who: int, amount: int) -> None:
        self._bring(who, amount, sender=f"who{amount}@other.example")

    def _correct(self, who: int, amount: int) -> None:
        self._bring(who, amount, sender=f"{UNITS[who % 3]}@units.example", subject="更正：材料")

    def _bring(self, who: int, amount: int, sender: str, subject: str = "材料") -> None:
        """A form whose subject names its deadline, so that both sides know what it is for."""
        unit, key = UNITS[who % 3], FORMS[who // 3]
        what = "liaison" if key == "liaison" else "progress"
        day = "" if key == "liaison" else f"6月{int(key[-2:])}日"
        name = self.here.campaign.unit(unit).name
        part = form(self.here.campaign.slug, what, name, base=amount)
        self.here.arrive(self.here.clock.now(), part, sender=sender, subject=f"{day}{subject}")
        self.brought.append((unit, key))

    def _smtp(self, who: int, _: int) -> None:
        self.here.shut_smtp(who % 2 == 0)

    def _imap(self, who: int, _: int) -> None:
        self.here.shut_mailbox(who % 2 == 0)

    def _waive(self, who: int, _: int) -> None:
        self.here.decide("waive", unit=UNITS[who % 3], deadline=FORMS[who // 3])

    def _extend(self, who: int, amount: int) -> None:
        day = self.here.clock.now().date() + timedelta(days=amount % 5 + 1)
        when = f"{day.isoformat()} 17:30"
        key = FORMS[who // 3]
        self.own_days.setdefault(key, set()).add(moment(when).date())
        self.here.decide("extend", deadline=key, time=iso(moment(when)), unit=None)

    def _undo(self, *_: int) -> None:
        decided = [d for d in self._decisions() if not d.undone]
        if decided:
            store, now = self.here.store, self.here.clock.now()
            store.undo(self.here.campaign.slug, now, "科室", "", decided[-1].id)

    def _accept(self, *_: int) -> None:
        waiting = [s for s in self.here.outlook().ledger.submissions if s.status == "waiting"]
        if waiting:
            self.here.decide("accept", doubt=waiting[0].id)

    def _decisions(self):  # type: ignore[no-untyped-def]
        return self.here.store.decisions(self.here.campaign.slug, facts.when("12-31 00:00"))

    # -- a pass -------------------------------------------------------------------------

    def _pass(self, postal: _Postal | None = None) -> None:
        here = self.here
        here.before_look(self._look)
        here.post.behaviour = postal
        try:
            here.tick()
        except Killed:
            here.restart()
            here.post.behaviour = None
            here.tick()
        self._remember()

    def _look(self) -> None:
        if self.here._mailbox_without_sent.error is None:
            self.looks.append((self.here.clock.now(), len(self.brought)))

    def left(self, g: Gone) -> None:
        """A letter is at the server: what did the service know by then?"""
        if g.kind != "reminder":
            return
        at, seen = self.looks[-1] if self.looks else (START - timedelta(days=1), 0)
        if not timedelta(0) <= g.at - at <= timedelta(minutes=3):
            self.unseen.append(f"{g.key} at {g.at}, looked at {at}")
        if tuple(g.key.split("/")[2:4]) in self.brought[:seen]:
            self.early.append(f"{g.key} at {g.at}")

    def _remember(self) -> None:
        for row in self.here.store.rows("said"):
            told = row["outcome"] in ("sent", "uncertain")
            if told and self.said.setdefault(row["duty"], row["letter"]) != row["letter"]:
                self.resaid.append(row["duty"])

    def end(self) -> None:
        """Every door opens, and two passes settle what was left."""
        self.here.shut_smtp(False)
        self.here.shut_mailbox(False)
        for minutes in (180, 180):
            self._wait(0, minutes)
            self._pass()

    def bring_one(self, number: int) -> None:
        """A return arrives while letters leave."""
        self._file(number % 9, number + 1)

    @property
    def reminders(self) -> list[Gone]:
        return [g for g in self.here.gone if g.kind == "reminder"]


class _Gone(list[Gone]):
    """The letters at the server; each is judged at once."""

    def __init__(self, june: June) -> None:
        super().__init__()
        self._june = june

    def append(self, g: Gone) -> None:
        super().append(g)
        self._june.left(g)


@dataclass
class _Postal:
    """How the server takes the letters of one pass: the process dies at one of them, one is cut
    after its final dot, or each takes minutes in which returns arrive."""

    june: June
    what: str
    who: int
    amount: int
    count: int = 0

    def __call__(self, *_: object) -> Delivery | None:
        self.count += 1
        here, hit = self.june.here, self.count == self.amount % 5 + 1
        if self.what == "kill" and hit:
            raise Killed
        if self.what == "slow":
            here.clock.move_to(here.clock.now() + timedelta(minutes=self.who % 5))
            self.june.bring_one(self.who + self.count)
        return Delivery("uncertain", None, "cut") if self.what == "cut" and hit else None


# -- the laws ---------------------------------------------------------------------------


def never_two_letters_of_a_key(june: June) -> Iterator[str]:
    yield from (key for key, n in Counter(g.key for g in june.here.gone).items() if n > 1)


def never_a_reminder_for_what_had_come(june: June) -> Iterator[str]:
    yield from june.early


def no_reminder_without_a_look_of_the_last_three_minutes(june: June) -> Iterator[str]:
    yield from june.unseen


def no_reminder_outside_office_hours_or_on_rest_days(june: June) -> Iterator[str]:
    for g in june.reminders:
        clock = f"{g.at:%H:%M}"
        at_work = "08:30" <= clock < "12:00" or "14:00" <= clock < "17:30"
        if g.at.date() in REST or not at_work:
            yield f"{g.key} at {g.at}"


def no_letter_to_units_outside_the_campaign(june: June) -> Iterator[str]:
    campaign = june.here.campaign
    for g in june.here.gone:
        to_unit = any(a.endswith("@units.example") for a in g.to)
        if to_unit and not campaign.starts <= g.at.date() <= campaign.closes:
            yield f"{g.key} at {g.at}"


def no_reminder_after_its_not_after(june: June) -> Iterator[str]:
    rows = {r.key: r for r in june.here.store.letters(june.here.campaign.slug)}
    for g in june.reminders:
        deadline, stage = g.key.split("/")[3:5]
        fits = deadline in june.own_days or _may_leave(g.at, stage, deadline)
        if g.at >= rows[g.key].not_after or not fits:
            yield f"{g.key} at {g.at}"


def no_more_reminders_a_day_than_the_rule(june: June) -> Iterator[str]:
    moved = {day for days in june.own_days.values() for day in days}
    a_day = Counter((g.key.split("/")[2], g.at.date()) for g in june.reminders)
    for (unit, day), n in a_day.items():
        if n > (2 if day in OWN_DAYS | moved else 1):
            yield f"{unit} got {n} on {day}"


def what_was_missed_is_caught_up_once(june: June) -> Iterator[str]:
    yield from june.resaid


def nothing_uncertain_or_half_sent_goes_unseen(june: June) -> Iterator[str]:
    here = june.here
    rows = here.store.letters(here.campaign.slug)
    yield from (r.key for r in rows if r.state == "sending")
    if any(r.state == "uncertain" for r in rows) and not status.needs_person(here.outlook()):
        yield "an uncertain letter that status does not show"


def the_state_does_not_depend_on_the_order_of_arrival(june: June) -> Iterator[str]:
    here, at = june.here, facts.when("12-31 00:00")
    mails = list(here.store.mail_facts())
    first = ledger.build(here.campaign, mails, june._decisions(), at)
    random.Random(1).shuffle(mails)
    second = ledger.build(here.campaign, mails, june._decisions(), at)
    if (first.cells, first.submissions) != (second.cells, second.submissions):
        yield "another order, another ledger"


def a_replay_gives_the_same_ledger(june: June) -> Iterator[str]:
    here, at = june.here, facts.when("12-31 00:00")
    before = ledger.build(here.campaign, here.store.mail_facts(), june._decisions(), at)
    here.store.renew(())
    here.intake.read_pending()
    fresh = Store(here.folder / "baosong.db")
    try:
        after = ledger.build(here.campaign, fresh.mail_facts(), june._decisions(), at)
    finally:
        fresh.close()
    if (before.cells, before.submissions) != (after.cells, after.submissions):
        yield "read anew, another ledger"


def exactly_one_answer_to_each_mail_that_brought_something(june: June) -> Iterator[str]:
    answers = Counter(g.key.rpartition("/")[2] for g in june.here.gone if g.kind == "receipt")
    yield from (f"{mark} answered {n} times" for mark, n in answers.items() if n > 1)
    campaign, filed = june.here.campaign, june.here.outlook().ledger.submissions
    brought = {s.mail for s in filed if s.status != "duplicate"}
    if june.here.clock.now().date() > campaign.closes:
        return
    for m in june.here.store.mail_facts():
        within = campaign.starts <= m.received_at.date() <= campaign.closes
        if within and m.id in brought and m.sha256[:16] not in answers:
            yield f"no answer to {m.subject} of {m.received_at}"


LAWS: Mapping[str, Callable[[June], Iterator[str]]] = {
    law.__name__: law
    for law in (
        never_two_letters_of_a_key,
        never_a_reminder_for_what_had_come,
        no_reminder_without_a_look_of_the_last_three_minutes,
        no_reminder_outside_office_hours_or_on_rest_days,
        no_letter_to_units_outside_the_campaign,
        no_reminder_after_its_not_after,
        no_more_reminders_a_day_than_the_rule,
        what_was_missed_is_caught_up_once,
        nothing_uncertain_or_half_sent_goes_unseen,
        exactly_one_answer_to_each_mail_that_brought_something,
        the_state_does_not_depend_on_the_order_of_arrival,
        a_replay_gives_the_same_ledger,
    )
}


def broken(campaign: Campaign, folder: Path, events: list[Event]) -> dict[str, list[str]]:
    """Plays the events; which laws did not hold, with what broke them."""
    here = Office(campaign, folder, JumpingClock(START), words=short)
    try:
        june = June(here)
        here.gone = _Gone(june)
        here.before_look(june._look)
        here.tick()
        for event in events:
            june.happen(event)
        june.end()
        found = {name: list(law(june)) for name, law in LAWS.items()}
        return {name: faults for name, faults in found.items() if faults}
    finally:
        here.close()
