"""The figures of one deadline (汇总数): totals, how many units stand behind each, coverage.

Pure: campaign and ledger in, Figures out. Cumulative and weekly figures are never added
together, and a blank, a zero and "not applicable" are counted apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from parsers.labels import is_average
from parsers.types import Field, State
from service.types import BlankForm, Campaign, Deadline, Ledger, Submission, Unit

Coverage = Literal["cumulative", "increment", ""]
YES = "是"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one return says in one field; `value` only where it may enter a total."""

    state: State
    value: int | float | str | tuple[str, ...] | None = None
    approx: bool = False
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """One governing return with its entries by field key."""

    unit: Unit
    submission: Submission
    deadline: str
    entries: Mapping[str, Entry] = field(repr=False)
    coverage: Coverage = ""

    def number(self, key: str) -> int | float | None:
        """The number that enters a sum, or None."""
        value = self.entries[key].value
        return value if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """One indicator (指标): its total and how many returns said what.

    `total` is None while no return gives a number (nothing said is not zero), and of what
    does not add up (人均, 整改率).
    """

    field: Field
    total: int | float | None
    carried: int | float | None
    reported: int
    nil: int
    blank: int
    na: int
    unsure: int
    approx: int
    counts: tuple[tuple[str, int], ...] = ()

    @property
    def is_average(self) -> bool:
        """Whether a sum of the units' figures would say nothing."""
        return self.field.kind == "number" and is_average(self.field.label, self.field.unit)

    @property
    def answer(self) -> str | None:
        """A choice of the whole bureau: 是 if any unit says so, else 否 if any says that."""
        said = [option for option, n in self.counts if n]
        if YES not in self.field.options:
            return None
        return YES if YES in said else next(iter(said), None)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the report on one deadline says in numbers.

    `returns` are what the totals rest on; `carried` the last earlier cumulative returns
    of units without one now; `unread` came in without figures (on paper, by WeChat).
    """

    deadline: Deadline
    blank: BlankForm | None
    fields: tuple[FieldFigures, ...]
    returns: tuple[Return, ...]
    carried: tuple[Return, ...]
    unread: tuple[Unit, ...]
    missing: tuple[Unit, ...]
    doubtful: tuple[Unit, ...]
    waived: tuple[Unit, ...]
    fingerprint: str

    @property
    def expected(self) -> int:
        """How many units owe it."""
        return sum(
            len(x) for x in (self.returns, self.unread, self.missing, self.doubtful, self.waived)
        )

    @property
    def absent(self) -> tuple[Unit, ...]:
        """The units that add nothing to the totals though they owe figures."""
        return (*self.missing, *self.doubtful, *self.unread)

    @property
    def contrary(self) -> tuple[Return, ...]:
        """Returns that say of themselves that they cover something else than the deadline asks."""
        asked = self.deadline.coverage
        return tuple(r for r in self.returns if asked and r.coverage not in ("", asked))


def totals(campaign: Campaign, ledger: Ledger, deadline_key: str) -> Figures:
    """The figures of `deadline_key` as the ledger stands."""
    deadline = campaign.deadline(deadline_key)
    blank = campaign.blank(deadline.form) if deadline.form else None
    owing = tuple(u for u in campaign.units if deadline.applies_to(u))
    fields = blank.form.fields if blank else ()
    governing = {u.id: _return(u, ledger, deadline, fields) for u in owing}
    returns = tuple(r for r in governing.values() if r is not None)
    states = {u.id: ledger.cell(u.id, deadline.key).state for u in owing}
    rest = [u for u in owing if governing[u.id] is None]
    unread = tuple(u for u in rest if states[u.id] in ("reported", "late"))
    doubtful = tuple(u for u in rest if states[u.id] == "doubt")
    waived = tuple(u for u in rest if states[u.id] == "waived")
    gone = {u.id for u in (*unread, *doubtful, *waived)}
    missing = tuple(u for u in rest if u.id not in gone)
    carried = tuple(_carried(campaign, ledger, deadline, (*missing, *doubtful, *unread), fields))
    figures = tuple(_figures(f, returns, carried) for f in fields)
    return Figures(
        deadline=deadline,
        blank=blank,
        fields=figures,
        returns=returns,
        carried=carried,
        unread=unread,
        missing=missing,
        doubtful=doubtful,
        waived=waived,
        fingerprint=_fingerprint(figures, returns, carried, (unread, waived)),
    )


def entry(said: Mapping[str, Any] | None) -> Entry:
    """One field of `read --json` as it may count: a scan counts only once it was accepted."""
    if not said:
        return Entry("blank")
    value, state = said.get("value"), said.get("state", "blank")
    raw = str(said.get("raw") or "")
    if said.get("evidence") == "ocr" and not said.get("accepted") and state != "blank":
        return Entry("unsure", raw=raw)
    if state not in ("filled", "nil"):
        return Entry(state, raw=raw)
    if isinstance(value, list | tuple):
        value = tuple(str(v) for v in value)
    return Entry(state, value, bool(said.get("approx")), raw)


def _return(
    unit: Unit, ledger: Ledger, deadline: Deadline, fields: Iterable[Field]
) -> Return | None:
    submission = ledger.governing(unit.id, deadline.key)
    if submission is None or submission.form != deadline.form:
        return None
    said = submission.read.get("fields")
    if not isinstance(said, Mapping):
        return None
    entries = {f.key: entry(said.get(f.key)) for f in fields}
    return Return(unit, submission, deadline.key, entries, _coverage(submission))


def _coverage(submission: Submission) -> Coverage:
    """What the return says of itself; most say nothing."""
    said = submission.read.get("coverage")
    return said if said in ("cumulative", "increment") else ""


def _carried(
    campaign: Campaign,
    ledger: Ledger,
    deadline: Deadline,
    units: Iterable[Unit],
    fields: tuple[Field, ...],
) -> Iterable[Return]:
    """The last cumulative return before this deadline, of units that have none for it."""
    if deadline.coverage != "cumulative":
        return
    earlier = sorted(
        (
            d
            for d in campaign.deadlines
            if d.form == deadline.form
            and d.coverage == "cumulative"
            and d.late_after < deadline.late_after
        ),
        key=lambda d: d.late_after,
        reverse=True,
    )
    for unit in units:
        found = (_return(unit, ledger, d, fields) for d in earlier)
        last = next((r for r in found if r is not None), None)
        if last is not None:
            yield last


def _figures(f: Field, returns: tuple[Return, ...], carried: tuple[Return, ...]) -> FieldFigures:
    entries = [r.entries[f.key] for r in returns]
    states = [e.state for e in entries]
    return FieldFigures(
        field=f,
        total=_sum(f, returns),
        carried=_sum(f, carried),
        reported=states.count("filled"),
        nil=states.count("nil"),
        blank=states.count("blank"),
        na=states.count("na"),
        unsure=states.count("unsure"),
        approx=sum(e.approx for e in entries),
        counts=_counts(f, entries),
    )


def _sum(f: Field, returns: tuple[Return, ...]) -> int | float | None:
    """The exact sum: 4.5 and 0.1 make 4.6."""
    if f.kind != "number" or is_average(f.label, f.unit):
        return None
    numbers = [n for n in (r.number(f.key) for r in returns) if n is not None]
    if not numbers:
        return None
    total = sum(Decimal(str(n)) for n in numbers)
    return int(total) if total == int(total) else float(total)


def _counts(f: Field, entries: list[Entry]) -> tuple[tuple[str, int], ...]:
    """How many returns ticked each option; one may tick several."""
    if f.kind != "choice":
        return ()
    ticked = [v for e in entries for v in (e.value if isinstance(e.value, tuple) else (e.value,))]
    return tuple((option, ticked.count(option)) for option in f.options)


def _fingerprint(
    figures: tuple[FieldFigures, ...],
    returns: tuple[Return, ...],
    carried: tuple[Return, ...],
    others: tuple[tuple[Unit, ...], ...],
) -> str:
    """A digest of what a reader sees as figures: the numbers, who filed, who need not.

    Times of arrival, versions and the wording of narratives are not figures, and a return
    in doubt is not filed yet.
    """
    shown = {f.field.key for f in figures if f.field.kind in ("number", "choice")}

    def seen(r: Return) -> list[Any]:
        entries = {k: (e.state, e.value, e.approx) for k, e in r.entries.items() if k in shown}
        return [r.unit.id, r.deadline, entries]

    said = [
        [seen(r) for r in returns],
        [seen(r) for r in carried],
        [[u.id for u in group] for group in others],
    ]
    packed = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode()).hexdigest()
