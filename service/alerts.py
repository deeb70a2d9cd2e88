"""What the staff must be told at once (告警): pure; one letter a pass and kind of trouble,
each trouble told once, and once more when it is over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import time, timedelta

from service import chase, troubles, words
from service.liaison import liaison
from service.moments import at as moment_at
from service.moments import iso, spoken
from service.neighbours import speaks_for_all
from service.outlook import Outlook
from service.report import plain
from service.store import GONE, LetterRow
from service.types import Unit
from service.wants import Wanted

_NOTHING: Mapping[str, Collection[str]] = {}
_OF_THE_MAILBOX = ("disk_full", "no_reader", "silent", "unread")
"""Troubles that every campaign of the mailbox sees: one of them tells."""


def alerts(
    outlook: Outlook, look_failed: bool, full: str = "", unreadable: Mapping[str, str] | None = None
) -> Iterator[Wanted]:
    """Alerts due at the outlook's time: reminders that cannot leave, letters gone wrong; `full`
    says that the disk has no room for mail, `unreadable` since when no mail can be read, and
    why."""
    campaign = outlook.campaign
    if not campaign.starts <= outlook.at.date() <= campaign.closes:
        return
    today = outlook.at.date().isoformat()
    first = speaks_for_all(campaign, outlook.at.date())
    for code, found in troubles.told(outlook, look_failed, full, unreadable or {}):
        if first or code not in _OF_THE_MAILBOX:
            yield from _told_once(outlook, code, found)
    yield from _addresses(outlook, today)
    for code, state in (("refused", "failed"), ("uncertain", "uncertain")):
        rows = [r for r in outlook.letters if r.state == state and _is_news(outlook, r)]
        yield from _told_once(outlook, code, {r.key: troubles.about(r) for r in rows})
    yield from _told_once(outlook, "bounced", _bounced(outlook))
    if first:
        yield from _told_once(outlook, "not_come", _waiting(outlook))
        yield from _refusal(outlook)


def _refusal(outlook: Outlook) -> Iterator[Wanted]:
    """That the mailbox refuses our login, and once it is over, that it does no more."""
    refusal = outlook.refusal
    if refusal is None:
        return
    since = iso(refusal.since) or ""
    if refusal.until is None:
        yield from _told_once(outlook, "auth_refused", {since: refusal.said})
    elif outlook.at - refusal.until < timedelta(days=1):
        span = f"{spoken(refusal.since)} — {spoken(refusal.until)}"
        yield from _told_once(outlook, "recovered", {since: span})


def _waiting(outlook: Outlook) -> dict[str, str]:
    """Mails that stand in the mailbox and do not come."""
    return {
        f"{m.folder}/{m.uid}/{iso(m.seen_at)}": f"{m.folder}　UID {m.uid}　（{m.problem}）"
        for m in outlook.not_come
        if m.problem != GONE
    }


def _told_once(
    outlook: Outlook,
    code: str,
    troubles: Mapping[str, str],
    also: Mapping[str, Collection[str]] = _NOTHING,
) -> Iterator[Wanted]:
    """One letter about the troubles that were not told before, if there are any. `also` names
    by mark what else the same line has told: another alert need not say it again."""
    duties = {f"alert/{code}/{mark}": line for mark, line in troubles.items()}
    fresh = {d: line for d, line in duties.items() if d not in outlook.said.duties}
    if not fresh:
        return
    mark = hashlib.sha256("\n".join(sorted(fresh)).encode()).hexdigest()[:12]
    yield Wanted(
        key=f"alert/{code}/{mark}",
        kind="alert",
        to=outlook.campaign.staff.addresses,
        due_at=outlook.at,
        not_after=moment_at(outlook.at.date(), time(0)) + timedelta(days=1),
        stage=code,
        duties=(*fresh, *(d for told in fresh for d in also.get(told.split("/", 2)[2], ()))),
        items=tuple(line for line in fresh.values() if line),
    )


def _addresses(outlook: Outlook, today: str) -> Iterator[Wanted]:
    """Units that no mail reaches: each told of once a day. That its address came back says
    already that no reminder goes there today."""
    yield from _told_once(outlook, "bad_address", _bad(outlook), _also_lacking(outlook, today))
    if chase.workdays(outlook.campaign).in_office(outlook.at):
        lacking = {_lacking(today, unit): line for unit, line in _unreachable(outlook)}
        yield from _told_once(outlook, "no_address", lacking)


def _unreachable(outlook: Outlook) -> Iterator[tuple[Unit, str]]:
    """Units with a reminder due now and no address that works, in words."""
    found = chase.unreachable(
        outlook.campaign, outlook.ledger, outlook.decided, outlook.said, outlook.at
    )
    for unit, deadline in found:
        yield unit, _line((*_whom(outlook, unit.id), deadline.name, _why(outlook, unit)))


def _lacking(today: str, unit: Unit) -> str:
    return f"{today}/{unit.id}"


def _why(outlook: Outlook, unit: Unit) -> str:
    """That it has no address, or which ones came back."""
    addresses = outlook.ledger.addresses.get(unit.id, ())
    code = "came_back" if addresses else "none"
    return words.say("no_address", code, {"addresses": "、".join(addresses)})


def _also_lacking(outlook: Outlook, today: str) -> dict[str, list[str]]:
    """By address: that no reminder can go to its unit today is told by the same line."""
    return {
        address: [f"alert/no_address/{_lacking(today, unit)}"]
        for unit in outlook.campaign.units
        for address in outlook.ledger.addresses.get(unit.id, ())
        if not chase.usable(outlook.ledger, outlook.said, unit)
    }


def _is_news(outlook: Outlook, row: LetterRow) -> bool:
    """Whether no other alert tells of this letter: an alert is not told of, nor is a letter
    that only bad addresses refused."""
    refused = row.state == "failed" and set(row.to) <= set(_bad(outlook))
    return row.kind != "alert" and not refused


def _bad(outlook: Outlook) -> dict[str, str]:
    """Confirmed addresses that refused a letter of ours."""
    units = outlook.campaign.units
    return {
        address: _line((*_whom(outlook, unit.id), address))
        for unit in units
        for address in outlook.ledger.addresses.get(unit.id, ())
        if address in outlook.said.bad_addresses
    }


def _bounced(outlook: Outlook) -> dict[str, str]:
    """Letters that came back from an address that is not a unit's confirmed one, or that may
    work again: `_bad` tells of the others."""
    told = _bad(outlook)
    out: dict[str, str] = {}
    for h in outlook.heard:
        for failed in h.told["addresses"] if h.kind == "bounce" else ():
            address = failed["address"]
            if address not in told:
                who = _whom(outlook, h.told["unit"])
                out[f"{h.told['letter']}/{address}"] = _line((*who, address, h.told["subject"]))
    return out


def _whom(outlook: Outlook, unit_id: str | None) -> tuple[str, ...]:
    """Whom to phone: the unit, its liaison, the number."""
    unit = outlook.campaign.known_unit(unit_id)
    if unit is None:
        return ()
    person, phone = liaison(outlook.campaign, outlook.ledger, unit)
    return (unit.name, person, plain.masked(phone))


def _line(texts: Iterable[str]) -> str:
    return "　".join(x for x in texts if x)
