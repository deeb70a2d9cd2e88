"""Writes answers into a blank .docx or .xlsx (填表) and changes nothing else: fonts, table,
spacing and every other word stay as they are.

The counterpart of reading: places are found by the form's own addresses and spans.
"""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Iterator, Mapping

from lxml import etree

from parsers import fill_sheet, sniff
from parsers.fill_text import padded, slot_text
from parsers.foreign import border
from parsers.formats import docx
from parsers.formats.docx_runs import Runs, W, chosen, control_content, walk
from parsers.types import BlankCell, Field, Form, Slot, Unsupported

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def fill(blank: bytes, form: Form, header: Mapping[str, str], values: Mapping[str, str]) -> bytes:
    """The blank with these texts in its slots, by header label and field key; slots
    without a text stay as they are. Raises Unsupported for a blank of another format."""
    kind = sniff.kind(blank)
    if kind == "xlsx":
        return fill_sheet.fill(blank, form, {**values, **header})
    if kind != "docx":
        raise Unsupported("cannot_be_filled")
    fields = {f.key: f for f in (*form.fields, *form.header)}
    texts = {**values, **header}
    with border("broken_docx"), zipfile.ZipFile(io.BytesIO(blank)) as archive:
        docx.check(archive)
        body = docx.body_of(archive)
        blocks = list(_blocks(body))
        for cell in form.cells:
            _fill_cell(blocks[cell.block], cell, fields, texts)
        return _packed(archive, body.getroottree())


def _packed(archive: zipfile.ZipFile, tree: etree._ElementTree) -> bytes:
    """The archive again, with another main part; the same input gives the same bytes."""
    main = docx.main_part(archive)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in archive.infolist():
            content = archive.read(entry)
            if entry.filename == main:
                content = etree.tostring(
                    tree, xml_declaration=True, encoding="UTF-8", standalone=True
                )
            target.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """The document's blocks as docx.read counts them: paragraphs and tables."""
    for child in parent:
        tag = child.tag
        if tag == W + "p":
            if not docx.is_joined_to_next(child):
                yield child
            runs = Runs()
            walk(child, runs)
            for box in runs.boxes:
                yield from _blocks(box)
        elif tag == W + "tbl":
            yield child
        elif tag == W + "sdt":
            content = control_content(child)
            if isinstance(content, str):
                yield child
            elif content is not None:
                yield from _blocks(content)
        elif isinstance(tag, str) and tag not in docx.GONE and len(child) and tag != W + "sectPr":
            yield from _blocks(chosen(child))


def _fill_cell(
    block: etree._Element, cell: BlankCell, fields: Mapping[str, Field], texts: Mapping[str, str]
) -> None:
    slots = [s for s in cell.slots if texts.get(s.field) and fields[s.field].kind != "list"]
    if not slots:
        return
    paragraphs = [block] if cell.row < 0 else _cell_paragraphs(block, cell)
    # from the last to the first, so that earlier spans stay true
    for slot in reversed(slots):
        printed = cell.text[slot.start : slot.end]
        text = slot_text(printed, texts[slot.field], fields[slot.field])
        if printed.isspace() and slot.end < len(cell.text):
            text = padded(text, printed)  # another label follows on the same line
        _write(paragraphs, slot, text)


def _cell_paragraphs(table: etree._Element, cell: BlankCell) -> list[etree._Element]:
    for r, row in enumerate(docx.rows_of(table)):
        if r == cell.row:
            for at, _, element, _ in docx.row_cells(row):
                if at == cell.col:
                    return list(element.iterchildren(W + "p"))
    raise Unsupported("blank_differs", row=cell.row, col=cell.col)


def _write(paragraphs: list[etree._Element], slot: Slot, text: str) -> None:
    """Writes over the slot's span; a cell's text is its paragraphs joined by line feeds."""
    at = -_leading_empty(paragraphs)
    written = False
    for paragraph in paragraphs:
        runs = Runs()
        walk(paragraph, runs)
        end = at + len(runs.text)
        if at <= slot.start <= end and not written:
            _replace(paragraph, runs, slot.start - at, min(slot.end, end) - at, text)
            written = True
        elif slot.start < at and at < slot.end:
            _replace(paragraph, runs, 0, min(slot.end, end) - at, "")
        at = end + 1
    if not written:
        raise Unsupported("blank_differs", field=slot.field)


def _leading_empty(paragraphs: list[etree._Element]) -> int:
    """How many line feeds reading stripped from the cell's start."""
    count = 0
    for paragraph in paragraphs[:-1]:
        runs = Runs()
        walk(paragraph, runs)
        if runs.text:
            break
        count += 1
    else:
        return 0
    return count


def _replace(paragraph: etree._Element, runs: Runs, start: int, end: int, text: str) -> None:
    at = 0
    is_written = not text
    for words, source in zip(runs.words, runs.sources, strict=True):
        stop = at + len(words)
        touches = (at < end and stop > start) or (start == end and stop == start)
        if touches and source.tag == W + "t":
            kept = words if start == end else (source.text or "")
            head, tail = kept[: max(0, start - at)], kept[max(0, end - at) :]
            _set(source, head + ("" if is_written else text) + tail)
            is_written = True
        elif touches and start < end:
            _swap(source, "" if is_written else text)
            is_written = True
        at = stop
    if not is_written:
        _append(paragraph, text)


def _set(element: etree._Element, text: str) -> None:
    """Puts text into a w:t; further lines follow as breaks."""
    first, *rest = text.split("\n")
    element.text = first
    element.set(_SPACE, "preserve")
    for line in rest:
        breaker, more = etree.Element(W + "br"), etree.Element(W + "t")
        element.addnext(breaker)
        breaker.addnext(more)
        more.text = line
        more.set(_SPACE, "preserve")
        element = more


def _swap(element: etree._Element, text: str) -> None:
    """Replaces what is no text (a symbol, a tab) by text, or takes it out."""
    parent = element.getparent()
    if parent is None or element.tag in (W + "sdt", W + "fldChar"):
        raise Unsupported("blank_differs", tag=str(element.tag))
    if text:
        words = etree.Element(W + "t")
        element.addprevious(words)
        _set(words, text)
    parent.remove(element)


def _append(paragraph: etree._Element, text: str) -> None:
    """A new run at the paragraph's end, in the paragraph's own style or its row's."""
    run = etree.SubElement(paragraph, W + "r")
    style = paragraph.find(f"{W}pPr/{W}rPr")
    if style is None:
        row = next(paragraph.iterancestors(W + "tr"), None)
        style = None if row is None else next(row.iter(W + "rPr"), None)
    if style is not None:
        run.append(copy.deepcopy(style))
    _set(etree.SubElement(run, W + "t"), text)
