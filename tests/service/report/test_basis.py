"""What names a row of the totals: the words of the blank beside the field."""

from __future__ import annotations

import io
from dataclasses import replace

import docx

from parsers import formats
from parsers.blank import derive
from service.report.basis import row_headings
from service.types import Campaign


def test_a_row_is_named_by_its_words_and_not_by_its_number(campaign: Campaign) -> None:
    paper = docx.Document()
    table = paper.add_table(2, 3)
    rows = (("序号", "活动项目", "情况"), ("1", "组织领导。含方案", "召开（  ）次"))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    target = io.BytesIO()
    paper.save(target)
    content = target.getvalue()
    form = derive(formats.read(content), "progress")

    blank = replace(campaign.blank("progress"), content=content, form=form)
    assert row_headings(blank) == {"1.1": "组织领导"}
