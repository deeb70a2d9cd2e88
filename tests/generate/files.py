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

from parsers.types import BlankCell, Form
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


def xlsx_file(blank: bytes, form: Form, texts: Texts) -> bytes:
    """The blank workbook with these texts in the cells that print the form's sentences."""
    book = openpyxl.load_workbook(io.BytesIO(blank))
    sheet = book.active
    waiting = [(cell.text, texts[(cell.block, cell.row, cell.col)]) for cell in form.cells]
    for row in sheet.iter_rows():
        for cell in row:
            for i, (printed, text) in enumerate(waiting):
                if cell.value == printed:
                    cell.value = text
                    cell.data_type = "s"
                    del waiting[i]
                    break
    assert not waiting
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
