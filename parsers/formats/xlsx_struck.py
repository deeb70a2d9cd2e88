"""Finds what is struck out in a workbook: whole cells by their font, words by their run.

Calamine gives the words without their looks. Format: ECMA-376 part 1, 18.4.10 strike,
18.8.22 font, 18.4.8 si.
"""

from __future__ import annotations

import re

from lxml import etree

from parsers.formats.shown import Looks, Words
from parsers.formats.xlsx_parts import Parts, parsed

_ROOM = re.compile(rb"<(?:\w+:)?c\s([^>]*)(?<!/)>(?:<(?:\w+:)?v>(\d+)</(?:\w+:)?v>)?", re.DOTALL)
_PLACE, _STYLE = re.compile(rb'\br="([A-Z]{1,3}\d{1,7})"'), re.compile(rb'\bs="(\d+)"')
_SHARED = re.compile(rb'\bt="s"')
_OFF = {"0", "false"}


def struck_cells(parts: Parts) -> dict[str, Looks]:
    """By sheet name; empty where nothing is struck out in the whole workbook."""
    styles, texts = _styles(parts.styles), _texts(parts.strings)
    return {
        name: _cells(xml, styles, texts)
        for name, xml in parts.sheets.items()
        if styles or texts or b"strike" in xml
    }


def _is_struck(look: etree._Element | None) -> bool:
    strike = None if look is None else look.find("{*}strike")
    return strike is not None and strike.get("val", "1") not in _OFF


def _styles(xml: bytes) -> set[bytes]:
    if b"strike" not in xml:
        return set()
    root = parsed(xml)
    fonts, cells = root.find("{*}fonts"), root.find("{*}cellXfs")
    if fonts is None or cells is None:
        return set()
    struck = {str(i) for i, font in enumerate(fonts) if _is_struck(font)}
    return {str(i).encode() for i, xf in enumerate(cells) if xf.get("fontId") in struck}


def _texts(xml: bytes) -> dict[bytes, Words]:
    """Shared texts with struck words in them, by their number."""
    if b"strike" not in xml:
        return {}
    items = enumerate(parsed(xml).iterchildren("{*}si"))
    found = {str(i).encode(): _parted(item) for i, item in items}
    return {number: words for number, words in found.items() if words[1]}


def _parted(item: etree._Element) -> Words:
    """A text's runs: what is left, and what is struck out."""
    runs = [(_is_struck(r.find("{*}rPr")), r.findtext("{*}t") or "") for r in item.iter("{*}r")]
    kept = "".join(text for is_struck, text in runs if not is_struck)
    return kept, "".join(text for is_struck, text in runs if is_struck)


def _inline(xml: bytes) -> dict[str, Words]:
    """Texts with struck words that stand in the sheet itself (t="inlineStr")."""
    if b"strike" not in xml:
        return {}
    cells = parsed(xml).iter("{*}c")
    found = {c.get("r", ""): _parted(c) for c in cells if c.find("{*}is") is not None}
    return {place: words for place, words in found.items() if words[1]}


def _cells(xml: bytes, styles: set[bytes], texts: dict[bytes, Words]) -> Looks:
    found = Looks(partly=_inline(xml))
    for attributes, number in _ROOM.findall(xml):
        place, style = _PLACE.search(attributes), _STYLE.search(attributes)
        if place is None:
            continue
        if _SHARED.search(attributes) and number in texts:
            # the font of each run counts before the cell's
            found.partly[place[1].decode()] = texts[number]
        elif style and style[1] in styles:
            found.struck.add(place[1].decode())
    return found
