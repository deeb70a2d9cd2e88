"""Several campaigns in one mailbox (同一邮箱的几个活动): whose mail is whose, and who answers.

Pure. A part that one campaign has placed for sure is no other's doubt. What nobody can place may
be anybody's return, so it stops the chase everywhere; its sender is asked once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from parsers import dates
from service import returns
from service.types import Campaign, MailFact, PartFact, Submission

_BEFORE, _AFTER = timedelta(days=31), timedelta(days=92)
"""How far around its days mail may concern a campaign."""


def near(campaign: Campaign, mail: MailFact) -> bool:
    """Mail of another year is not this campaign's, unless it brings its form."""
    if any(_is_own(campaign, mail, part) for part in mail.parts):
        return True
    day = mail.received_at.date()
    return campaign.starts - _BEFORE <= day <= campaign.closes + _AFTER


def of_campaign(campaign: Campaign, mail: MailFact) -> MailFact:
    """The mail as this campaign sees it: forms under their own keys, what is surely another
    campaign's as parts that are not its business."""
    own = _named(campaign, mail)
    others = [n for n in campaign.neighbours if near(n, mail)]
    old = {p.path for p in own.parts if p.outcome == returns.OLD_BLANK}
    taken = {path for n in others for path in _sure(n, mail)} - old
    if not taken or not (taken := taken - _sure(campaign, mail)):
        return own
    parts = (replace(p, outcome="ignored") if p.path in taken else p for p in own.parts)
    return replace(own, parts=tuple(parts))


def answers_here(campaign: Campaign, mail: MailFact, brought: Sequence[Submission]) -> bool:
    """Whether this campaign answers: it knows what the mail brought, or nobody does and it is
    the first of those that may be meant, those before whose words the mail uses."""
    if not campaign.neighbours or any(s.status != "waiting" or s.form for s in brought):
        return True
    if _knows(campaign, mail):
        return True
    day = mail.received_at.date()
    meant = [n for n in campaign.neighbours if n.starts <= day <= n.closes and _asks(n, mail)]
    if any(_knows(n, mail) for n in meant):
        return False
    return all(_rank(campaign, mail) < _rank(n, mail) for n in meant)


def speaks_for_all(campaign: Campaign, day: date) -> bool:
    """Whether this campaign tells its section what concerns the whole mailbox: the first of
    those that are open and have the same readers."""
    readers = set(campaign.staff.addresses)
    return not any(
        n.slug < campaign.slug and n.starts <= day <= n.closes and readers <= {*n.staff.addresses}
        for n in campaign.neighbours
    )


def _knows(campaign: Campaign, mail: MailFact) -> bool:
    """Whether something in the mail is surely this campaign's, if only its blank."""
    return bool(_sure(campaign, mail)) or any(p.form for p in _named(campaign, mail).parts)


def _asks(campaign: Campaign, mail: MailFact) -> bool:
    """Whether this campaign would say anything about the mail."""
    seen = of_campaign(campaign, mail)
    empty = any(p.outcome in ("blank_form", "empty") for p in seen.parts)
    return empty or bool(returns.candidates(campaign, seen))


def _rank(campaign: Campaign, mail: MailFact) -> tuple[bool, str]:
    return not returns.is_announced(campaign, mail), campaign.slug


def _sure(campaign: Campaign, mail: MailFact) -> set[str]:
    """Paths of the parts that are a form or a material of this campaign."""
    found = returns.candidates(campaign, _named(campaign, mail))
    return {c.part.path for c in found if not c.unread}


def _is_own(campaign: Campaign, mail: MailFact, part: PartFact) -> bool:
    """Whether it is this campaign's form, and not its old blank used for the next year's."""
    return (part.form or "").startswith(f"{campaign.slug}/") and not any(
        _is_old_paper(n, campaign, mail, part) for n in campaign.neighbours
    )


def _is_old_paper(campaign: Campaign, old: Campaign, mail: MailFact, part: PartFact) -> bool:
    """Whether a blank of a campaign that is over was filled in while this one runs and asks for
    the form of that name, and says nothing of the old one's year."""
    day, key = mail.received_at.date(), (part.form or "").rpartition("/")[2]
    is_next = old.closes < day and campaign.starts <= day <= campaign.closes
    if not is_next or part.outcome != "form" or key not in {f.key for f in campaign.forms}:
        return False
    known = {f.key: f.date_field for f in old.forms}
    written = dates.date(str((part.read.get("header") or {}).get(known.get(key, ""), "")))
    bears = written is not None and written.year == old.starts.year
    return not bears and str(old.starts.year) not in f"{mail.subject}{part.name or ''}"


def _named(campaign: Campaign, mail: MailFact) -> MailFact:
    """Its own forms by their own keys; those of other campaigns are not its business."""
    if not any(p.form and "/" in p.form for p in mail.parts):
        return mail
    return replace(mail, parts=tuple(_named_part(campaign, mail, p) for p in mail.parts))


def _named_part(campaign: Campaign, mail: MailFact, part: PartFact) -> PartFact:
    slug, _, key = (part.form or "").rpartition("/")
    if part.form is None or not slug:
        return part
    if slug == campaign.slug:
        return replace(part, form=key)
    old = next((n for n in campaign.neighbours if n.slug == slug), None)
    if old is not None and _is_old_paper(campaign, old, mail, part):
        return replace(part, form=None, outcome=returns.OLD_BLANK)
    return replace(part, form=None, outcome="ignored")
