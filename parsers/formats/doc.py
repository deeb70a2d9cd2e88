"""Reads Word 97-2003 .doc and Kingsoft .wps into a Document by an own reader on olefile.

Refuses Word 6 and 95 (Unsupported) and protected files (Encrypted). Headers, footers
and notes are left out, as in docx.py. Tables: [MS-DOC] 2.4.3, 2.9.328 (TC80).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from parsers.foreign import border
from parsers.formats import marked, tables
from parsers.formats.marked import Piece
from parsers.formats.tables import EdgeCell
from parsers.formats.told import told
from parsers.formats.word97 import BOXES, SHAPES, VERTICAL_MERGE, Sprms, Word97, open_word
from parsers.formats.word97_lines import INNER_CELL, INNER_ROW_END, Line, lines
from parsers.formats.word97_pictures import floating, inline
from parsers.types import Document, Doubt, Grid, Paragraph, Picture

_IN_TABLE, _ROW_END, _DEPTH, _ROW = 0x2416, 0x2417, 0x6649, 0xD608
_DEEPEST = 20


def read(content: bytes) -> Document:
    """Read a .doc or .wps; raises Damaged, Encrypted, OverLimit or Unsupported."""
    with border("damaged_doc"):
        word = open_word(content)
        story = _Story(word, _anchored_boxes(word))
        blocks = story.blocks(0, word.stories[0])
        for start, end in story.boxes.values():  # boxes without a known anchor
            blocks.extend(_Story(word, {}, seen=story.seen).blocks(start, end))
        found = [p for at in story.pictures for p in inline(word.data, at)] + floating(word)
        pictures = (Picture(f"picture-{i}.{p[0]}", p[1]) for i, p in enumerate(found, 1))
        return Document("doc", tuple(blocks), tuple(pictures), story.seen.doubts())


@dataclass(slots=True)
class _Table:
    """A table while it is read: finished rows, the open row's cells, the open cell."""

    rows: list[list[EdgeCell]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)

    def end_cell(self) -> None:
        self.cells.append("\n".join(self.cell).strip("\n"))
        self.cell = []

    def end_row(self, look: Sprms) -> None:
        if self.cell:
            self.end_cell()
        if self.cells:
            self.rows.append(_row(self.cells, look))
            tables.bound(len(self.rows), len(self.cells))
        self.cells = []


@dataclass(slots=True)
class _Seen:
    """What the looks of a story's words say, text boxes included."""

    struck: list[str] = field(default_factory=list)
    looks: list[tuple[Piece, ...]] = field(default_factory=list)

    def doubts(self) -> tuple[Doubt, ...]:
        return (*told("struck_out", self.struck), *marked.doubts(self.looks))


@dataclass(slots=True)
class _Story:
    """Lines to blocks. `boxes` gives the text boxes by the position of their anchor."""

    word: Word97
    boxes: dict[int, tuple[int, int]]
    done: list[Paragraph | Grid] = field(default_factory=list)
    open: list[_Table] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    seen: _Seen = field(default_factory=_Seen)

    def blocks(self, start: int, end: int) -> list[Paragraph | Grid]:
        for line in lines(self.word, start, end):
            look = self.word.paragraph(line.cp)
            self.pictures.extend(line.pictures)
            self.seen.struck.append(line.struck)
            self.seen.looks.append(line.looks)
            self.turn_to(_depth(look))
            if self.open:
                self.in_table(line, look)
            else:
                self.done.append(Paragraph(line.text))
                for box in self.boxes_at(line):
                    self.done.extend(b for b in box if not isinstance(b, Paragraph) or b.text)
        self.turn_to(0)
        return self.done

    def turn_to(self, depth: int) -> None:
        """Opens and closes tables until `depth` of them are open."""
        while len(self.open) < depth:
            self.open.append(_Table())
        while len(self.open) > depth:
            table = self.open.pop()
            table.end_row({})
            if not table.rows:
                continue
            grid = tables.lay_edges(table.rows)
            if self.open:
                self.open[-1].cell.extend(_said(grid))
            else:
                self.done.append(grid)

    def in_table(self, line: Line, look: Sprms) -> None:
        table = self.open[-1]
        if _is_on(look, _ROW_END) or _is_on(look, INNER_ROW_END):
            table.end_row(look)
            return
        table.cell.append(line.text)
        for box in self.boxes_at(line):
            table.cell.extend(_words(box))
        if line.mark == "\x07" or _is_on(look, INNER_CELL):
            table.end_cell()

    def boxes_at(self, line: Line) -> Iterator[list[Paragraph | Grid]]:
        for cp in line.shapes:
            if cp in self.boxes:
                yield _Story(self.word, {}, seen=self.seen).blocks(*self.boxes.pop(cp))


def _is_on(look: Sprms, sprm: int) -> bool:
    return look.get(sprm, b"\0") != b"\0"


def _depth(look: Sprms) -> int:
    """How many tables the paragraph stands in; Word 97 itself knew only one."""
    if not _is_on(look, _IN_TABLE):
        return 0
    depth = int.from_bytes(look.get(_DEPTH, b"\1"), "little", signed=True)
    return min(max(depth, 1), _DEEPEST)


def _said(grid: Grid) -> Iterator[str]:
    """A nested table, row by row, as text of the cell that holds it."""
    for r in range(len(grid.rows)):
        yield "\t".join(cell.text for cell in grid.corners() if cell.row == r)


def _words(blocks: Iterable[Paragraph | Grid]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Grid):
            yield from _said(block)
        elif block.text:
            yield block.text


def _row(texts: list[str], look: Sprms) -> list[EdgeCell]:
    """A row's cells between the edges that sprmTDefTable gives."""
    edges, flags = _definition(look.get(_ROW, b""))
    while len(edges) <= len(texts):  # a row without a definition still keeps its texts
        edges.append((edges[-1] if edges else 0) + 1000)
    texts = texts + [""] * (len(edges) - 1 - len(texts))
    across = _across(flags)
    down = _down(flags, look.get(VERTICAL_MERGE, b""))
    return [
        EdgeCell(text, edges[i], edges[i + 1], i in across, i in down)
        for i, text in enumerate(texts)
    ]


def _definition(operand: bytes) -> tuple[list[int], list[int]]:
    """TDefTableOperand: a count, count + 1 edges, 20 bytes (TC80) for each cell."""
    if not operand:
        return [], []
    count = operand[0]
    edges = list(struct.unpack_from(f"<{count + 1}h", operand, 1))
    first = 3 + 2 * count
    descriptors = range(first, min(first + 20 * count, len(operand) - 1), 20)
    return edges, [struct.unpack_from("<H", operand, at)[0] for at in descriptors]


def _across(flags: list[int]) -> set[int]:
    """Cells merged into their left neighbour.

    Writers disagree whether 1 or 2 begins a merged run; a run's first cell tells.
    """
    merged: set[int] = set()
    first = 0
    for i, flag in enumerate(flags):
        kind = flag & 3
        if not kind:
            first = 0
        elif not first:
            first = kind
        elif kind != first:
            merged.add(i)
    return merged


def _down(flags: list[int], later: bytes) -> set[int]:
    """Cells merged into the one above: fVertMerge without fVertRestart, or sprmTVertMerge."""
    merged = {i for i, flag in enumerate(flags) if flag & 0x60 == 0x20}
    for cell, kind in zip(later[::2], later[1::2], strict=False):
        if kind == 1:
            merged.add(cell)
        else:
            merged.discard(cell)
    return merged


def _anchored_boxes(word: Word97) -> dict[int, tuple[int, int]]:
    """Text boxes by the position of their drawing: PlcfSpa and PlcftxbxTxt share shape ids.

    A box without an anchor in the main text gets a negative key, and is read last.
    """
    base = sum(word.stories[:6])
    plc = word.pair(BOXES)
    count = (len(plc) - 4) // 26
    if count < 1 or not word.stories[6]:
        return {}
    ends = struct.unpack_from(f"<{count + 1}I", plc, 0)
    anchors = _anchors(word.pair(SHAPES))
    boxes: dict[int, tuple[int, int]] = {}
    for i in range(count):
        shape = struct.unpack_from("<I", plc, 4 * (count + 1) + 22 * i + 14)[0]
        start, end = base + ends[i], min(base + ends[i + 1], len(word.text))
        if start < end and (i + 1 < count or word.text[start:end].strip()):
            boxes[anchors.get(shape, -1 - i)] = (start, end)
    return boxes


def _anchors(plc: bytes) -> dict[int, int]:
    count = (len(plc) - 4) // 30
    if count < 1:
        return {}
    positions = struct.unpack_from(f"<{count + 1}I", plc, 0)
    ids = (struct.unpack_from("<I", plc, 4 * (count + 1) + 26 * i)[0] for i in range(count))
    return {shape: positions[i] for i, shape in enumerate(ids)}
