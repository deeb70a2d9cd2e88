"""Finds the cells of a workbook that show their number as a percentage.

Calamine gives 0.85 where the sheet shows 85 %; what a person sees is what the unit filled
in. Format: ECMA-376 part 1, 18.8.30 numFmts, 18.8.10 cellXfs.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable

from lxml import etree

_BUILT_IN = {"9", "10"}
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)(?<!/)>")
_PLACE, _STYLE = re.compile(rb'\br="([A-Z]{1,3}\d{1,7})"'), re.compile(rb'\bs="(\d+)"')
Member = Callable[[zipfile.ZipFile, str], bytes]


def percent_cells(archive: zipfile.ZipFile, member: Member) -> dict[str, set[str]]:
    """By sheet name the addresses (B3) of cells with a percent format; empty where the
    workbook has no such format."""
    names = set(archive.namelist())
    if not {"xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    styles = _percent_styles(_parsed(member(archive, "xl/styles.xml")))
    if not styles:
        return {}
    found = {}
    for sheet, path in sheet_members(archive, member).items():
        if path in names:
            found[sheet] = _addresses(member(archive, path), styles)
    return found


def _parsed(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(xml, parser)


def _percent_styles(root: etree._Element) -> set[bytes]:
    percent = set(_BUILT_IN)
    for made in root.iter("{*}numFmt"):
        if "%" in made.get("formatCode", ""):
            percent.add(made.get("numFmtId", ""))
    cells = root.find("{*}cellXfs")
    if cells is None:
        return set()
    return {str(i).encode() for i, xf in enumerate(cells) if xf.get("numFmtId") in percent}


def sheet_members(archive: zipfile.ZipFile, member: Member) -> dict[str, str]:
    relations = _parsed(member(archive, "xl/_rels/workbook.xml.rels"))
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    """The name of each sheet with the path of its member."""
    sheets = {}
    for sheet in _parsed(member(archive, "xl/workbook.xml")).iter("{*}sheet"):
        key = next((str(v) for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
        target = targets.get(key, "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        sheets[sheet.get("name", "")] = path
    return sheets


def _addresses(xml: bytes, styles: set[bytes]) -> set[str]:
    found = set()
    for attributes in _CELL.findall(xml):
        style, place = _STYLE.search(attributes), _PLACE.search(attributes)
        if style and place and style[1] in styles:
            found.add(place[1].decode())
    return found
