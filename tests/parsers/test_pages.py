"""Pages of one form sent as pictures of their own: joined where that is plain, else left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from functools import cache

import pypdfium2 as pdfium
import pytest
from PIL import Image

from parsers import ocr, pages, read, scans
from parsers.formats.pdf_page import view
from parsers.looks import Looks, scan
from parsers.types import PartRead
from tests.generate.scanned import HABITS, scanned
from tests.parsers.papers import SPECIMENS, blanks
from tests.parsers.test_ocr import SCANS, TRUTH, judged


@cache
def looks(name: str, digits: str = "0123456789") -> tuple[Looks, ...]:
    """The pages of a specimen as OCR that never errs would see them, each digit as given."""
    other = str.maketrans("0123456789", digits)
    document = pdfium.PdfDocument((SPECIMENS / name).read_bytes())
    views = [view(page) for page in document]
    views = [
        replace(v, glyphs=[replace(g, char=g.char.translate(other)) for g in v.glyphs])
        for v in views
    ]
    return tuple(Looks(v, v, True) for v in views)


F1, F2 = "f1_u1.pdf", "f2_u1.pdf"


def sent(*pictures: Looks) -> tuple[PartRead, ...]:
    """Pictures of pages as parts of one mail, named a, b, c …"""
    names = "abcdef"[: len(pictures)]
    seen = {name: (look,) for name, look in zip(names, pictures, strict=True)}
    parts = [
        replace(scans.interpreted(scan(seen[name]), blanks(), name)[0], name=name, sha256=name)
        for name in names
    ]
    return pages.joined(parts, seen, blanks())


def outcomes(parts: Sequence[PartRead]) -> str:
    return " ".join(p.outcome for p in parts)


def codes(part: PartRead) -> list[str]:
    return [d.code for d in part.doubts]


@pytest.mark.parametrize("order", ["12", "21"])
def test_two_pages_become_one_reading_in_whatever_order(order: str) -> None:
    found = sent(*(looks(F2)[int(i) - 1] for i in order))
    head, tail = (found[order.index(i)] for i in "12")

    whole = scans.interpreted(scan(looks(F2)), blanks(), None)[0]
    assert head.reading is not None and whole.reading is not None
    assert head.reading.values == whole.reading.values
    assert (head.outcome, head.sha256) == ("form", head.name)
    assert "pages_joined" in codes(head)
    assert (tail.outcome, codes(tail)) == ("ignored", ["page_of_another"])
    assert dict(tail.doubts[0].facts) == {"name": head.name}


def test_a_form_of_one_page_between_them_stays_itself() -> None:
    found = sent(looks(F2)[1], looks(F1)[0], looks(F2)[0])

    assert outcomes(found) == "ignored form form"
    assert [p.form.key for p in found[1:] if p.form] == ["liaison", "progress"]


def test_second_pages_of_two_returns_are_left_to_a_person() -> None:
    other = looks(F2, "0987654321")[1]
    found = sent(*looks(F2), other)

    assert outcomes(found) == "form scan_unread scan_unread"


def test_pages_of_two_returns_are_left_to_a_person() -> None:
    other = looks(F2, "0987654321")
    found = sent(*looks(F2), other[0])

    assert outcomes(found) == "form scan_unread form"
    assert outcomes(sent(*looks(F2), *other)) == "form scan_unread form scan_unread"


def test_a_page_of_another_paper_is_not_joined() -> None:
    assert outcomes(sent(looks(F1)[0], looks(F2)[1])) == "form scan_unread"


def test_pages_above_the_limit_are_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages.limits, "OCR_PAGES", 1)

    assert outcomes(sent(*looks(F2))) == "form scan_unread"


@pytest.mark.proof
@pytest.mark.skipif(not ocr.is_installed(), reason="the extra ocr is not installed")
def test_two_photos_of_one_mail_are_one_return() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@units.example", "附件2"
    mail.set_content("见附件")
    for number in (2, 1):
        page = Image.open(SCANS / f"progress-d-{number}.png")
        photo = scanned(page, HABITS["photo"], number)
        mail.add_attachment(photo, maintype="image", subtype="jpeg", filename=f"IMG_{number}.jpg")
    _, parts = read.read_message(mail.as_bytes(), read.desk_for(blanks()))

    (form,) = (p for p in parts if p.outcome == "form")
    right, wrong = judged(form, TRUTH["progress-d"])
    assert sorted(p.outcome for p in parts) == ["form", "ignored"]
    assert len(right) >= 44
    assert not wrong
