"""One blank, several campaigns: whose form it is by what is said, written, and the day it came."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from parsers.fill import fill
from parsers.read import Desk, read
from parsers.same_blank import own
from tests.parsers.papers import BLANKS, blanks

OLD, NEW = (replace(blanks()[1], key=f"{year}/progress") for year in (2021, 2022))
OTHER = replace(blanks()[0], key="2022/liaison")
DAYS = {f.key: (date(int(f.key[:4]), 6, 1), date(int(f.key[:4]), 7, 15)) for f in (OLD, NEW, OTHER)}
IN_JUNE, IN_MAY = date(2022, 6, 8), date(2022, 5, 6)


@pytest.mark.parametrize(
    ("written", "arrived", "words", "year"),
    [
        (date(2022, 6, 7), IN_JUNE, "统计表", "2022"),
        (None, IN_JUNE, "统计表", "2022"),
        (date(2021, 6, 24), IN_MAY, "统计表", "2021"),  # late, before this year's began
        (date(2021, 6, 24), IN_JUNE, "统计表", "2022"),  # a slip of the pen? it waits there
        (date(2021, 6, 24), IN_JUNE, "补报2021年统计表", "2021"),
        (date(2021, 6, 24), IN_JUNE, "补报去年统计表", "2021"),
        (None, IN_MAY, "", "2021"),  # the last that has begun
        (date(2022, 6, 7), None, "", "2022"),
        (None, None, "", "2021"),  # nothing tells: as it was recognised
    ],
)
def test_the_campaign_that_is_meant(
    written: date | None, arrived: date | None, words: str, year: str
) -> None:
    found = own(OLD, (OLD, OTHER, NEW), DAYS, written, arrived, words)

    assert found.key == f"{year}/progress"


def test_a_reading_bears_the_key_and_the_year_of_its_campaign() -> None:
    desk = Desk((OLD, NEW), {}, {OLD.key: 2021, NEW.key: 2022}, DAYS, arrived_on=IN_JUNE)
    said = {"填报单位": "东陈镇", "填报日期": "2022年6月8日"}
    part = read(fill((BLANKS / "progress.docx").read_bytes(), OLD, said, {"1.1": "3"}), "表", desk)

    assert part.form is NEW and part.reading is not None
    assert part.reading.form == NEW.key
    assert "other_year" not in {d.code for d in part.reading.doubts}
