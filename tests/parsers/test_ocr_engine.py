"""The recogniser at its border: a line's picture in, letters with places out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from parsers import ocr
from parsers.types import Damaged

pytestmark = pytest.mark.skipif(
    not ocr.is_installed(), reason="the extra ocr is not installed: requirements-ocr.lock"
)
if ocr.is_installed():
    import cv2

    from parsers import ocr_engine


def drawn(text: str):
    image = Image.new("L", (420, 48), 255)
    ImageDraw.Draw(image).text((12, 6), text, fill=0, font=ImageFont.load_default(30))
    return np.asarray(image)


def test_a_line_says_its_letters_in_order_and_where_they_stand():
    letters = ocr_engine.recognise(drawn("0513-80001101"))

    assert "".join(letter.char for letter in letters) == "0513-80001101"
    assert all(a.start < b.start for a, b in pairwise(letters))
    assert letters[-1].end < 0.6


def test_an_empty_line_says_nothing():
    assert ocr_engine.recognise(np.full((48, 300), 255, np.uint8)) == []


def test_lines_are_found_where_print_stands():
    page = np.full((600, 800), 255, np.uint8)
    page[200:248, 100:520] = drawn("Baosong 2021")

    (quad,) = ocr_engine.find_lines(page)
    assert quad[:, 0].min() == pytest.approx(112, abs=15)
    assert quad[:, 1].mean() == pytest.approx(224, abs=10)


def test_a_cut_is_straight_and_as_wide_as_asked():
    page = np.full((600, 800), 255, np.uint8)
    quad = np.array([[100, 100], [300, 120], [298, 150], [98, 130]], dtype=np.float32)

    assert ocr_engine.cut(page, quad).shape == (30, 201)
    assert ocr_engine.cut(page, quad, 2, 1.5).shape == (34, 307)


def test_what_opencv_raises_is_wrapped():
    with pytest.raises(Damaged), ocr_engine.border():
        cv2.resize(np.zeros((0, 0), np.uint8), (10, 10))
