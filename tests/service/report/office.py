"""LibreOffice for the tests: recalculates workbooks and prints papers, in its own profile."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")


def convert(files: dict[str, bytes], to: str) -> dict[str, bytes]:
    """All files in one run; the answers by the same names with the new suffix."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        subprocess.run(
            [
                str(SOFFICE),
                "--headless",
                f"-env:UserInstallation=file://{folder}/profile",
                "--convert-to",
                to,
                "--outdir",
                f"{folder}/out",
                *(f"{folder}/{name}" for name in files),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return {path.name: path.read_bytes() for path in Path(folder, "out").iterdir()}


def recalculated(workbook: bytes) -> openpyxl.Workbook:
    """The workbook as LibreOffice calculates it, our own stored results thrown away first."""
    bare = BytesIO()
    openpyxl.load_workbook(BytesIO(workbook)).save(bare)
    out = convert({"bare.xlsx": bare.getvalue()}, "xlsx")["bare.xlsx"]
    return openpyxl.load_workbook(BytesIO(out), data_only=True)


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
