"""Two looks at a scan become one reading: what they do not both say waits for a person."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from parsers import ocr, read, scans, wire
from parsers.interpret import interpret
from parsers.types import PartRead, Value
from tests.generate.scanned import seal
from tests.parsers.papers import blanks, specimen

FORMS = Path(__file__).parents[1] / "specimens" / "forms"


def form(name: str = "f2_u1.docx", **changed: object) -> tuple[PartRead, ...]:
    """The specimen as read, with some of its values changed: `v1_4="3"` is 1.4."""
    part = interpret(specimen(name), blanks(), name)[0]
    assert part.reading is not None
    given = {key[1:].replace("_", "."): v for key, v in changed.items()}
    values = tuple(replace(v, **given.get(v.field, {})) for v in part.reading.values)  # type: ignore[arg-type]
    return (replace(part, reading=replace(part.reading, values=values)),)


def value(part: PartRead, key: str) -> Value:
    assert part.reading is not None
    return part.reading.value(key)


def test_what_both_looks_say_is_read_from_a_scan():
    part = scans.agreed(form(), form())[0]

    assert value(part, "1.2").value == 311
    assert {v.evidence for v in part.reading.values} == {"ocr"}  # type: ignore[union-attr]
    assert wire.part(part)["fields"]["1.2"]["evidence"] == "ocr"


@pytest.mark.parametrize(
    "other", [{"value": 371}, {"value": None, "state": "blank"}, {"approx": True}]
)
def test_what_they_say_differently_is_unsure_with_the_first_as_guess(other: dict[str, object]):
    part = scans.agreed(form(), form(v1_2=other))[0]

    assert (value(part, "1.2").state, value(part, "1.2").guess) == ("unsure", 311)
    assert ("looks_differ", "1.2") in {(d.code, d.where) for d in part.reading.doubts}  # type: ignore[union-attr]
    assert value(part, "1.4").state == "filled"


def test_a_blank_that_the_second_look_doubts_is_no_blank():
    nothing = {"value": None, "state": "blank", "raw": ""}
    part = scans.agreed(form(v1_2=nothing), form(v1_2={"value": None, "state": "unsure"}))[0]

    assert (value(part, "1.2").state, value(part, "1.2").guess) == ("unsure", None)


def test_another_form_at_the_second_look_makes_all_unsure():
    part = scans.agreed(form(), form("f1_u1.docx"))[0]

    assert {v.state for v in part.reading.values} == {"unsure"}  # type: ignore[union-attr]


def test_white_space_and_width_are_no_difference():
    one, other = (
        {"value": "1.开展3次；", "state": "filled"},
        {"value": "1. 开展３次;", "state": "filled"},
    )

    assert value(scans.agreed(form(v6_1=one), form(v6_1=other))[0], "6.1").state == "filled"


@pytest.mark.parametrize(
    ("said", "state"),
    [("wxm_demo1", "filled"), ("lxh2021", "unsure"), ("Oyjg88", "unsure"), ("A01", "unsure")],
)
def test_letters_that_look_alike_are_asked(said: str, state: str):
    asked = {"v微信号": {"value": said, "state": "filled"}}
    part = scans.agreed(form("f1_u1.docx", **asked), form("f1_u1.docx", **asked))[0]

    assert value(part, "微信号").state == state


def test_a_header_that_differs_is_a_doubt():
    first, second = form(), form()
    assert second[0].reading is not None
    other = (("填报单位", "青石镇总合执法局"), *second[0].reading.header[1:])
    second = (replace(second[0], reading=replace(second[0].reading, header=other)),)

    doubts = scans.agreed(first, second)[0].reading.doubts  # type: ignore[union-attr]
    assert ("header_unclear", "header/填报单位") in {(d.code, d.where) for d in doubts}


def test_without_the_extra_a_scan_waits_for_a_person(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ocr, "is_installed", lambda: False)

    assert scans.read([b"any"], blanks(), "a.jpg").parts[0].outcome == "scan_unread"


def test_the_seal_is_a_fact_only_where_there_is_something_to_see():
    page = Image.new("RGB", (620, 877), "white")
    with_seal, without = io.BytesIO(), io.BytesIO()
    seal(page, 400, 600, 60).save(with_seal, "PNG")
    page.save(without, "PNG")

    assert scans.has_stamp([]) is None
    assert scans.has_stamp([b"\xd7\xcd\xc6\x9a no picture"]) is None
    assert scans.has_stamp([without.getvalue()]) is False
    assert scans.has_stamp([without.getvalue(), with_seal.getvalue()]) is True


def test_pictures_that_bring_the_reader_down_are_let_alone(monkeypatch):
    """Also those in a document, whose own words are read."""

    def dies(*_):
        raise AssertionError("a picture was opened")

    for name in ("read", "has_stamp"):
        monkeypatch.setattr(scans, name, dies)
    picture = io.BytesIO()
    Image.new("RGB", (40, 40)).save(picture, "PNG")
    desk = read.Desk(tuple(blanks()), scans_gave_up=True)

    part = read.read(picture.getvalue(), "盖章件.png", desk)
    assert (part.outcome, part.stamp) == ("scan_unread", None)
    assert [d.code for d in part.doubts] == ["scan_gave_up"]
    filled = read.read((FORMS / "f2_u1.docx").read_bytes(), "表.docx", desk)
    assert (filled.outcome, filled.stamp) == ("form", None)
