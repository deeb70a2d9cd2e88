"""The digest (日报): what a clerk must know in the morning, the one thing to do now first.

Pure: campaign, ledger, now, letters and the last complete look in; subject, text and html
out. Phone numbers leave masked, a stranger's words on one line. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import cases, shortages, words
from service.desk import Case, Desk, LetterRow, Shortage
from service.moments import ZONE, spoken, spoken_day
from service.proposals import Proposal
from service.report import plain, rendering, wording
from service.report.look import STATE_FILL
from service.shortages import MOST_LISTED
from service.types import (
    Campaign,
    CellState,
    Deadline,
    Ledger,
    LetterState,
    MailFact,
    Submission,
    Unit,
)

__all__ = ["LetterRow", "compose"]

_MOST_ROWS = 60
_FEW = 5
_MOST_DOUBTS = 5
_TALLIED: tuple[CellState, ...] = ("reported", "late", "missing", "open", "doubt", "waived")
_NAMED = ("late", "missing", "doubt", "waived")
_AMISS = ("missing", "doubt", "late")
_STUCK: tuple[LetterState, ...] = ("held", "uncertain", "failed")
_TOLD_WHEN_SENT = ("reminder", "receipt", "question")
_MORNING = timedelta(hours=3)
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
    not_come: Sequence[tuple[str, bool]] = (),
) -> tuple[str, str, str]:
    """Subject, text and html of the digest at `now`. `proposals` are addresses to be bound;
    `returned` says of bounces, by their mails' numbers, whom they are about; `not_come` names
    mails that could not be fetched, and whether they still stand in the mailbox."""
    moment_ = now.astimezone(ZONE)
    desk = Desk(campaign, ledger, moment_, tuple(letters), last_look, tuple(proposals))
    arrived, waiting = desk.arrived(), desk.cases()
    code, facts = _first_thing(desk, waiting, sum(stands for _, stands in not_come))
    return rendering.letter(
        "digest",
        campaign=campaign,
        day=_day(desk),
        at=wording.moment(now),
        first=_say(code, **facts),
        group_first=code == "do_due",
        columns=[{"name": d.name, "recorded": d.mode == "record"} for d in desk.columns()],
        rows=_rows(desk),
        fills={state: f"#{colour}" for state, colour in STATE_FILL.items()},
        tallies=[_tally(desk, d) for d in desk.columns()],
        pressing=shortages.call_list(desk),
        wechat=shortages.wechat(desk),
        still=shortages.still_absent(desk),
        arrived=_arrivals(desk, arrived[:MOST_LISTED]),
        arrived_count=len(arrived),
        doubts=[cases.told(desk, c) for c in waiting[:MOST_LISTED]],
        doubt_count=len(waiting),
        overtaken=_overtaken(desk),
        not_come=[line for line, _ in not_come[:MOST_LISTED]],
        not_come_count=len(not_come),
        links=_links(desk),
        proposals=[_proposal(desk, p) for p in desk.proposals[:MOST_LISTED]],
        proposal_count=len(desk.proposals),
        bounces=[_bounce(m, returned or {}) for m in desk.bounces()[:MOST_LISTED]],
        silent=shortages.unreached(desk),
        letters=_letters(desk),
        looked=spoken(last_look) if last_look else "",
        quiet=desk.is_quiet() and not not_come,
        hints=words.say("reply", "how_to").splitlines(),
    )


def _day(desk: Desk) -> str:
    """6月8日（周二）; with the hour where it is not the morning's digest."""
    day = f"{spoken_day(desk.today)}（周{_WEEKDAYS[desk.today.weekday()]}）"
    late = desk.now - datetime.combine(desk.today, desk.campaign.digest_at, desk.now.tzinfo)
    return f"{day}{desk.now:%H:%M}" if late > _MORNING else day


def _first_thing(
    desk: Desk, waiting: Sequence[Case], not_come: int
) -> tuple[str, Mapping[str, object]]:
    """The one thing to do now: our own failures first, then what stops the chase."""
    uncertain, held = desk.in_state("uncertain"), desk.in_state("held")
    pressing, silent = desk.shortages(), desk.unreachable()
    if desk.last_look is None:
        return "do_first_look", {}
    if not_come:
        return "do_not_come", {"count": not_come}
    if desk.is_stale:
        return "do_look", {"since": spoken(desk.last_look)}
    if uncertain:
        return "do_uncertain", {"count": len(uncertain)}
    if held:
        return "do_release", {"count": len(held)}
    if waiting:
        return "do_doubts", {"count": len(waiting), **cases.told(desk, waiting[0])}
    if pressing:
        return _do_pressing(pressing[0])
    if desk.proposals:
        return "do_bind", {"count": len(desk.proposals)}
    return ("do_addresses", {"count": len(silent)}) if silent else ("do_nothing", {})


def _do_pressing(shortage: Shortage) -> tuple[str, Mapping[str, object]]:
    code = "do_overdue" if shortage.phase == "overdue" else "do_due"
    due = spoken(shortage.deadlines[0].remind_by)
    names = shortages.named(shortage.deadlines)
    return code, {"deadlines": names, "due": due, "count": len(shortage.units)}


def _overtaken(desk: Desk) -> str:
    """New cases that need not be decided, by number and unit."""
    found = [c for c in desk.overtaken() if c.mail and c.mail.received_at > desk.since]
    names = [f"{c.number} {cases.unit_name(desk, c.unit)}" for c in found[:MOST_LISTED]]
    return _say("overtaken", count=len(found), names="、".join(names)) if found else ""


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


def _tally(desk: Desk, deadline: Deadline) -> Words:
    """A column of the matrix for the plain twin."""
    recorded = deadline.mode == "record"
    return {"name": deadline.name, "recorded": recorded, "groups": _groups(desk, deadline)}


def _groups(desk: Desk, deadline: Deadline) -> list[Words]:
    """Who stands how with one deadline."""
    cells = [(u, c) for u in desk.campaign.expected if (c := desk.cell(u, deadline))]
    out: list[Words] = []
    for state in _TALLIED:
        units = [u for u, c in cells if c.state == state]
        if units:
            is_named = state in _NAMED and not _FEW < len(units) == len(cells)
            names = wording.names(units, MOST_LISTED) if is_named else ""
            out.append({"word": wording.state_name(state), "count": len(units), "names": names})
    return out


def _arrivals(desk: Desk, new: Sequence[Submission]) -> list[Words]:
    """New returns in words, with what is doubtful in them."""
    wanted = {(s.mail, s.part): s for s in new}
    doubts: dict[str, list[str]] = {}
    for d in desk.ledger.doubts:
        found = wanted.get((d.mail or 0, d.part or ""))
        if found is not None:
            doubts.setdefault(found.id, []).append(cases.said(desk, d, found))
    return [
        {
            "when": spoken(s.arrived_at),
            "unit": cases.unit_name(desk, s.unit),
            "what": _matter(desk, s) + _seal(s),
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


def _seal(s: Submission) -> str:
    """Whether a red seal can be seen on it or on its scan; nothing where there is none to see."""
    seen = [s.read.get("stamp"), *(scan.get("stamp") for scan in s.read.get("scans") or ())]
    told = [one for one in seen if one is not None]
    return _say("sealed" if any(told) else "unsealed") if told else ""


def _proposal(desk: Desk, p: Proposal) -> Words:
    """An address that may be a unit's, with what speaks for and against it."""
    why = [_say(f"proposal_{p.evidence}", day=spoken_day(p.at.astimezone(ZONE).date()))]
    why += [_say("proposal_phone")] if p.same_phone else []
    why.append(_say("proposal_proved" if p.proved else "proposal_unproved"))
    return {
        "number": p.number,
        "unit": cases.unit_name(desk, p.unit),
        "address": plain.line(p.address, cases.SHOWN_CHARS),
        "why": "，".join(why),
        "contested": p.contested,
    }


def _bounce(mail: MailFact, returned: Mapping[int, str]) -> str:
    """Who did not get our letter; of a bounce that nobody could place, its subject."""
    known = returned.get(mail.id)
    return plain.line(plain.discreet(known), 200) if known else cases.shown(mail.subject)


def _links(desk: Desk) -> list[Words]:
    return [
        {
            "name": cases.shown(link.get("name") or mail.subject),
            "sender": cases.shown(mail.sender or mail.sender_name),
            "expires": cases.shown(link.get("expires")),
        }
        for mail, link in desk.links()[:MOST_LISTED]
    ]


def _letters(desk: Desk) -> list[str]:
    """What left since the last digest, and every letter that waits or went wrong."""
    sent = [r for r in desk.letters if r.sent_at and desk.since < r.sent_at <= desk.now]
    counts = [(k, sum(r.kind == k for r in sent)) for k in _TOLD_WHEN_SENT]
    kinds = [_say("sent_kind", kind=words.say("letter", k), count=n) for k, n in counts if n]
    out = [_say("sent", kinds="、".join(kinds))] if kinds else []
    for state in _STUCK:
        rows = desk.in_state(state)
        if rows:
            names = "、".join(cases.shown(r.subject) for r in rows[:5])
            word = words.say("letter_state", state)
            out.append(_say("stuck", state=word, count=len(rows), names=names))
    return out


def _say(code: str, /, **facts: object) -> str:
    return words.say("digest", code, facts)
