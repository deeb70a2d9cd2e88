"""Finds the cells of a workbook whose formula came to nothing: an error, or no value kept.

Calamine gives such a cell as empty, but somebody meant to say something there. Format: ECMA-376
part 1, 18.3.1.4 c (cell), 18.3.1.40 f (formula).
"""

from __future__ import annotations

from parsers.formats.xlsx_parts import Parts, parsed


def unsaid_cells(parts: Parts) -> dict[str, dict[str, str]]:
    """By sheet name what stands in such cells, by their address: #REF!, or `#=` and the
    formula (nobody types that)."""
    marked = {
        name: xml
        for name, xml in parts.sheets.items()
        if b't="e"' in xml or b"<f" in xml or b":f" in xml
    }
    found = {name: _unsaid(xml) for name, xml in marked.items()}
    return {name: cells for name, cells in found.items() if cells}


def _unsaid(xml: bytes) -> dict[str, str]:
    found = {}
    for cell in parsed(xml).iter("{*}c"):
        value, formula = cell.findtext("{*}v") or "", cell.findtext("{*}f")
        if cell.get("t") == "e" and value:
            found[cell.get("r", "")] = value
        elif formula is not None and not value and cell.get("t") != "str":
            found[cell.get("r", "")] = f"#={formula or '…'}"
    return found
