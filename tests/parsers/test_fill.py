"""Filling a blank writes into its slots and touches nothing else."""

from __future__ import annotations

import io
import json
import re
import zipfile

import docx
import pytest

from parsers import formats
from parsers.blank import derive
from parsers.fill import fill, slot_text
from parsers.interpret import interpret
from parsers.types import Field, Unsupported
from tests.parsers.papers import BLANKS, SPECIMENS, blanks

TRUTH = json.loads((SPECIMENS / "truth.json").read_text("utf-8"))
BLANK = (BLANKS / "progress.docx").read_bytes()


@pytest.mark.parametrize("key", ["liaison", "progress"])
def test_what_is_filled_in_is_read_back(key: str) -> None:
    form = blanks()[key == "progress"]
    truth = TRUTH["f2_u1" if key == "progress" else "f1_u1"]
    fields, header = truth.get("fields", truth), truth.get("header", {})
    content = fill((BLANKS / f"{key}.docx").read_bytes(), form, header, fields)
    part = interpret(formats.read(content), blanks(), None)[0]

    assert {v.field: str(v.value) for v in part.reading.values} == fields
    assert dict(part.reading.header) == header


def test_nothing_else_is_touched() -> None:
    filled = fill(BLANK, blanks()[1], {}, {"1.1": "20"})
    before, after = zipfile.ZipFile(io.BytesIO(BLANK)), zipfile.ZipFile(io.BytesIO(filled))

    assert before.namelist() == after.namelist()
    for name in before.namelist():
        if name != "word/document.xml":
            assert before.read(name) == after.read(name)
    xml = [
        re.sub(
            r"<\?xml.*?\?>\s*|\s?xml:space=\"preserve\"", "", z.read("word/document.xml").decode()
        )
        for z in (before, after)
    ]
    assert xml[1].replace("学习（20）次", "学习（  ）次") == xml[0]


def test_the_same_answers_give_the_same_bytes() -> None:
    assert fill(BLANK, blanks()[1], {}, {"1.1": "2"}) == fill(BLANK, blanks()[1], {}, {"1.1": "2"})


def test_slots_without_an_answer_stay_as_they_are() -> None:
    assert formats.read(fill(BLANK, blanks()[1], {}, {})) == formats.read(BLANK)


@pytest.mark.parametrize(
    ("printed", "answer", "text"),
    [
        ("□是□否", "是", "☑是□否"), ("□是□否", "否", "□是☑否"), ("是□否□", "否", "是□否☑"),
        ("是（）、否（）", "是", "是（√）、否（）"), ("□是□否", "□是☑否", "□是☑否"),
    ],
)  # fmt: skip
def test_an_option_is_ticked_where_it_stands(printed: str, answer: str, text: str) -> None:
    assert slot_text(printed, answer, Field("1", "x", "choice", options=("是", "否"))) == text


def test_a_slot_that_is_cut_into_runs_and_lines() -> None:
    paper = docx.Document()
    line = paper.add_paragraph("出动（")
    for text in (" ", " ", "）", "人次，检查", "__", "__", "家次"):
        line.add_run(text)
    target = io.BytesIO()
    paper.save(target)
    form = derive(formats.read(target.getvalue()), "x")
    filled = formats.read(fill(target.getvalue(), form, {}, {"1.1": "12", "1.2": "3"}))

    assert filled.blocks[0].text == "出动（12）人次，检查3家次"


def test_only_a_word_blank_can_be_filled() -> None:
    with pytest.raises(Unsupported):
        fill(b"<html></html>", blanks()[1], {}, {"1.1": "2"})
