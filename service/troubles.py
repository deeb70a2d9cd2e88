"""Troubles that last (故障): told once when they begin and once when they are over. Pure.

Each bears a mark that stays the same while it lasts, also over a restart, so that nothing has
to be remembered but what was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from service import words
from service.moments import iso, moment, spoken
from service.outlook import Outlook
from service.store import GONE, LetterRow

SILENCE = timedelta(hours=1)
"""Without a complete look, or with a letter that does not leave, until somebody is told."""
_OF_LOOKS = ("disk_full", "no_look", "silent")

Found = Mapping[str, str]
"""Lines for the staff, each under the mark of its trouble."""


def told(
    outlook: Outlook, look_failed: bool, full: str, unreadable: Found
) -> Iterator[tuple[str, Found]]:
    """(kind of alert, what it is about) of all that lasts now, and of all that ended; whoever
    sends them leaves out what was told before."""
    begun: dict[str, Found] = {
        **(_looks(outlook, full) if look_failed else {}),
        "no_reader": unreadable,
        "stuck": _stuck(outlook),
        "unread": _unread(outlook),
    }
    yield from begun.items()
    lasting = {code: set(found) for code, found in begun.items()}
    if look_failed:
        lasting |= {code: {_last_look(outlook)} for code in _OF_LOOKS}
    yield "over", dict(_ended(outlook, lasting))


def _ended(outlook: Outlook, lasting: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    for code in (*_OF_LOOKS, "no_reader", "stuck", "unread"):
        for mark in sorted(_marks(outlook, code) - lasting.get(code, set())):
            if line := _end(outlook, code, mark):
                yield f"{code}/{mark}", line


def _marks(outlook: Outlook, code: str) -> set[str]:
    """Of which troubles of this kind the staff were told."""
    start = f"alert/{code}/"
    return {d.removeprefix(start) for d in outlook.said.duties if d.startswith(start)}


# -- what lasts -------------------------------------------------------------------------------


def _looks(outlook: Outlook, full: str) -> dict[str, Found]:
    """What keeps us from the mailbox: the disk, else what stops reminders that are due, else
    an hour of silence for which there is no other alert."""
    mark = _last_look(outlook)
    if full:
        return {"disk_full": {mark: full}}
    if mark not in _marks(outlook, "silent") and any(w.kind == "reminder" for w in outlook.wanted):
        return {"no_look": {mark: ""}}
    last = outlook.last_look or outlook.said.started_at
    refused = outlook.refusal is not None and outlook.refusal.until is None
    not_come = any(m.problem != GONE for m in outlook.not_come)
    known = refused or not_come or any(mark in _marks(outlook, c) for c in _OF_LOOKS[:2])
    if last is None or known or outlook.at - last < SILENCE:
        return {}
    return {"silent": {mark: spoken(last)}}


def _last_look(outlook: Outlook) -> str:
    """While something keeps us from the mailbox the last complete look stays the same."""
    return iso(outlook.last_look or outlook.said.started_at) or ""


def _stuck(outlook: Outlook) -> Found:
    """Letters that ought to have left an hour ago: tried in vain, or for which no time of day
    is wrong."""
    return {
        row.key: about(row)
        for row in outlook.letters
        if row.state == "queued"
        and row.kind != "alert"
        and (row.kind != "reminder" or row.code)
        and outlook.at - max(row.due_at, row.queued_at) >= SILENCE
    }


def _unread(outlook: Outlook) -> Found:
    """Mails that no attempt could read, set aside for a person."""
    return {
        m.sha256[:16]: "　".join(
            x for x in (spoken(m.received_at), m.sender_name or m.sender or "", m.subject) if x
        )
        for m in outlook.ledger.mails
        if m.state == "failed"
    }


# -- what ended -------------------------------------------------------------------------------


def _end(outlook: Outlook, code: str, mark: str) -> str:
    """How it ended, in words; nothing where that means nothing to anybody any more."""
    if code == "stuck":
        return _end_of_letter(next((r for r in outlook.letters if r.key == mark), None))
    if code == "unread":
        mail = next((m for m in outlook.ledger.mails if m.sha256.startswith(mark)), None)
        return words.say("over", code, {"subject": mail.subject}) if mail else ""
    since = moment(mark)
    refusal = outlook.refusal
    if code != "no_reader" and refusal is not None and refusal.since >= since:
        return ""  # the mailbox refused us: its end has a letter of its own
    return words.say("over", code, {"since": spoken(since)})


def about(row: LetterRow) -> str:
    """A letter in one line: its subject, to whom, what the server answered."""
    answer = " ".join(x for x in (row.code, row.said) if x)
    subject = row.subject or words.say("letter", row.kind)
    return f"{subject}　→　{'、'.join(row.to)}" + (f"　（{answer}）" if answer else "")


def _end_of_letter(row: LetterRow | None) -> str:
    if row is None:
        return ""
    state = words.say("letter_state", row.state)
    return words.say("over", "stuck", {"letter": about(row), "state": state})
