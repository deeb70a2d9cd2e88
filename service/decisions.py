"""What people decided, ready to look up (决定). Pure; later decisions win, undone ones are gone.

Verbs and arguments as in DESIGN section 6: waive, unwaive, extend, assign, correct, accept,
reject, bind, unbind, received, paper, release, withdraw, retry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from service.moments import at as moment_at
from service.moments import moment
from service.types import Campaign, Deadline, Decision, Unit


@dataclass(frozen=True, slots=True)
class Delivered:
    """Whose a file is that came by another road, what for, and how it came (微信, 当面 …)."""

    unit: str
    deadline: str
    how: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """What staff put in the place of a value, by which decision and when."""

    value: Any
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions in force, by what they touch."""

    waived: frozenset[tuple[str, str]] = frozenset()
    extended: Mapping[tuple[str | None, str], datetime] = field(default_factory=dict)
    assigned: Mapping[str, tuple[str | None, tuple[str, ...]]] = field(default_factory=dict)
    corrected: Mapping[tuple[str, str], Mapping[str, Corrected]] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    bound: Mapping[str, str] = field(default_factory=dict)
    bound_at: Mapping[str, datetime] = field(default_factory=dict)
    """By address: when staff last confirmed it."""
    unbound: frozenset[tuple[str, str]] = frozenset()
    received: Mapping[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)
    delivered: Mapping[str, Delivered] = field(default_factory=dict)
    """By hash of the mail that was made of a file received by another road."""
    paper: frozenset[str] = frozenset()
    released: bool = False
    released_keys: frozenset[str] = frozenset()
    withdrawn_keys: frozenset[str] = frozenset()


def in_force(decisions: Iterable[Decision]) -> Decided:
    """Fold the decisions, in the order in which they were recorded, into what holds now: a
    clock that was set back makes none of them older."""
    book = _Book()
    for decision in sorted(decisions, key=lambda d: d.id):
        if not decision.undone:
            book.take(decision)
    return book.close()


def about(campaign: Campaign, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The decisions about units and deadlines that the campaign has: its folder may have been
    changed since."""
    units = {u.id for u in campaign.units} | {None}
    deadlines = {d.key for d in campaign.deadlines} | {None}
    return tuple(
        d
        for d in decisions
        if d.args.get("unit") in units
        and d.args.get("deadline") in deadlines
        and deadlines.issuperset(d.args.get("deadlines") or ())
    )


class _Book:
    def __init__(self) -> None:
        self.waived: set[tuple[str, str]] = set()
        self.extended: dict[tuple[str | None, str], datetime] = {}
        self.assigned: dict[str, tuple[str | None, tuple[str, ...]]] = {}
        self.corrected: dict[tuple[str, str], dict[str, Corrected]] = {}
        self.verdicts: dict[str, bool] = {}
        self.bound: dict[str, str] = {}
        self.bound_at: dict[str, datetime] = {}
        self.unbound: set[tuple[str, str]] = set()
        self.received: dict[tuple[str, str], tuple[datetime, str]] = {}
        self.delivered: dict[str, Delivered] = {}
        self.paper: set[str] = set()
        self.released = False
        self.released_keys: set[str] = set()
        self.withdrawn_keys: set[str] = set()

    def take(self, decision: Decision) -> None:
        getattr(self, "_" + decision.verb)(decision, decision.args)

    def _waive(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.waived.add((args["unit"], args["deadline"]))

    def _unwaive(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.waived.discard((args["unit"], args["deadline"]))

    def _extend(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.extended[(args.get("unit"), args["deadline"])] = moment(args["time"])

    def _assign(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.assigned[args["part"]] = (args.get("unit"), tuple(args.get("deadlines") or ()))

    def _correct(self, decision: Decision, args: Mapping[str, Any]) -> None:
        fields = self.corrected.setdefault((args["unit"], args["deadline"]), {})
        fields[args["key"]] = Corrected(args["value"], decision.id, decision.at)

    def _accept(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.verdicts[args["doubt"]] = True

    def _reject(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.verdicts[args["doubt"]] = False

    def _bind(self, decision: Decision, args: Mapping[str, Any]) -> None:
        self.bound[args["address"].lower()] = args["unit"]
        self.bound_at[args["address"].lower()] = decision.at
        self.unbound.discard((args["unit"], args["address"].lower()))

    def _unbind(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.bound.pop(args["address"].lower(), None)
        self.unbound.add((args["unit"], args["address"].lower()))

    def _received(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.received[(args["unit"], args["deadline"])] = (moment(args["when"]), args["how"])
        if args.get("mail"):
            brought = Delivered(args["unit"], args["deadline"], args["how"])
            self.delivered[args["mail"]] = brought

    def _paper(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.paper.add(args["unit"])

    def _release(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.released = self.released or not args.get("letters")
        self.released_keys.update(args.get("letters") or ())

    def _withdraw(self, _: Decision, args: Mapping[str, Any]) -> None:
        self.withdrawn_keys.update(args.get("letters") or ())

    def _retry(self, _: Decision, args: Mapping[str, Any]) -> None:
        """A retry is an act of the intake; the ledger does not change by it."""

    def close(self) -> Decided:
        return Decided(
            waived=frozenset(self.waived),
            extended=self.extended,
            assigned=self.assigned,
            corrected=self.corrected,
            accepted=frozenset(k for k, yes in self.verdicts.items() if yes),
            rejected=frozenset(k for k, yes in self.verdicts.items() if not yes),
            bound=self.bound,
            bound_at=self.bound_at,
            unbound=frozenset(self.unbound),
            received=self.received,
            delivered=self.delivered,
            paper=frozenset(self.paper),
            released=self.released,
            released_keys=frozenset(self.released_keys),
            withdrawn_keys=frozenset(self.withdrawn_keys),
        )


def is_named(letters: frozenset[str], key: str) -> bool:
    """Whether staff named this letter, with or without the campaign before it."""
    return key in letters or key.partition("/")[2] in letters


def effective(deadline: Deadline, unit: Unit | None, decided: Decided) -> Deadline:
    """The deadline as it holds for this unit, or for all: moved where staff moved it.

    A new time is the strict one; the lenient one is the end of that day, as in the table
    of DESIGN section 5.
    """
    own = decided.extended.get((unit.id, deadline.key)) if unit is not None else None
    moved = own or decided.extended.get((None, deadline.key))
    if moved is None:
        return deadline
    midnight = moment_at((moved - timedelta(microseconds=1)).date(), time(0)) + timedelta(days=1)
    return replace(deadline, remind_by=moved, late_after=max(moved, midnight))


def moved(campaign: Campaign, decided: Decided) -> Campaign:
    """The campaign with the deadlines that staff moved for all units."""
    if all(unit is not None for unit, _ in decided.extended):
        return campaign
    deadlines = tuple(effective(d, None, decided) for d in campaign.deadlines)
    return replace(campaign, deadlines=deadlines)


def confirmed(campaign: Campaign, decided: Decided) -> dict[str, tuple[str, ...]]:
    """Confirmed addresses by unit: units.csv and what staff bound, less what they unbound."""
    bound: dict[str, list[str]] = {}
    for address, unit_id in decided.bound.items():
        bound.setdefault(unit_id, []).append(address)
    out: dict[str, tuple[str, ...]] = {}
    for unit in campaign.units:
        listed = [
            a
            for a in unit.addresses
            if (unit.id, a) not in decided.unbound and decided.bound.get(a, unit.id) == unit.id
        ]
        out[unit.id] = tuple(dict.fromkeys((*listed, *bound.get(unit.id, ()))))
    return out
