"""Scans and photos, read by the extra `ocr`: right where it answers, unsure where it is not."""

from __future__ import annotations

import io
import json
import re
import zipfile
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from parsers import limits, ocr, read, scans, wire
from parsers.types import PartRead, Value
from tests.generate.scanned import HABITS, scanned
from tests.parsers.papers import BLANKS, blanks

pytestmark = pytest.mark.skipif(
    not ocr.is_installed(), reason="the extra ocr is not installed: requirements-ocr.lock"
)
SCANS = Path(__file__).parents[1] / "specimens" / "scans"
TRUTH: dict[str, dict[str, str]] = json.loads((SCANS / "truth.json").read_text("utf-8"))


def page(name: str) -> Image.Image:
    return Image.open(SCANS / name)


def sent(content: bytes, name: str | None = None) -> PartRead:
    return read.read(content, name, read.desk_for(blanks()))


@cache
def photo() -> PartRead:
    return sent((SCANS / "photo_f1_u1.jpg").read_bytes(), "IMG_1.jpg")


def judged(part: PartRead, truth: dict[str, str]) -> tuple[set[str], set[str]]:
    """The fields read right, and those silently wrong; the rest is unsure."""
    assert part.reading is not None
    said = {v.field: _fits(v, truth[v.field]) for v in part.reading.values if v.state != "unsure"}
    return {k for k, ok in said.items() if ok}, {k for k, ok in said.items() if not ok}


def _fits(value: Value, truth: str) -> bool:
    states = {"": "blank", "无": "nil", "0": "nil", "／": "na"}
    if value.state != states.get(truth, "filled"):
        return False
    return value.state != "filled" or _plain(str(value.value)) == _plain(truth)


def _plain(text: str) -> str:
    """Without white space and stops: a scan's full stop may be a speck."""
    return re.sub(r"[\s。，；：,;:]", "", text)


def in_word(picture: bytes) -> bytes:
    """A Word file that holds nothing but a picture."""
    body = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(BLANKS / "liaison.docx") as blank,
        zipfile.ZipFile(packed, "w") as archive,
    ):
        for entry in blank.infolist():
            content = blank.read(entry)
            if entry.filename == "word/document.xml":
                content = body + b"<w:body><w:p/></w:body></w:document>"
            archive.writestr(entry, content)
        archive.writestr("word/media/image1.jpeg", picture)
    return packed.getvalue()


def test_the_photo_is_read():
    right, wrong = judged(photo(), TRUTH["photo_f1_u1"])

    assert len(right) >= 7
    assert not wrong
    assert photo().outcome == "form"


def test_what_a_photo_says_bears_its_evidence_and_its_seal():
    said = wire.part(photo())

    assert said["stamp"] is True
    assert {f["evidence"] for f in said["fields"].values()} == {"ocr"}


def test_a_scan_pasted_into_word_is_read():
    scan = scanned(page("liaison-a-1.png"), HABITS["office"])
    part = sent(in_word(scan), "联络员.docx")

    right, wrong = judged(part, TRUTH["liaison-a"])
    assert (part.outcome, part.kind, part.stamp) == ("form", "docx", True)
    assert len(right) >= 7
    assert not wrong


def test_a_picture_of_no_page_is_material():
    sky = Image.linear_gradient("L").resize((1200, 800)).convert("RGB")
    buffer = io.BytesIO()
    sky.save(buffer, "JPEG")

    assert sent(buffer.getvalue(), "现场.jpg").outcome == "material"


@pytest.mark.proof
def test_a_page_of_no_known_form_waits_for_a_person():
    scan = scanned(page("liaison-b-1.png"), HABITS["office"])

    assert scans.read([scan], (), "通知.jpg").parts[0].outcome == "scan_unread"


def test_a_picture_that_cannot_be_decoded_waits_for_a_person():
    broken = scanned(page("liaison-b-1.png"), HABITS["low"])[:2000]
    part = sent(broken, "IMG_2.jpg")

    assert part.outcome == "scan_unread"
    assert [d.code for d in part.doubts] == ["picture_not_read"]


def test_pages_above_the_limit_are_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "OCR_PAGES", 1)
    empty = io.BytesIO()
    Image.new("L", (400, 500), "white").save(empty, "PNG")

    (part,) = scans.read([empty.getvalue()] * 3, (), None).parts
    assert [(d.code, dict(d.facts)) for d in part.doubts] == [("pages_not_read", {"pages": 2})]


@pytest.mark.proof
def test_the_scan_of_two_pages_is_read():
    part = sent((SCANS / "scan_f2_u1_150dpi.pdf").read_bytes(), "附件2.pdf")
    answers = {k for k in TRUTH["scan_f2_u1_150dpi"] if int(k.partition(".")[0]) < 6}

    right, wrong = judged(part, TRUTH["scan_f2_u1_150dpi"])
    assert len(right & answers) >= 44
    assert not wrong
    assert part.stamp is True


@pytest.mark.proof
@pytest.mark.parametrize(
    ("name", "habit", "least"),
    [
        ("progress-a", "office", 42),
        ("progress-b", "fax", 42),
        ("progress-c", "low", 38),
        ("progress-d", "photo", 38),
        ("progress-b", "awful", 0),
        ("liaison-a", "photo", 6),
        ("liaison-b", "blurred", 5),
        ("liaison-c", "sideways", 6),
    ],
)
def test_nothing_is_silently_wrong(name: str, habit: str, least: int):
    pages = sorted(SCANS.glob(f"{name}-*.png"))
    pictures = [scanned(Image.open(p), HABITS[habit], i) for i, p in enumerate(pages)]
    part = scans.read(pictures, blanks(), name).parts[0]

    if part.reading is not None:
        right, wrong = judged(part, TRUTH[name])
        print(name, habit, len(right), "right of", len(part.reading.values))
        assert not wrong
        assert len(right) >= least
