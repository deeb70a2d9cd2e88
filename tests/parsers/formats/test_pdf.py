"""PDF: what stands on the pages, and what is refused."""

from __future__ import annotations

import ctypes
import io
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from PIL import Image

from parsers.formats import pdf
from parsers.formats.pdf_page import Glyph
from parsers.formats.pdf_text import lines, paragraphs
from parsers.types import Damaged, Encrypted, OverLimit

SPECIMENS = Path(__file__).parents[2] / "specimens"
FORM = (SPECIMENS / "forms" / "f2_u1.pdf").read_bytes()


def saved(document: pdfium.PdfDocument) -> bytes:
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def scan(pages: int) -> bytes:
    """A PDF as a scanner makes it: one JPEG a page, no text."""
    picture = Image.new("RGB", (400, 560), "white")
    out = io.BytesIO()
    picture.save(out, "PDF", save_all=True, append_images=[picture] * (pages - 1))
    return out.getvalue()


def glyphs(*rows: str, width: float = 10.0) -> list[Glyph]:
    return [
        Glyph(char, x * width, (x + 1) * width, 20.0 + 14 * y, 10.0)
        for y, row in enumerate(rows)
        for x, char in enumerate(row)
    ]


def test_the_table_of_two_pages_is_one_and_its_cut_row_is_whole():
    (grid,) = pdf.read(FORM).grids

    assert (len(grid.rows), len(grid.rows[0])) == (12, 3)
    assert "邀请主流媒体和网络直播平台延伸开展" in grid.rows[4][1].text
    assert grid.rows[4][2].text.endswith("倡议”（391）人次。")


def test_two_forms_in_one_file_stay_two_tables():
    both = pdfium.PdfDocument.new()
    for name in ("f1_u1.pdf", "f2_u1.pdf"):
        source = pdfium.PdfDocument((SPECIMENS / "forms" / name).read_bytes())
        both.import_pages(source)
        source.close()

    document = pdf.read(saved(both))

    assert [len(g.rows) for g in document.grids] == [4, 12]


@pytest.mark.parametrize("shown", [0, 90, 180, 270])
@pytest.mark.parametrize("drawn", [0, 90, 180, 270])
def test_a_page_is_read_upright_however_it_is_turned(drawn, shown):
    document = pdfium.PdfDocument((SPECIMENS / "forms" / "f1_u1.pdf").read_bytes())
    page = document[0]
    for thing in page.get_objects(max_depth=1):
        thing.transform(pdfium.PdfMatrix().rotate(drawn).translate(400, 400))
    page.gen_content()
    page.set_mediabox(-600, -600, 1400, 1400)
    page.set_cropbox(-600, -600, 1400, 1400)
    page.set_rotation(shown)
    page.close()

    (grid,) = pdf.read(saved(document)).grids

    assert [c.text for c in grid.rows[0]] == ["姓名", "王小明", "性别", "男", "职务", "安全员"]


def test_a_scan_has_pictures_and_no_text():
    document = pdf.read(scan(2))

    assert document.blocks == ()
    assert [p.name for p in document.images] == ["page-1.jpg", "page-2.jpg"]
    assert document.images[0].content.startswith(b"\xff\xd8\xff")


def test_a_scanners_invisible_text_is_not_read():
    document = pdfium.PdfDocument(scan(1))
    text = raw.FPDFPageObj_NewTextObj(document, b"Helvetica", 12.0)
    raw.FPDFText_SetText(text, _wide("4156)"))
    raw.FPDFTextObj_SetTextRenderMode(text, 3)
    page = document[0]
    raw.FPDFPage_InsertObject(page, text)
    page.gen_content()
    page.close()

    read = pdf.read(saved(document))

    assert read.blocks == ()
    assert len(read.images) == 1


def test_text_typed_onto_a_page_is_read():
    document = pdfium.PdfDocument.new()
    page = document.new_page(300, 300)
    note = raw.FPDFPage_CreateAnnot(page, raw.FPDF_ANNOT_FREETEXT)
    raw.FPDFAnnot_SetRect(note, raw.FS_RECTF(50, 120, 200, 100))
    raw.FPDFAnnot_SetStringValue(note, b"Contents", _wide("填报单位：示例镇"))
    raw.FPDFPage_CloseAnnot(note)
    page.close()

    assert [p.text for p in pdf.read(saved(document)).paragraphs] == ["填报单位：示例镇"]


def test_lines_that_fill_the_column_are_one_paragraph():
    assert paragraphs(lines(glyphs("开展安全宣传咨询活动", "（3）场")), 0, 100) == [
        "开展安全宣传咨询活动（3）场"
    ]


def test_a_line_that_ends_early_ends_its_paragraph():
    assert paragraphs(lines(glyphs("第一段", "第二段")), 0, 100) == ["第一段", "第二段"]


def test_items_stay_apart_even_behind_a_full_line():
    found = lines(glyphs("1.召开学习会三次完；", "2.观看专题片"))

    assert paragraphs(found, 0, 100) == ["1.召开学习会三次完；", "2.观看专题片"]


def test_a_password_is_named():
    with pytest.raises(Encrypted):
        pdf.read((SPECIMENS / "bad" / "password.pdf").read_bytes())


def test_too_many_pages_are_refused():
    document = pdfium.PdfDocument.new()
    for _ in range(201):
        document.new_page(10, 10).close()

    with pytest.raises(OverLimit) as refusal:
        pdf.read(saved(document))

    assert refusal.value.facts["pages"] == 201


def test_a_file_cut_short_is_damaged_or_read_from_what_is_left():
    with pytest.raises(Damaged):
        pdf.read(FORM[:2000])


def _wide(text: str):
    units = text.encode("utf-16-le") + b"\0\0"
    return ctypes.cast(ctypes.create_string_buffer(units), ctypes.POINTER(ctypes.c_ushort))
