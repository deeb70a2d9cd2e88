"""A small JPEG of a picture, for the index page. Runs where foreign bytes are read (workers)."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from parsers import images
from parsers.types import Damaged

_EDGE_PIXELS = 240
_QUALITY = 70


def shrink(picture: bytes) -> bytes:
    """The picture upright and at most 240 pixels wide or high, without its camera data.

    Raises OverLimit from the header alone, before a decoder sees it; Damaged where it
    cannot be decoded.
    """
    images.measure(picture)
    out = BytesIO()
    try:
        with Image.open(BytesIO(picture)) as image:
            image.draft("RGB", (_EDGE_PIXELS * 2, _EDGE_PIXELS * 2))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((_EDGE_PIXELS, _EDGE_PIXELS))
            upright.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as e:
        raise Damaged("broken_image", why=type(e).__name__) from e
    return out.getvalue()
