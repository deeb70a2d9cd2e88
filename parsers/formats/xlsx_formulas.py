"""Finds the cells of a workbook whose formula came to nothing: an error, or no value kept.

Calamine gives such a cell as empty, but somebody meant to say something there. Format: ECMA-376
part 1, 18.3.1.4 c (cell), 18.3.1.40 f (formula).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable

from lxml import etree

from parsers.formats.xlsx_percent import sheet_members

Member = Callable[[zipfile.ZipFile, str], bytes]


def unsaid_cells(archive: zipfile.ZipFile, member: Member) -> dict[str, dict[str, str]]:
    """By sheet name what stands in such cells, by their address: #REF!, or `#=` and the
    formula (nobody types that)."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    found = {}
    for sheet, path in sheet_members(archive, member).items():
        xml = member(archive, path) if path in names else b""
        if b't="e"' in xml or b"<f" in xml or b":f" in xml:
            found[sheet] = _unsaid(xml)
    return {sheet: cells for sheet, cells in found.items() if cells}


def _unsaid(xml: bytes) -> dict[str, str]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    found = {}
    for cell in etree.fromstring(xml, parser).iter("{*}c"):
        value, formula = cell.findtext("{*}v") or "", cell.findtext("{*}f")
        if cell.get("t") == "e" and value:
            found[cell.get("r", "")] = value
        elif formula is not None and not value and cell.get("t") != "str":
            found[cell.get("r", "")] = f"#={formula or '…'}"
    return found
