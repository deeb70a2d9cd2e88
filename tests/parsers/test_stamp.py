"""A red ring is a seal; discs, squares, headings and black rings are none."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from parsers import limits, stamp
from parsers.types import Damaged, OverLimit
from tests.generate.scanned import HABITS, RED, scanned, seal

SCANS = Path(__file__).parents[1] / "specimens" / "scans"


def page() -> Image.Image:
    return Image.new("RGB", (1240, 1754), (247, 246, 240))


def encoded(image: Image.Image, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


def drawn(shape: str, *args: object, **kwargs: object) -> bytes:
    image = page()
    getattr(ImageDraw.Draw(image), shape)(*args, **kwargs)
    return encoded(image)


def test_a_seal_is_found_with_its_centre_and_radius():
    found = stamp.find_seals(encoded(seal(page(), 900, 1300, 120)))

    assert len(found) == 1
    assert (found[0].x, found[0].y) == pytest.approx((900, 1300), abs=4)
    assert found[0].radius == pytest.approx(120, rel=0.05)


def test_a_seal_over_black_print_is_found():
    image = page()
    for y in range(1150, 1450, 30):
        ImageDraw.Draw(image).line((200, y, 1100, y), fill=(20, 20, 20), width=6)

    assert stamp.has_stamp(encoded(seal(image, 700, 1300, 120)))


def test_two_seals_are_two():
    assert len(stamp.find_seals(encoded(seal(seal(page(), 300, 300, 110), 900, 1300, 110)))) == 2


@pytest.mark.parametrize(
    "nothing",
    [
        encoded(page()),
        encoded(page().convert("L")),
        drawn("ellipse", (600, 600, 840, 840), fill=RED),
        drawn("rectangle", (600, 600, 840, 840), outline=RED, width=8),
        drawn("ellipse", (600, 600, 840, 840), outline=(10, 10, 10), width=8),
        drawn("ellipse", (600, 600, 630, 630), outline=RED, width=3),
        drawn("arc", (600, 600, 840, 840), 0, 180, fill=RED, width=8),
        drawn("line", (100, 200, 1100, 200), fill=RED, width=12),
    ],
    ids=["empty", "gray", "disc", "square", "black ring", "dot", "half ring", "red line"],
)
def test_other_things_are_no_seal(nothing: bytes):
    assert not stamp.has_stamp(nothing)


def test_a_seal_on_a_photo_at_a_slant_is_found():
    clean = Image.open(SCANS / "liaison-a-1.png").convert("L").resize((827, 1170))

    assert stamp.has_stamp(scanned(clean, HABITS["photo"]))
    assert not stamp.has_stamp(scanned(clean, HABITS["fax"]))


def test_the_photo_of_a_unit_bears_its_seal():
    assert stamp.has_stamp((SCANS / "photo_f1_u1.jpg").read_bytes())


def test_a_huge_picture_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "IMAGE_PIXELS", 1000)

    with pytest.raises(OverLimit):
        stamp.has_stamp(encoded(page()))


def test_a_picture_that_breaks_off_is_damaged():
    with pytest.raises(Damaged):
        stamp.has_stamp(encoded(seal(page(), 900, 1300, 120))[:3000])
