"""Reads plain text and comma-separated values; columns become a Grid where they are clear.

A table is clear where every line of a block parts at the same mark: tabs, `|`, or the
upright strokes of box drawing. Spaces never part columns: they stand inside names.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from parsers import limits
from parsers.charsets import decode
from parsers.formats import tables
from parsers.types import Cell, Document, Empty, Grid, OverLimit, Paragraph

_RULE = re.compile(r"[\s\-=+|:─━┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋═╔╗╚╝╠╣╦╩╬]+$")
_STROKES = re.compile(r"[│┃║|]")


def read(content: bytes) -> Document:
    """Read a .txt or .csv file; raises Empty or OverLimit."""
    return read_text(decode(content).text)


def read_text(text: str) -> Document:
    """Read text that is decoded already, such as a mail's body."""
    if len(text) > limits.DOCUMENT_CHARACTERS:
        raise OverLimit("too_many_characters", limit=limits.DOCUMENT_CHARACTERS)
    if not text.strip("\ufeff\0 \t\r\n"):
        raise Empty("empty")
    text = text.lstrip("\ufeff").replace("\0", "")
    table = _comma_separated(text)
    blocks = (_grid(table),) if table else tuple(_blocks(text.splitlines()))
    return Document("text", blocks)


def _comma_separated(text: str) -> list[list[str]]:
    """The rows of a .csv: every line has the same number of cells, and more than prose has."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error:
        return []
    width = len(rows[0]) if rows else 0
    is_table = len(rows) > 1 and width > 1 and len(rows) + width > 4
    return rows if is_table and all(len(row) == width for row in rows) else []


def _grid(rows: Sequence[Sequence[str]]) -> Grid:
    tables.bound(len(rows), len(rows[0]))
    return tables.lay(Cell(text, r, c) for r, row in enumerate(rows) for c, text in enumerate(row))


def _blocks(lines: Sequence[str]) -> Iterator[Paragraph | Grid]:
    for mark, group in groupby(lines, _mark):
        block = list(group)
        rows = [_parted(line, mark) for line in block if not _RULE.match(line)]
        if mark and len(rows) > 1 and len({len(row) for row in rows if any(row)}) == 1:
            yield _grid(rows)
        else:
            yield from (Paragraph(line.rstrip()) for line in block if not _is_drawn(line))


def _mark(line: str) -> str:
    """What parts this line's columns: a tab, a stroke, or nothing."""
    if _is_drawn(line) or len(_STROKES.findall(line)) >= 2:
        return "|"
    return "\t" if "\t" in line.strip() else ""


def _is_drawn(line: str) -> bool:
    """A line of box drawing between two rows."""
    return len(line.strip()) > 2 and bool(_RULE.match(line))


def _parted(line: str, mark: str) -> list[str]:
    if mark == "\t":
        return [cell.strip() for cell in line.split("\t")]
    cells = [cell.strip() for cell in _STROKES.split(line)]
    if cells and not cells[0]:
        cells = cells[1:]
    return cells[:-1] if cells and not cells[-1] else cells
