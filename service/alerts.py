"""What the staff must be told at once (告警): pure, one letter a matter and day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import time, timedelta

from service.duties import Wanted, duties
from service.moments import at as moment_at
from service.outlook import Outlook
from service.store import LetterRow
from service.workdays import Workdays


def alerts(outlook: Outlook, days: Workdays, look_failed: bool) -> Iterator[Wanted]:
    """Alerts due at the outlook's time: reminders that cannot leave, letters gone wrong."""
    if not outlook.campaign.starts <= outlook.at.date() <= outlook.campaign.closes:
        return
    if look_failed and any(w.kind == "reminder" for w in outlook.wanted):
        yield _alert(outlook, "no_look", outlook.at.date().isoformat(), ())
    nowhere = tuple(_unreachable(outlook))
    if nowhere and days.in_office(outlook.at):
        yield _alert(outlook, "no_address", outlook.at.date().isoformat(), nowhere)
    for row in outlook.letters:
        if row.kind != "alert" and row.state in ("failed", "uncertain"):
            code = "refused" if row.state == "failed" else "uncertain"
            yield _alert(outlook, code, row.key.rpartition("/")[0] + row.key[-8:], _about(row))


def _alert(outlook: Outlook, code: str, mark: str, items: Iterable[str]) -> Wanted:
    midnight = moment_at(outlook.at.date(), time(0)) + timedelta(days=1)
    return Wanted(
        key=f"alert/{code}/{mark}",
        kind="alert",
        to=outlook.campaign.staff.addresses,
        due_at=outlook.at,
        not_after=midnight,
        stage=code,
        items=tuple(items),
    )


def _unreachable(outlook: Outlook) -> Iterator[str]:
    """Units with a reminder due now and no address that works."""
    book = outlook.ledger
    for unit in outlook.campaign.expected:
        usable = set(book.addresses.get(unit.id, ())) - outlook.said.bad_addresses
        if usable:
            continue
        for duty, deadline, _ in duties(outlook.campaign, unit, outlook.decided):
            state = book.cell(unit.id, duty.deadline).state
            if duty.due_at <= outlook.at < duty.not_after and state in ("open", "missing"):
                yield "　".join(
                    x for x in (unit.name, unit.contact, unit.phone, deadline.name) if x
                )
                break


def _about(row: LetterRow) -> tuple[str, ...]:
    return (f"{row.subject}　→　{'、'.join(row.to)}　（{row.code or ''} {row.said or ''}）",)
