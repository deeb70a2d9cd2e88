"""Compares a reading with the truth: read, asked, or silently wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from parsers.fold import folded
from parsers.types import PartRead, Value
from tests.generate.notations import ASK, Meant


@dataclass(slots=True)
class Tally:
    """How many fields were read, asked, wrong; and the wrong ones with what was said."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def share(self) -> float:
        """The share of fields with a readable answer that were read."""
        readable = self.counts["read"] + self.counts["asked"] + self.counts["wrong"]
        return self.counts["read"] / readable if readable else 1.0

    def add(self, other: Tally) -> None:
        self.counts.update(other.counts)
        self.wrong += other.wrong
        self.asked += other.asked


def verdict(value: Value, meant: Meant) -> str:
    """read, asked or wrong; `right` where a person had to be asked and was."""
    if meant.state == ASK:
        return "right" if value.state == "unsure" else "wrong"
    if value.state == "unsure":
        return "asked"
    same = value.value == meant.value
    if isinstance(meant.value, str) and isinstance(value.value, str):
        # where lines were joined or broken anew the words must be the same
        same = folded(value.value) == folded(meant.value)
    same = same and value.state == meant.state and value.approx == meant.approx
    return "read" if same else "wrong"


def tally(part: PartRead, truth: dict[str, Meant], gone: frozenset[str] = frozenset()) -> Tally:
    """Every field of the truth judged; fields in `gone` no longer stand in the document."""
    result = Tally()
    if part.reading is None:
        result.counts["asked"] += len(truth)
        return result
    for value in part.reading.values:
        meant = truth[value.field]
        if value.field in gone:
            meant = Meant("", ASK, None)
        said = verdict(value, meant)
        result.counts[said] += 1
        line = f"{value.field} {meant.text!r} → {value.state} {value.value!r} {value.raw!r} {value.why}"
        if said == "wrong":
            result.wrong.append(line)
        elif said == "asked":
            result.asked.append(line)
    return result
