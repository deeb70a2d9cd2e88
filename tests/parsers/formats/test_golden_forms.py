"""One filled form in every text format gives the same answers: the golden truth."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from parsers import formats, interpret
from parsers.blank import derive
from parsers.types import Form

ROOT = Path(__file__).parents[3]
SPECIMENS = ROOT / "tests" / "specimens" / "forms"
BLANKS = ROOT / "templates" / "campaigns" / "2021-safety-month" / "forms"
TRUTH = json.loads((SPECIMENS / "truth.json").read_text("utf-8"))
FILES = sorted(p.name for p in SPECIMENS.iterdir() if p.suffix != ".json")


@cache
def blanks() -> tuple[Form, ...]:
    return tuple(
        derive(formats.read((BLANKS / f"{key}.docx").read_bytes()), key)
        for key in ("liaison", "progress")
    )


def read_form(name: str):
    document = formats.read((SPECIMENS / name).read_bytes())
    parts = interpret.interpret(document, blanks(), name)
    assert len(parts) == 1
    return parts[0]


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_every_answer(name):
    part = read_form(name)
    truth = TRUTH[name[:5]]
    read = {v.field: "" if v.value is None else str(v.value) for v in part.reading.values}

    assert part.outcome == "form"
    assert read == truth.get("fields", truth)
    assert not part.reading.doubts


@pytest.mark.parametrize("name", [n for n in FILES if n.startswith("f2")])
def test_every_format_gives_the_header(name):
    assert dict(read_form(name).reading.header) == TRUTH["f2_u1"]["header"]


def test_all_formats_are_here():
    assert {n.rpartition(".")[2] for n in FILES} | {"txt"} >= set(formats.READERS) - {"text"}
