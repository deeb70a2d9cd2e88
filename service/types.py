"""What flows through the service: units, deadlines, mails as facts, returns, letters.

Frozen and slotted; times are aware and in Asia/Shanghai. No behaviour beyond names and keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal

from parsers.checks import Check
from parsers.types import Form

Mode = Literal["chase", "record"]
CellState = Literal["not_due", "open", "reported", "late", "missing", "waived", "doubt"]
Trust = Literal["verified", "provisional", "unknown", "failed", "staff"]
LetterKind = Literal["receipt", "question", "reminder", "digest", "report", "alert", "notice"]
LetterState = Literal[
    "queued", "held", "sending", "sent", "uncertain", "failed", "missed", "withdrawn"
]


@dataclass(frozen=True, slots=True)
class Unit:
    """One who must file (单位). `addresses` are the confirmed ones of units.csv."""

    id: str
    name: str
    kind: str = ""
    parent: str = ""
    aliases: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    contact: str = ""
    phone: str = ""
    exempt: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the notice that a deadline rests on, or that it overrules."""

    text: str
    where: str
    role: Literal["governing", "superseded", "parallel"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something is due (截止): reminded by the strict time, judged by the lenient one."""

    key: str
    name: str
    opens_at: datetime
    remind_by: datetime
    late_after: datetime
    mode: Mode
    form: str | None = None
    material: str | None = None
    units: tuple[str, ...] = ()
    coverage: Literal["cumulative", "increment", ""] = ""
    week: int | None = None
    quotes: tuple[Quote, ...] = ()

    def applies_to(self, unit: Unit) -> bool:
        """Whether this unit owes it: named by id or kind, or nobody is named."""
        return not unit.exempt and (
            not self.units or unit.id in self.units or unit.kind in self.units
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the chase (催报): at `at`, so many working days from the deadline's day."""

    key: str
    name: str
    counted_from: Literal["remind_by", "late_after"]
    working_days: int
    at: time
    until: time | None = None
    copy_head: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """How a summary, a piece of experience or a photo is recognised (材料)."""

    key: str
    name: str
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    min_chars: int = 0
    media: bool = False


@dataclass(frozen=True, slots=True)
class ReportTime:
    """When the consolidated report on a deadline goes to the staff (汇总)."""

    deadline: str
    at: datetime
    also: tuple[str, ...] = ()
    """Other deadlines whose state the covering letter tells."""


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A blank of the campaign folder: its bytes, its file name for units, its schema."""

    key: str
    name: str
    file_name: str
    content: bytes = field(repr=False)
    form: Form = field(repr=False)
    unit_field: str = ""
    """Which header label or field holds the unit's name."""
    date_field: str = ""
    person_field: str = ""
    phone_field: str = ""
    words: tuple[str, ...] = ()
    """Words in a file name or subject that announce this form."""


@dataclass(frozen=True, slots=True)
class Staff:
    """The receiving section: who reads digests and reports, and what the return's header says."""

    section: str
    contact: str
    phone: str
    addresses: tuple[str, ...]
    head: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """How the assessment counts (考核计分): the full mark, and what is taken off per day over
    (每超时限1天), per item still missing, per return sent back."""

    full: int = 100
    per_day: int = 1
    per_missing: int = 5
    per_rejected: int = 0


@dataclass(frozen=True, slots=True)
class Campaign:
    """One notice, one month (活动): everything that its folder says, validated."""

    slug: str
    title: str
    issuer: str
    notice: str
    starts: date
    closes: date
    mailbox: str
    staff: Staff
    forms: tuple[BlankForm, ...]
    deadlines: tuple[Deadline, ...]
    stages: tuple[Stage, ...]
    office_hours: tuple[tuple[time, time], ...]
    units: tuple[Unit, ...]
    materials: tuple[Material, ...] = ()
    checks: tuple[tuple[str, Check], ...] = ()
    """(form key, check) pairs."""
    reports: tuple[ReportTime, ...] = ()
    digest_at: time = time(8, 30)
    slogans: tuple[str, ...] = ()
    roll_rest_days: bool = False
    rest_days: tuple[date, ...] = ()
    work_days: tuple[date, ...] = ()
    correction_words: tuple[str, ...] = ("更正", "修改", "重报")
    score: ScoreRule = ScoreRule()
    neighbours: tuple[Campaign, ...] = field(default=(), repr=False)
    """The other campaigns of the same mailbox; they know of no neighbours themselves."""

    def deadline(self, key: str) -> Deadline:
        return next(d for d in self.deadlines if d.key == key)

    def unit(self, unit_id: str) -> Unit:
        return next(u for u in self.units if u.id == unit_id)

    def known_unit(self, unit_id: str | None) -> Unit | None:
        """The unit of something recorded earlier; None once the roster has it no more."""
        return next((u for u in self.units if u.id == unit_id), None)

    def blank(self, key: str) -> BlankForm:
        return next(b for b in self.forms if b.key == key)

    @property
    def expected(self) -> tuple[Unit, ...]:
        """The units that owe something: all but the exempt."""
        return tuple(u for u in self.units if not u.exempt)


@dataclass(frozen=True, slots=True)
class PartFact:
    """One part of a mail as it was read: `read` is the JSON-able outcome of the worker
    (the object of DESIGN section 6, doubts as code, where, facts)."""

    path: str
    name: str | None
    outcome: str
    form: str | None
    read: Mapping[str, Any] = field(repr=False)
    text: str = field(default="", repr=False)
    content_type: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class MailFact:
    """One mail as a fact: where it came from, when it arrived, what was in it.

    `received_at` is the earliest INTERNALDATE over all copies of the same bytes.
    """

    id: int
    sha256: str
    received_at: datetime
    sender: str | None
    sender_name: str
    subject: str
    text: str
    parts: tuple[PartFact, ...]
    automatic: str | None = None
    ours: bool = False
    message_id: str | None = None
    links: tuple[Mapping[str, Any], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    source: str = "imap"
    """imap, import (from a file of mail), received (a file by another road, see delivered.py)."""
    state: str = "done"
    """pending, done, failed (could not be read after three attempts)."""
    nil: bool = False
    proof: str = "none"
    """What the mail's own evidence proves of its sender: pass, fail, forged, none."""
    changes: tuple[tuple[str, str], ...] = ()
    """Corrections of single cells in words: (field key, new value), proposals only."""
    doubts: tuple[Mapping[str, Any], ...] = ()
    bounce: Mapping[str, Any] | None = field(default=None, repr=False)
    """Of a bounce: what parsers/bounce.py took out of it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided (决定): a fact with who, when and why."""

    id: int
    at: datetime
    by: str
    why: str
    verb: str
    args: Mapping[str, Any]
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """A mail that was acted upon once and for all (已办来件): a staff reply, a reply refused
    because it bore no token of ours, a bounce. `told` is what came of it, as its kind needs."""

    sha256: str
    campaign: str
    kind: Literal["reply", "refused", "bounce"]
    mail: int
    at: datetime
    message_id: str | None
    sender: str | None
    told: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """One return (报送): a form or material of a unit, what it counts for and whether it may.

    `status`: governing (its values count), counted (an earlier version that a newer one
    replaced), waiting (a doubt stops it; only staff resolve it), duplicate, rejected.
    `version` counts the returns of this unit and form from 1 in order of arrival.
    """

    id: str
    mail: int
    part: str
    form: str | None
    material: str | None
    unit: str | None
    deadlines: tuple[str, ...]
    arrived_at: datetime
    version: int
    status: Literal["governing", "counted", "waiting", "duplicate", "rejected"]
    trust: Trust
    read: Mapping[str, Any] = field(repr=False)
    name: str | None = None
    reasons: tuple[tuple[str, str, tuple[tuple[str, str | int | float], ...]], ...] = ()
    """Why it waits or what is odd: (code, where, facts)."""
    why: str = ""
    """Why these deadlines, in words (code of words/zh.toml [counting])."""
    claimed: tuple[str, ...] = ()
    """Units that it may belong to while `unit` is None."""
    sender: str | None = None
    how: str = "邮件"


@dataclass(frozen=True, slots=True)
class LedgerCell:
    """How one unit stands with one deadline. `arrived_at` is the first countable return's
    arrival; `days_late` counts calendar days after the last in-time day, 0 if in time."""

    state: CellState
    arrived_at: datetime | None = None
    days_late: int = 0
    version: int | None = None
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class OpenDoubt:
    """A doubt that a person should look at: stable id, sentence code, evidence."""

    id: str
    code: str
    where: str
    facts: tuple[tuple[str, str | int | float], ...]
    mail: int | None = None
    part: str | None = None
    unit: str | None = None
    deadlines: tuple[str, ...] = ()
    soft: bool = False
    """Soft: leaves the value and the state alone."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The state of a campaign at one moment (台账): derived, never stored as truth."""

    at: datetime
    cells: Mapping[tuple[str, str], LedgerCell]
    submissions: tuple[Submission, ...]
    doubts: tuple[OpenDoubt, ...]
    mails: tuple[MailFact, ...] = field(repr=False)
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Confirmed addresses by unit: units.csv and what staff bound."""

    def cell(self, unit: str, deadline: str) -> LedgerCell:
        return self.cells[(unit, deadline)]

    def governing(self, unit: str, deadline: str) -> Submission | None:
        """The return whose values count for this unit and deadline."""
        cell = self.cells.get((unit, deadline))
        if cell is None or cell.state not in ("reported", "late"):
            return None
        return cell.submission


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said to somebody (信函). `key` is unique: saying it twice is saying it once."""

    key: str
    kind: LetterKind
    to: tuple[str, ...]
    subject: str
    text: str
    html: str = field(repr=False)
    cc: tuple[str, ...] = ()
    unit: str | None = None
    deadline: str | None = None
    stage: str | None = None
    files: tuple[Attachment, ...] = ()
    in_reply_to: str | None = None
