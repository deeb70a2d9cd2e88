"""Filling a blank writes into its slots and touches nothing else."""

from __future__ import annotations

import io
import json
import re
import zipfile

import docx
import openpyxl
import pytest

from parsers import formats
from parsers.blank import derive
from parsers.fill import fill
from parsers.fill_text import slot_text
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


def test_labels_on_one_line_stay_apart() -> None:
    paper = docx.Document()
    paper.add_paragraph("学校：        填表人：    电话：")
    paper.add_table(1, 2).rows[0].cells[0].text = "姓名"
    target = io.BytesIO()
    paper.save(target)
    form = derive(formats.read(target.getvalue()), "x")
    said = {"学校": "城关", "填表人": "王小明", "电话": "139-0000-0001"}
    filled = formats.read(fill(target.getvalue(), form, said, {}))

    assert filled.blocks[0].text == "学校：城关    填表人：王小明  电话：139-0000-0001"


def a_sheet() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["安全检查周报表", None, None])
    sheet.append(["填报单位：", None, "填报日期：    年  月  日"])
    sheet.append(["检查项目", "检查家次（家次）", "情况"])
    sheet.append(["工地", None, None])
    sheet.append(["合计", "=SUM(B4:B4)", None])
    sheet["B4"].font = openpyxl.styles.Font(bold=True)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_sheet_is_filled_and_read_back() -> None:
    blank = a_sheet()
    form = derive(formats.read(blank), "x")
    answers = {"填报单位": "青石镇", "1.1": "12", "1.2": "=1+1"}
    filled = fill(blank, form, {"填报日期": "2026年7月3日"}, answers)
    part = interpret(formats.read(filled), (form,), None)[0]

    assert {v.field: v.value for v in part.reading.values} == {**answers, "1.1": 12}
    assert dict(part.reading.header) == {"填报日期": "2026年7月3日"}
    sheet = openpyxl.load_workbook(io.BytesIO(filled)).active
    assert (sheet["B4"].value, sheet["B4"].font.bold) == (12, True)  # the blank's sums work on it
    assert (sheet["C4"].value, sheet["C4"].data_type) == ("=1+1", "s")
    assert sheet["B5"].value == "=SUM(B4:B4)"


def test_only_word_and_excel_blanks_can_be_filled() -> None:
    with pytest.raises(Unsupported):
        fill(b"<html></html>", blanks()[1], {}, {"1.1": "2"})
