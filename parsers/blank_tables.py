"""The tables of a blank: which cells wait for an answer, band by band.

Sentences hold slots; a grid has headings above and row labels beside its empty cells; a
list has headings above empty rows; label and value is what is left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parsers.bands import Band, bands, corners, has_slots, is_heading_line, slotted
from parsers.blank_lines import header_field, line_places
from parsers.counters import KNOWN
from parsers.labels import (
    COUNTED_IN,
    NUMBERED,
    REMARKS,
    SERIAL,
    TICKED,
    is_total,
    kind_of,
    label_of,
    remark_of,
)
from parsers.layout import Table
from parsers.sentences import sentence_fields
from parsers.slots import places, prompt
from parsers.types import BlankCell, Cell, Field, Layout, Slot

Spanned = tuple[tuple[int, int], Field]
_LABEL_CHARACTERS = 40
_MOST_TELLING: tuple[Layout, ...] = ("sentences", "grid", "list", "labels")


@dataclass(slots=True)
class Sheet:
    """What has been derived so far, while the blank is walked."""

    fields: list[Field] = field(default_factory=list)
    header: list[Field] = field(default_factory=list)
    paper: list[BlankCell] = field(default_factory=list)
    layouts: set[Layout] = field(default_factory=set)
    row: int = 0

    @property
    def layout(self) -> Layout:
        """The layout of the rows that tell most of the form."""
        return next((a for a in _MOST_TELLING if a in self.layouts), "sentences")

    def free(self, key: str) -> str:
        """The key itself, or with a number behind it where the form has it already."""
        taken, free, n = {f.key for f in self.fields}, key, 1
        while free in taken:
            n += 1
            free = f"{key}({n})"
        return free


def asks(table: Table) -> bool:
    """Whether anything in the table waits for an answer."""
    is_open = any(not cell.text.strip() for cell in table.corners()) or has_slots(table)
    return is_open or any(band.layout == "list" for band in bands(table))


def add(sheet: Sheet, table: Table) -> None:
    """Adds a table's fields and printed cells to the sheet."""
    for band in bands(table):
        before = len(sheet.fields)
        if band.layout == "list":
            _add_list(sheet, band)
        elif band.headings:
            _add_rows(sheet, band)
        else:
            _add_labels(sheet, band)
        if len(sheet.fields) > before:
            sheet.layouts.add(band.layout)


def _paper(
    band: Band, cell: Cell, slots: tuple[Slot, ...] = (), layout: Layout | None = None
) -> BlankCell:
    block = band.table.block
    return BlankCell(block, cell.row, cell.col, cell.text, slots, layout or band.layout)


def _slots(spanned: list[Spanned]) -> tuple[Slot, ...]:
    return tuple(Slot(start, end, f.key) for (start, end), f in spanned)


def _add_labels(sheet: Sheet, band: Band) -> None:
    """Label and value: an empty cell beside its label, or one with slots of its own. Rows
    are counted where slots are, for their keys."""
    for r in range(len(band.table.rows)):
        sheet.row += band.layout == "sentences"
        label, count = "", 0
        cells, with_slots = corners(band.table, r), slotted(band.table, r)
        for i, cell in enumerate(cells):
            if cell.row != r + band.table.top:
                label = cell.text.strip() or label
                continue
            following = cells[i + 1] if i + 1 < len(cells) else None
            fields: list[Spanned] = []
            if _heads(cell, following, band.layout):
                header = [((p.start, p.end), p) for p in line_places(cell.text)]
                fields = [(span, header_field(cell.text, p)) for span, p in header]
                sheet.header.extend(f for _, f in fields)
            elif cell in with_slots:
                fields = _slot_fields(sheet, cell, label, count)
                count += len(fields)
                sheet.fields.extend(f for _, f in fields)
            elif cell.text.strip():
                label = cell.text
            elif label:
                fields = [((0, len(cell.text)), _labelled(sheet, label))]
                sheet.fields.extend(f for _, f in fields)
                label = ""
            layout: Layout = "sentences" if fields and cell.text.strip() else "labels"
            sheet.paper.append(_paper(band, cell, _slots(fields), layout))


def _heads(cell: Cell, following: Cell | None, layout: Layout) -> bool:
    """Whether the answer goes into a head line's own cell: no empty one stands beside it,
    and it is no sentence among others."""
    if places(cell.text):
        return is_heading_line(cell.text) and layout != "sentences"
    beside = following is not None and not following.text.strip()
    return is_heading_line(cell.text) and not beside


def _labelled(sheet: Sheet, label: str) -> Field:
    name = label_of(label)
    unit = _unit(label)
    asked = prompt(label)
    key = sheet.free(name)
    if asked is not None:
        return Field(key, name, "narrative", limit=asked.limit)
    if name.startswith("是否"):
        return Field(key, name, "choice", options=("是", "否"))
    return Field(key, name, "number" if unit else kind_of(label, "text"), unit=unit)


def _slot_fields(sheet: Sheet, cell: Cell, label: str, count: int) -> list[Spanned]:
    """The fields of a cell with slots, or that asks for some lines."""
    if found := places(cell.text):
        made = sentence_fields(cell.text, found, sheet.row, " ".join(label.split()), count + 1)
        return [((p.start, p.end), f) for p, f in zip(found, made, strict=True)]
    asked = prompt(cell.text)
    limit = asked.limit if asked else None
    narrative = Field(f"{sheet.row}.{count + 1}", label, "narrative", limit=limit)
    return [((0, len(cell.text)), narrative)]


@dataclass(frozen=True, slots=True)
class _Row:
    """What names a row's cells: its label, the unit that a column of its own gives it, and
    by column what stands above."""

    label: str
    unit: str
    heads: dict[int, str]


def _add_rows(sheet: Sheet, band: Band) -> None:
    """Sentences and grids below their headings: rows are counted through all tables."""
    heads = _column_heads(band)
    # the key's second number: the column in a grid, the place in the row among sentences
    first = _first_column(band) if band.layout == "grid" else None
    for r in range(len(band.table.rows)):
        is_heading = r < band.headings
        sheet.row += not is_heading
        with_slots = slotted(band.table, r)
        row = _Row("", "", heads) if is_heading else _named(band, r, heads)
        count = 0
        for cell in corners(band.table, r):
            if cell.row != r + band.table.top:
                continue
            fields: list[Spanned] = []
            if cell in with_slots:
                fields = _slot_fields(sheet, cell, row.label, count)
            elif not is_heading and not cell.text.strip():
                fields = _empty_field(sheet, cell, row, first, count)
            sheet.fields.extend(f for _, f in fields)
            count += len(fields)
            sheet.paper.append(_paper(band, cell, _slots(fields)))


def _named(band: Band, r: int, heads: dict[int, str]) -> _Row:
    names, unit, with_slots = [], "", slotted(band.table, r)
    for cell in corners(band.table, r):
        text = cell.text.strip()
        if not text or cell in with_slots or NUMBERED.match(text):
            continue
        if COUNTED_IN.match(label_of(heads.get(cell.col, ""))) and text in KNOWN:
            unit = text
        else:
            names.append(cell)
    return _Row(_row_label(names), unit, heads)


def _empty_field(
    sheet: Sheet, cell: Cell, row: _Row, first: int | None, count: int
) -> list[Spanned]:
    head = row.heads.get(cell.col, "")
    if not row.label or is_total(row.label) or (is_total(head) and label_of(head) != "累计"):
        return []
    if first is not None and cell.col < first:
        return []  # an empty cell left of where rows are answered only names the row
    at = count if first is None else cell.col - first
    key = sheet.free(f"{sheet.row}.{at + 1}")
    return [((0, len(cell.text)), _grid_field(key, row, head))]


def _grid_field(key: str, row: _Row, head: str) -> Field:
    name = label_of(head)
    label = f"{label_of(row.label)} · {name}" if head else label_of(row.label)
    unit = _unit(head) or _unit(row.label)
    kind = "number" if unit else kind_of(head, kind_of(row.label, "number"))
    if REMARKS.match(name) or TICKED.match(name):
        kind = "text"
    if name.startswith("是否"):
        return Field(key, label, "choice", options=("是", "否"))
    if kind == "number" and not unit and not name.endswith("率"):
        unit = row.unit
    return Field(key, label, kind, unit=unit)


def _unit(label: str) -> str:
    """The unit in a label's trailing remark: 检查次数（次），单位：万元."""
    remark = remark_of(label).removeprefix("单位").strip(":： ")
    return remark if remark in KNOWN else ""


def _column_heads(band: Band) -> dict[int, str]:
    rows = band.table.rows
    heads: dict[int, str] = {}
    for col in range(len(rows[0])):
        texts = [rows[r][col].text.strip() for r in range(band.headings)]
        heads[col] = "/".join(dict.fromkeys(t for t in texts if t))
    return heads


def _first_column(band: Band) -> int:
    """The first column that waits for an answer: those before it name the rows."""
    columns = []
    for r in range(band.headings, len(band.table.rows)):
        is_labelled = False
        for cell in corners(band.table, r):
            if cell.text.strip():
                is_labelled = not SERIAL.match(cell.text) and not NUMBERED.match(cell.text)
                if is_total(cell.text):
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


def _add_list(sheet: Sheet, band: Band) -> None:
    """A list is one field: a record a row, its columns named by the headings."""
    heads = _column_heads(band)
    columns = list(dict.fromkeys(label_of(h) for h in heads.values()))
    columns = [c for c in columns if c and not SERIAL.match(c)]
    sheet.row += 1
    key = f"{sheet.row}.1"
    sheet.fields.append(Field(key, _list_label(sheet), "list", columns=tuple(columns)))
    for cell in band.table.corners():
        is_first = cell.row == band.table.top + band.headings and cell.col == 0
        slots = (Slot(0, len(cell.text), key),) if is_first else ()
        sheet.paper.append(_paper(band, cell, slots))
    sheet.row += max(0, len(band.table.rows) - band.headings - 1)


def _list_label(sheet: Sheet) -> str:
    lines = [cell.text.strip() for cell in sheet.paper if cell.text.strip()]
    return next((t for t in reversed(lines) if re.search(r"[表册单账]$", t)), "") or "明细"
