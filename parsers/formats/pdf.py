"""Reads PDF files that carry text; a page that only shows a picture comes back as one.

Tables are found from their ruling lines and joined across pages. Never guesses at letters:
a scanner's hidden text layer is not read, its page is a scan.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from parsers import limits
from parsers.foreign import border
from parsers.formats.pdf_grid import Ruled, grid, joined, part
from parsers.formats.pdf_page import PageView, view
from parsers.formats.pdf_text import TextLine, lines, paragraphs
from parsers.formats.told import told
from parsers.types import Damaged, Document, Doubt, Encrypted, Grid, OverLimit, Paragraph, Picture

_PAGE_NUMBER = re.compile(
    r"[-—–－\s·]*第?\s*\d{1,3}\s*页?\s*(?:[/，,共]\s*共?\s*\d+\s*页?)?[-—–－\s·]*$"
)
_DOTS_PER_POINT = 150 / 72
_RENDERED_PAGES = 20


@dataclass(slots=True)
class _Text:
    """Lines outside tables that follow one another."""

    found: list[TextLine]
    view: PageView


def read(content: bytes) -> Document:
    """Read a .pdf; raises Damaged, Encrypted or OverLimit."""
    with border("broken_pdf"):
        with closing(_opened(content)) as pages:
            if len(pages) > limits.PDF_PAGES:
                raise OverLimit("too_many_pages", pages=len(pages), limit=limits.PDF_PAGES)
            views: list[PageView] = []
            pictures: list[Picture] = []
            for i in range(len(pages)):
                with closing(pages[i]) as page:
                    views.append(view(page))
                    if views[-1].is_picture and len(pictures) < _RENDERED_PAGES:
                        pictures.append(_picture(page, i + 1, views[-1].pictures))
        left = sum(v.is_picture for v in views) - len(pictures)
        unseen = (Doubt.of("pages_not_shown", "", pages=left),) if left else ()
        gone = [words for page in views for words in page.struck]
        doubts = (*unseen, *told("struck_out", gone))
        return Document("pdf", tuple(blocks(views)), tuple(pictures), doubts)


def _opened(content: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise Encrypted("password") from error
        raise Damaged("broken_pdf", why=str(error)) from error
    if len(document) < 1:
        document.close()
        raise Damaged("broken_pdf", why="no pages")
    return document


def blocks(views: Sequence[PageView]) -> Iterator[Paragraph | Grid]:
    """The texts and tables of pages, as read from a PDF or from pictures of pages."""
    for item in _joined_items(views):
        if isinstance(item, Ruled):
            yield grid(item)
        else:
            left = min(line.x0 for line in item.found)
            for text in paragraphs(item.found, left, item.view.width - left):
                yield Paragraph(text)


def _joined_items(views: Sequence[PageView]) -> list[_Text | Ruled]:
    """All pages' texts and tables, with a table that a page's end cut put together."""
    done: list[_Text | Ruled] = []
    for page in views:
        items = _items(page)
        open_table = _last_table(done)
        if open_table is not None and items:
            first = next((i for i, item in enumerate(items) if not _is_furniture(item)), None)
            upper, lower = done[open_table], items[first] if first is not None else None
            if isinstance(upper, Ruled) and isinstance(lower, Ruled):
                together = joined(upper, lower)
                if together is not None:
                    done[open_table] = together
                    items.remove(lower)
        done.extend(items)
    return done


def _last_table(done: Sequence[_Text | Ruled]) -> int | None:
    """Where the table stands that the last page ends with, page numbers apart."""
    for i in range(len(done) - 1, -1, -1):
        if isinstance(done[i], Ruled):
            return i
        if not _is_furniture(done[i]):
            return None
    return None


def _is_furniture(item: _Text | Ruled) -> bool:
    if isinstance(item, Ruled):
        return False
    return all(_PAGE_NUMBER.match(line.text) or not line.text.strip() for line in item.found)


def _items(page: PageView) -> list[_Text | Ruled]:
    """A page's tables and the texts between them, top to bottom."""
    found, free = part(page.level, page.upright, page.glyphs)
    texts = [line for line in lines(free) if line.text.strip()]
    items: list[_Text | Ruled] = []
    for ruled in found:
        before = [line for line in texts if line.y <= ruled.box[1] + line.size / 2]
        if before:
            items.append(_Text(before, page))
            texts = texts[len(before) :]
        items.append(ruled)
    if texts:
        items.append(_Text(texts, page))
    return items


def _picture(page: pdfium.PdfPage, number: int, pictures: int) -> Picture:
    """The page as a picture: its one photograph as it was put in, else a rendering."""
    if pictures == 1 and page.get_rotation() == 0:
        photograph = _photograph(page)
        if photograph is not None:
            return Picture(f"page-{number}.jpg", photograph)
    width, height = page.get_size()
    pixels = width * height * _DOTS_PER_POINT**2
    if pixels > limits.IMAGE_PIXELS:
        raise OverLimit("image_too_large", pixels=int(pixels), limit=limits.IMAGE_PIXELS)
    bitmap = page.render(scale=_DOTS_PER_POINT)
    try:
        png = io.BytesIO()
        bitmap.to_pil().save(png, "PNG", compress_level=1)
    finally:
        bitmap.close()
    return Picture(f"page-{number}.png", png.getvalue())


def _photograph(page: pdfium.PdfPage) -> bytes | None:
    """The JPEG of the page's only picture, if it is one and stands upright."""
    for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=1):
        m = thing.get_matrix()
        if thing.get_filters() == ["DCTDecode"] and m.a > 0 < m.d and not m.b and not m.c:
            return bytes(thing.get_data(decode_simple=False))
    return None
