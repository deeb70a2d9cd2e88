"""A picture of a page made fit for reading: flat, level, its light even, its rules found."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from parsers import ocr
from tests.generate.scanned import DESK, HABITS, RED, scanned, seal

pytestmark = pytest.mark.skipif(
    not ocr.is_installed(), reason="the extra ocr is not installed: requirements-ocr.lock"
)
if ocr.is_installed():
    from parsers import ocr_page


def table(skew: float = 0.0, faint: int = 40) -> Image.Image:
    """Two columns and three rows, and a text line's worth of short strokes in each cell."""
    image = Image.new("RGB", (1000, 1414), "white")
    draw = ImageDraw.Draw(image)
    for y in (300, 400, 500, 600):
        draw.line((100, y, 900, y), fill=(faint,) * 3, width=2)
    for x in (100, 500, 900):
        draw.line((x, 300, x, 600), fill=(faint,) * 3, width=2)
    for y in (340, 440, 540):
        for x in range(120, 460, 24):
            draw.line((x, y, x, y + 20), fill=(30, 30, 30), width=3)
    return image.rotate(skew, Image.Resampling.BICUBIC, fillcolor="white")


def gray(image: Image.Image):
    return np.asarray(image.convert("L"))


def test_a_table_is_found_by_its_rules():
    found = ocr_page.rules(gray(table()), [], 20)

    assert [round(r.at) for r in sorted(found.level, key=lambda r: r.at)] == pytest.approx(
        [300, 400, 500, 600], abs=3
    )
    assert [round(r.at) for r in sorted(found.upright, key=lambda r: r.at)] == pytest.approx(
        [100, 500, 900], abs=3
    )


def test_a_faint_table_is_found_by_the_keener_look_only():
    faint = gray(table(faint=240))

    assert len(ocr_page.rules(faint, [], 10).level) == 4
    assert not ocr_page.rules(faint, [], 20).level


def test_a_line_of_print_is_no_rule():
    image = table()
    ImageDraw.Draw(image).line((120, 350, 480, 350), fill=(0, 0, 0), width=3)
    text = np.array([[110, 335], [490, 335], [490, 365], [110, 365]], dtype=np.float32)

    assert len(ocr_page.rules(gray(image), [text], 20).level) == 4
    assert len(ocr_page.rules(gray(image), [], 20).level) == 5


@pytest.mark.parametrize("skew", [-2.0, -0.7, 1.5])
def test_a_skewed_page_is_levelled(skew: float):
    level = ocr_page.level_out(gray(table(skew)))

    assert len(ocr_page.rules(level, [], 20).level) == 4
    assert all(r.high - r.low > 780 for r in ocr_page.rules(level, [], 20).level)


def test_rules_are_taken_off_and_letters_stay():
    page = ocr_page.without_rules(gray(table()))

    assert page.bare[300:302, 200:400].min() == 255
    assert page.bare[345:355, 120:124].min() < 60


def test_a_sheet_on_a_desk_is_pulled_square():
    photo = scanned(table(), HABITS["photo"])
    flat = ocr_page.flatten(ocr_page.decode(photo))

    height, width = flat.shape[:2]
    assert height / width == pytest.approx(2**0.5, rel=0.01)
    corners = [flat[20, 20], flat[20, -20], flat[-20, 20], flat[-20, -20]]
    assert all(int(c.sum()) > sum(DESK) + 60 for c in corners)


def test_a_scan_without_a_desk_is_left_as_it_is():
    rgb = np.asarray(table())

    assert ocr_page.flatten(rgb) is rgb


def test_print_under_a_seal_stays_and_the_seal_goes():
    image = table()
    sealed = np.asarray(seal(image, 300, 450, 120))
    plain, cleaned = ocr_page.cleaned(np.asarray(image)), ocr_page.cleaned(sealed)

    assert (cleaned < 100).sum() == pytest.approx((plain < 100).sum(), rel=0.05)


def test_answers_in_red_ink_stay():
    image = seal(table(), 300, 1000, 120)
    ImageDraw.Draw(image).line((600, 340, 600, 370), fill=RED, width=4)
    cleaned = ocr_page.cleaned(np.asarray(image))

    assert cleaned[345:365, 599:602].max() < 150
    assert cleaned[880:1120, 180:420].min() > 150


def test_a_photo_is_held_as_its_camera_was():
    image = table()
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    image.rotate(90, expand=True).save(buffer, "JPEG", exif=exif)

    assert ocr_page.decode(buffer.getvalue()).shape[:2] == (1414, 1000)
