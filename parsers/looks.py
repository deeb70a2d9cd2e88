"""What two looks at pictures of pages have seen, put together as two documents.

Pages follow each other as those of a PDF do: a table broken across them is joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parsers.formats.pdf import blocks
from parsers.formats.pdf_page import PageView
from parsers.types import Document, Doubt


class Looks(NamedTuple):
    """The page as each look has read it, and whether it is one: a photo may be of a meeting."""

    first: PageView
    second: PageView
    is_page: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """Pictures as two looks have read them. `is_page`: print enough for a page stands there."""

    first: Document
    second: Document
    is_page: bool


def scan(looks: Sequence[Looks], left: int = 0) -> Scan:
    """The pages in this order as one scan; `left` more pictures could not be read."""
    doubts = (Doubt.of("pages_not_read", "", pages=left),) if left else ()
    first, second = (
        Document("ocr", tuple(blocks(views)), (), doubts)
        for views in ([x.first for x in looks], [x.second for x in looks])
    )
    return Scan(first, second, any(look.is_page for look in looks))
