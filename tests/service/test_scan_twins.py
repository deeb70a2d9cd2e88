"""A stamped scan beside the Word file: one return, and a doubt where the two differ."""

from __future__ import annotations

from typing import Any

from service.scan_twins import settled
from service.types import PartFact


def part(path: str, value: int, scan: bool = False, state: str = "filled") -> PartFact:
    field: dict[str, Any] = {"label": "学习", "state": state, "value": value}
    if scan:
        field["evidence"] = "ocr"
    read = {"fields": {"1.1": field}, "doubts": []}
    return PartFact(path, f"{path}.x", "form", "progress", read)


def test_a_scan_that_agrees_is_only_evidence() -> None:
    found = settled((part("1", 3), part("2", 3, scan=True)))

    assert [p.path for p in found] == ["1"]
    assert found[0].read["doubts"] == []


def test_where_the_scan_says_otherwise_the_text_bears_a_doubt() -> None:
    found = settled((part("1", 3, scan=True), part("2", 8)))

    assert [p.path for p in found] == ["2"]
    assert [(d["code"], d["where"]) for d in found[0].read["doubts"]] == [
        ("scan_says_otherwise", "1.1")
    ]


def test_what_the_scan_is_unsure_of_says_nothing() -> None:
    found = settled((part("1", 3), part("2", 8, scan=True, state="unsure")))

    assert found[0].read["doubts"] == []


def test_a_scan_alone_or_beside_two_forms_stays_a_return() -> None:
    alone = (part("1", 3, scan=True),)
    two = (part("1", 3), part("2", 4), part("3", 3, scan=True))

    assert settled(alone) == alone
    assert settled(two) == two
