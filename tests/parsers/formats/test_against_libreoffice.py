"""An independent check: LibreOffice and poppler see the same characters as our readers."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from parsers import formats
from parsers.types import Grid

SPECIMENS = Path(__file__).parents[2] / "specimens"
WORDS = ["f1_u1.doc", "f2_u1.doc", "f1_u1.odt", "f2_u1.odt", "f2_u1.rtf"]

pytestmark = pytest.mark.real_server


def ours(path: Path) -> str:
    said = []
    for block in formats.read(path.read_bytes()).blocks:
        if isinstance(block, Grid):
            said.extend(cell.text for cell in block.corners())
        else:
            said.append(block.text)
    return bare("".join(said))


def bare(text: str) -> str:
    return "".join(text.replace("\ufeff", "").split())


@pytest.mark.proof
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_word_processing_formats_give_libreoffices_text(tmp_path):
    for name in WORDS:  # one run of LibreOffice for all: names must differ without suffix
        shutil.copy(SPECIMENS / "forms" / name, tmp_path / f"{name.replace('.', '-')}.{name[-3:]}")
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(tmp_path)]
    files = [str(p) for p in tmp_path.iterdir() if p.is_file()]
    subprocess.run(command + files, check=True, capture_output=True, timeout=120)

    for name in WORDS:
        theirs = (tmp_path / f"{name.replace('.', '-')}.txt").read_text("utf-8")
        assert ours(SPECIMENS / "forms" / name) == bare(theirs), name


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
@pytest.mark.parametrize("name", ["f1_u1.pdf", "f2_u1.pdf"])
def test_pdf_gives_popplers_characters(name):
    path = SPECIMENS / "forms" / name
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, timeout=60)

    theirs = bare(text.stdout.decode("utf-8"))
    # poppler takes a hyphen at a line's end for a divided word, also in a phone number
    assert Counter(ours(path).replace("-", "")) == Counter(theirs.replace("-", ""))
