"""Options set apart by their look alone, in Word's own formats. Specimen: ten made-up lines and a
cell written as .docx, saved as .doc by LibreOffice."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers import formats

SPECIMENS = Path(__file__).parents[2] / "specimens" / "traps"


@pytest.mark.parametrize("suffix", ["docx", "doc"])
def test_each_look_tells_its_option_and_plain_print_none(suffix: str) -> None:
    document = formats.read((SPECIMENS / f"marked.{suffix}").read_bytes())

    # yellow, red, underlined, bold, on a yellow ground, green in a cell; not black, not a tick
    # in red, not a whole group in red, not a white ground
    (doubt,) = document.doubts
    assert doubt.code == "marked_choice"
    assert dict(doubt.facts)["raw"] == "是、有、不合格、未完成、未查、少"
    assert [p.text for p in document.paragraphs[:2]] == ["片□是□否", "灯□有□无"]
