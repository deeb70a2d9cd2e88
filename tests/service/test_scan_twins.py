"""A stamped scan beside the Word file: one return, and a doubt where the two differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from parsers import ocr, read, wire
from parsers.fill import fill
from service.scan_twins import settled
from service.types import Campaign, PartFact, Submission
from service.workers import Workers, desk
from tests.generate.scanned import HABITS, scanned
from tests.parsers.papers import BLANKS
from tests.service import machines

SCANS = Path(__file__).parents[1] / "specimens" / "scans"
TRUTH: dict[str, str] = json.loads((SCANS / "truth.json").read_text("utf-8"))["progress-a"]
HEADER = {"填报单位": "白蒲镇综合执法局", "填报日期": "2021年6月8日"}
with_ocr = pytest.mark.skipif(
    not ocr.is_installed(), reason="the extra ocr is not installed: requirements-ocr.lock"
)


def part(path: str, value: object, scan: bool = False, state: str = "filled") -> PartFact:
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


@pytest.mark.parametrize(
    ("typed", "scanned", "is_same"),
    [
        ("开展培训5期128人。", "开展培训5期，128人", True),
        (4.4, 44, False),
        ("罚款4.4万元", "罚款44万元", False),
        ("组织学习" * 20 + "5期", "组织学刁" + "组织学习" * 19 + "5期", True),
        ("组织学习" * 20 + "5期", "组织学习" * 20 + "6期", False),
        ("李晓红", "李小红", False),
    ],
)
def test_lost_stops_are_no_other_answer_other_figures_are(
    typed: object, scanned: object, is_same: bool
) -> None:
    found = settled((part("1", typed), part("2", scanned, scan=True)))

    assert (found[0].read["doubts"] == []) is is_same


def test_a_blank_beside_a_number_on_paper_is_asked_about() -> None:
    (found,) = settled((part("1", None, state="blank"), part("2", 8, scan=True)))

    facts = found.read["doubts"][0]["facts"]
    assert (facts["typed"], facts["scanned"]) == ("—", "8")


def test_a_scan_alone_or_beside_two_forms_stays_a_return() -> None:
    alone = (part("1", 3, scan=True),)
    two = (part("1", 3), part("2", 4), part("3", 3, scan=True))

    assert settled(alone) == alone
    assert settled(two) == two


# -- a real pair: a filled .docx, and a stamped scan of the same form ---------------------------


@cache
def scan_of_the_head(campaign: Campaign) -> Mapping[str, Any]:
    """The first row of the page alone, read by OCR: a whole page takes three times as long."""
    page = Image.open(SCANS / "progress-a-1.png")
    head = page.crop((0, 0, page.width, int(0.388 * page.height)))
    scan = scanned(head, HABITS["office"])
    with Workers(desk([campaign]), processes=1) as readers:  # behind the walls of a child
        return readers.read_file(scan, "盖章件.jpg")


def typed(campaign: Campaign, **changed: str) -> Mapping[str, Any]:
    """The form typed in Word, some answers otherwise: `v1_2="3"` is 1.2."""
    answers = {**TRUTH, **{k[1:].replace("_", "."): v for k, v in changed.items()}}
    form = campaign.blank("progress").form
    content = fill((BLANKS / "progress.docx").read_bytes(), form, HEADER, answers)
    return wire.part(read.read(content, "附件2.docx", desk([campaign])))


def filed(campaign: Campaign, folder: Path, *parts: Mapping[str, Any]) -> list[Submission]:
    """What the ledger holds once these parts came in one mail."""
    with machines.office(campaign, folder, "06-08 08:00") as office:
        office.arrive("06-08 08:30", *parts, sender="baipu@units.example")
        office.tick("06-08 08:35")
        return list(office.outlook().ledger.submissions)


def said(submission: Submission) -> list[tuple[str, Mapping[str, Any]]]:
    doubts = [d for d in submission.read["doubts"] if d["code"] == "scan_says_otherwise"]
    return [(d["where"], d["facts"]) for d in doubts]


@with_ocr
def test_a_real_scan_that_agrees_makes_one_return_without_a_doubt(
    few: Campaign, tmp_path: Path
) -> None:
    (one,) = filed(few, tmp_path, typed(few), scan_of_the_head(few))

    assert (one.unit, one.status, one.name) == ("baipu", "governing", "附件2.docx")
    assert one.read["fields"]["1.2"]["value"] == 199
    assert one.read["scans"] == [{"path": "2", "name": "盖章件.jpg", "stamp": True, "agreed": 8}]
    assert said(one) == []


@with_ocr
def test_a_real_scan_with_another_number_is_asked_about(few: Campaign, tmp_path: Path) -> None:
    (one,) = filed(few, tmp_path, scan_of_the_head(few), typed(few, v1_2="198"))

    assert one.read["fields"]["1.2"]["value"] == 198
    assert [(where, f["typed"], f["scanned"]) for where, f in said(one)] == [("1.2", "198", "199")]
