"""Documents a second, each format beside others on the same file in the same run.

`python -m tests.bench.bench_documents [seconds]`. Measured in seconds of CPU, the best of
several rounds taken in turns: other work on the machine moves it little. Absolute figures belong
to the machine; the limits are ratios and generous absolutes. The floor of reading is unzip +
lxml parse, no reading at all.
"""

from __future__ import annotations

import io
import resource
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from lxml import etree

from parsers import formats, interpret
from parsers.blank import derive
from parsers.types import Form

ROOT = Path(__file__).parents[2]
SPECIMENS = ROOT / "tests" / "specimens" / "forms"
BLANKS = ROOT / "templates" / "campaigns" / "2021-safety-month" / "forms"
FILES = [f"f2_u1.{s}" for s in ("docx", "doc", "xlsx", "xls", "ods", "pdf", "rtf", "html", "odt")]
FORMS = 30
"""Different filled forms read and aligned for the median."""
ROUNDS = 5

DOCX_TO_FLOOR = 4.0
FORM_MILLISECONDS = 40.0
DOC_PER_SECOND = 150.0
MEMORY_MB = 150.0

Reader = Callable[[bytes], object]


def _unzip_and_parse(member: str) -> Reader:
    def parse(content: bytes) -> object:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return etree.fromstring(archive.read(member))

    return parse


def _python_docx(content: bytes) -> object:
    import docx

    document = docx.Document(io.BytesIO(content))
    return [[c.text for c in r.cells] for t in document.tables for r in t.rows]


def _openpyxl(content: bytes) -> object:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    return [list(sheet.values) for sheet in book]


def _pdfium_text(content: bytes) -> object:
    import pypdfium2

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


FLOOR = "floor: unzip + lxml"
BESIDE: dict[str, dict[str, Reader]] = {
    "docx": {FLOOR: _unzip_and_parse("word/document.xml"), "python-docx": _python_docx},
    "xlsx": {FLOOR: _unzip_and_parse("xl/worksheets/sheet1.xml"), "openpyxl": _openpyxl},
    "odt": {FLOOR: _unzip_and_parse("content.xml")},
    "ods": {FLOOR: _unzip_and_parse("content.xml")},
    "pdf": {"pdfium, text only": _pdfium_text, "pdfplumber": _pdfplumber},
    "html": {"floor: lxml": etree.HTML},
}
"""What each format is set beside."""


def per_second(readers: dict[str, Reader], content: bytes, seconds: float) -> dict[str, float]:
    """Documents a second of CPU for each reader: its best round, the rounds taken in turns."""
    best = dict.fromkeys(readers, 0.0)
    for read in readers.values():
        read(content)
    for _ in range(ROUNDS):
        for name, read in readers.items():
            best[name] = max(best[name], _rate(read, content, seconds / ROUNDS))
    return best


def _rate(read: Reader, content: bytes, seconds: float) -> float:
    count, started = 0, time.process_time()
    while (spent := time.process_time() - started) < seconds or not count:
        read(content)
        count += 1
    return count / spent


@cache
def _blanks() -> tuple[Form, ...]:
    return tuple(
        derive(formats.read((BLANKS / f"{key}.docx").read_bytes()), key)
        for key in ("liaison", "progress")
    )


def _align(content: bytes) -> object:
    return interpret.interpret(formats.read(content), _blanks(), None)


def form_milliseconds() -> float:
    """The median of reading and aligning different filled forms, the better of two goes."""
    from tests.generate.accuracy import filled_file

    found = []
    for seed in range(0, 2 * FORMS, 2):
        content = filled_file(seed)[0]
        found.append(1000 / max(_rate(_align, content, 0) for _ in range(2)))
    return statistics.median(found)


def memory_mb() -> float:
    """The peak of a process that reads and aligns every file a few times, and nothing else."""
    command = [sys.executable, "-m", "tests.bench.bench_documents", "--memory"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _read_all() -> None:
    for name in FILES:
        for _ in range(3):
            _align((SPECIMENS / name).read_bytes())
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def broken(rates: dict[str, dict[str, float]], form_ms: float, memory: float) -> Iterator[str]:
    """The limits that were not held, in words."""
    docx, doc = rates["f2_u1.docx"], rates["f2_u1.doc"]["baosong"]
    if docx[FLOOR] > DOCX_TO_FLOOR * docx["baosong"]:
        yield f"docx takes {docx[FLOOR] / docx['baosong']:.1f} times unzip + lxml"
    if form_ms > FORM_MILLISECONDS:
        yield f"a form takes {form_ms:.0f} ms in the median"
    if doc < DOC_PER_SECOND:
        yield f"{doc:.0f} .doc a second"
    if memory > MEMORY_MB:
        yield f"{memory:.0f} MB"


def main(seconds: float) -> int:
    rates = {}
    print(f"{'file':12}{'reader':26}{'documents/s':>12}  ours is … times as fast")
    for name in FILES:
        content = (SPECIMENS / name).read_bytes()
        readers = {"baosong": formats.read, **BESIDE.get(name.rpartition(".")[2], {})}
        rates[name] = per_second({**readers, "baosong, aligned": _align}, content, seconds)
        for reader, rate in rates[name].items():
            ratio = f"{rates[name]['baosong'] / rate:8.2f}" if reader in BESIDE_NAMES else ""
            print(f"{name:12}{reader:26}{rate:12.1f}  {ratio}", flush=True)
    form_ms, memory = form_milliseconds(), memory_mb()
    print(f"reading and alignment: {form_ms:.1f} ms a form, the median of {FORMS}")
    print(f"peak memory without OCR: {memory:.0f} MB")
    wrong = list(broken(rates, form_ms, memory))
    print("BROKEN: " + "; ".join(wrong) if wrong else "all limits held")
    return 1 if wrong else 0


BESIDE_NAMES = frozenset(name for readers in BESIDE.values() for name in readers)


if __name__ == "__main__":
    if sys.argv[1:] == ["--memory"]:
        _read_all()
    else:
        sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
