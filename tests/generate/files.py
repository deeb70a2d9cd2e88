"""Writes filled forms as real files: .docx with the traces of work in Word, and .xlsx."""

from __future__ import annotations

import copy
import io
import random

import docx
import openpyxl
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from parsers.types import BlankCell, Document, Form
from parsers.types import Paragraph as Line
from tests.generate.forms import Texts

TRAITS = ("plain", "tracked", "split", "merged")


def docx_file(blank: bytes, form: Form, texts: Texts, rng: random.Random, trait: str) -> bytes:
    """The blank with these texts; `tracked` leaves revisions, `split` many runs, `merged`
    joins two rows of sentences into one."""
    paper = docx.Document(io.BytesIO(blank))
    blocks = [e for e in paper.element.body if e.tag in (qn("w:p"), qn("w:tbl"))]
    table = paper.tables[0]
    for cell in form.cells:
        text = texts[(cell.block, cell.row, cell.col)]
        if cell.row < 0:
            _write(Paragraph(blocks[cell.block], paper), cell, text, rng, trait)
        else:
            _write_cell(table.cell(cell.row, cell.col), cell, text, rng, trait)
    if trait == "merged":
        row = rng.randrange(1, 5)
        for col in range(3):
            table.cell(row, col).merge(table.cell(row + 1, col))
    target = io.BytesIO()
    paper.save(target)
    return target.getvalue()


def _write_cell(target: _Cell, cell: BlankCell, text: str, rng: random.Random, trait: str) -> None:
    for extra in target.paragraphs[1:]:
        extra._element.getparent().remove(extra._element)
    first, *lines = text.split("\n")
    _write(target.paragraphs[0], cell, first, rng, trait)
    for line in lines:
        target.add_paragraph(line)


def _write(target: Paragraph, cell: BlankCell, text: str, rng: random.Random, trait: str) -> None:
    style = target.runs[0]._element.find(qn("w:rPr")) if target.runs else None
    for run in target.runs:
        run._element.getparent().remove(run._element)
    if trait == "split":
        cuts = sorted(rng.randrange(len(text) + 1) for _ in range(min(12, len(text))))
        parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    elif trait == "tracked":
        parts = _words(text, rng)
    else:
        parts = [text]
    for part in parts:
        _add(target, part, style, trait == "tracked" and rng.random() < 0.3, rng)


def _words(text: str, rng: random.Random) -> list[str]:
    parts, at = [], 0
    while at < len(text):
        step = rng.randint(1, 15)
        parts.append(text[at : at + step])
        at += step
    return parts


def _add(target: Paragraph, text: str, style: object, is_tracked: bool, rng: random.Random) -> None:
    run = target.add_run(text)._element
    if style is not None:
        run.insert(0, copy.deepcopy(style))
    if not is_tracked:
        return
    inserted = OxmlElement("w:ins")
    run.addprevious(inserted)
    inserted.append(run)
    deleted = OxmlElement("w:del")
    old = OxmlElement("w:r")
    words = OxmlElement("w:delText")
    words.text = rng.choice(("（5）", "12", "参与", "□", "旧文字"))
    old.append(words)
    deleted.append(old)
    rng.choice((inserted.addnext, inserted.addprevious))(deleted)
    for mark in (inserted, deleted):
        mark.set(qn("w:id"), str(rng.randrange(10_000)))
        mark.set(qn("w:author"), "某某")


def xlsx_file(blank: Document, texts: Texts) -> bytes:
    """The blank as a clerk sets it in a sheet, with these texts: each line a merged row,
    below them the table."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "附件2"
    width = max(len(block.rows[0]) for block in blank.grids)
    top = 1
    for index, block in enumerate(blank.blocks):
        if isinstance(block, Line):
            sheet.cell(top, 1, texts.get((index, -1, -1), block.text)).data_type = "s"
            sheet.merge_cells(start_row=top, end_row=top, start_column=1, end_column=width)
            top += 1
            continue
        for cell in block.corners():
            text = texts.get((index, cell.row, cell.col), cell.text)
            row, col = top + cell.row, cell.col + 1
            sheet.cell(row, col, text).data_type = "s"
            if cell.rowspan > 1 or cell.colspan > 1:
                sheet.merge_cells(
                    start_row=row,
                    end_row=row + cell.rowspan - 1,
                    start_column=col,
                    end_column=col + cell.colspan - 1,
                )
        top += len(block.rows)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
