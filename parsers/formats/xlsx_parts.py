"""The members of a workbook (.xlsx) that say how its cells look, each unpacked once.

Format: ECMA-376 part 1, 18.2.27 workbook, 18.8.39 styleSheet, 18.4.9 sst.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from parsers import limits
from parsers.formats.docx import member

_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


@dataclass(frozen=True, slots=True)
class Parts:
    """XML as bytes; b"" for a member that is missing. A binary workbook (.xlsb) has none."""

    sheets: Mapping[str, bytes] = field(default_factory=dict)
    """By sheet name."""
    styles: bytes = b""
    strings: bytes = b""


def parts(archive: zipfile.ZipFile) -> Parts:
    """Unpacks them; raises OverLimit. The caller has checked what they claim to measure."""
    names = set(archive.namelist())
    if not {_BOOK, _RELATIONS} <= names:
        return Parts()

    def said(name: str) -> bytes:
        return member(archive, name, limits.XML_BYTES) if name in names else b""

    targets = {r.get("Id"): r.get("Target", "") for r in parsed(said(_RELATIONS))}
    sheets = {}
    for sheet in parsed(said(_BOOK)).iter("{*}sheet"):
        key = next((str(v) for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
        sheets[sheet.get("name", "")] = said(_path(targets.get(key, "")))
    return Parts(sheets, said("xl/styles.xml"), said("xl/sharedStrings.xml"))


def _path(target: str) -> str:
    """A relation's target is named from the root or from the workbook's own folder."""
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def parsed(xml: bytes) -> etree._Element:
    """The root element; entities and outside files are never followed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(xml, parser)
