"""Reads the fillings of a foreign blank against the form derived from that blank alone."""

from __future__ import annotations

from parsers import formats
from parsers.blank import derive
from parsers.interpret import interpret
from parsers.types import Form, PartRead, Value
from tests.generate.foreign import Foreign
from tests.generate.judge import Tally


def form_of(blank: Foreign) -> Form:
    return derive(formats.read(blank.file(None)), "foreign")


def readings(blank: Foreign) -> list[PartRead]:
    """One part read for each filling."""
    form = form_of(blank)
    found = [interpret(formats.read(blank.file(f)), [form], "x") for f in blank.fillings]
    assert all(len(parts) == 1 for parts in found)
    return [parts[0] for parts in found]


def judge_foreign(blank: Foreign) -> Tally:
    """Every value against its truth: a value that is not the truth's is silently wrong; one
    that should have been read and was asked counts as asked."""
    total = Tally()
    for part, truth in zip(readings(blank), blank.truth, strict=True):
        total.add(judge_read(blank.name, part, truth))
    return total


def judge_read(name: str, part: PartRead, truth: dict[str, object]) -> Tally:
    """One reading against its truth."""
    total = Tally()
    assert part.reading is not None
    for value in part.reading.values:
        for place, said, state, expected in _cells(value, truth):
            verdict = _verdict(said, state, expected)
            total.counts[verdict] += 1
            if verdict == "wrong":
                total.wrong.append(f"{name} {place}: {said!r}, not {expected!r}")
    return total


def _cells(value: Value, truth: dict[str, object]) -> list[tuple[str, object, str, object]]:
    if "records" not in truth:
        return [(value.field, value.value, value.state, truth.get(value.field))]
    records = value.value if isinstance(value.value, tuple) else ()
    cells: list[tuple[str, object, str, object]] = [
        ("records", len(records), "filled", truth["records"])
    ]
    for label, column in truth.items():
        if isinstance(column, list):
            short = label.partition("（")[0]
            for record, expected in zip(records, column, strict=False):
                said = record[short]  # type: ignore[index]
                cells.append((label, said["value"], said["state"], expected))
    return cells


def _verdict(said: object, state: str, expected: object) -> str:
    if said == expected:
        return "read"
    return "asked" if state == "unsure" else "wrong"
