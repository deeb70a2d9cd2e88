"""Verbs of a staff reply about addresses and letters: 绑定, 解绑, 放行, 撤回, 汇总, 撤销.

Pure. “全部” means what stood in the letter that the reply answers, never what came since.
"""

from __future__ import annotations

import re

from service.proposals import Proposal
from service.reply_words import NotUnderstood, Rest
from service.standing import REPORT, UNDO, Act, Standing
from service.types import Unit

_COUNTED = re.compile(r"(?<=\d)\s*(?:号决定|号|条)")


def bind(rest: Rest, standing: Standing) -> list[Act]:
    if rest.take(("全部", "所有", "都")):
        rest.end()
        chosen = [p for p in standing.proposals if p.at <= standing.seen_at and not p.contested]
        if not chosen:
            raise NotUnderstood("nothing_to_bind")
        return [_binding(p) for p in chosen]
    numbers = rest.numbers()
    if numbers:
        rest.end()
        return [_binding(p) for n in numbers for p in _proposed(standing, n)]
    unit, address = _unit_and_address(rest)
    addresses = [address]
    while another := rest.address():
        addresses.append(another)
    for address in addresses:
        _free(standing, unit, address)
    return [Act("bind", {"unit": unit.id, "address": a}) for a in dict.fromkeys(addresses)]


def unbind(rest: Rest, standing: Standing) -> list[Act]:
    numbers = rest.numbers()
    if numbers:
        rest.end()
        chosen = [p for n in numbers for p in _proposed(standing, n)]
        return [Act("unbind", {"unit": p.unit, "address": p.address}) for p in chosen]
    unit, address = _unit_and_address(rest)
    open_ = {(p.unit, p.address) for p in standing.proposals}
    if (
        address not in standing.ledger.addresses.get(unit.id, ())
        and (unit.id, address) not in open_
    ):
        raise NotUnderstood("not_bound", unit=unit.name, address=address)
    return [Act("unbind", {"unit": unit.id, "address": address})]


def _proposed(standing: Standing, number: int) -> list[Proposal]:
    found = [p for p in standing.proposals if p.number == number]
    if not found:
        raise NotUnderstood("proposal_unknown", number=number)
    if len({p.unit for p in found}) > 1:
        raise NotUnderstood("proposal_unclear", number=number)
    return found


def _binding(p: Proposal) -> Act:
    return Act("bind", {"unit": p.unit, "address": p.address})


def _unit_and_address(rest: Rest) -> tuple[Unit, str]:
    address = rest.address()
    unit = rest.unit()
    address = address or rest.address()
    if unit is None:
        raise NotUnderstood("unit_unknown", got=rest.text[:30])
    if address is None:
        raise NotUnderstood("address_missing", got=rest.text[:30])
    return unit, address


def _free(standing: Standing, unit: Unit, address: str) -> None:
    """An address of the section itself, or of another unit, is not bound by a mere line."""
    campaign = standing.campaign
    if address in (campaign.mailbox, *campaign.staff.addresses, *campaign.staff.head):
        raise NotUnderstood("own_address", address=address)
    for other, several in standing.ledger.addresses.items():
        if address in several and other != unit.id:
            name = campaign.unit(other).name
            raise NotUnderstood("address_taken", address=address, unit=name)


def release(rest: Rest, standing: Standing) -> list[Act]:
    if not rest.text or rest.take(("全部", "所有")):
        rest.end()
        if standing.decided.released and not _letters(standing, (), ("held",)):
            raise NotUnderstood("nothing_held")
        return [Act("release", {"letters": []})]
    return [Act("release", {"letters": _letters_to(rest, standing, ("held",), "nothing_held")})]


def withdraw(rest: Rest, standing: Standing) -> list[Act]:
    states = ("queued", "held")
    if rest.take(("全部", "所有")):
        rest.end()
        found = _letters(standing, (), states)
        if not found:
            raise NotUnderstood("nothing_waits")
        return [Act("withdraw", {"letters": found})]
    return [Act("withdraw", {"letters": _letters_to(rest, standing, states, "nothing_waits")})]


def _letters_to(rest: Rest, standing: Standing, states: tuple[str, ...], none: str) -> list[str]:
    units = rest.units()
    rest.take(("的信", "的催报信", "的"))
    rest.end()
    found = _letters(standing, units, states)
    if not found:
        raise NotUnderstood(none)
    return found


def _letters(standing: Standing, units: tuple[Unit, ...], states: tuple[str, ...]) -> list[str]:
    """Keys of waiting letters to these units; to any unit where none is named."""
    ids = {u.id for u in units}
    return [
        w.key
        for w in standing.waiting
        if w.state in states and w.unit is not None and (not ids or w.unit in ids)
    ]


def report(rest: Rest, standing: Standing) -> list[Act]:
    campaign = standing.campaign
    deadline = rest.deadline()
    rest.take(("汇总表", "报表", "表"))
    rest.end()
    if deadline is not None and deadline.form is None:
        raise NotUnderstood("no_figures", deadline=deadline.name)
    past = [r for r in sorted(campaign.reports, key=lambda r: r.at) if r.at <= standing.at]
    known = [r.deadline for r in (*reversed(past), *campaign.reports)]
    known += [d.key for d in campaign.deadlines if d.form]
    return [Act(REPORT, {"deadline": deadline.key if deadline else known[0]})]


def undo(rest: Rest, standing: Standing) -> list[Act]:
    rest.take(("决定", "编号", "第"))
    # “3号” is a day elsewhere; here nothing but a number can stand
    rest = Rest(standing.campaign, _COUNTED.sub(" ", rest.text))
    numbers = rest.numbers()
    rest.end()
    if not numbers:
        raise NotUnderstood("number_missing", got=rest.text[:30])
    for number in numbers:
        if number not in standing.numbers:
            known = [str(n) for n, holds in standing.numbers.items() if holds]
            raise NotUnderstood("decision_unknown", number=number, known="、".join(known[-9:]))
        if not standing.numbers[number]:
            raise NotUnderstood("undone_already", number=number)
    return [Act(UNDO, {"number": n}) for n in numbers]
