"""Letters that answer (回信): a receipt or a question for each mail that brought something.

Pure. Exactly one for a mail that brought something, at any hour; what brought nothing
countable gets at most one answer a day and three a campaign per address; robots get none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from service.delivered import RECEIVED
from service.moments import at as moment_at
from service.naming import is_reply
from service.neighbours import answers_here
from service.types import Campaign, Ledger, LetterKind, MailFact, Submission
from service.wants import Said, Wanted

A_CAMPAIGN = 3
MUST_RESEND = ("unread_damaged", "unread_encrypted", "unread_over_limit", "unread_unsupported")
_ROBOTS = ("noreply", "no-reply", "mailer-daemon", "postmaster")


def answers(campaign: Campaign, ledger: Ledger, said: Said, now: datetime) -> Iterator[Wanted]:
    """The answers that are owed and have not left, in order of arrival."""
    by_mail: dict[int, list[Submission]] = {}
    for s in ledger.submissions:
        by_mail.setdefault(s.mail, []).append(s)
    limits = _Limits(said, now.date())
    for mail in ledger.mails:
        brought = by_mail.get(mail.id, [])
        kind = _kind(mail, brought) if answerable(campaign, mail) else None
        if kind is None:
            continue
        key = _answer_that_left(said, mail) or f"{kind}/{mail.sha256[:16]}"
        if key not in said.sent_at and not answers_here(campaign, mail, brought):
            continue
        countable = kind == "receipt" and _is_countable(mail, brought)
        if (countable or limits.allow(mail, key)) and key not in said.sent_at:
            yield _answer(campaign, ledger, mail, brought, kind, key)


def _answer_that_left(said: Said, mail: MailFact) -> str:
    """Also where staff have since settled what was asked: a mail is answered once."""
    keys = (f"{kind}/{mail.sha256[:16]}" for kind in ("receipt", "question"))
    return next((key for key in keys if key in said.sent_at), "")


def answerable(campaign: Campaign, mail: MailFact) -> bool:
    """Whether a person with one address wrote it, within the campaign's days."""
    return (
        mail.sender is not None
        and mail.automatic is None
        and not mail.ours
        and mail.source != RECEIVED
        and mail.state == "done"
        and campaign.starts <= mail.received_at.date() <= campaign.closes
        and not mail.sender.startswith(_ROBOTS)
    )


class _Limits:
    """One answer a day and three a campaign to an address that sends nothing countable."""

    def __init__(self, said: Said, today: date) -> None:
        self._said = said
        self._today = today
        self._days: dict[str, list[date]] = {}
        self._arrived: set[tuple[str, date]] = set()

    def allow(self, mail: MailFact, key: str) -> bool:
        """Whether this mail, in its turn, is answered; one answered already always is."""
        address = mail.sender or ""
        days = self._days.setdefault(address, [])
        first_of_its_day = (address, mail.received_at.date()) not in self._arrived
        self._arrived.add((address, mail.received_at.date()))
        sent_at = self._said.sent_at.get(key)
        if sent_at is not None:
            days.append(sent_at.date())
            return True
        if not first_of_its_day or len(days) >= A_CAMPAIGN or self._today in days:
            return False
        days.append(self._today)
        return True


def _kind(mail: MailFact, brought: list[Submission]) -> LetterKind | None:
    """A receipt for what counts or may count; a question where the unit must send again."""
    if any(s.status == "rejected" for s in brought):
        return None
    brought = [s for s in brought if not _is_noise(s)]
    if any(not _must_resend(s) for s in brought):
        return "receipt"
    if brought or any(p.outcome in ("blank_form", "empty") for p in mail.parts):
        return "question"
    return None


def _is_noise(s: Submission) -> bool:
    """A file nobody can place, from nobody we know: staff look at it, we do not write."""
    unread = any(code.startswith("unread_") for code, _, _ in s.reasons)
    return unread and s.unit is None and not s.claimed and s.trust in ("unknown", "failed")


def _must_resend(s: Submission) -> bool:
    """Whether nobody could read it, staff included: the unit must send it again."""
    return any(code in MUST_RESEND for code, _, _ in s.reasons)


def _is_countable(mail: MailFact, brought: list[Submission]) -> bool:
    """Whether it brought more than what we have already. What is no form in a reply to us,
    a picture or a text that nobody can place, may be a robot's signature or a gateway's
    notice: without this two robots would write to each other for ever."""
    fresh = [s for s in brought if s.status != "duplicate" and not _must_resend(s)]
    if is_reply(mail.subject):
        fresh = [s for s in fresh if s.form or (s.material and s.read.get("kind") != "image")]
    return bool(fresh)


def _answer(
    campaign: Campaign,
    ledger: Ledger,
    mail: MailFact,
    brought: list[Submission],
    kind: LetterKind,
    key: str,
) -> Wanted:
    unit = next((s.unit for s in brought if s.unit), None)
    return Wanted(
        key=key,
        kind=kind,
        to=_recipients(mail, ledger, unit),
        due_at=mail.received_at,
        not_after=moment_at(campaign.closes, time(0)) + timedelta(days=1),
        unit=unit,
        deadline=next((k for s in brought for k in s.deadlines), None),
        mail=mail.id,
    )


def _recipients(mail: MailFact, ledger: Ledger, unit: str | None) -> tuple[str, ...]:
    """The sender; for a return of a unit its first confirmed address too, so that nobody
    files for another unseen."""
    to = [mail.sender or ""]
    listed = ledger.addresses.get(unit or "", ())
    if listed and mail.sender not in listed:
        to.append(listed[0])
    return tuple(to)
