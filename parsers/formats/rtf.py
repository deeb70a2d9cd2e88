r"""Reads Rich Text Format (.rtf, often named .doc) by an own reader: text and grid.

Deleted, hidden and struck-out text is out, fields show their results, \u and code pages are followed.
Format: Microsoft RTF Specification 1.9.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parsers import limits
from parsers.foreign import border
from parsers.formats import tables
from parsers.formats.rtf_words import Control, Reader
from parsers.formats.tables import EdgeCell
from parsers.formats.told import told
from parsers.types import Damaged, Document, Grid, OverLimit, Paragraph, Picture

_DEEPEST_TABLE = 20


def read(content: bytes) -> Document:
    """Read an .rtf; raises Damaged or OverLimit."""
    if len(content) > limits.PART_IN_MEMORY_BYTES:
        raise OverLimit("part_too_large", size=len(content))
    with border("broken_rtf"):
        start = content.find(b"{\\rtf")
        if start < 0:
            raise Damaged("broken_rtf", why="no header")
        page = _Page()
        reader = Reader(content, start, page.turn)
        page.reader = reader
        reader.run()
        page.end()
        pictures = (
            Picture(f"picture-{i}.{kind}", data)
            for i, (kind, data) in enumerate(reader.pictures, 1)
        )
        doubts = told("struck_out", ["".join(reader.struck)])
        return Document("rtf", tuple(page.done), tuple(pictures), doubts)


@dataclass(slots=True)
class _Table:
    """A table while it is read. Word writes a row's cells before or after its edges."""

    rows: list[list[EdgeCell]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    edges: list[tuple[int, bool, bool]] = field(default_factory=list)
    """(right edge, joins left, joins above) of each cell of the row."""
    left: int = 0
    across: bool = False
    down: bool = False


class _Page:
    """Turns the stream of words and table marks into blocks."""

    reader: Reader

    def __init__(self) -> None:
        self.done: list[Paragraph | Grid] = []
        self.open: list[_Table] = []
        self.depth = 0

    def turn(self, control: Control) -> None:
        """Takes one mark of structure; the words before it wait in the reader."""
        name, number = control
        if name in ("par", "sect", "page"):
            self.paragraph()
        elif name == "pard":
            self.depth = 0
        elif name == "intbl":
            self.depth = max(self.depth, 1)
        elif name == "itap":
            self.depth = min(max(number, 0), _DEEPEST_TABLE)
        elif name in ("cell", "nestcell"):
            self.cell(1 if name == "cell" else max(self.depth, 2))
        elif name in ("row", "nestrow"):
            self.row(1 if name == "row" else max(self.depth, 2))
        elif name == "nesttableprops":
            self.to_depth(max(self.depth, 2))
        else:
            self.define(name, number)

    def define(self, name: str, number: int) -> None:
        """\\trowd … \\cellx: the edges of the row that is open or about to begin."""
        if name == "trowd" and not self.open:
            self.to_depth(1)
        if not self.open:
            return
        table = self.open[-1]
        if name == "trowd":
            table.edges, table.left = [], 0
            table.across = table.down = False
        elif name == "trleft":
            table.left = number
        elif name == "clmrg":
            table.across = True
        elif name == "clvmrg":
            table.down = True
        elif name == "cellx" and len(table.edges) < limits.SHEET_COLUMNS:
            table.edges.append((number, table.across, table.down))
            table.across = table.down = False

    def paragraph(self) -> None:
        text = self.reader.take()
        if self.depth:
            self.to_depth(self.depth)
            self.open[-1].cell += [text, *self.reader.take_boxes()]
        else:
            self.to_depth(0)
            self.say(text)

    def cell(self, depth: int) -> None:
        self.to_depth(depth)
        table = self.open[-1]
        table.cell += [self.reader.take(), *self.reader.take_boxes()]
        table.cells.append("\n".join(table.cell).strip("\n"))
        table.cell = []

    def row(self, depth: int) -> None:
        self.to_depth(depth)
        _end_row(self.open[-1])

    def to_depth(self, depth: int) -> None:
        while len(self.open) < depth:
            self.open.append(_Table())
        while len(self.open) > depth:
            table = self.open.pop()
            _end_row(table)
            if not table.rows:
                continue
            grid = tables.lay_edges(table.rows)
            if self.open:
                for r in range(len(grid.rows)):
                    line = "\t".join(c.text for c in grid.corners() if c.row == r)
                    self.open[-1].cell.append(line)
            else:
                self.done.append(grid)

    def end(self) -> None:
        text = self.reader.take()
        self.to_depth(0)
        if text.strip():
            self.say(text)

    def say(self, text: str) -> None:
        """A paragraph, and behind it the text boxes anchored in it."""
        self.done.extend(Paragraph(t) for t in (text, *self.reader.take_boxes()))


def _end_row(table: _Table) -> None:
    if any(table.cell):
        table.cells.append("\n".join(table.cell).strip("\n"))
    table.cell = []
    if not table.cells:
        return
    edges = list(table.edges)
    while len(table.cells) > len(edges) > 0 and not table.cells[-1]:
        table.cells.pop()  # LibreOffice ends some rows with cells that have no edge
    while len(edges) < len(table.cells):
        edges.append(((edges[-1][0] if edges else table.left) + 1000, False, False))
    texts = table.cells + [""] * (len(edges) - len(table.cells))
    left = min(table.left, edges[0][0] - 1)
    row = []
    for text, (right, across, down) in zip(texts, edges, strict=True):
        row.append(EdgeCell(text, left, right, across, down))
        left = right
    table.rows.append(row)
    table.cells = []
    tables.bound(len(table.rows), len(row))
