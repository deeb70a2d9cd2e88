"""Who is absent, in words (尚缺): the list to ring by, and a paragraph for the WeChat group.

Pure. A person is named once however much the unit owes; phone numbers leave masked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from service import words
from service.desk import Desk, Shortage
from service.moments import ZONE, last_day, spoken, spoken_day
from service.report import plain, wording
from service.report.liaisons import Liaison, liaisons
from service.types import Deadline, Unit

MOST_LISTED = 40
_FEW = 5


def call_list(desk: Desk) -> list[dict[str, object]]:
    """Each shortage with the persons to ring; who stands higher up is only named."""
    people = {p.unit.id: p for p in liaisons(desk.campaign, desk.ledger)}
    told: set[str] = set()
    out = []
    for shortage in desk.shortages():
        out.append(_calls(shortage, people, told))
        told |= {u.id for u in shortage.units}
    return out


def unreached(desk: Desk) -> dict[str, object]:
    """Units to whom no reminder can go, with the persons to ask for an address."""
    people = {p.unit.id: p for p in liaisons(desk.campaign, desk.ledger)}
    told = {u.id for s in desk.shortages() for u in s.units[:MOST_LISTED]}
    return _listed(desk.unreachable(), people, told)


def _calls(
    shortage: Shortage, people: Mapping[str, Liaison], told: Collection[str]
) -> dict[str, object]:
    return {
        "deadlines": _heading(shortage.deadlines),
        "due": "" if shortage.phase == "overdue" else spoken(shortage.deadlines[0].remind_by),
        "overdue": shortage.phase == "overdue",
        **_listed(shortage.units, people, told),
    }


def _listed(
    units: Sequence[Unit], people: Mapping[str, Liaison], told: Collection[str]
) -> dict[str, object]:
    """Units with the persons to ring; those told of above by their names alone."""
    shown = units[:MOST_LISTED]
    new = [people[u.id] for u in shown if u.id not in told]
    return {
        "count": len(units),
        "people": [_person(p) for p in new if p.name or p.phone],
        "nobody": wording.names([p.unit for p in new if not (p.name or p.phone)], MOST_LISTED),
        "again": wording.names([u for u in shown if u.id in told], MOST_LISTED),
        "more": len(units) - len(shown),
    }


def _heading(deadlines: tuple[Deadline, ...]) -> str:
    """One by its bare name; several in quotes, for a name may hold a comma of its own."""
    return deadlines[0].name if len(deadlines) == 1 else named(deadlines)


def _person(person: Liaison) -> Mapping[str, str]:
    return {
        "unit": person.unit.name,
        "name": plain.line(person.name, 20) or words.say("digest", "no_person"),
        "phone": plain.masked(plain.line(person.phone, 40)) or words.say("digest", "no_phone"),
    }


def wechat(desk: Desk) -> str:
    """One paragraph for the WeChat group about all that is pressing; nothing where nothing is."""
    items = "".join(_item(desk, s) for s in desk.shortages())
    if not items:
        return ""
    staff = desk.campaign.staff
    facts = {
        "title": desk.campaign.title,
        "mailbox": desk.campaign.mailbox,
        "person": f"{staff.section}{staff.contact}",
        "at": spoken(desk.now),
        "items": items,
    }
    return words.say("digest", "wechat", facts)


def _item(desk: Desk, shortage: Shortage) -> str:
    first = shortage.deadlines[0]
    due = first.remind_by.astimezone(ZONE)
    code = "named_over" if shortage.phase == "overdue" else "named"
    facts = {
        "deadlines": named(shortage.deadlines, code),
        "names": _who(desk, shortage),
        "due": spoken(due),
        "clock": f"{due:%H:%M}",
        "ended": _ended(first),
    }
    return words.say("digest", f"wechat_{shortage.phase}", facts)


def _who(desk: Desk, shortage: Shortage) -> str:
    """Their names; of a long list that is everybody, how many that are."""
    owing = {u for d in shortage.deadlines for u in desk.campaign.expected if d.applies_to(u)}
    if len(shortage.units) > _FEW and len(shortage.units) == len(owing):
        return words.say("digest", "everybody", {"count": len(owing)})
    return wording.names(shortage.units, MOST_LISTED)


def named(deadlines: Iterable[Deadline], code: str = "named") -> str:
    """“甲”、“乙”."""
    facts = ({"name": d.name, "ended": _ended(d)} for d in deadlines)
    return "、".join(words.say("digest", code, f) for f in facts)


def _ended(deadline: Deadline) -> str:
    return spoken_day(last_day(deadline.late_after))


def still_absent(desk: Desk) -> str:
    """What lacks on a day without news, in a few words; nothing where nothing does."""
    return "；".join(_still(s) for s in desk.shortages())


def _still(s: Shortage) -> str:
    names = wording.names(s.units, _FEW)
    facts = {"deadlines": named(s.deadlines), "names": names, "count": len(s.units)}
    return words.say("digest", "still", facts)
