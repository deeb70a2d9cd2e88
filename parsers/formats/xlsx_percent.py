"""Finds the cells of a workbook that show their number as a percentage.

Calamine gives 0.85 where the sheet shows 85 %; what a person sees is what the unit filled
in. Format: ECMA-376 part 1, 18.8.30 numFmts, 18.8.10 cellXfs.
"""

from __future__ import annotations

import re

from parsers.formats.xlsx_parts import Parts, parsed

_BUILT_IN = {"9", "10"}
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)(?<!/)>")
_PLACE, _STYLE = re.compile(rb'\br="([A-Z]{1,3}\d{1,7})"'), re.compile(rb'\bs="(\d+)"')


def percent_cells(parts: Parts) -> dict[str, set[str]]:
    """By sheet name the addresses (B3) of cells with a percent format; empty where the
    workbook has no such format."""
    styles = _percent_styles(parts.styles) if parts.styles else set()
    return {name: _addresses(xml, styles) for name, xml in parts.sheets.items()} if styles else {}


def _percent_styles(xml: bytes) -> set[bytes]:
    root, percent = parsed(xml), set(_BUILT_IN)
    for made in root.iter("{*}numFmt"):
        if "%" in made.get("formatCode", ""):
            percent.add(made.get("numFmtId", ""))
    cells = root.find("{*}cellXfs")
    if cells is None:
        return set()
    return {str(i).encode() for i, xf in enumerate(cells) if xf.get("numFmtId") in percent}


def _addresses(xml: bytes, styles: set[bytes]) -> set[str]:
    found = set()
    for attributes in _CELL.findall(xml):
        style, place = _STYLE.search(attributes), _PLACE.search(attributes)
        if style and place and style[1] in styles:
            found.add(place[1].decode())
    return found
