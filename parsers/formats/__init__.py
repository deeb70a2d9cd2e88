"""The table of formats: a file format is one module with `read` and one line here."""

from __future__ import annotations

from collections.abc import Callable

from parsers import sniff
from parsers.formats.books import read as read_xls
from parsers.formats.doc import read as read_doc
from parsers.formats.docx import read as read_docx
from parsers.formats.html import read as read_html
from parsers.formats.odt import read as read_odt
from parsers.formats.odt import read_sheets as read_ods
from parsers.formats.pdf import read as read_pdf
from parsers.formats.plain import read as read_text
from parsers.formats.rtf import read as read_rtf
from parsers.formats.xlsx import read as read_xlsx
from parsers.types import Document, Unsupported

__all__ = ["READERS", "read"]

READERS: dict[str, Callable[[bytes], Document]] = {
    "doc": read_doc,
    "docx": read_docx,
    "html": read_html,
    "ods": read_ods,
    "odt": read_odt,
    "pdf": read_pdf,
    "rtf": read_rtf,
    "text": read_text,
    "xls": read_xls,
    "xlsx": read_xlsx,
}


def read(content: bytes) -> Document:
    """Read a file as a Document by what its bytes are; raises ParserError."""
    kind = sniff.kind(content)
    reader = READERS.get(kind)
    if reader is None:
        raise Unsupported("no_reader", kind=kind)
    return reader(content)
