"""Documents a second, each format beside others on the same file in the same run.

`python -m tests.bench.bench_documents [seconds]`. Absolute figures belong to the machine;
the ratios side by side are what counts. The limit is unzip + lxml parse, no reading at all.
"""

from __future__ import annotations

import importlib.util
import io
import resource
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pypdfium2
from lxml import etree
from rich.console import Console
from rich.table import Table

from parsers import formats, interpret
from parsers.blank import derive

ROOT = Path(__file__).parents[2]
SPECIMENS = ROOT / "tests" / "specimens" / "forms"
BLANKS = ROOT / "templates" / "campaigns" / "2021-safety-month" / "forms"
FILES = [f"f2_u1.{s}" for s in ("docx", "doc", "xlsx", "xls", "ods", "pdf", "rtf", "html", "odt")]

Reader = Callable[[bytes], object]


def _unzip_and_parse(member: str) -> Reader:
    def parse(content: bytes) -> object:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return etree.fromstring(archive.read(member))

    return parse


def _python_docx(content: bytes) -> object:
    document = docx.Document(io.BytesIO(content))
    return [[c.text for c in r.cells] for t in document.tables for r in t.rows]


def _openpyxl(content: bytes) -> object:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [list(sheet.values) for sheet in book]


def _pdfium_text(content: bytes) -> object:
    document = pypdfium2.PdfDocument(content)
    texts = []
    for page in document:
        text = page.get_textpage()
        texts.append(text.get_text_range())
        text.close()
        page.close()
    document.close()
    return texts


def _pdfplumber(content: bytes) -> object:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return [page.extract_tables() for page in pdf.pages]


def others() -> dict[str, list[tuple[str, Reader]]]:
    """What each format is set beside: (name, reader)."""
    beside: dict[str, list[tuple[str, Reader]]] = {
        "docx": [
            ("limit: unzip + lxml", _unzip_and_parse("word/document.xml")),
            ("python-docx", _python_docx),
        ],
        "xlsx": [
            ("limit: unzip + lxml", _unzip_and_parse("xl/worksheets/sheet1.xml")),
            ("openpyxl", _openpyxl),
        ],
        "odt": [("limit: unzip + lxml", _unzip_and_parse("content.xml"))],
        "ods": [("limit: unzip + lxml", _unzip_and_parse("content.xml"))],
        "pdf": [("pdfium, text only", _pdfium_text)],
        "html": [("limit: lxml", etree.HTML)],
    }
    if importlib.util.find_spec("pdfplumber"):
        beside["pdf"].append(("pdfplumber", _pdfplumber))
    return beside


def per_second(read: Reader, content: bytes, seconds: float) -> float:
    """Runs within about `seconds`, the first one apart."""
    read(content)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        read(content)
        count += 1
    return count / (time.perf_counter() - started)


def _with_alignment() -> Reader:
    blanks = tuple(
        derive(formats.read((BLANKS / f"{key}.docx").read_bytes()), key)
        for key in ("liaison", "progress")
    )
    return lambda content: interpret.interpret(formats.read(content), blanks, None)


def main(seconds: float) -> None:
    table = Table("file", "reader", "documents/s", "ours is … times as fast", title="Documents")
    align = _with_alignment()
    for name in FILES:
        content = (SPECIMENS / name).read_bytes()
        ours = per_second(formats.read, content, seconds)
        table.add_row(name, "baosong", f"{ours:.0f}", "")
        for other, read in others().get(name.rpartition(".")[2], []):
            theirs = per_second(read, content, seconds)
            table.add_row("", other, f"{theirs:.0f}", f"{ours / theirs:.2f}")
        both = per_second(align, content, seconds)
        table.add_row(
            "", "baosong, read and aligned", f"{both:.0f}", f"{1000 / both:.0f} ms a form"
        )
    console = Console()
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"Peak memory of this run: {peak:.0f} MB")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
