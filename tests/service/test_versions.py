"""What speaks against a newer version."""

from __future__ import annotations

from datetime import date

from service import versions
from tests.service.facts import read

NEW = read("progress", base=9)
OLD = read("progress", base=5)
NO_DATES = (None, None)
EQUAL = ("provisional", "provisional")


def against(newer=NEW, governing=OLD, older=(), dates=NO_DATES, trusts=EQUAL):  # type: ignore[no-untyped-def]
    return versions.against(newer, governing, list(older), dates, trusts)


def test_the_newest_governs_unless_something_speaks_against_it() -> None:
    assert against() is None
    assert against(newer=read("progress", filled=0)) == "version_blank"
    assert against(newer=read("progress", filled=4)) == "version_half"
    assert against(newer=read("progress", filled=5)) is None
    assert against(older=(read("progress", base=9),)) == "version_older_copy"
    assert against(dates=(date(2021, 6, 7), date(2021, 6, 8))) == "version_earlier_date"
    assert against(dates=(date(2021, 6, 8), date(2021, 6, 8))) is None
    assert against(trusts=("unknown", "provisional")) == "version_less_trusted"


def test_what_contradicts_is_told_from_what_is_written_otherwise() -> None:
    more, blank = read("progress", base=5), read("progress", filled=3)
    more["fields"]["1.1"]["value"] = "1.开会3次；\n2.检查"
    other = read("progress", base=5)
    other["fields"]["1.1"]["value"] = "1.开会3次； 2.检查"

    assert versions.contradict(NEW, OLD)
    assert not versions.contradict(OLD, OLD)
    assert not versions.contradict(OLD, blank)
    assert not versions.contradict(more, other)


def test_figures_that_fell_are_named() -> None:
    assert versions.fallen(OLD, NEW)[:2] == ("1.1", "1.2")
    assert versions.fallen(NEW, OLD) == ()
