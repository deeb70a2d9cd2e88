"""A small JPEG of a picture, for the index page. Runs where foreign bytes are read (workers)."""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps

from parsers.limits import IMAGE_PIXELS
from parsers.types import Damaged, OverLimit

_EDGE_PIXELS = 240
_QUALITY = 70


def shrink(picture: bytes) -> bytes:
    """The picture upright and at most 240 pixels wide or high, without its camera data.

    Raises OverLimit before the pixels are unpacked, Damaged if they cannot be.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns from 89 Mpx on; our own limit is lower and raises
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _shrunk(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as e:
        raise Damaged("bad_picture", detail=type(e).__name__) from e


def _shrunk(picture: bytes) -> bytes:
    out = BytesIO()
    with Image.open(BytesIO(picture)) as image:
        if image.width * image.height > IMAGE_PIXELS:
            raise OverLimit("picture_pixels", pixels=image.width * image.height)
        image.draft("RGB", (_EDGE_PIXELS * 2, _EDGE_PIXELS * 2))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((_EDGE_PIXELS, _EDGE_PIXELS))
        upright.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
