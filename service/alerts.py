"""What the staff must be told at once (告警): pure; one letter a pass and kind of trouble,
each trouble told once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import time, timedelta

from service import chase, letters
from service.moments import at as moment_at
from service.moments import iso, spoken
from service.outlook import Outlook
from service.store import GONE, LetterRow
from service.wants import Wanted


def alerts(outlook: Outlook, look_failed: bool, full: str = "") -> Iterator[Wanted]:
    """Alerts due at the outlook's time: reminders that cannot leave, letters gone wrong; `full`
    says that the disk has no room for mail."""
    campaign = outlook.campaign
    if not campaign.starts <= outlook.at.date() <= campaign.closes:
        return
    today = outlook.at.date().isoformat()
    if full:
        yield from _told_once(outlook, "disk_full", {today: full})
    if look_failed and any(w.kind == "reminder" for w in outlook.wanted):
        yield from _told_once(outlook, "no_look", {today: ""})
    if chase.workdays(campaign).in_office(outlook.at):
        yield from _told_once(outlook, "no_address", _unreachable(outlook, today))
    for code, state in (("refused", "failed"), ("uncertain", "uncertain")):
        rows = [r for r in outlook.letters if r.state == state and r.kind != "alert"]
        yield from _told_once(outlook, code, {r.key: _about(r) for r in rows})
    yield from _told_once(outlook, "bad_address", _bad(outlook))
    yield from _told_once(outlook, "bounced", _bounced(outlook))
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


def _told_once(outlook: Outlook, code: str, troubles: Mapping[str, str]) -> Iterator[Wanted]:
    """One letter about the troubles that were not told before, if there are any."""
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
        duties=tuple(fresh),
        items=tuple(line for line in fresh.values() if line),
    )


def _unreachable(outlook: Outlook, today: str) -> dict[str, str]:
    """Units with a reminder due now and no address that works, told each day anew."""
    found = chase.unreachable(
        outlook.campaign, outlook.ledger, outlook.decided, outlook.said, outlook.at
    )
    return {
        f"{today}/{unit.id}": _line((unit.name, unit.contact, unit.phone, deadline.name))
        for unit, deadline in found
    }


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
    if unit_id is None:
        return ()
    unit = outlook.campaign.unit(unit_id)
    return (unit.name, *letters.liaison(outlook.campaign, outlook.ledger, unit))


def _about(row: LetterRow) -> str:
    answer = " ".join(x for x in (row.code, row.said) if x)
    return f"{row.subject}　→　{'、'.join(row.to)}　（{answer}）"


def _line(texts: Iterable[str]) -> str:
    return "　".join(x for x in texts if x)
