"""Reads Word's .docx (and .docm, .dotx) into a Document by an own walk over its XML.

Format: ECMA-376 part 1 (WordprocessingML). Refuses by parsers/limits.py before work.
Does not read headers, footers, comments or notes: no form keeps an answer there.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from lxml import etree

from parsers import limits
from parsers.foreign import border
from parsers.formats import docx_marked, marked, tables
from parsers.formats.docx_runs import (
    STRICT_W,
    Runs,
    Style,
    W,
    chosen,
    control_content,
    is_on,
    properties,
    struck_words,
    walk,
)
from parsers.formats.told import told
from parsers.types import (
    Cell,
    Damaged,
    Document,
    Encrypted,
    Grid,
    OverLimit,
    Paragraph,
    Picture,
)

GONE = {W + "del", W + "moveFrom"}
_NOT_SHOWN = GONE | {W + name for name in ("sectPr", "tcPr", "sdtPr")}
_P, _TBL, _TR, _TC = W + "p", W + "tbl", W + "tr", W + "tc"
_PPR, _TRPR, _TCPR, _VAL = W + "pPr", W + "trPr", W + "tcPr", W + "val"
_VMERGE, _HMERGE, _SPAN, _CELL_DELETED = (
    W + name for name in ("vMerge", "hMerge", "gridSpan", "cellDel")
)
_RPR, _DELETED = W + "rPr", W + "del"
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")


def read(content: bytes) -> Document:
    """Read a .docx; raises Damaged, Encrypted or OverLimit."""
    with border("broken_docx"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        check(archive)
        body = body_of(archive)
        if sum(1 for _ in body.iter(_TC)) > limits.DOCUMENT_CELLS:
            raise OverLimit("too_many_cells", limit=limits.DOCUMENT_CELLS)
        blocks = tuple(_blocks(body))
        doubts = (*told("struck_out", struck_words(body)), *marked.doubts(docx_marked.lines(body)))
        return Document("docx", blocks, _pictures(archive), doubts)


def check(archive: zipfile.ZipFile) -> None:
    """Refuses an office file by its directory, before anything is unpacked."""
    entries = archive.infolist()
    if len(entries) > limits.ARCHIVE_ENTRIES:
        raise OverLimit("too_many_entries", entries=len(entries), limit=limits.ARCHIVE_ENTRIES)
    if any(e.flag_bits & 1 for e in entries):
        raise Encrypted("password")


def member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """One member of an office file, never more of it than the limit."""
    with archive.open(name) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise OverLimit("unpacked_too_large", limit=limit)
    return content


def body_of(archive: zipfile.ZipFile) -> etree._Element:
    """The body of the document's main part."""
    xml = member(archive, main_part(archive), limits.XML_BYTES)
    if STRICT_W.encode() in xml[:8192]:
        xml = xml.replace(STRICT_W.encode(), W[1:-1].encode())
    body = _parsed(xml).find(W + "body")
    if body is None:
        raise Damaged("broken_docx", why="no body")
    return body


def _parsed(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(xml, parser)


def main_part(archive: zipfile.ZipFile) -> str:
    """The main part is nearly always word/document.xml; the package's relations tell else."""
    if "word/document.xml" in archive.NameToInfo:
        return "word/document.xml"
    for relation in _parsed(member(archive, "_rels/.rels", limits.MIB)):
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.get("Target", "").lstrip("/")
    raise Damaged("broken_docx", why="no main part")


def _blocks(parent: etree._Element) -> Iterator[Paragraph | Grid]:
    carried = ""
    for child in parent:
        tag = child.tag
        if tag == _P:
            runs = Runs()
            walk(child, runs)
            if is_joined_to_next(child):
                carried += runs.text
            else:
                yield Paragraph(carried + runs.text)
                carried = ""
            for box in runs.boxes:
                yield from _blocks(box)
        elif tag == _TBL:
            yield _grid(child)
        elif tag in _NOT_SHOWN:
            continue
        elif tag == W + "sdt":
            content = control_content(child)
            if isinstance(content, str):
                yield Paragraph(content)
            elif content is not None:
                yield from _blocks(content)
        elif isinstance(tag, str) and len(child):
            yield from _blocks(chosen(child))
    if carried:
        yield Paragraph(carried)


def is_joined_to_next(paragraph: etree._Element) -> bool:
    """A deleted paragraph mark joins the paragraph to the next one (17.13.5.15)."""
    # the properties stand first (17.3.1.22)
    if not len(paragraph) or paragraph[0].tag != _PPR:
        return False
    mark = paragraph[0].find(_RPR)
    return mark is not None and mark.find(_DELETED) is not None


def _grid(table: etree._Element) -> Grid:
    cells: list[Cell] = []
    open_above: dict[int, int] = {}
    for r, row in enumerate(rows_of(table)):
        still_open: dict[int, int] = {}
        for at, span, cell, style in row_cells(row):
            tables.bound(r + 1, at + span)
            text = _cell_text(cell)
            merge = style.get(_VMERGE)
            upper = open_above.get(at) if merge is not None else None
            if upper is not None and merge is not None and merge.get(_VAL) != "restart":
                cells[upper] = _joined(cells[upper], text, r)
                still_open[at] = upper
            elif cells and cells[-1].row == r and _joins_left(style):
                cells[-1] = _widened(cells[-1], text, span)
            else:
                cells.append(Cell(text, r, at, 1, span))
                if merge is not None:
                    still_open[at] = len(cells) - 1
        open_above = still_open
    return tables.lay(cells)


_Placed = tuple[int, int, etree._Element, Style]


def row_cells(row: etree._Element) -> Iterator[_Placed]:
    """The cells of a row, each with the grid column where it begins, how many columns it
    spans, and its properties."""
    at = _number(properties(row.find(_TRPR)).get(W + "gridBefore"), 0)
    for cell in _children(row, _TC):
        # the properties stand first (17.4.65)
        style = properties(cell[0]) if len(cell) and cell[0].tag == _TCPR else {}
        if _CELL_DELETED in style:
            continue
        span = max(1, _number(style.get(_SPAN), 1))
        yield at, span, cell, style
        at += span


def rows_of(table: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table that are not deleted."""
    for row in _children(table, _TR):
        if _DELETED not in properties(row.find(_TRPR)):
            yield row


def _children(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Rows or cells, also where content controls or custom XML are wrapped around them."""
    for child in parent:
        if child.tag == wanted:
            yield child
        elif child.tag == W + "sdt":
            content = child.find(W + "sdtContent")
            if content is not None:
                yield from _children(content, wanted)
        elif child.tag in (W + "customXml", W + "ins", W + "smartTag"):
            yield from _children(child, wanted)


def _joins_left(style: Style) -> bool:
    merge = style.get(_HMERGE)
    return merge is not None and merge.get(_VAL) != "restart" and is_on(merge)


def _joined(upper: Cell, text: str, row: int) -> Cell:
    words = "\n".join(t for t in (upper.text, text) if t)
    return Cell(words, upper.row, upper.col, row - upper.row + 1, upper.colspan)


def _widened(left: Cell, text: str, span: int) -> Cell:
    words = "\n".join(t for t in (left.text, text) if t)
    return Cell(words, left.row, left.col, left.rowspan, left.colspan + span)


def _cell_text(cell: etree._Element) -> str:
    """A cell's paragraphs; a table nested in it is read row by row into the same text."""
    lines: list[str] = []
    for block in _blocks(cell):
        if isinstance(block, Paragraph):
            lines.append(block.text)
        else:
            for row in range(len(block.rows)):
                lines.append("\t".join(c.text for c in block.corners() if c.row == row))
    return "\n".join(lines).strip("\n")


def _number(element: etree._Element | None, default: int) -> int:
    value = None if element is None else element.get(_VAL)
    return int(value) if value and value.isdigit() else default


def _pictures(archive: zipfile.ZipFile) -> tuple[Picture, ...]:
    pictures, budget = [], limits.PART_IN_MEMORY_BYTES
    for entry in archive.infolist():
        name = entry.filename
        if name.startswith("word/media/") and name.lower().endswith(_PICTURES):
            content = member(archive, name, budget)
            budget -= len(content)
            pictures.append(Picture(name.rpartition("/")[2], content))
    return tuple(pictures)
