"""Reads a filled list (明细表): one record a row below the headings, however many there are.

A column counts where its heading and its place in the blank agree; the list ends at a
total, at printed words, or with its table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from parsers.counters import KNOWN
from parsers.fold import folded
from parsers.found import missing, value_of
from parsers.labels import TOTAL, kind_of, label_of, remark_of
from parsers.matched import Matched
from parsers.pieces import Piece
from parsers.types import BlankCell, Field, Form, Value


def read_lists(form: Form, pieces: Sequence[Piece], paper: Matched) -> dict[str, Value]:
    """The records of every list of the form, by field key."""
    fields = {f.key: f for f in form.fields if f.kind == "list"}
    return {
        s.field: _read(fields[s.field], cell, form, pieces, paper)
        for cell in form.cells
        for s in cell.slots
        if s.field in fields
    }


def _read(
    field: Field, cell: BlankCell, form: Form, pieces: Sequence[Piece], paper: Matched
) -> Value:
    printed = {label_of(c.text): c for c in form.paper if _is_heading(c, cell)}
    headings = {
        label: piece
        for label in field.columns
        if label in printed and (piece := paper.piece(printed[label])) is not None
    }
    if not headings:
        return missing(field)
    top = Counter((p.block, p.row + p.rowspan) for p in headings.values()).most_common(1)[0][0]
    columns = {label: p.col for label, p in headings.items() if p.block == top[0]}
    disputed = _disputed(printed, headings)
    kinds = {label: _column(label, printed) for label in field.columns}
    records = []
    for row in _rows(top, pieces, paper):
        record = {
            label: _cell(kinds[label], _at(columns.get(label), row), label in disputed)
            for label in field.columns
        }
        if any(said["state"] != "blank" for said in record.values()):
            records.append(record)
    if not records:
        return Value(field.key, "", None, "blank", margin=1.0)
    unsure = any(said["state"] == "unsure" for r in records for said in r.values())
    why = "records_unsure" if unsure else ""
    return Value(field.key, "", tuple(records), "filled", margin=1.0, why=why)


def _is_heading(printed: BlankCell, cell: BlankCell) -> bool:
    return printed.block == cell.block and 0 <= printed.row < cell.row and not printed.slots


def _disputed(printed: Mapping[str, BlankCell], headings: Mapping[str, Piece]) -> set[str]:
    """Columns whose heading was reworded and has moved apart from the rest, or is shared."""
    taken = Counter(p.col for p in headings.values())
    moves = Counter(p.col - printed[label].col for label, p in headings.items())
    usual = moves.most_common(1)[0][0]
    return {
        label
        for label, p in headings.items()
        if taken[p.col] > 1
        or (p.col - printed[label].col != usual and p.folded.text != folded(printed[label].text))
    }


def _rows(top: tuple[int, int], pieces: Sequence[Piece], paper: Matched) -> list[list[Piece]]:
    """The written rows below the headings, up to a total or printed words."""
    block, first = top
    below = [p for p in pieces if p.block == block and p.row >= first and p.table >= 0]
    last = max((p.row + p.rowspan for p in below), default=first)
    rows: list[list[Piece]] = []
    for r in range(first, last):
        row = [p for p in below if p.row <= r < p.row + p.rowspan]
        if any(p.order in paper.orders and not folded(p.text).isdigit() for p in row):
            break
        if any(TOTAL.match(label_of(p.text)) for p in row):
            break
        rows.append(row)
    return rows


def _at(col: int | None, row: Sequence[Piece]) -> Piece | None:
    if col is None:
        return None
    return next((p for p in row if p.col <= col < p.col + p.colspan), None)


def _column(label: str, printed: Mapping[str, BlankCell]) -> Field:
    """What a column asks for, by its heading and the unit in the heading's remark."""
    unit = remark_of(printed[label].text) if label in printed else ""
    unit = unit if unit in KNOWN else ""
    return Field(label, label, "number" if unit else kind_of(label, "text"), unit=unit)


def _cell(column: Field, piece: Piece | None, is_disputed: bool) -> dict[str, Any]:
    against = "place_disputed" if is_disputed else ""
    if piece is not None and (piece.colspan > 1 or (piece.rowspan > 1 and column.unit)):
        against = "cell_shared"
    value = value_of(column, piece.text if piece else "", against=against)
    return {
        "raw": value.raw,
        "value": value.value,
        "state": value.state,
        "approx": value.approx,
    }
