"""Reads HTML: files that Word or WPS saved as a web page, and the HTML body of a mail.

Shows what a browser would show: scripts, styles, hidden and struck-out elements are out;
nothing is fetched. Tables of a single cell, which mail programs use for layout, are read as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from parsers import limits
from parsers.charsets import decode
from parsers.foreign import border
from parsers.formats import symbols, tables
from parsers.formats.told import told
from parsers.types import Cell, Document, Empty, Grid, OverLimit, Paragraph

_LEFT_OUT = {
    "script",
    "style",
    "head",
    "title",
    "meta",
    "link",
    "template",
    "noscript",
    "object",
    "iframe",
    "svg",
}
_BLOCKS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "ul",
}
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_STRUCK = re.compile(r"text-decoration[\w-]*\s*:[^;]*line-through", re.IGNORECASE)
_FONT = re.compile(r"font-family\s*:\s*[\"']?([^;\"',]+)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_DEEPEST = 200


def read(content: bytes) -> Document:
    """Read an .html file; raises Damaged, Empty or OverLimit."""
    said = _CHARSET.search(content[:4096])
    return read_html(decode(content, said[1].decode("ascii") if said else None).text)


def read_html(text: str) -> Document:
    """Read HTML that is already text, such as a mail's body."""
    if len(text) > limits.DOCUMENT_CHARACTERS:
        raise OverLimit("too_many_characters", limit=limits.DOCUMENT_CHARACTERS)
    with border("broken_html"):
        root = _parsed(text)
        if root is None:
            raise Empty("empty")
        page = _Page()
        page.walk(root, 0)
        page.end()
        return Document("html", tuple(page.done), doubts=told("struck_out", _struck_words(root)))


def _parsed(text: str) -> etree._Element | None:
    clean = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\0", "")
    if not clean.strip():
        return None
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=False, no_network=True)
    root: etree._Element | None = lxml_html.document_fromstring(
        clean.encode("utf-8", "replace"), parser=parser
    )
    return root


class _Page:
    """The blocks of a page, or of a cell, while its elements are walked."""

    def __init__(self) -> None:
        self.done: list[Paragraph | Grid] = []
        self.open: list[str] = []

    def say(self, text: str | None, keep: bool = False) -> None:
        if text:
            self.open.append(text if keep else _SPACE.sub(" ", text))

    def end(self) -> None:
        text = re.sub(r" *\n *", "\n", "".join(self.open)).strip(" \n")
        self.open = []
        if text:
            self.done.append(Paragraph(text))

    def walk(self, element: etree._Element, depth: int, keep: bool = False) -> None:
        """Says an element's words in reading order; `keep` holds white space (pre)."""
        if depth > _DEEPEST:
            raise OverLimit("nested_too_deep", limit=_DEEPEST)
        tag = element.tag
        if not isinstance(tag, str) or tag in _LEFT_OUT or _is_hidden(element):
            return
        if tag == "table":
            self.end()
            self.done.extend(_table(element, depth))
        elif tag == "br":
            self.say("\n", keep=True)
        elif tag in ("input", "select", "textarea"):
            self.say(_entered(element))
        else:
            self.element(element, depth, keep)

    def element(self, element: etree._Element, depth: int, keep: bool) -> None:
        if _is_struck(element):
            return
        is_block = element.tag in _BLOCKS
        keep = keep or element.tag == "pre"
        if is_block:
            self.end()
        before = len(self.open)
        self.say(element.text, keep)
        for child in element:
            self.walk(child, depth + 1, keep)
            self.say(child.tail, keep)
        if is_block:
            self.end()
        elif len(self.open) > before:
            self.open[before:] = [_styled("".join(self.open[before:]), element)]


def _is_hidden(element: etree._Element) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style", "")))


def _is_struck(element: etree._Element) -> bool:
    return element.tag in ("del", "s", "strike") or bool(_STRUCK.search(element.get("style", "")))


def _struck_words(root: etree._Element) -> Iterator[str]:
    for element in root.iter():
        if isinstance(element.tag, str) and _is_struck(element) and not _is_hidden(element):
            yield "".join(map(str, element.itertext()))


def _styled(text: str, element: etree._Element) -> str:
    """Words as their element shows them: symbol letters, ruled blanks."""
    found = _FONT.search(element.get("style", ""))
    font = element.get("face") or (found[1].strip() if found else "")
    if font and symbols.is_symbol_font(font):
        return "".join(symbols.seen(font, ord(c)) or c for c in text)
    if element.tag == "u" and len(text) > 1 and not text.strip(" \xa0\u3000\t"):
        return "_" * len(text)
    return text


def _entered(element: etree._Element) -> str:
    """What stands in a control of a saved web form."""
    if element.tag == "textarea":
        return element.text or ""
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [o for o in options if o.get("selected") is not None] or options
        return "".join(map(str, chosen[0].itertext())).strip() if chosen else ""
    kind = element.get("type", "text").lower()
    if kind in ("checkbox", "radio"):
        return "☑" if element.get("checked") is not None else "□"
    return element.get("value", "") if kind in ("text", "number", "tel", "email", "date") else ""


def _table(table: etree._Element, depth: int) -> Iterator[Paragraph | Grid]:
    """A table as a Grid; a layout table, of one cell or holding tables only, as its blocks."""
    for caption in table.findall("caption"):
        yield from _cell_blocks(caption, depth)
    cells = list(_placed(table))
    if len(cells) == 1 or any(cell.find(".//table") is not None for cell, *_ in cells):
        blocks = [_cell_blocks(cell, depth) for cell, *_ in cells]
        if len(cells) == 1 or _is_layout(blocks):
            for found in blocks:
                yield from found
            return
        yield tables.lay(
            Cell(_words(found), *where) for found, (_, *where) in zip(blocks, cells, strict=True)
        )
    elif cells:
        yield tables.lay(Cell(_words(_cell_blocks(cell, depth)), *where) for cell, *where in cells)


def _is_layout(blocks: list[list[Paragraph | Grid]]) -> bool:
    """Tables inside, and hardly any words beside them: a mail program's frame."""
    outside = sum(len(b.text) for found in blocks for b in found if isinstance(b, Paragraph))
    inside = sum(
        len(cell.text)
        for found in blocks
        for b in found
        if isinstance(b, Grid)
        for cell in b.corners()
    )
    return inside > outside


def _placed(
    table: etree._Element,
) -> Iterator[tuple[etree._Element, int, int, int, int]]:
    """Cells with row, column, rowspan and colspan (HTML 4.9.12, forming a table)."""
    taken: set[tuple[int, int]] = set()
    rows = list(_rows(table))
    for r, row in enumerate(rows):
        c = 0
        for cell in row:
            if cell.tag not in ("td", "th") or _is_hidden(cell):
                continue
            while (r, c) in taken:
                c += 1
            down = _span(cell, "rowspan", len(rows) - r) or len(rows) - r
            across = _span(cell, "colspan", limits.SHEET_COLUMNS) or 1
            down = min(down, len(rows) - r)
            tables.bound(1, len(taken) + down * across)
            taken.update((i, k) for i in range(r, r + down) for k in range(c, c + across))
            yield cell, r, c, down, across
            c += across


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == "tr" and not _is_hidden(child):
            yield child
        elif child.tag in ("thead", "tbody", "tfoot", "form"):
            yield from _rows(child)


def _span(cell: etree._Element, name: str, most: int) -> int:
    said = re.match(r"\s*(\d{1,6})", cell.get(name, "1"))
    return min(int(said[1]), most) if said else 1


def _cell_blocks(cell: etree._Element, depth: int) -> list[Paragraph | Grid]:
    page = _Page()
    page.element(cell, depth + 1, False)
    page.end()
    return page.done


def _words(blocks: list[Paragraph | Grid]) -> str:
    said: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            said.append(block.text)
        else:
            for r in range(len(block.rows)):
                said.append("\t".join(c.text for c in block.corners() if c.row == r))
    return "\n".join(said)
