"""Derives the form from its blank (空白表): the blank is the schema, no field is written by hand.

Four layouts: sentences with slots, label and value, grid, list. Keys and labels follow
the design: `row.slot` below the header row, the label itself for label and value.
"""

from __future__ import annotations

import re
from dataclasses import replace

from parsers import blank_tables
from parsers.fold import folded
from parsers.labels import is_header_label, kind_of, label_of
from parsers.layout import Line, Table, lay_out
from parsers.sentences import sentence_fields
from parsers.slots import Place, places
from parsers.types import BlankCell, Document, Field, Form, ParserError, Slot

_ANNEX = re.compile(r"^\s*附\s*[件表录]\s*[0-9０-９一二三四五六七八九十]*\s*[:：]?\s*$")
_NOTE = re.compile(r"^\s*(注|备\s*注|说\s*明|填[报表]说明|要求)\s*[:：]")
_OPEN_LABEL = re.compile(r"([^\s:：，,。；;_＿]{1,16})[:：]([\s_＿]*)(?=\S|$)")
_OPEN_GAP_CHARACTERS = 2


class NoFields(ParserError):
    """The file holds text, but no place that waits for an answer."""


def derive(document: Document, key: str) -> Form:
    """The form that this blank shows; raises NoFields where nothing waits for an answer."""
    laid = lay_out(document)
    sheet = blank_tables.Sheet()
    has_table = any(blank_tables.asks(b) for b in laid if isinstance(b, Table))
    for block in laid:
        if isinstance(block, Table):
            blank_tables.add(sheet, block)
        else:
            _add_line(sheet, block, has_table)
    if not sheet.fields:
        raise NoFields("blank_without_fields", key=key)
    literals = tuple(text for cell in sheet.paper if (text := cell.text.strip()))
    return Form(
        key=key,
        title=_title(laid),
        fields=_unique(sheet.fields),
        header=tuple(sheet.header),
        cells=tuple(cell for cell in sheet.paper if cell.slots),
        layout=sheet.layout or "sentences",
        fingerprint=frozenset(f for text in literals if len(f := folded(text)) > 1),
        literals=literals,
        paper=tuple(sheet.paper),
    )


def _title(laid: tuple[Line | Table, ...]) -> str:
    """The last line above the first table that is neither annex number, header nor note."""
    title = ""
    for block in laid:
        if isinstance(block, Table) and title:
            break
        if isinstance(block, Line) and (text := block.text.strip()):
            is_other = _ANNEX.match(text) or _NOTE.match(text) or line_places(text)
            if not is_other and (not title or re.search(r"[表册单]$", text)):
                title = text
    return title


def _add_line(sheet: blank_tables.Sheet, line: Line, has_table: bool) -> None:
    """A line's labels head the form; in a form without a table its slots are the form."""
    cell = BlankCell(line.block, line.row, line.col, line.text, ())
    found = () if _NOTE.match(line.text) else line_places(line.text)
    if not found:
        if line.text.strip():
            sheet.paper.append(cell)
        return
    if not has_table and not any(_label_before(line.text, place) for place in found):
        sheet.row += 1
        fields = sentence_fields(line.text, found, sheet.row, line.text)
        sheet.fields.extend(fields)
    else:
        fields = [_header_field(line.text, place) for place in found]
        sheet.header.extend(fields)
    slots = tuple(Slot(p.start, p.end, f.key) for p, f in zip(found, fields, strict=True))
    sheet.paper.append(replace(cell, slots=slots))


def line_places(text: str) -> tuple[Place, ...]:
    """The places of a running line: its slots, and the gaps behind labels with a colon."""
    found = [p for p in places(text) if p.start != p.end]
    for m in _OPEN_LABEL.finditer(text):
        gap = m.end(2) - m.start(2)
        is_open = gap >= _OPEN_GAP_CHARACTERS or (m.end(2) == len(text))
        overlaps = any(p.start <= m.end(2) and p.end >= m.start(2) for p in found)
        if is_open and not overlaps and is_header_label(m[1]):
            found.append(Place(m.start(2), m.end(2), None))
    return tuple(sorted(found, key=lambda place: place.start))


def _label_before(text: str, place: Place) -> str:
    found = re.search(r"([^\s:：，,。；;_＿]{1,24})[:：]\s*$", text[: place.start])
    return found[1] if found else ""


def _header_field(text: str, place: Place) -> Field:
    before = re.split(r"[_＿\s；;。]", text[: place.start].rstrip(" \u3000:："))[-1]
    label = label_of(_label_before(text, place) or before)
    kind = place.kind or kind_of(label, "text")
    return Field(label, label, kind, options=place.options)


def _unique(fields: list[Field]) -> tuple[Field, ...]:
    seen: dict[str, int] = {}
    unique = []
    for field in fields:
        seen[field.key] = count = seen.get(field.key, 0) + 1
        unique.append(field if count == 1 else replace(field, key=f"{field.key}({count})"))
    return tuple(unique)
