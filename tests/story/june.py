"""One June for twenty units, written by hand: what arrives when, and what must leave.

The expectation follows from DESIGN's calendar alone, worked out unit by unit on paper:
liaison is asked for on 3, 4 (09:00, 15:00), 7, 9, 11 June; the 8 June form on 7, 8 (twice),
9, 11, 16; the 24 June form on 23, 24 (twice), 25, 29 June, 1 July; summary and media on 29,
30 June (twice), 2 July; each time only if it is still missing then, and all in one letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Row(NamedTuple):
    """A unit: its arrivals (MM-DD HH:MM), then the days on which letters must leave."""

    unit: str
    liaison: str
    progress: str
    summary: str
    media: str
    reminders: str
    receipts: str
    questions: str = ""


EVERY_STAGE = (
    "0603 0604 0604 0607 0608 0608 0609 0611 0616 0623 0624 0624 0625 0629 0630 0630 0701 0702"
)

# fmt: off
TABLE = (
    # always early: never reminded, answered on a Saturday and a Sunday too
    Row("rucheng", "06-02 10:12", "06-07 08:50, 06-22 11:05", "06-25 15:10", "06-17 09:40",
        "", "0602 0607 0617 0622 0625"),
    Row("renshi", "06-02 15:00", "06-05 10:00, 06-20 15:00", "06-26 11:00", "06-16 15:00",
        "", "0602 0605 0616 0620 0626"),
    # a minute before nine on the day itself: not reminded that day
    Row("chengbei", "06-03 09:05", "06-08 08:59, 06-24 08:59", "06-30 10:20", "06-30 10:25",
        "0603 0607 0623 0629 0630", "0603 0608 0624 0630 0630"),
    # at eleven: reminded at nine, no call at three
    Row("chengnan", "06-04 08:40", "06-08 11:00, 06-24 11:00", "06-30 16:00", "06-28 14:00",
        "0603 0607 0608 0623 0624 0629 0630 0630", "0604 0608 0624 0628 0630"),
    # corrects its return on the 9th
    Row("dongchen", "06-02 16:45", "06-07 09:30, 06-23 10:15", "06-28 10:00", "06-28 10:05",
        "0607 0623", "0602 0607 0609 0623 0628 0628"),
    # after the strict hour, within the lenient day
    Row("dingyan", "06-04 14:30", "06-08 16:10, 06-24 16:40", "07-01 10:00", "07-01 10:02",
        "0603 0604 0607 0608 0608 0623 0624 0624 0629 0630 0630", "0604 0608 0624 0701 0701"),
    # a weekly return without its name, and a piece of experience
    Row("baipu", "06-03 10:10", "06-04 15:00, 06-17 10:00, 06-22 09:20", "06-25 11:30",
        "06-16 18:20", "0603", "0603 0604 0610 0616 0617 0618 0622 0625"),
    # late with everything; sends the blank back on the 8th
    Row("xiayuan", "06-07 08:50", "06-09 10:40, 06-25 09:50", "07-02 14:30", "07-02 14:32",
        "0603 0604 0604 0607 0608 0608 0609 0623 0624 0624 0625 0629 0630 0630 0702",
        "0607 0609 0625 0702 0702", "0608"),
    Row("jiuhua", "06-02 11:20", "06-08 09:30, 06-24 09:30", "06-30 08:45", "06-30 08:46",
        "0607 0608 0623 0624 0629", "0602 0608 0624 0630 0630"),
    Row("shizhuang", "06-04 16:20", "06-08 14:55, 06-24 14:55", "06-29 08:55", "06-29 09:05",
        "0603 0604 0604 0607 0608 0623 0624 0629", "0604 0608 0624 0629 0629"),
    Row("changjiang", "06-03 08:30", "06-07 17:00, 06-23 17:10", "06-30 17:00", "06-30 17:05",
        "0607 0623 0629 0630 0630", "0603 0607 0623 0630 0630"),
    # from the 24th on an unknown sender has claimed its return: doubt, no more reminders of it
    Row("wuyao", "06-08 10:00", "06-11 15:20", "", "",
        "0603 0604 0604 0607 0608 0608 0609 0611 0623 0624 0629 0630 0630 0702",
        "0608 0611 0624"),
    # files every Thursday too
    Row("jiangan", "06-02 09:00",
        "06-03 11:00, 06-08 10:00, 06-10 11:10, 06-17 11:20, 06-24 10:30",
        "06-28 16:00", "06-28 16:05",
        "0607 0608 0623 0624", "0602 0603 0608 0610 0617 0624 0628 0628"),
    Row("banjing", "06-04 09:40", "06-08 08:20, 06-24 08:20", "06-30 09:20", "06-30 09:25",
        "0603 0604 0607 0623 0629 0630", "0604 0608 0624 0630 0630"),
    Row("motou", "06-03 14:00", "06-08 17:20, 06-24 11:50", "07-01 16:00", "07-01 16:10",
        "0603 0607 0608 0608 0623 0624 0629 0630 0630", "0603 0608 0624 0701 0701"),
    Row("wuguan", "06-04 10:00", "06-08 13:30, 06-24 13:30", "06-30 14:00", "06-30 14:10",
        "0603 0604 0607 0608 0623 0624 0629 0630", "0604 0608 0624 0630 0630"),
    Row("huanwei-ke", "06-03 16:40", "06-07 14:10, 06-23 14:20", "06-29 14:00", "06-29 14:10",
        "0603 0607 0623 0629", "0603 0607 0623 0629 0629"),
    # an unreadable file before nine on the 24th stops the chase of that day
    Row("zhihui", "06-02 14:20", "06-08 09:50, 06-24 15:30", "06-30 15:30", "06-30 15:35",
        "0607 0608 0623 0629 0630 0630", "0602 0608 0624 0630 0630", "0624"),
    # nothing but a vacation reply
    Row("huanwei-chu", "", "", "", "", EVERY_STAGE, ""),
    Row("zhifa", "06-04 11:30", "06-08 15:40, 06-28 09:15", "06-30 16:40", "06-30 16:45",
        "0603 0604 0607 0608 0608 0623 0624 0624 0625 0629 0630 0630",
        "0604 0608 0628 0630 0630"),
)
# fmt: on

ODD = (
    ("correction", "dongchen", "06-09 09:40", "更正：东陈镇进展情况统计表"),
    ("blank", "xiayuan", "06-08 10:20", "安全生产月进展情况统计表"),
    ("damaged", "zhihui", "06-24 08:40", "监督指挥中心6月24日统计表"),
    ("stranger", "wuyao", "06-24 09:20", "安全生产月统计表"),
    ("vacation", "huanwei-chu", "06-08 09:05", "自动回复: 报送提醒"),
    ("experience", "baipu", "06-18 16:30", "白蒲镇安全生产月信息第1期"),
    ("nameless", "baipu", "06-10 11:00", "周报"),
)

REPORTS = ("0609", "0625", "0702")
"""Days on which the consolidated report leaves for the first time (09:00)."""


def story() -> Mapping[str, Any]:
    """The arrivals in the shape that service/demo_story.py plays."""
    units = []
    for number, row in enumerate(TABLE):
        given: dict[str, Any] = {"id": row.unit, "person": f"联络员{number + 1}"}
        given["style"] = "xlsx" if number % 4 == 0 else "docx"
        given["progress"] = [t for t in row.progress.split(", ") if t]
        given |= {k: t for k in ("liaison", "summary", "media") if (t := getattr(row, k))}
        units.append(given)
    keys = ("kind", "unit", "when", "subject")
    return {"unit": units, "odd": [dict(zip(keys, o, strict=True)) for o in ODD]}


def expected(until: str = "0705") -> dict[tuple[str, str], list[str]]:
    """(unit, MMDD) to the kinds of letters of that day, for every unit and every day."""
    days = [f"06{d:02d}" for d in range(1, 31)] + [f"07{d:02d}" for d in range(1, 6)]
    out: dict[tuple[str, str], list[str]] = {
        (row.unit, day): [] for row in TABLE for day in days if day <= until
    }
    for row in TABLE:
        for kind, text in (
            ("question", row.questions),
            ("receipt", row.receipts),
            ("reminder", row.reminders),
        ):
            for day in text.split():
                if day <= until:
                    out[row.unit, day].append(kind)
    return out
