"""Scans that came before OCR was installed are read by themselves once it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from service import rereading
from service.types import Campaign
from tests.service import machines
from tests.service.facts import when
from tests.service.machines import Office, form, office, short

SCAN = {"name": "附件2.pdf", "outcome": "scan_unread", "form": None, "kind": "pdf"}


class WithOcr(machines.Readers):
    """Workers that read what the mail brings as `scans`."""

    reader = f"{machines.Readers.reader}+ocr"

    def read_mail(self, raw: bytes, arrived_on: date | None = None) -> dict[str, Any]:
        told = super().read_mail(raw, arrived_on)
        return {**told, "parts": told["mail"].get("scans") or told["parts"]}


@pytest.fixture
def here(few: Campaign, tmp_path: Path) -> Iterator[Office]:
    with office(few, tmp_path, "06-08 08:00", words=short) as made:
        yield made


def sends_scan(here: Office, unit: str, at: str) -> None:
    name = here.campaign.unit(unit).name
    read = form(here.campaign.slug, "progress", name, name=f"{unit}.pdf")
    sender = f"{unit}@units.example"
    here.arrive(at, SCAN, sender=sender, subject="统计表", date=at, scans=[read])


def install_ocr(here: Office) -> None:
    here.restart()
    here.intake._workers = WithOcr()  # type: ignore[assignment]


def state(here: Office, unit: str) -> str:
    return here.outlook().ledger.cell(unit, "progress-0608").state


def test_a_scan_kept_from_before_is_read_without_a_command_or_a_letter(here: Office) -> None:
    sends_scan(here, "baipu", "06-08 08:10")
    here.tick("06-08 08:15")
    before, letters = state(here, "baipu"), len(here.gone)
    install_ocr(here)
    done = here.tick("06-08 08:20")

    assert (before, done.read, state(here, "baipu")) == ("doubt", 1, "reported")
    assert len(here.gone) == letters
    assert here.tick("06-08 08:25").read == 0


def test_without_ocr_nothing_is_read_again(here: Office) -> None:
    sends_scan(here, "baipu", "06-08 08:10")
    here.tick("06-08 08:15")
    here.restart()

    assert here.tick("06-08 08:20").read == 0


def test_what_a_person_judged_stays(here: Office) -> None:
    sends_scan(here, "baipu", "06-08 08:10")
    here.tick("06-08 08:15")
    (one,) = here.outlook().ledger.submissions
    here.decide("accept", doubt=one.id)
    install_ocr(here)

    assert here.tick("06-08 08:20").read == 0
    (after,) = here.outlook().ledger.submissions
    assert after.read == one.read


def test_many_scans_are_read_a_few_in_each_pass(here: Office) -> None:
    for minute in range(rereading.SCANS_A_PASS + 2):
        sends_scan(here, "baipu", f"06-08 08:1{minute}")
    here.tick("06-08 08:20")
    install_ocr(here)

    reads = [here.tick(f"06-08 08:{minute}").read for minute in (25, 30, 35)]
    assert reads == [rereading.SCANS_A_PASS, 2, 0]


def test_the_answer_to_a_mail_that_came_meanwhile_leaves(here: Office) -> None:
    sends_scan(here, "baipu", "06-08 08:10")
    here.tick("06-08 08:15")
    install_ocr(here)
    here.files("06-08 08:18", "dingyan")
    here.tick("06-08 08:20")

    answers = [g for g in here.gone if g.kind == "receipt" and g.at == when("06-08 08:20")]
    assert [g.to for g in answers] == [("dingyan@units.example",)]
    stored = here.store.rows("readings")
    assert {r["reader_version"] for r in stored} == {WithOcr.reader}
