"""Reads OpenDocument text (.odt) and sheets (.ods) by an own walk over content.xml.

Both share one table model. A sheet's cell is read as it is shown (text:p), which keeps
13900000001 and 50% as they stand on paper. Format: OASIS OpenDocument 1.3 part 3.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from parsers import limits
from parsers.foreign import border
from parsers.formats import symbols, tables
from parsers.formats.docx import member
from parsers.formats.told import told
from parsers.types import (
    Cell,
    Damaged,
    Document,
    Doubt,
    Encrypted,
    Grid,
    OverLimit,
    Paragraph,
    Picture,
)

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
OFFICE, TEXT, TABLE, DRAW, STYLE = (
    _OASIS % name for name in ("office", "text", "table", "drawing", "style")
)
_FIELD = "{urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0}"
_LEFT_OUT = {
    TEXT + "tracked-changes",
    TEXT + "note",
    TEXT + "sequence-decls",
    OFFICE + "annotation",
    OFFICE + "forms",
    TEXT + "ruby-text",
    TEXT + "soft-page-break",
}
_BOXES = {
    DRAW + name for name in ("text-box", "custom-shape", "rect", "ellipse", "polygon", "path")
}
_PARAGRAPHS = {TEXT + "p", TEXT + "h"}
_COVERED, _CELL = TABLE + "covered-table-cell", TABLE + "table-cell"
_UNSEEN = ("collapse", "filter")
"""What table:visibility says of a row or column that is hidden (19.749)."""
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")


def read(content: bytes) -> Document:
    """Read an .odt; raises Damaged, Encrypted or OverLimit."""
    with border("broken_odt"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        body, walker = _opened(archive)
        text = body.find(OFFICE + "text")
        if text is None:
            raise Damaged("broken_odt", why="no text")
        blocks = tuple(walker.blocks(text))
        return Document("odt", blocks, _pictures(archive), told("struck_out", walker.struck))


def read_sheets(content: bytes) -> Document:
    """Read an .ods; raises Damaged, Encrypted or OverLimit."""
    with border("broken_ods"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        body, walker = _opened(archive)
        grids: list[Grid] = []
        doubts: list[Doubt] = []
        for table in body.iterfind(f"{OFFICE}spreadsheet/{TABLE}table"):
            name = table.get(TABLE + "name")
            if walker.is_hidden(table):
                doubts.append(Doubt.of("hidden_sheet", "", name=name or ""))
                continue
            grid = walker.grid(table, name)
            grids.extend([grid] if grid.rows else [])
        doubts += [*told("struck_out", walker.struck), *told("hidden_cells", walker.unseen)]
        return Document("ods", tuple(grids), _pictures(archive), tuple(doubts))


def _opened(archive: zipfile.ZipFile) -> tuple[etree._Element, _Walker]:
    names = archive.NameToInfo
    if len(names) > limits.ARCHIVE_ENTRIES:
        raise OverLimit("too_many_entries", entries=len(names), limit=limits.ARCHIVE_ENTRIES)
    manifest = b""
    if "META-INF/manifest.xml" in names:
        manifest = member(archive, "META-INF/manifest.xml", limits.MIB)
    if b"encryption-data" in manifest:
        raise Encrypted("password")
    xml = member(archive, "content.xml", limits.XML_BYTES)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(xml, parser)
    body = root.find(OFFICE + "body")
    if body is None:
        raise Damaged("broken_odt", why="no body")
    return body, _Walker(_styles(root))


@dataclass(slots=True)
class _Styles:
    """Automatic styles that change what a reader sees."""

    hidden: set[str] = field(default_factory=set)
    ruled: set[str] = field(default_factory=set)
    hidden_tables: set[str] = field(default_factory=set)
    strikes: dict[str, bool] = field(default_factory=dict)
    """Whether a style strikes its words out, where it says so."""
    symbols: dict[str, str] = field(default_factory=dict)
    """The symbol font of a style whose letters are pictures."""


def _styles(root: etree._Element) -> _Styles:
    styles = _Styles()
    for style in root.iterfind(f"{OFFICE}automatic-styles/{STYLE}style"):
        name = style.get(STYLE + "name") or ""
        look = style.find(STYLE + "text-properties")
        if look is not None and look.get(TEXT + "display") == "none":
            styles.hidden.add(name)
        if look is not None and look.get(STYLE + "text-underline-style", "none") != "none":
            styles.ruled.add(name)
        line = None if look is None else _line_through(look)
        if line is not None:
            styles.strikes[name] = line != "none"
        font = "" if look is None else look.get(STYLE + "font-name", "")
        if symbols.is_symbol_font(font):
            styles.symbols[name] = font
        table = style.find(STYLE + "table-properties")
        if table is not None and table.get(TABLE + "display") == "false":
            styles.hidden_tables.add(name)
    return styles


def _line_through(look: etree._Element) -> str | None:
    """The line through a style's words: Calc names only its type, Writer also its style."""
    said = (look.get(f"{STYLE}text-line-through-{what}") for what in ("style", "type"))
    return next(filter(None, said), None)


@dataclass(slots=True)
class _Walker:
    """Elements to words and blocks under a document's styles."""

    styles: _Styles
    boxes: list[etree._Element] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    is_struck: bool = False
    unseen: list[str] = field(default_factory=list)
    """What stands in a sheet's hidden rows and columns."""

    def is_hidden(self, table: etree._Element) -> bool:
        return table.get(TABLE + "style-name") in self.styles.hidden_tables

    def blocks(self, parent: etree._Element) -> Iterator[Paragraph | Grid]:
        for child in parent:
            tag = child.tag
            if tag in _PARAGRAPHS:
                outer, self.boxes = self.boxes, []
                yield Paragraph(self.in_style(child, child.get(TEXT + "style-name")))
                boxes, self.boxes = self.boxes, outer
                for box in boxes:
                    yield from self.blocks(box)
            elif tag == TABLE + "table":
                yield self.grid(child, None)
            elif isinstance(tag, str) and tag not in _LEFT_OUT:
                yield from self.blocks(child)

    def in_style(self, element: etree._Element, style: str | None) -> str:
        """An element's words under its own style, which may strike them out or restore them."""
        outer = self.is_struck
        self.is_struck = self.styles.strikes.get(style or "", outer)
        text = self.words(element)
        self.is_struck = outer
        return text

    def words(self, element: etree._Element) -> str:
        said = [self.heard(element.text)]
        for child in element:
            said.append(self.piece(child))
            said.append(self.heard(child.tail))
        return "".join(said)

    def heard(self, text: str | None) -> str:
        if self.is_struck and text:
            self.struck.append(text)
            return ""
        return text or ""

    def piece(self, child: etree._Element) -> str:
        tag = child.tag
        if tag == TEXT + "s":
            return " " * min(_number(child, TEXT + "c", 1), 1000)
        if tag == TEXT + "tab":
            return "\t"
        if tag == TEXT + "line-break":
            return "\n"
        if tag == TEXT + "span":
            return self.span(child)
        if tag in _BOXES:
            self.boxes.append(child)
            return ""
        if tag == _FIELD + "fieldmark":
            return _form_field(child) or self.words(child)
        if not isinstance(tag, str) or tag in _LEFT_OUT:
            return ""
        return self.words(child)

    def span(self, span: etree._Element) -> str:
        style = span.get(TEXT + "style-name")
        if style in self.styles.hidden:
            return ""
        text = self.in_style(span, style)
        font = self.styles.symbols.get(style or "")
        if font:
            return "".join(symbols.seen(font, ord(c)) or c for c in text)
        ruled = style in self.styles.ruled and len(text) > 1 and not text.strip(" \xa0\u3000\t")
        return "_" * len(text) if ruled else text

    def grid(self, table: etree._Element, name: str | None) -> Grid:
        cells: list[Cell] = []
        at = used = 0
        hidden = _hidden_columns(table)
        for row, times in _rows(table):
            line = list(self.row(row, at))
            is_hidden = row.get(TABLE + "visibility") in _UNSEEN
            self.unseen.extend(c.text for c in line if is_hidden or c.col in hidden)
            if not any(cell.text for cell in line):
                times, line = (
                    (min(times, 1) if name is None else times),
                    line if name is None else [],
                )
            for _ in range(times if line else 0):
                if at >= limits.SHEET_ROWS:
                    raise OverLimit("sheet_too_large", rows=at + 1, columns=len(line))
                used += len(line)
                tables.bound(1, used)
                cells.extend(Cell(c.text, at, c.col, c.rowspan, c.colspan) for c in line)
                at += 1
            if not line:
                at += times
        return tables.lay(_cut(cells), name)

    def row(self, row: etree._Element, at: int) -> Iterator[Cell]:
        """A row's own cells; empty ones that only repeat up to the sheet's edge are left."""
        column = 0
        waiting: list[Cell] = []
        for child in row:
            if child.tag not in (_CELL, _COVERED):
                continue
            times = max(1, _number(child, TABLE + "number-columns-repeated", 1))
            across = max(1, _number(child, TABLE + "number-columns-spanned", 1))
            down = max(1, _number(child, TABLE + "number-rows-spanned", 1))
            text = self.cell(child) if child.tag == _CELL else ""
            if child.tag == _CELL and (text or times < 100):
                if text and column + times * across > limits.SHEET_COLUMNS:
                    raise OverLimit("sheet_too_large", rows=at + 1, columns=column + times)
                waiting.extend(
                    Cell(text, at, column + i, down, across)
                    for i in range(min(times, limits.SHEET_COLUMNS))
                )
            column += times
        yield from waiting

    def cell(self, cell: etree._Element) -> str:
        lines: list[str] = []
        outer = self.is_struck
        self.is_struck = self.styles.strikes.get(cell.get(TABLE + "style-name") or "", outer)
        for block in self.blocks(cell):
            if isinstance(block, Paragraph):
                lines.append(block.text)
            else:
                for r in range(len(block.rows)):
                    lines.append("\t".join(c.text for c in block.corners() if c.row == r))
        self.is_struck = outer
        return "\n".join(lines).strip("\n")


def _hidden_columns(table: etree._Element) -> set[int]:
    at, hidden = 0, set[int]()
    for column in table.iter(TABLE + "table-column"):
        times = max(1, _number(column, TABLE + "number-columns-repeated", 1))
        if column.get(TABLE + "visibility") in _UNSEEN:
            hidden.update(range(at, min(at + times, limits.SHEET_COLUMNS)))
        at += times
    return hidden


def _cut(cells: list[Cell]) -> list[Cell]:
    """Spans held within the limits: a span may claim more than there is."""
    bottom = max((cell.row + 1 for cell in cells), default=0)
    right = max((cell.col + 1 for cell in cells), default=0)
    right = max([right, *(min(c.col + c.colspan, limits.SHEET_COLUMNS) for c in cells)])
    return [
        Cell(c.text, c.row, c.col, min(c.rowspan, bottom - c.row), min(c.colspan, right - c.col))
        for c in cells
    ]


def _form_field(mark: etree._Element) -> str:
    """What a field kept from Word shows: a tick, or the chosen entry of a list."""
    kind = mark.get(_FIELD + "type", "").rpartition(".")[2]
    said: dict[str, list[str]] = {}
    for param in mark.iterfind(_FIELD + "param"):
        said.setdefault(param.get(_FIELD + "name", ""), []).append(param.get(_FIELD + "value", ""))
    if kind == "FORMCHECKBOX":
        return "☑" if said.get("Checkbox_Checked", [""])[0] == "true" else "□"
    entries, chosen = said.get("Dropdown_ListEntry", []), said.get("Dropdown_Selected", ["0"])[0]
    if kind == "FORMDROPDOWN" and entries and chosen.isdigit():
        return entries[min(int(chosen), len(entries) - 1)]
    return ""


def _rows(parent: etree._Element) -> Iterator[tuple[etree._Element, int]]:
    for child in parent:
        if child.tag == TABLE + "table-row":
            yield child, max(1, _number(child, TABLE + "number-rows-repeated", 1))
        elif child.tag in (
            TABLE + "table-header-rows",
            TABLE + "table-rows",
            TABLE + "table-row-group",
        ):
            yield from _rows(child)


def _number(element: etree._Element, name: str, default: int) -> int:
    value = element.get(name, "")
    return int(value) if value.isdigit() and len(value) < 8 else default


def _pictures(archive: zipfile.ZipFile) -> tuple[Picture, ...]:
    pictures, budget = [], limits.PART_IN_MEMORY_BYTES
    for entry in archive.infolist():
        name = entry.filename
        if name.startswith("Pictures/") and name.lower().endswith(_PICTURES):
            content = member(archive, name, budget)
            budget -= len(content)
            pictures.append(Picture(name.rpartition("/")[2], content))
    return tuple(pictures)
