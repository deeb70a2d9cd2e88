"""Derives the form from its blank (空白表): the blank is the schema, no field is written by hand.

Four layouts: sentences with slots, label and value, grid, list. Keys and labels follow
the design: `row.slot` below the header row, the label itself for label and value.
"""

from __future__ import annotations

import re
from dataclasses import replace

from parsers import blank_tables
from parsers.blank_lines import header_field, label_before, line_places
from parsers.fold import folded
from parsers.layout import Line, Table, lay_out
from parsers.sentences import sentence_fields
from parsers.slots import Place, prompt
from parsers.types import BlankCell, Document, Field, Form, ParserError, Slot

_ANNEX = re.compile(r"^\s*附\s*[件表录]\s*[0-9０-９一二三四五六七八九十]*\s*[:：]?\s*$")
_NUMBERED = re.compile(r"^\s*[（(]?[0-9０-９一二三四五六七八九十]{1,3}[）)]?\s*[、.．)）]\s*")
_NOTE = re.compile(r"^\s*(注|备\s*注|说\s*明|填[报表]说明|要求)\s*[:：]")


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
        layout=sheet.layout,
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
    if not has_table and not found and (asked := _asked_lines(line.text)):
        found = (asked,)
    if not found:
        if line.text.strip():
            sheet.paper.append(cell)
        return
    if not has_table and _is_body(line.text, found):
        sheet.row += 1
        fields = sentence_fields(line.text, found, sheet.row, _NUMBERED.sub("", line.text))
        sheet.fields.extend(fields)
    else:
        fields = [header_field(line.text, place) for place in found]
        sheet.header.extend(fields)
    slots = tuple(Slot(p.start, p.end, f.key) for p, f in zip(found, fields, strict=True))
    sheet.paper.append(replace(cell, slots=slots))


def _is_body(text: str, found: tuple[Place, ...]) -> bool:
    """Whether a line of a form without a table is one of its items and not its head."""
    return bool(_NUMBERED.match(text)) or not any(label_before(text, place) for place in found)


def _asked_lines(text: str) -> Place | None:
    """`四、存在困难（100字以内）：` asks for some lines behind it."""
    asked = prompt(text)
    is_item = asked is not None and re.search(r"[:：]\s*$", text)
    return replace(asked, start=len(text), end=len(text)) if asked and is_item else None


def _unique(fields: list[Field]) -> tuple[Field, ...]:
    seen: dict[str, int] = {}
    unique = []
    for field in fields:
        seen[field.key] = count = seen.get(field.key, 0) + 1
        unique.append(field if count == 1 else replace(field, key=f"{field.key}({count})"))
    return tuple(unique)
