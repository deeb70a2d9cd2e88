"""The digest (日报): what a clerk must know in the morning, the one thing to do now first.

Pure: campaign, ledger, now, letters and the last complete look in; subject, text and html
out. Phone numbers leave masked. Sends nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service import words
from service.moments import ZONE, last_day, spoken, spoken_day
from service.report import plain, rendering, wording
from service.report.doubts import sentence
from service.report.liaisons import Liaison, liaisons
from service.report.look import STATE_FILL
from service.types import (
    Campaign,
    CellState,
    Deadline,
    Ledger,
    LedgerCell,
    LetterState,
    OpenDoubt,
    Submission,
    Unit,
)

_MOST_COLUMNS = 6
_MOST_ROWS = 60
_MOST_LISTED = 40
_MOST_DOUBTS = 5
_SHOWN_CHARS = 60
_STALE_AFTER = timedelta(hours=2)
_LAPSES_SOON = timedelta(days=5)
_TALLIED: tuple[CellState, ...] = ("reported", "late", "missing", "open", "doubt", "waived")
_NAMED = ("late", "missing", "doubt", "waived")
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter as the outbox records it, as far as a digest tells of it."""

    kind: str
    unit: str | None
    deadline: str | None
    stage: str | None
    state: LetterState
    to: tuple[str, ...]
    subject: str
    due_at: datetime
    sent_at: datetime | None


def compose(
    campaign: Campaign,
    ledger: Ledger,
    now: datetime,
    letters: Sequence[LetterRow],
    last_look: datetime | None,
) -> tuple[str, str, str]:
    """Subject, text and html of the digest at `now`."""
    desk = _Desk(campaign, ledger, now.astimezone(ZONE), tuple(letters), last_look)
    pressing = desk.pressing()
    arrived = desk.arrived()
    facts = {
        "campaign": campaign,
        "day": f"{spoken_day(desk.today)}（周{_WEEKDAYS[desk.today.weekday()]}）",
        "at": wording.moment(now),
        "first": desk.first_thing(pressing),
        "columns": desk.columns(),
        "rows": desk.rows(),
        "fills": {state: f"#{colour}" for state, colour in STATE_FILL.items()},
        "pressing": [desk.shortage(d) for d in pressing],
        "tallies": desk.tallies(),
        "wechat": desk.wechat(pressing),
        "arrived": desk.arrivals(arrived[:_MOST_LISTED]),
        "arrived_count": len(arrived),
        "doubts": [desk.doubt(d) for d in desk.hard[:_MOST_LISTED]],
        "doubt_count": len(desk.hard),
        "links": desk.links(),
        "bounces": desk.bounces(),
        "silent": wording.names(desk.unreachable()),
        "letters": desk.letter_counts(),
        "looked": spoken(last_look) if last_look else "",
        "quiet": not (arrived or pressing or desk.hard or desk.troubles()),
    }
    return rendering.letter("digest", **facts)


@dataclass(frozen=True, slots=True)
class _Row:
    """One unit in the matrix: state and word for each column."""

    unit: str
    cells: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Desk:
    """The same arguments, with what is asked of them more than once."""

    campaign: Campaign
    ledger: Ledger
    now: datetime
    letters: tuple[LetterRow, ...]
    last_look: datetime | None

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def since(self) -> datetime:
        """When the digest before this one left: what came later is new."""
        sent = [r.sent_at for r in self.letters if r.kind == "digest" and r.sent_at]
        earlier = [at for at in sent if at < self.now]
        return max(earlier, default=self.now - timedelta(days=1))

    @property
    def hard(self) -> tuple[OpenDoubt, ...]:
        return tuple(d for d in self.ledger.doubts if not d.soft)

    def cell(self, unit: Unit, deadline: Deadline) -> LedgerCell | None:
        if not deadline.applies_to(unit):
            return None
        return self.ledger.cells.get((unit.id, deadline.key))

    def absent(self, deadline: Deadline) -> list[Unit]:
        """Who owes it and has sent nothing that may be it."""
        cells = [(u, self.cell(u, deadline)) for u in self.campaign.expected]
        return [u for u, c in cells if c is not None and c.state in ("open", "missing")]

    def pressing(self) -> list[Deadline]:
        """Chased deadlines of today, of the coming day or past, for which somebody is absent."""
        soon = self.today + timedelta(days=1)
        chased = [
            d
            for d in self.campaign.deadlines
            if d.mode == "chase"
            and d.opens_at <= self.now
            and d.remind_by.astimezone(ZONE).date() <= soon
            and self.absent(d)
        ]
        # today's first, then tomorrow's, then what is overdue, the newest of it in front
        ahead = [d for d in chased if d.remind_by.astimezone(ZONE).date() >= self.today]
        behind = [d for d in chased if d not in ahead]
        ahead.sort(key=lambda d: d.remind_by)
        behind.sort(key=lambda d: d.remind_by, reverse=True)
        return [*ahead, *behind]

    def troubles(self) -> list[LetterRow]:
        return [r for r in self.letters if r.state in ("uncertain", "failed", "held")]

    def first_thing(self, pressing: list[Deadline]) -> str:
        """The one thing to do now: our own failures first, then what stops the chase."""
        count = {s: sum(r.state == s for r in self.letters) for s in ("uncertain", "held")}
        if self.last_look is None or self.now - self.last_look > _STALE_AFTER:
            since = spoken(self.last_look) if self.last_look else ""
            return _say("do_look" if since else "do_first_look", since=since)
        if count["uncertain"]:
            return _say("do_uncertain", count=count["uncertain"])
        if count["held"]:
            return _say("do_release", count=count["held"])
        if self.hard:
            first = self.doubt(self.hard[0])
            return _say("do_doubts", count=len(self.hard), first=f"{first['unit']}{first['said']}")
        if pressing:
            d = pressing[0]
            code = "do_due" if self.now < d.late_after else "do_overdue"
            return _say(code, deadline=d.name, count=len(self.absent(d)), due=_due(d))
        silent = self.unreachable()
        return _say("do_addresses", count=len(silent)) if silent else _say("do_nothing")

    def columns(self) -> list[Deadline]:
        """The deadlines that a phone's width can show: opened and chased, and this week's
        recorded one."""
        opened = [d for d in self.campaign.deadlines if d.opens_at <= self.now]
        chased = [d for d in opened if d.mode == "chase"]
        running = [d for d in opened if d.mode == "record" and self.today <= last_day(d.late_after)]
        newest = sorted([*chased, *running[:1]], key=lambda d: d.late_after)[-_MOST_COLUMNS:]
        return [d for d in self.campaign.deadlines if d in newest]

    def rows(self) -> list[_Row]:
        """The matrix; of a very long list only the units with something amiss."""
        columns = self.columns()
        units = self.campaign.expected
        rows = [_Row(u.name, tuple(self._cell_words(u, d) for d in columns)) for u in units]
        if len(rows) <= _MOST_ROWS:
            return rows
        amiss = ("missing", "doubt", "late")
        return [r for r in rows if any(c["state"] in amiss for c in r.cells)][:_MOST_ROWS]

    def _cell_words(self, unit: Unit, deadline: Deadline) -> dict[str, str]:
        cell = self.cell(unit, deadline)
        if cell is None:
            return {"state": "not_due", "word": "—"}
        return {"state": wording.colour_of(deadline, cell), "word": wording.state(cell)}

    def shortage(self, deadline: Deadline) -> dict[str, object]:
        """Who is absent, with the person to ring."""
        absent = self.absent(deadline)
        people = {p.unit.id: p for p in liaisons(self.campaign, self.ledger)}
        return {
            "deadline": deadline.name,
            "due": _due(deadline),
            "overdue": self.now >= deadline.late_after,
            "count": len(absent),
            "people": [_person(people[u.id]) for u in absent[:_MOST_LISTED]],
            "more": max(0, len(absent) - _MOST_LISTED),
        }

    def wechat(self, pressing: list[Deadline]) -> str:
        """One paragraph for the WeChat group about all that is pressing."""
        if not pressing:
            return ""
        items = "".join(self._wechat_item(d) for d in pressing)
        staff = self.campaign.staff
        return _say(
            "wechat",
            title=self.campaign.title,
            at=spoken(self.now),
            items=items,
            mailbox=self.campaign.mailbox,
            person=f"{staff.section}{staff.contact}",
        )

    def _wechat_item(self, deadline: Deadline) -> str:
        overdue = self.now >= deadline.late_after
        today = deadline.remind_by.astimezone(ZONE).date() == self.today
        return _say(
            "wechat_overdue" if overdue else "wechat_today" if today else "wechat_soon",
            deadline=deadline.name,
            names=wording.names(self.absent(deadline), _MOST_LISTED),
            due=_due(deadline),
            clock=f"{deadline.remind_by.astimezone(ZONE):%H:%M}",
            ended=spoken_day(last_day(deadline.late_after)),
        )

    def arrived(self) -> list[Submission]:
        """New returns and materials since the last digest."""
        new = [s for s in self.ledger.submissions if self.since < s.arrived_at <= self.now]
        return sorted(new, key=lambda s: s.arrived_at)

    def arrivals(self, new: list[Submission]) -> list[dict[str, object]]:
        """The same in words, with what is doubtful in them."""
        wanted = {(s.mail, s.part): s for s in new}
        doubts: dict[str, list[str]] = {}
        for d in self.ledger.doubts:
            found = wanted.get((d.mail or 0, d.part or ""))
            if found is not None:
                doubts.setdefault(found.id, []).append(self._sentence(d, found))
        return [
            {
                "when": spoken(s.arrived_at),
                "unit": self._unit_name(s.unit),
                "what": self._matter(s),
                "version": s.version if s.version > 1 and s.form else 0,
                "status": _say(f"status_{s.status}"),
                "doubts": doubts.get(s.id, [])[:_MOST_DOUBTS],
            }
            for s in new
        ]

    def _matter(self, s: Submission) -> str:
        names = [d.name for d in self.campaign.deadlines if d.key in s.deadlines]
        kinds = {m.key: m.name for m in self.campaign.materials}
        return "、".join(names) or kinds.get(s.material or "", _say("uncounted"))

    def tallies(self) -> list[dict[str, object]]:
        """The matrix for the plain twin: deadline by deadline, who stands how."""
        return [{"name": d.name, "groups": self._groups(d)} for d in self.columns()]

    def _groups(self, deadline: Deadline) -> list[dict[str, object]]:
        cells = [(u, c) for u in self.campaign.expected if (c := self.cell(u, deadline))]
        out: list[dict[str, object]] = []
        for state in _TALLIED:
            units = [u for u, c in cells if c.state == state]
            if units:
                word = wording.state_name(state)
                names = wording.names(units, _MOST_LISTED) if state in _NAMED else ""
                out.append({"word": word, "count": len(units), "names": names})
        return out

    def doubt(self, d: OpenDoubt) -> dict[str, object]:
        """A doubt that waits for a person, with the mail that raised it."""
        mail = next((m for m in self.ledger.mails if m.id == d.mail), None)
        return {
            "id": d.id,
            "unit": self._unit_name(d.unit),
            "said": self._sentence(d),
            "subject": _shown(mail.subject) if mail else "",
            "sender": _shown(mail.sender) if mail else "",
            "when": spoken(mail.received_at) if mail else "",
        }

    def links(self) -> list[dict[str, object]]:
        """Links to oversize attachments that came lately or lapse soon."""
        out: list[dict[str, object]] = []
        for mail in self.ledger.mails:
            for link in mail.links:
                expires = str(link.get("expires") or "")
                day = _day_of(expires)
                lapsing = day is not None and self.today <= day <= self.today + _LAPSES_SOON
                if mail.received_at > self.since or lapsing:
                    name = _shown(link.get("name") or mail.subject)
                    sender = _shown(mail.sender or mail.sender_name)
                    out.append({"name": name, "sender": sender, "expires": _shown(expires)})
        return out[:_MOST_LISTED]

    def bounces(self) -> list[str]:
        """Our letters that came back since the last digest."""
        back = [
            m for m in self.ledger.mails if m.automatic == "bounce" and m.received_at > self.since
        ]
        return [_shown(m.subject) for m in back[:_MOST_LISTED]]

    def unreachable(self) -> list[Unit]:
        """Units to whom no reminder can go: no confirmed address."""
        return [u for u in self.campaign.expected if not self.ledger.addresses.get(u.id)]

    def letter_counts(self) -> list[dict[str, object]]:
        """What left since the last digest, and every letter that waits or went wrong."""
        sent = [r for r in self.letters if r.sent_at and self.since < r.sent_at <= self.now]
        out: list[dict[str, object]] = []
        for kind in ("reminder", "receipt", "question"):
            count = sum(r.kind == kind for r in sent)
            if count:
                out.append({"said": _say("sent", kind=words.say("letter", kind), count=count)})
        for state in ("held", "uncertain", "failed"):
            rows = [r for r in self.letters if r.state == state]
            if rows:
                names = "、".join(_shown(r.subject) for r in rows[:5])
                word = words.say("letter_state", state)
                out.append({"said": _say("stuck", state=word, count=len(rows), names=names)})
        return out

    def _sentence(self, d: OpenDoubt, found: Submission | None = None) -> str:
        return plain.line(plain.discreet(sentence(self.campaign, self.ledger, d, found)))

    def _unit_name(self, unit_id: str | None) -> str:
        return self.campaign.unit(unit_id).name if unit_id else wording.say("unknown_unit")


def _say(code: str, **facts: object) -> str:
    return words.say("digest", code, facts)


def _shown(raw: object) -> str:
    """What a stranger wrote, on one line, short, its phone numbers masked."""
    return plain.line(plain.discreet(raw), _SHOWN_CHARS)


def _due(deadline: Deadline) -> str:
    return spoken(deadline.remind_by)


def _person(person: Liaison) -> dict[str, str]:
    return {
        "unit": person.unit.name,
        "name": plain.line(person.name, 20) or _say("no_person"),
        "phone": plain.masked(person.phone) or _say("no_phone"),
    }


def _day_of(text: str) -> date | None:
    """The day that an expiry names, if it is written in the ISO manner."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
