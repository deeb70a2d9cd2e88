"""A June that nobody planned: forty units, random returns, outages, kills and decisions.

The world below knows what each mail may be, because it wrote it; it judges the letters by
the notice's calendar alone, never by the service's own ledger.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from service import duties
from service.decisions import Decided
from service.types import Campaign, Unit
from tests.service.facts import when
from tests.service.machines import Office, form, office, short

Span = tuple[datetime, datetime]
WHOLE: Span = (when("06-01 07:00"), when("07-06 18:00"))
HALVES: tuple[Span, Span] = (
    (when("06-01 07:00"), when("06-11 18:00")),
    (when("06-21 07:00"), when("07-05 18:00")),
)
"""The second half begins with a service installed late: what was due before is missed."""
REST = {date(2021, 6, d) for d in (5, 6, 12, 13, 14, 19, 20, 26, 27)} | {
    date(2021, 7, 3),
    date(2021, 7, 4),
}
"""Weekends, and 端午 from the 12th to the 14th (State Council's notice for 2021)."""
DUE = {
    "liaison": ("06-01 09:00", "06-04", "06-08 00:00"),
    "progress-0608": ("06-04 09:00", "06-08", "06-17 23:00"),
    "progress-0624": ("06-18 09:00", "06-24", "07-05 00:00"),
    "summary": ("06-20 09:00", "06-30", "07-05 00:00"),
    "media": ("06-01 09:00", "06-30", "07-05 00:00"),
}
"""Filed between the first and the last time; reminded on the day in the middle."""
MATERIALS = {
    "summary": {
        "name": "活动总结.docx",
        "outcome": "material",
        "kind": "docx",
        "text": "组织学习，开展宣传，排查隐患，落实整改。" * 20,
    },
    "media": {"name": "活动照片.jpg", "outcome": "scan_unread", "kind": "image"},
}
OWN_DAYS = {date(2021, 6, 4), date(2021, 6, 8), date(2021, 6, 24), date(2021, 6, 30)}


class Killed(BaseException):
    """The process dies here."""


@dataclass(frozen=True)
class Mail:
    """A mail of the world: which deadlines of which unit it files, or may file."""

    at: datetime
    unit: str
    covers: frozenset[str]
    put: Callable[[Office], None]
    answered: bool = True


@dataclass
class Figures:
    """What is counted, to be printed and to be nought."""

    junes: int = 0
    mails: int = 0
    letters: int = 0
    reminders: int = 0
    kills: int = 0
    duplicates: int = 0
    to_filed: int = 0
    too_many_a_day: int = 0
    out_of_hours: int = 0
    answered_twice: int = 0
    unanswered: int = 0
    unflagged: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Figures) -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def __str__(self) -> str:
        names = [n for n in self.__dataclass_fields__ if n != "faults"]
        return "  ".join(f"{n} {getattr(self, n)}" for n in names)


def forty(campaign: Campaign) -> Campaign:
    """The campaign with forty units, each with one address."""
    units = tuple(
        Unit(f"u{n}", f"第{n:03}综合执法局", addresses=(f"u{n}@units.example",))
        for n in range(100, 140)
    )
    # the reports have tests of their own and cost as much as all the rest
    return replace(campaign, units=units, reports=())


def run(campaign: Campaign, folder: Path, seed: int, span: Span = WHOLE) -> Figures:
    """One June under this seed, judged."""
    rng = random.Random(seed)
    mails = [m for m in _mails(campaign, rng) if m.at <= span[1]]
    with office(campaign, folder, f"{span[0]:%m-%d %H:%M}", words=short) as here:
        world = _World(here, rng, mails, span)
        world.play()
        return world.judge(seed)


# -- what arrives -----------------------------------------------------------------


def _mails(campaign: Campaign, rng: random.Random) -> list[Mail]:
    out: list[Mail] = []
    for unit in campaign.units:
        for key, (first, day, last) in DUE.items():
            kind = rng.choices(
                ("early", "day", "late", "never", "doubt"), (5, 3, 2, 1.5, 1.5), k=1
            )[0]
            if kind != "never":
                out += _filing(campaign, unit, key, _time(rng, kind, first, day, last), kind, rng)
    return sorted(out, key=lambda m: m.at)


def _time(rng: random.Random, kind: str, first: str, day: str, last: str) -> datetime:
    spans = {
        "early": (when(first), when(f"{day} 08:59")),
        "day": (when(f"{day} 08:00"), when(f"{day} 17:00")),
        "late": (when(f"{day} 00:00") + timedelta(days=1), when(last)),
        "doubt": (when(first), when(last)),
    }
    start, end = spans[kind]
    return start + timedelta(minutes=rng.randrange(int((end - start).total_seconds() // 60)))


def _filing(
    campaign: Campaign, unit: Unit, key: str, at: datetime, kind: str, rng: random.Random
) -> list[Mail]:
    what = "liaison" if key == "liaison" else "progress"
    base = rng.randrange(1, 90) + (100 if key.endswith("24") else 0)
    slug, covers = campaign.slug, frozenset((key,))

    def plain(here: Office) -> None:
        here.files(at, unit.id, what, base=base, subject=f"{unit.name}材料{base}")

    def stranger(here: Office) -> None:
        part = form(slug, what, unit.name, base=base)
        here.arrive(at, part, sender=f"who{base}@other.example", subject="材料")

    def damaged(here: Office) -> None:
        part = {"name": "附件1联络员.doc" if what == "liaison" else "统计表.doc"}
        part |= {"outcome": rng.choice(("damaged", "scan_unread", "encrypted")), "form": None}
        here.arrive(at, part, sender=f"{unit.id}@units.example", subject=f"材料{base}")

    if key in MATERIALS:
        return [Mail(at, unit.id, covers, lambda here: _send_material(here, at, unit, key, base))]
    if kind == "doubt":
        return [Mail(at, unit.id, covers, rng.choice((stranger, damaged)))]
    made = [Mail(at, unit.id, covers, plain)]
    if what == "progress" and rng.random() < 0.2:
        later = at + timedelta(minutes=rng.randrange(10, 60 * 24))

        def corrected(here: Office) -> None:
            here.files(later, unit.id, what, base=base + 1, subject="更正：统计表")

        made.append(Mail(later, unit.id, covers, corrected))
    if rng.random() < 0.15:
        # the same mail once more, and a robot's answer to our receipt
        made.append(Mail(at + timedelta(minutes=3), unit.id, frozenset(), plain))

        def robot(here: Office) -> None:
            sender = f"{unit.id}@units.example"
            here.arrive(at, sender=sender, subject="自动回复", automatic="vacation")

        made.append(Mail(at, unit.id, frozenset(), robot, answered=False))
    return made


def _send_material(here: Office, at: datetime, unit: Unit, key: str, base: int) -> None:
    part = {"form": None, **MATERIALS[key]}
    here.arrive(at, part, sender=f"{unit.id}@units.example", subject=f"{unit.name}{base}")


# -- how it is played ---------------------------------------------------------------


class _World:
    def __init__(self, here: Office, rng: random.Random, mails: list[Mail], span: Span) -> None:
        self.start, self.end = span
        self.here = here
        self.rng = rng
        self.mails = mails
        self.waiting = list(mails)
        self.kills = 0
        self.down = _outages(rng, 3)
        self.no_smtp = _outages(rng, 3)
        self.no_imap = _outages(rng, 2)
        self.waived: set[tuple[str, str]] = set()

    def play(self) -> None:
        here, campaign = self.here, self.here.campaign
        now = self.start
        while now <= self.end:
            self._deliver(now)
            if not _in(self.down, now):
                here.clock.move_to(now)
                here.shut_smtp(_in(self.no_smtp, now))
                here.shut_mailbox(_in(self.no_imap, now))
                self._pass()
            event = duties.next_event(campaign, Decided(), now)
            jump = now + timedelta(minutes=self.rng.choice((45, 240, 900, 1500)))
            now = min(x for x in (event, jump, self.end + timedelta(1)) if x is not None)
        self._last_pass()

    def _deliver(self, now: datetime) -> None:
        while self.waiting and self.waiting[0].at <= now:
            self.waiting.pop(0).put(self.here)

    def _pass(self) -> None:
        here, rng = self.here, self.rng
        if rng.random() < 0.05:
            self._decide()
        fatal = rng.randrange(1, 12) if rng.random() < 0.08 else 0
        count = 0

        def behaviour(*_: object) -> None:
            nonlocal count
            count += 1
            if count == fatal:
                raise Killed

        here.post.behaviour = behaviour  # type: ignore[assignment]
        try:
            here.tick()
        except Killed:
            self.kills += 1
            here.restart()
            here.tick()
        finally:
            here.post.behaviour = None

    def _decide(self) -> None:
        unit = self.rng.choice(self.here.campaign.units).id
        key = self.rng.choice(list(DUE))
        self.here.decide("waive", unit=unit, deadline=key)
        self.waived.add((unit, key))

    def _last_pass(self) -> None:
        here = self.here
        here.shut_smtp(False)
        here.shut_mailbox(False)
        for hours in (1, 4, 8):
            here.tick(self.end + timedelta(hours=hours))

    # -- how it is judged ---------------------------------------------------------------

    def judge(self, seed: int) -> Figures:
        out = Figures(junes=1, mails=len(self.mails), letters=len(self.here.gone), kills=self.kills)
        for key, n in Counter(g.key for g in self.here.gone).items():
            if n > 1:
                out.duplicates += 1
                out.faults.append(f"seed {seed}: {key} left {n} times")
        self._judge_reminders(out, seed)
        self._judge_answers(out, seed)
        stuck = [
            r for r in self.here.store.letters(self.here.campaign.slug) if r.state == "sending"
        ]
        out.unflagged += len(stuck)
        return out

    def _judge_reminders(self, out: Figures, seed: int) -> None:
        a_day: Counter[tuple[str, date]] = Counter()
        for g in (g for g in self.here.gone if g.kind == "reminder"):
            out.reminders += 1
            _, _, unit, deadline, stage = g.key.split("/")
            a_day[(unit, g.at.date())] += 1
            if any(m.unit == unit and deadline in m.covers and m.at <= g.at for m in self.mails):
                out.to_filed += 1
                out.faults.append(f"seed {seed}: {g.key} at {g.at} to a unit that had filed")
            if not _may_leave(g.at, stage, deadline):
                out.out_of_hours += 1
                out.faults.append(f"seed {seed}: {g.key} left at {g.at}")
        for (unit, day), n in a_day.items():
            if n > (2 if day in OWN_DAYS else 1):
                out.too_many_a_day += 1
                out.faults.append(f"seed {seed}: {unit} got {n} reminders on {day}")

    def _judge_answers(self, out: Figures, seed: int) -> None:
        answers = Counter(g.key for g in self.here.gone if g.kind in ("receipt", "question"))
        hashes = {k.rpartition("/")[2] for k in answers}
        out.answered_twice += sum(answers.values()) - len(hashes)
        for m in self.here.store.mail_facts():
            if m.automatic is None and m.sha256[:16] not in hashes and m.parts[0].outcome == "form":
                out.unanswered += 1
                out.faults.append(f"seed {seed}: no answer to {m.subject} of {m.received_at}")


def _may_leave(at: datetime, stage: str, deadline: str) -> bool:
    """Whether a letter of this stage may leave then. One that was missed is caught up before
    the next stage, an `eve` on its own day only: next morning at 08:30 it would use up one of
    the two letters that `day` and `call` need."""
    clock = at.strftime("%H:%M")
    office_hours = "08:30" <= clock < "12:00" or "14:00" <= clock < "17:30"
    if at.date() in REST or not office_hours:
        return False
    day = when(f"{DUE[deadline][1]} 00:00").date()
    if stage == "eve":
        return at.date() < day
    if stage == "day":
        return at.date() == day and "09:00" <= clock < "15:00"
    if stage == "call":
        return at.date() == day and "15:00" <= clock < "17:30"
    return at.date() > day


def _outages(rng: random.Random, most: int) -> list[tuple[datetime, datetime]]:
    out = []
    for _ in range(rng.randrange(most + 1)):
        start = WHOLE[0] + timedelta(minutes=rng.randrange(60 * 24 * 30))
        out.append((start, start + timedelta(minutes=rng.choice((20, 300, 60 * 24, 60 * 72)))))
    return out


def _in(spans: list[tuple[datetime, datetime]], at: datetime) -> bool:
    return any(a <= at < b for a, b in spans)


__all__ = ["Figures", "forty", "run"]
