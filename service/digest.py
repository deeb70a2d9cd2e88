"""The digest (日报): what a clerk must know in the morning, the one thing to do now first.

Pure: campaign, ledger, now, letters and the last complete look in; subject, text and html
out. Phone numbers leave masked, a stranger's words on one line. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service import words
from service.desk import Desk, LetterRow
from service.moments import ZONE, last_day, spoken, spoken_day
from service.proposals import Proposal
from service.report import plain, rendering, wording
from service.report.doubts import sentence
from service.report.liaisons import Liaison, liaisons
from service.report.look import STATE_FILL
from service.types import (
    Campaign,
    CellState,
    Deadline,
    Ledger,
    LetterState,
    MailFact,
    OpenDoubt,
    Submission,
    Unit,
)

__all__ = ["LetterRow", "compose"]

_MOST_ROWS = 60
_MOST_LISTED = 40
_MOST_DOUBTS = 5
_SHOWN_CHARS = 60
_TALLIED: tuple[CellState, ...] = ("reported", "late", "missing", "open", "doubt", "waived")
_NAMED = ("late", "missing", "doubt", "waived")
_AMISS = ("missing", "doubt", "late")
_STUCK: tuple[LetterState, ...] = ("held", "uncertain", "failed")
_TOLD_WHEN_SENT = ("reminder", "receipt", "question")
_WEEKDAYS = "一二三四五六日"

Words = Mapping[str, object]


def compose(
    campaign: Campaign,
    ledger: Ledger,
    now: datetime,
    letters: Sequence[LetterRow],
    last_look: datetime | None,
    proposals: Sequence[Proposal] = (),
    returned: Mapping[int, str] | None = None,
) -> tuple[str, str, str]:
    """Subject, text and html of the digest at `now`. `proposals` are addresses to be bound;
    `returned` says of bounces, by their mails' numbers, whom they are about."""
    moment_ = now.astimezone(ZONE)
    desk = Desk(campaign, ledger, moment_, tuple(letters), last_look, tuple(proposals))
    arrived = desk.arrived()
    people = {p.unit.id: p for p in liaisons(campaign, ledger)}
    return rendering.letter(
        "digest",
        campaign=campaign,
        day=f"{spoken_day(desk.today)}（周{_WEEKDAYS[desk.today.weekday()]}）",
        at=wording.moment(now),
        first=_first_thing(desk),
        columns=desk.columns(),
        rows=_rows(desk),
        fills={state: f"#{colour}" for state, colour in STATE_FILL.items()},
        tallies=[{"name": d.name, "groups": _groups(desk, d)} for d in desk.columns()],
        pressing=[_shortage(desk, d, people) for d in desk.pressing()],
        wechat=_wechat(desk),
        arrived=_arrivals(desk, arrived[:_MOST_LISTED]),
        arrived_count=len(arrived),
        doubts=[_doubt(desk, d) for d in desk.hard[:_MOST_LISTED]],
        doubt_count=len(desk.hard),
        links=_links(desk),
        proposals=[_proposal(desk, p) for p in desk.proposals[:_MOST_LISTED]],
        proposal_count=len(desk.proposals),
        bounces=[_bounce(m, returned or {}) for m in desk.bounces()[:_MOST_LISTED]],
        silent=wording.names(desk.unreachable()),
        letters=_letters(desk),
        looked=spoken(last_look) if last_look else "",
        quiet=desk.is_quiet(),
        hint=_say("hint"),
    )


def _first_thing(desk: Desk) -> str:
    """The one thing to do now: our own failures first, then what stops the chase."""
    uncertain, held = desk.in_state("uncertain"), desk.in_state("held")
    pressing, silent = desk.pressing(), desk.unreachable()
    if desk.last_look is None:
        return _say("do_first_look")
    if desk.is_stale:
        return _say("do_look", since=spoken(desk.last_look))
    if uncertain:
        return _say("do_uncertain", count=len(uncertain))
    if held:
        return _say("do_release", count=len(held))
    if desk.hard:
        first = desk.hard[0]
        said = f"{_unit_name(desk, first.unit)}，{_sentence(desk, first)}"
        return _say("do_doubts", count=len(desk.hard), first=said)
    if pressing:
        return _do_pressing(desk, pressing[0])
    if desk.proposals:
        return _say("do_bind", count=len(desk.proposals))
    return _say("do_addresses", count=len(silent)) if silent else _say("do_nothing")


def _do_pressing(desk: Desk, deadline: Deadline) -> str:
    code = "do_due" if desk.now < deadline.late_after else "do_overdue"
    facts = {"deadline": deadline.name, "due": spoken(deadline.remind_by)}
    return _say(code, count=len(desk.absent(deadline)), **facts)


@dataclass(frozen=True, slots=True)
class _Row:
    """One unit in the matrix: state and word for each column."""

    unit: str
    cells: tuple[dict[str, str], ...]


def _rows(desk: Desk) -> list[_Row]:
    """The matrix; of a very long list only the units with something amiss."""
    columns, units = desk.columns(), desk.campaign.expected
    rows = [_Row(u.name, tuple(_cell(desk, u, d) for d in columns)) for u in units]
    if len(rows) <= _MOST_ROWS:
        return rows
    return [r for r in rows if any(c["state"] in _AMISS for c in r.cells)][:_MOST_ROWS]


def _cell(desk: Desk, unit: Unit, deadline: Deadline) -> dict[str, str]:
    cell = desk.cell(unit, deadline)
    if cell is None:
        return {"state": "not_due", "word": "—"}
    return {"state": wording.colour_of(deadline, cell), "word": wording.state(cell)}


def _groups(desk: Desk, deadline: Deadline) -> list[Words]:
    """The matrix for the plain twin: who stands how with one deadline."""
    cells = [(u, c) for u in desk.campaign.expected if (c := desk.cell(u, deadline))]
    out: list[Words] = []
    for state in _TALLIED:
        units = [u for u, c in cells if c.state == state]
        if units:
            names = wording.names(units, _MOST_LISTED) if state in _NAMED else ""
            out.append({"word": wording.state_name(state), "count": len(units), "names": names})
    return out


def _shortage(desk: Desk, deadline: Deadline, people: Mapping[str, Liaison]) -> Words:
    """Who is absent, with the person to ring."""
    absent = desk.absent(deadline)
    return {
        "deadline": deadline.name,
        "due": spoken(deadline.remind_by),
        "overdue": desk.now >= deadline.late_after,
        "count": len(absent),
        "people": [_person(people[u.id]) for u in absent[:_MOST_LISTED]],
        "more": max(0, len(absent) - _MOST_LISTED),
    }


def _person(person: Liaison) -> Words:
    return {
        "unit": person.unit.name,
        "name": plain.line(person.name, 20) or _say("no_person"),
        "phone": plain.masked(plain.line(person.phone, 40)) or _say("no_phone"),
    }


def _wechat(desk: Desk) -> str:
    """One paragraph for the WeChat group about all that is pressing."""
    items = "".join(_wechat_item(desk, d) for d in desk.pressing())
    if not items:
        return ""
    campaign = desk.campaign
    person = f"{campaign.staff.section}{campaign.staff.contact}"
    facts = {"title": campaign.title, "mailbox": campaign.mailbox, "person": person}
    return _say("wechat", at=spoken(desk.now), items=items, **facts)


def _wechat_item(desk: Desk, deadline: Deadline) -> str:
    due = deadline.remind_by.astimezone(ZONE)
    overdue = desk.now >= deadline.late_after
    return _say(
        "wechat_overdue"
        if overdue
        else "wechat_today"
        if due.date() == desk.today
        else "wechat_soon",
        deadline=deadline.name,
        names=wording.names(desk.absent(deadline), _MOST_LISTED),
        due=spoken(due),
        clock=f"{due:%H:%M}",
        ended=spoken_day(last_day(deadline.late_after)),
    )


def _arrivals(desk: Desk, new: Sequence[Submission]) -> list[Words]:
    """New returns in words, with what is doubtful in them."""
    wanted = {(s.mail, s.part): s for s in new}
    doubts: dict[str, list[str]] = {}
    for d in desk.ledger.doubts:
        found = wanted.get((d.mail or 0, d.part or ""))
        if found is not None:
            doubts.setdefault(found.id, []).append(_sentence(desk, d, found))
    return [
        {
            "when": spoken(s.arrived_at),
            "unit": _unit_name(desk, s.unit),
            "what": _matter(desk, s),
            "version": s.version if s.version > 1 and s.form else 0,
            "waits": s.status == "waiting",
            "status": _say(f"status_{s.status}"),
            "doubts": doubts.get(s.id, [])[:_MOST_DOUBTS],
        }
        for s in new
    ]


def _matter(desk: Desk, s: Submission) -> str:
    names = [d.name for d in desk.campaign.deadlines if d.key in s.deadlines]
    kinds = {m.key: m.name for m in desk.campaign.materials}
    return "、".join(names) or kinds.get(s.material or "", _say("uncounted"))


def _doubt(desk: Desk, d: OpenDoubt) -> Words:
    """A doubt that waits for a person, with the mail that raised it."""
    mail = next((m for m in desk.ledger.mails if m.id == d.mail), None)
    return {
        "id": _number(desk, d),
        "unit": _unit_name(desk, d.unit),
        "said": _sentence(desk, d),
        "subject": _shown(mail.subject) if mail else "",
        "sender": _shown(mail.sender) if mail else "",
        "when": spoken(mail.received_at) if mail else "",
    }


def _number(desk: Desk, d: OpenDoubt) -> str:
    """The number that a reply names it by: the mail's, with the part where several wait."""
    if d.mail is None:
        return d.id
    parts = {o.part for o in desk.hard if o.mail == d.mail}
    return f"#{d.mail}" if len(parts) == 1 or d.part is None else f"#{d.mail}/{d.part}"


def _proposal(desk: Desk, p: Proposal) -> Words:
    """An address that may be a unit's, with what speaks for and against it."""
    why = [_say(f"proposal_{p.evidence}", day=spoken_day(p.at.astimezone(ZONE).date()))]
    why += [_say("proposal_phone")] if p.same_phone else []
    why.append(_say("proposal_proved" if p.proved else "proposal_unproved"))
    return {
        "number": p.number,
        "unit": _unit_name(desk, p.unit),
        "address": plain.line(p.address, _SHOWN_CHARS),
        "why": "，".join(why),
        "contested": p.contested,
    }


def _bounce(mail: MailFact, returned: Mapping[int, str]) -> str:
    """Who did not get our letter; of a bounce that nobody could place, its subject."""
    known = returned.get(mail.id)
    return plain.line(plain.discreet(known), 200) if known else _shown(mail.subject)


def _links(desk: Desk) -> list[Words]:
    return [
        {
            "name": _shown(link.get("name") or mail.subject),
            "sender": _shown(mail.sender or mail.sender_name),
            "expires": _shown(link.get("expires")),
        }
        for mail, link in desk.links()[:_MOST_LISTED]
    ]


def _letters(desk: Desk) -> list[str]:
    """What left since the last digest, and every letter that waits or went wrong."""
    sent = [r for r in desk.letters if r.sent_at and desk.since < r.sent_at <= desk.now]
    out = []
    for kind in _TOLD_WHEN_SENT:
        count = sum(r.kind == kind for r in sent)
        if count:
            out.append(_say("sent", kind=words.say("letter", kind), count=count))
    for state in _STUCK:
        rows = desk.in_state(state)
        if rows:
            names = "、".join(_shown(r.subject) for r in rows[:5])
            word = words.say("letter_state", state)
            out.append(_say("stuck", state=word, count=len(rows), names=names))
    return out


def _sentence(desk: Desk, d: OpenDoubt, found: Submission | None = None) -> str:
    return plain.line(plain.discreet(sentence(desk.campaign, desk.ledger, d, found)))


def _unit_name(desk: Desk, unit_id: str | None) -> str:
    return desk.campaign.unit(unit_id).name if unit_id else wording.say("unknown_unit")


def _shown(raw: object) -> str:
    """What a stranger wrote, on one line, short, its phone numbers masked."""
    return plain.line(plain.discreet(raw), _SHOWN_CHARS)


def _say(code: str, /, **facts: object) -> str:
    return words.say("digest", code, facts)
