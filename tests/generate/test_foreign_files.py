"""Foreign blanks that came as .doc and .xls, each with two fillings, read like their twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers import formats
from parsers.blank import derive
from parsers.interpret import interpret
from tests.generate.foreign import FOREIGN
from tests.generate.foreign_judge import judge_read

FOLDER = Path(__file__).parents[1] / "specimens" / "foreign"
BLANKS = sorted(FOLDER.glob("*-0.*"))


def test_two_of_each_are_here() -> None:
    assert sorted(p.suffix for p in BLANKS) == [".doc", ".doc", ".xls", ".xls"]


@pytest.mark.parametrize("path", BLANKS, ids=lambda p: p.name)
def test_an_old_file_is_read_like_a_new_one(path: Path) -> None:
    foreign = next(f for f in FOREIGN if f.name == path.stem[:-2])
    form = derive(formats.read(path.read_bytes()), "foreign")
    twin = derive(formats.read(foreign.file(None)), "foreign")

    assert form.fields == twin.fields
    for n, truth in enumerate(foreign.truth, 1):
        filled = path.with_name(f"{foreign.name}-{n}{path.suffix}").read_bytes()
        parts = interpret(formats.read(filled), [form], "x")
        result = judge_read(foreign.name, parts[0], truth)
        assert (len(parts), result.wrong) == (1, [])
        assert result.share() >= 0.9
