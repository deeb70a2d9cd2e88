"""What the ink says beside the letters: ticks in boxes, figures nobody read, strokes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from parsers import ocr

pytestmark = pytest.mark.skipif(
    not ocr.is_installed(), reason="the extra ocr is not installed: requirements-ocr.lock"
)
if ocr.is_installed():
    from parsers import ocr_ink
    from parsers.ocr_engine import Letter

HEIGHT, WIDTH = 32, 400


def line(*strokes: tuple[float, ...]):
    """A line's picture with these strokes (x0, y0, x1, y1)."""
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    for stroke in strokes:
        ImageDraw.Draw(image).line(stroke, fill=20, width=2)
    return np.asarray(image)


def box(x: int, *inside: tuple[float, ...]):
    image = Image.fromarray(line(*inside))
    ImageDraw.Draw(image).rectangle((x - 10, 6, x + 10, 26), outline=20, width=2)
    return np.asarray(image)


def letters(**places: float):
    """Letters by their middles in pixels; names stand for brackets and figures."""
    names = {"opened": "（", "closed": "）", "one": "1", "tick": "√", "dash": "—", "word": "次"}
    return [
        Letter(names[name], (x - 8) / WIDTH, (x + 8) / WIDTH, 1.0) for name, x in places.items()
    ]


def bars(*xs: float) -> list[tuple[float, ...]]:
    return [(x, 5, x, 27) for x in xs]


def test_an_empty_box_a_ticked_one_and_none():
    assert ocr_ink.box_sense(box(100), 102) == "□"
    assert ocr_ink.box_sense(box(100, (94, 16, 98, 21), (98, 21, 106, 10)), 98) == "☑"
    assert ocr_ink.box_sense(line((100, 5, 100, 27)), 100) == ""
    assert ocr_ink.box_sense(box(100), 160) == ""


def test_a_speck_in_a_box_decides_nothing():
    assert ocr_ink.box_sense(box(100, (99, 15, 101, 15)), 100) == ""


def test_a_figure_between_brackets_that_nobody_read_is_told():
    read = letters(opened=100, closed=130)

    assert not list(ocr_ink.unread_between(line(*bars(100, 130)), read))
    assert list(ocr_ink.unread_between(line(*bars(100, 115, 130)), read))


def test_two_figures_read_as_one_are_told():
    read = letters(opened=100, one=112, closed=140)

    assert not list(ocr_ink.unread_between(line(*bars(100, 112, 140)), read))
    assert list(ocr_ink.unread_between(line(*bars(100, 112, 125, 140)), read))


def test_a_slash_that_touches_both_brackets_is_no_blank():
    touching = line(*bars(100, 130), (100, 27, 130, 5))

    assert list(ocr_ink.unread_between(touching, letters(opened=100, closed=130)))


def test_a_slash_that_touches_one_bracket_is_no_blank():
    touching = line(*bars(100, 130), (110, 27, 130, 5))

    assert list(ocr_ink.unread_between(touching, letters(opened=100, closed=130)))


def test_a_faint_figure_is_no_blank():
    faint = np.array(line(*bars(100, 130)))
    faint[8:24, 113:117] = 175

    assert list(ocr_ink.unread_between(faint, letters(opened=100, closed=130)))


def test_a_sign_between_letters_is_told():
    read = letters(word=100, closed=160)

    assert not list(ocr_ink.unread_beside(line(*bars(100, 160)), read))
    assert list(ocr_ink.unread_beside(line(*bars(100, 130, 160)), read)) == [
        pytest.approx(130 / WIDTH, abs=0.01)
    ]


def test_a_stroke_through_letters_is_told_and_a_dash_is_not():
    through = line(*bars(100, 130), (85, 16, 145, 16))

    assert list(ocr_ink.struck(through, letters(one=100, closed=130))) == [0, 1]
    assert not list(ocr_ink.struck(through, letters(dash=115)))
    assert not list(ocr_ink.struck(line(*bars(100, 130)), letters(one=100, closed=130)))


def test_print_outside_all_lines_is_told():
    page = np.full((300, 400), 255, np.uint8)
    page[100:120, 50:300:12] = 20
    page[200:218, 80:88] = 20
    read = np.array([[40, 95], [310, 95], [310, 125], [40, 125]], dtype=np.float32)

    found = list(ocr_ink.unread_places(page, [read]))
    assert [(round(x), round(y)) for x, y, _ in found] == [(84, 209)]
