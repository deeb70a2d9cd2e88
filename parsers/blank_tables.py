"""The tables of a blank: which cells wait for an answer, by the table's layout.

Sentences hold slots; a grid has headings above and row labels beside its empty cells; a
list has headings above empty rows; label and value is what is left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from parsers.counters import KNOWN
from parsers.labels import REMARKS, SERIAL, TOTAL, kind_of, label_of, remark_of
from parsers.layout import Table
from parsers.sentences import sentence_fields
from parsers.slots import places, prompt
from parsers.types import BlankCell, Cell, Field, Slot

Layout = Literal["sentences", "labels", "grid", "list"]
_NUMBERED = re.compile(r"^\s*[\d０-９一二三四五六七八九十]{0,3}\s*[、.．]?\s*$")
_LABEL_CHARACTERS = 40
_LIST_HEADINGS = 3


@dataclass(slots=True)
class Sheet:
    """What has been derived so far, while the blank is walked."""

    fields: list[Field] = field(default_factory=list)
    header: list[Field] = field(default_factory=list)
    paper: list[BlankCell] = field(default_factory=list)
    layout: Layout | None = None
    row: int = 0


def asks(table: Table) -> bool:
    """Whether anything in the table waits for an answer."""
    return any(not cell.text.strip() or _holds_slots(cell) for cell in table.corners()) or (
        _shape(table, _heading_rows(table)) == "list"
    )


def add(sheet: Sheet, table: Table) -> None:
    """Adds a table's fields and printed cells to the sheet."""
    headings = _heading_rows(table)
    shape = _shape(table, headings)
    before = len(sheet.fields)
    if shape == "list":
        _add_list(sheet, table, headings)
    elif shape == "labels":
        _add_labels(sheet, table)
    else:
        _add_rows(sheet, table, headings)
    if len(sheet.fields) > before and sheet.layout != "sentences":
        sheet.layout = shape if sheet.layout is None or shape == "sentences" else sheet.layout


def _holds_slots(cell: Cell) -> bool:
    return bool(places(cell.text) or prompt(cell.text))


def _corners(table: Table, r: int) -> list[Cell]:
    """The distinct cells that cover row r, left to right."""
    return list({(c.row, c.col): c for c in table.rows[r]}.values())


def _heading_rows(table: Table) -> int:
    """How many rows at the top are headings: written in every cell, without a slot,
    while a later row waits for something."""
    depth = 0
    for r in range(len(table.rows)):
        cells = _corners(table, r)
        if not cells[0].text.strip() and _has_empty_corner(table, r):
            cells = cells[1:]
        if len(cells) < 2 or any(not c.text.strip() or _holds_slots(c) for c in cells):
            break
        depth = r + 1
    if depth == len(table.rows):
        return depth if depth == 1 and len(_corners(table, 0)) >= _LIST_HEADINGS else 0
    return depth


def _has_empty_corner(table: Table, r: int) -> bool:
    """Whether an empty first cell heads the row labels: a written one stands below it."""
    below = table.rows[r + 1][0].text if r + 1 < len(table.rows) else ""
    return bool(below.strip()) and not _NUMBERED.match(below)


def _shape(table: Table, headings: int) -> Layout:
    if any(_holds_slots(cell) for cell in table.corners()):
        return "sentences"
    if not headings:
        return "labels"
    body = [_corners(table, r) for r in range(headings, len(table.rows))]
    labelled = [
        row
        for row in body
        if any(c.text.strip() and not _NUMBERED.match(c.text) for c in row)
        and not TOTAL.match(label_of(next(c.text for c in row if c.text.strip())))
    ]
    return "grid" if labelled else "list"


def _paper(table: Table, cell: Cell, slots: tuple[Slot, ...] = ()) -> BlankCell:
    return BlankCell(table.block, cell.row, cell.col, cell.text, slots)


def _add_labels(sheet: Sheet, table: Table) -> None:
    """Label and value: an empty cell beside its label."""
    for r in range(len(table.rows)):
        label = ""
        for cell in _corners(table, r):
            if cell.row != r + table.top:
                label = cell.text.strip() or label
                continue
            slots: tuple[Slot, ...] = ()
            if cell.text.strip():
                label = cell.text
            elif label:
                key = _free(sheet, label_of(label))
                sheet.fields.append(Field(key, label_of(label), kind_of(label, "text")))
                slots, label = (Slot(0, len(cell.text), key),), ""
            sheet.paper.append(_paper(table, cell, slots))


def _free(sheet: Sheet, key: str) -> str:
    """The key itself, or with a number behind it where the form has it already."""
    taken, free, n = {f.key for f in sheet.fields}, key, 1
    while free in taken:
        n += 1
        free = f"{key}({n})"
    return free


def _add_rows(sheet: Sheet, table: Table, headings: int) -> None:
    """Sentences and grids: rows are counted below the headings, through all tables."""
    heads = _column_heads(table, headings)
    is_grid = not any(_holds_slots(cell) for cell in table.corners())
    # the key's second number: the column in a grid, the place in the row among sentences
    first = _first_column(table, headings) if is_grid else None
    for r in range(len(table.rows)):
        sheet.row += r >= headings
        names = [
            c
            for c in _corners(table, r)
            if c.text.strip() and not _holds_slots(c) and not _NUMBERED.match(c.text)
        ]
        row_label = "" if r < headings else _row_label(names)
        count = 0
        for cell in _corners(table, r):
            if cell.row != r + table.top:
                continue
            fields = _cell_fields(sheet, cell, row_label, heads, first, count, r < headings)
            slots = tuple(Slot(s, e, f.key) for (s, e), f in fields)
            sheet.fields.extend(f for _, f in fields)
            count += len(fields)
            sheet.paper.append(_paper(table, cell, slots))


def _cell_fields(
    sheet: Sheet,
    cell: Cell,
    row_label: str,
    heads: dict[int, str],
    first: int | None,
    count: int,
    is_heading: bool,
) -> list[tuple[tuple[int, int], Field]]:
    if is_heading:
        return []
    if found := places(cell.text):
        made = sentence_fields(cell.text, found, sheet.row, row_label, count + 1)
        return [((p.start, p.end), f) for p, f in zip(found, made, strict=True)]
    if asked := prompt(cell.text):
        key = f"{sheet.row}.{count + 1}"
        made = [Field(key, row_label, "narrative", limit=asked.limit)]
        return [((0, len(cell.text)), made[0])]
    head = heads.get(cell.col, "")
    if cell.text.strip() or not row_label or TOTAL.match(row_label) or TOTAL.match(head):
        return []
    if first is not None and cell.col < first:
        return []  # an empty cell left of where rows are answered only names the row
    at = count if first is None else cell.col - first
    key = _free(sheet, f"{sheet.row}.{at + 1}")
    return [((0, len(cell.text)), _grid_field(key, row_label, head))]


def _grid_field(key: str, row_label: str, head: str) -> Field:
    label = f"{label_of(row_label)} · {label_of(head)}" if head else label_of(row_label)
    unit = _unit(head) or _unit(row_label)
    kind = "number" if unit else kind_of(head, kind_of(row_label, "number"))
    if REMARKS.match(label_of(head)):
        kind = "text"
    if label_of(head).startswith("是否"):
        return Field(key, label, "choice", options=("是", "否"))
    return Field(key, label, kind, unit=unit)


def _unit(label: str) -> str:
    """The unit in a label's trailing remark: 检查次数（次），单位：万元."""
    remark = remark_of(label).removeprefix("单位").strip(":： ")
    return remark if remark in KNOWN else ""


def _column_heads(table: Table, headings: int) -> dict[int, str]:
    heads: dict[int, str] = {}
    for col in range(len(table.rows[0])):
        texts = [table.rows[r][col].text.strip() for r in range(headings)]
        heads[col] = "/".join(dict.fromkeys(t for t in texts if t))
    return heads


def _first_column(table: Table, headings: int) -> int:
    """The first column that waits for an answer: those before it name the rows."""
    columns = []
    for r in range(headings, len(table.rows)):
        is_labelled = False
        for cell in _corners(table, r):
            if cell.text.strip():
                is_labelled = not SERIAL.match(cell.text) and not _NUMBERED.match(cell.text)
                if TOTAL.match(label_of(cell.text)):
                    break
            elif is_labelled:
                columns.append(cell.col)
                break
    return min(columns, default=0)


def _row_label(names: list[Cell]) -> str:
    texts = [" ".join(c.text.split()) for c in names]
    if len(texts) > 1 and len(texts[-1]) > _LABEL_CHARACTERS:
        texts = texts[:1]
    if texts and len(texts[-1]) > _LABEL_CHARACTERS:
        texts[-1] = texts[-1].partition("。")[0][:_LABEL_CHARACTERS]
    return "·".join(dict.fromkeys(texts))


def _add_list(sheet: Sheet, table: Table, headings: int) -> None:
    """A list is one field: a record a row, its columns named by the headings."""
    heads = _column_heads(table, headings)
    columns = list(dict.fromkeys(label_of(h) for h in heads.values()))
    columns = [c for c in columns if c and not SERIAL.match(c)]
    sheet.row += 1
    key = f"{sheet.row}.1"
    sheet.fields.append(Field(key, _list_label(sheet), "list", columns=tuple(columns)))
    for cell in table.corners():
        is_first = cell.row == table.top + headings and cell.col == 0
        slots = (Slot(0, len(cell.text), key),) if is_first else ()
        sheet.paper.append(_paper(table, cell, slots))
    sheet.row += max(0, len(table.rows) - headings - 1)


def _list_label(sheet: Sheet) -> str:
    lines = [cell.text.strip() for cell in sheet.paper if cell.text.strip()]
    return next((t for t in reversed(lines) if re.search(r"[表册单账]$", t)), "") or "明细"
