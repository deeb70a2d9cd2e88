"""Where each paper of the month lies when it is laid out (材料归档): by deadline and unit,
under names that Windows takes. Decides names only; somebody else copies the bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from service.report import plain
from service.report.wording import say
from service.types import Campaign, Ledger, PartFact, Submission

_FOLDER_CHARS = 30
_SHELVED = ("governing", "counted", "waiting")


@dataclass(frozen=True, slots=True)
class Placed:
    """One file in its place: which part of which mail, and its path below the report."""

    path: str
    mail: int
    part: str
    sha256: str | None
    unit: str | None
    deadlines: tuple[str, ...]
    submission: str


def plan(campaign: Campaign, ledger: Ledger) -> tuple[Placed, ...]:
    """A place for every return and material that was not refused; no two share a path."""
    parts = {(m.id, p.path): p for m in ledger.mails for p in m.parts}
    taken: set[str] = set()
    return tuple(_places(campaign, ledger, parts, taken))


def _places(
    campaign: Campaign, ledger: Ledger, parts: dict[tuple[int, str], PartFact], taken: set[str]
) -> Iterator[Placed]:
    for s in sorted(ledger.submissions, key=lambda s: (s.arrived_at, s.id)):
        part = parts.get((s.mail, s.part))
        if s.status not in _SHELVED or part is None:
            continue
        path = _free(_folder(campaign, s) / _name(s, part), taken)
        yield Placed(path, s.mail, s.part, part.sha256, s.unit, s.deadlines, s.id)


def _folder(campaign: Campaign, s: Submission) -> PurePosixPath:
    if s.deadlines:
        matter = campaign.deadline(s.deadlines[0]).name
    elif s.material:
        matter = next((m.name for m in campaign.materials if m.key == s.material), s.material)
    else:
        matter = say("no_deadline")
    unit = campaign.unit(s.unit).name if s.unit else say("unknown_unit")
    below = [plain.file_name(name, _FOLDER_CHARS) for name in (matter, unit)]
    return PurePosixPath(say("material_folder"), *below)


def _name(s: Submission, part: PartFact) -> str:
    """The sender's name for it, with what a clerk must know in front."""
    name = plain.file_name(part.name or s.name or say("part_name", number=part.path))
    marks = {"counted": say("mark_counted", version=s.version), "waiting": say("mark_waiting")}
    return marks.get(s.status, "") + name


def _free(path: PurePosixPath, taken: set[str]) -> str:
    """The path, or path(2), …: Windows does not tell upper case from lower."""
    found, number = path, 1
    while str(found).casefold() in taken:
        number += 1
        found = path.with_name(f"{path.stem}({number}){path.suffix}")
    taken.add(str(found).casefold())
    return str(found)
