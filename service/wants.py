"""What ought to be said and what was said (应发、已发): the values between duties and outbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from service.types import LetterKind


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing owed to be said once: a stage of the chase for one unit and deadline."""

    kind: LetterKind
    unit: str
    deadline: str
    stage: str
    due_at: datetime
    not_after: datetime

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.unit}/{self.deadline}/{self.stage}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A letter that ought to leave. `duties` are the keys it settles; a reminder's own key
    is that of its leading duty. `mail` is the mail it answers."""

    key: str
    kind: LetterKind
    to: tuple[str, ...]
    due_at: datetime
    not_after: datetime
    unit: str | None = None
    deadline: str | None = None
    stage: str | None = None
    cc: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    """Deadlines that a reminder lists: all that are open for this unit. Of an alert its lines."""
    mail: int | None = None
    fingerprint: str = ""
    update: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """A letter that left, or may have."""

    kind: str
    unit: str | None
    at: datetime
    key: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said before, ready to look up."""

    duties: frozenset[str] = frozenset()
    """Duties that a letter settled."""
    missed: Mapping[str, datetime] = field(default_factory=dict)
    """Duties whose time ran out unsaid, and when that was found."""
    sent_at: Mapping[str, datetime] = field(default_factory=dict)
    """By letter key: when it left."""
    reminders: Mapping[tuple[str, date], int] = field(default_factory=dict)
    """Reminders that left, by unit and day."""
    reports: tuple[Left, ...] = ()
    started_at: datetime | None = None
    """The first look of this installation: stages passed before it are missed, not sent."""
    bad_addresses: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        left: Iterable[Left] = (),
        duties: Iterable[str] = (),
        missed: Mapping[str, datetime] | None = None,
        started_at: datetime | None = None,
        bad_addresses: Iterable[str] = (),
    ) -> Said:
        sent: dict[str, datetime] = {}
        reminders: dict[tuple[str, date], int] = {}
        reports: list[Left] = []
        for letter in left:
            sent[letter.key] = letter.at
            if letter.kind == "reminder" and letter.unit is not None:
                day = (letter.unit, letter.at.date())
                reminders[day] = reminders.get(day, 0) + 1
            elif letter.kind == "report":
                reports.append(letter)
        return cls(
            duties=frozenset(duties),
            missed=missed or {},
            sent_at=sent,
            reminders=reminders,
            reports=tuple(reports),
            started_at=started_at,
            bad_addresses=frozenset(bad_addresses),
        )

    def is_settled(self, duty: Duty) -> bool:
        """Whether it was said, or missed after it had fallen due: one that staff moved to a
        later time since may be said then."""
        found = self.missed.get(duty.key)
        return duty.key in self.duties or (found is not None and found >= duty.due_at)
