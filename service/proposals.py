"""Addresses that may be a unit's (待绑定邮箱): who wrote and named a unit, with the evidence.

Pure. Proposes, never confirms: a reminder goes only to an address that staff bound. A proposal
bears the number of the first mail that speaks for it, so its number never changes while it
is open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from parsers.own_words import own
from service.answers import answerable
from service.decisions import Decided
from service.types import BlankForm, Campaign, Ledger, MailFact, Submission, Unit
from service.units import Roster

Evidence = Literal["liaison", "form", "claimed", "named", "written"]
"""Why it may be the unit's: its liaison form came from there, another form did, staff gave a
mail from there to the unit, a mail from there names the unit, its liaison form says so."""

_RANK: tuple[Evidence, ...] = ("claimed", "liaison", "written", "form", "named")
_ADDRESS = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.I)
_TEXT_READ = 500


@dataclass(frozen=True, slots=True)
class Proposal:
    """One address for one unit. `contested`: something speaks against it, so that it is bound
    only by its number: several addresses for the unit, or it has a confirmed one already."""

    number: int
    address: str
    unit: str
    evidence: Evidence
    at: datetime
    mails: int = 1
    proved: bool = False
    """Whether the sending server's own proof spoke for the address."""
    same_phone: bool = False
    """Whether the form bears the phone that units.csv has."""
    contested: bool = False


@dataclass(frozen=True, slots=True)
class _Sign:
    mail: MailFact
    address: str
    unit: str
    evidence: Evidence
    same_phone: bool = False


def proposals(campaign: Campaign, ledger: Ledger, decided: Decided) -> tuple[Proposal, ...]:
    """The open proposals in the order of their numbers."""
    confirmed = {a for several in ledger.addresses.values() for a in several}
    ours = {campaign.mailbox, *campaign.staff.addresses, *campaign.staff.head}
    found: dict[tuple[str, str], list[_Sign]] = {}
    for sign in _signs(campaign, ledger, decided):
        known = sign.address in confirmed or sign.address in ours
        if not known and (sign.unit, sign.address) not in decided.unbound:
            found.setdefault((sign.address, sign.unit), []).append(sign)
    return _settled([_proposal(signs) for signs in found.values()], ledger)


def _settled(every: list[Proposal], ledger: Ledger) -> tuple[Proposal, ...]:
    """In order, with what speaks against each."""
    out = []
    for p in sorted(every, key=lambda p: (p.number, p.address)):
        rivals = [o for o in every if (o.unit == p.unit) != (o.address == p.address)]
        out.append(replace(p, contested=bool(rivals or ledger.addresses.get(p.unit))))
    return tuple(out)


def _proposal(signs: list[_Sign]) -> Proposal:
    first = min(signs, key=lambda s: s.mail.id)
    return Proposal(
        number=first.mail.id,
        address=first.address,
        unit=first.unit,
        evidence=min((s.evidence for s in signs), key=_RANK.index),
        at=first.mail.received_at,
        mails=len({s.mail.id for s in signs}),
        proved=any(s.mail.proof == "pass" and s.mail.sender == s.address for s in signs),
        same_phone=any(s.same_phone for s in signs),
    )


def _signs(campaign: Campaign, ledger: Ledger, decided: Decided) -> Iterator[_Sign]:
    brought: dict[int, list[Submission]] = {}
    for s in ledger.submissions:
        brought.setdefault(s.mail, []).append(s)
    roster = Roster(campaign.units, {}, campaign.issuer)
    form = liaison_form(campaign)
    for mail in ledger.mails:
        if not answerable(campaign, mail) or mail.proof in ("fail", "forged"):
            continue
        mine = brought.get(mail.id, [])
        if not mine or any(s.status != "rejected" for s in mine):
            yield from _by_sender(campaign, roster, form, decided, mail, mine)
            yield from _by_form(campaign, form, mail, mine)


def _by_sender(
    campaign: Campaign,
    roster: Roster,
    form: BlankForm | None,
    decided: Decided,
    mail: MailFact,
    brought: list[Submission],
) -> Iterator[_Sign]:
    """The sender, where the mail names exactly one unit."""
    named = {u for s in brought for u in ((s.unit,) if s.unit else s.claimed)}
    if not brought:
        named = set(_named(roster, mail))
    if len(named) != 1 or mail.sender is None:
        return
    unit = campaign.unit(named.pop())
    if unit.exempt:
        return
    evidence: Evidence = "form" if any(s.form for s in brought) else "named"
    if form and any(s.form == form.key for s in brought):
        evidence = "liaison"
    if any(decided.assigned.get(s.id, (None,))[0] for s in brought):
        evidence = "claimed"
    same = any(_has_phone(campaign, s, unit) for s in brought)
    yield _Sign(mail, mail.sender, unit.id, evidence, same)


def _named(roster: Roster, mail: MailFact) -> tuple[str, ...]:
    """Units that the subject, the sender's name and his own words name, all together."""
    texts = (mail.subject, mail.sender_name, own(mail.text)[:_TEXT_READ])
    return tuple(dict.fromkeys(u for t in texts for u in roster.mentioned(t, 3)))


def _by_form(
    campaign: Campaign, form: BlankForm | None, mail: MailFact, brought: Iterable[Submission]
) -> Iterator[_Sign]:
    """Addresses that a unit wrote into its liaison form."""
    for s in brought:
        if form is None or s.form != form.key or s.unit is None or s.status == "rejected":
            continue
        same = _has_phone(campaign, s, campaign.unit(s.unit))
        for field in (s.read.get("fields") or {}).values():
            for address in _ADDRESS.findall(str(field.get("raw") or "")):
                yield _Sign(mail, address.lower(), s.unit, "written", same)


def liaison_form(campaign: Campaign) -> BlankForm | None:
    """The form that names people (附件1): its unit is a field of its own."""
    for blank in campaign.forms:
        if blank.person_field and blank.unit_field in {f.key for f in blank.form.fields}:
            return blank
    return None


def _has_phone(campaign: Campaign, s: Submission, unit: Unit) -> bool:
    label = campaign.blank(s.form).phone_field if s.form else ""
    fields, header = s.read.get("fields") or {}, s.read.get("header") or {}
    written = header.get(label) or (fields.get(label) or {}).get("raw") or ""
    digits = re.sub(r"\D", "", str(written))
    return len(digits) >= 7 and digits == re.sub(r"\D", "", unit.phone)
