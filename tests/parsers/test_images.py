"""Sizes of images from their headers."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from parsers import images
from parsers.types import Damaged, OverLimit


def drawn(format: str, **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (37, 23), "red").save(out, format, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        drawn("PNG"),
        drawn("JPEG"),
        drawn("JPEG", progressive=True),
        drawn("GIF"),
        drawn("BMP"),
        drawn("TIFF"),
        drawn("WEBP"),
        drawn("WEBP", lossless=True),
    ],
)
def test_the_header_tells_the_size(content):
    assert images.size(content) == (37, 23)


def test_a_phones_heif_gives_its_largest_picture():
    boxes = b"".join(
        b"ispe" + bytes(4) + struct.pack(">II", *s) for s in [(512, 512), (4032, 3024)]
    )

    assert images.measure(b"\0\0\0\x18ftypheic" + boxes) == images.Image("heif", 4032, 3024)


def test_a_png_that_claims_a_gigapixel_is_refused():
    huge = drawn("PNG")[:16] + struct.pack(">II", 30_000, 30_000) + drawn("PNG")[24:]

    with pytest.raises(OverLimit) as refusal:
        images.size(huge)

    assert refusal.value.facts["pixels"] == 900_000_000


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_headers_cut_anywhere_are_damaged_or_still_tell(format):
    content = drawn(format)
    for cut in range(len(content)):
        try:
            assert images.size(content[:cut]) == (37, 23)
        except Damaged:
            continue


def test_no_image_is_damaged():
    with pytest.raises(Damaged):
        images.size(b"text")
