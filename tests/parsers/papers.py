"""Documents for tests, built in memory: lines and tables without any file format."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from parsers import formats
from parsers.blank import derive
from parsers.types import Cell, Document, Form, Grid, Paragraph

ROOT = Path(__file__).parents[2]
BLANKS = ROOT / "templates" / "campaigns" / "2021-safety-month" / "forms"
SPECIMENS = ROOT / "tests" / "specimens" / "forms"


def paper(*blocks: str | list[list[str]]) -> Document:
    """Strings become lines, lists of rows become tables; "^" and "<" continue a cell."""
    return Document("test", tuple(Paragraph(b) if isinstance(b, str) else grid(b) for b in blocks))


def grid(rows: list[list[str]], name: str | None = None) -> Grid:
    laid: list[list[Cell]] = []
    for r, row in enumerate(rows):
        laid.append([])
        for c, text in enumerate(row):
            if text == "<":
                laid[r].append(laid[r][c - 1])
            elif text == "^":
                laid[r].append(laid[r - 1][c])
            else:
                laid[r].append(Cell(text, r, c))
    return Grid(tuple(tuple(row) for row in laid), name)


@cache
def blanks() -> tuple[Form, Form]:
    """附件1 and 附件2 of the shipped campaign."""
    return tuple(derive(blank(key), key) for key in ("liaison", "progress"))  # type: ignore[return-value]


@cache
def blank(key: str) -> Document:
    return formats.read((BLANKS / f"{key}.docx").read_bytes())


@cache
def specimen(name: str) -> Document:
    return formats.read((SPECIMENS / name).read_bytes())
