"""What a careful clerk would do with each arrival, written by hand from the notice's calendar
(DESIGN section 5). Nothing here is computed: a change of the code that changes a line is a
change of the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from service.types import PartFact
from tests.service.facts import form, part

W = ("weekly-0603", "weekly-0610", "weekly-0617", "weekly-0624")
P8, P24 = "progress-0608", "progress-0624"
W3, W10, W17, W24 = W
FORM8 = ("06-07 10:00", {"date": "2021年6月7日", "base": 5})
FORM24 = ("06-22 10:00", {"date": "2021年6月22日", "base": 50})
LONG = "一、组织领导有力。二、宣传教育到位。三、隐患排查扎实。" * 15


@dataclass(frozen=True)
class Arrival:
    """`before`: what this unit had filed; `counts`: deadlines of the new return; `status` its
    status; `states`: this unit's cells a minute later, those in which something is in."""

    what: str
    at: str
    counts: tuple[str, ...]
    states: dict[str, str]
    subject: str = ""
    name: str = "统计表.docx"
    text: str = ""
    status: str = "governing"
    before: tuple[tuple[str, dict[str, Any]], ...] = ()
    given: dict[str, Any] = field(default_factory=lambda: {"base": 30})
    part: PartFact | None = None
    sender: str = "dongchen@units.example"
    version: int = 1

    def made(self) -> PartFact:
        return self.part or form("progress", "东陈镇综合执法局", self.name, **self.given)


def on(*keys: str, state: str = "reported") -> dict[str, str]:
    return dict.fromkeys(keys, state)


ARRIVALS = (
    # by the windows
    Arrival("the first days belong to the first week", "06-02 10:00", (W3,), on(W3)),
    Arrival("on 4 June the next windows open", "06-04 00:00", (P8, W10), on(P8, W10)),
    Arrival("8 June in the morning", "06-08 09:00", (P8, W10), on(P8, W10)),
    Arrival("8 June before midnight", "06-08 23:59", (P8, W10), on(P8, W10)),
    Arrival("9 June is late", "06-09 00:00", (W10, P8), on(W10) | on(P8, state="late")),
    Arrival(
        "10 June, 8 June filed: the week's only",
        "06-10 10:00",
        (W10,),
        on(P8, W10),
        before=(FORM8,),
        version=2,
    ),
    Arrival("10 June, nothing filed", "06-10 10:00", (W10, P8), on(W10) | on(P8, state="late")),
    Arrival("11 June, 8 June filed", "06-11 09:00", (W17,), on(P8, W10, W17), before=(FORM8,)),
    Arrival(
        "17 June, still nothing for 8 June",
        "06-17 20:00",
        (W17, P8),
        on(W17) | on(P8, state="late"),
    ),
    Arrival("from 18 June on it is for the 24th", "06-18 00:00", (P24, W24), on(P24, W24)),
    Arrival("22 June", "06-22 10:00", (P24, W24), on(P24, W24)),
    Arrival("24 June after noon is in time", "06-24 18:00", (P24, W24), on(P24, W24)),
    Arrival("25 June, nothing filed", "06-25 08:00", (P24,), on(P24, state="late")),
    Arrival(
        "25 June, all filed: registered only", "06-25 08:00", (), on(P24, W24), before=(FORM24,)
    ),
    # by name
    Arrival(
        "a day in the file name", "06-10 10:00", (P8,), on(P8, state="late"), name="表6.8.docx"
    ),
    Arrival("补报 6.10", "06-14 10:00", (W10,), on(W10, state="late"), "补报 6.10"),
    Arrival("第二周", "06-14 10:00", (W10,), on(W10, state="late"), "东陈镇第二周统计表"),
    Arrival("周报 is the week's, not the 8th's", "06-08 09:00", (W10,), on(W10), "东陈镇周报"),
    Arrival("6月24日周报", "06-24 10:00", (W24,), on(W24), "东陈镇6月24日周报"),
    Arrival(
        "6.24 names both of that day", "06-24 10:00", (P24, W24), on(P24, W24), name="6.24.xls"
    ),
    Arrival("a full date", "06-11 10:00", (P8,), on(P8, state="late"), "2021-06-08统计表"),
    Arrival("a Chinese date", "06-11 10:00", (P8,), on(P8, state="late"), "六月八日统计表"),
    Arrival("the day alone", "06-12 10:00", (P8,), on(P8, state="late"), "8日进展情况统计表"),
    Arrival("of a range its end", "06-10 10:00", (W10,), on(W10), "6.4-6.10周报"),
    Arrival("a spoken range", "06-14 10:00", (W10,), on(W10, state="late"), "6月4-10日情况统计表"),
    Arrival(
        "two days, and the form's own date decides",
        "06-24 10:00",
        (P24, W24),
        on(P8, W10, P24, W24),
        "6.8、6.24统计表",
        before=(FORM8,),
        given={"date": "6月24日", "base": 30},
    ),
    Arrival(
        "the text says for which day",
        "06-12 10:00",
        (P8,),
        on(P8, state="late"),
        text="您好，现补报6月8日统计表，请查收。",
    ),
    # what names nothing
    Arrival(
        "16 June is no deadline",
        "06-17 9:00",
        (W17, P8),
        on(W17) | on(P8, state="late"),
        "6月16日咨询日活动统计表",
    ),
    Arrival(
        "a percentage is no day", "06-22 10:00", (P24, W24), on(P24, W24), "整改率6.8%，统计表"
    ),
    Arrival("a version is no day", "06-22 10:00", (P24, W24), on(P24, W24), name="统计表v6.8.docx"),
    Arrival(
        "a phone number is no day", "06-22 10:00", (P24, W24), on(P24, W24), "电话0513-0000-6-8"
    ),
    Arrival("money is no day", "06-22 10:00", (P24, W24), on(P24, W24), text="报送投入6.8万元的表"),
    Arrival(
        "what happened on 8 June",
        "06-22 10:00",
        (P24, W24),
        on(P24, W24),
        text="我局6月8日开展了安全生产宣传，报表见附件。",
    ),
    Arrival(
        "what an earlier mail said",
        "06-22 10:00",
        (P24, W24),
        on(P24, W24),
        text="见附件。\n------------------ 原始邮件 ------------------\n主题: 6月8日统计表",
    ),
    # replies to our reminders
    Arrival(
        "a reply to the reminder of that day",
        "06-08 10:00",
        (P8,),
        on(P8),
        "回复：报送提醒：6月8日进展情况统计表（6月8日）〔ABCDEFGH〕",
    ),
    Arrival(
        "an old reminder answered with the new form stops the chase",
        "06-23 10:00",
        (P8, P24),
        on(P8, W10) | on(P24, state="doubt"),
        "回复：报送提醒：6月8日进展情况统计表（6月8日）〔ABCDEFGH〕",
        status="waiting",
        before=(FORM8,),
        given={"date": "6月23日", "base": 50},
        version=2,
    ),
    Arrival(
        "the same without a date on the form",
        "06-23 10:00",
        (P8, P24),
        on(P8, W10) | on(P24, state="doubt"),
        "6月8日统计表",
        status="waiting",
        before=(FORM8,),
        given={"base": 50},
        version=2,
    ),
    Arrival(
        "the form's date speaks for the old one",
        "06-23 10:00",
        (P8,),
        on(P8, W10),
        "6月8日统计表",
        before=(FORM8,),
        given={"date": "6月8日", "base": 50},
        version=2,
    ),
    Arrival(
        "a day that has not opened may be a slip",
        "06-07 10:00",
        (P24, W24, P8),
        on(P24, W24, P8, state="doubt"),
        "6月24日统计表",
        status="waiting",
    ),
    # corrections and versions
    Arrival(
        "a correction counts for what it corrects and stays in time",
        "06-10 15:00",
        (P8, W10),
        on(P8, W10),
        "更正：东陈镇统计表",
        before=(FORM8,),
        given={"date": "2021年6月10日", "base": 6},
        version=2,
    ),
    Arrival(
        "the same again is a repeat",
        "06-08 15:00",
        (P8, W10),
        on(P8, W10),
        status="duplicate",
        before=(FORM8,),
        given={"date": "2021年6月8日", "base": 5},
        version=2,
    ),
    Arrival(
        "half as full waits",
        "06-08 15:00",
        (P8, W10),
        on(P8, W10),
        status="waiting",
        before=(FORM8,),
        given={"filled": 4},
        version=2,
    ),
    Arrival(
        "an older version again waits",
        "06-08 16:00",
        (P8, W10),
        on(P8, W10),
        status="waiting",
        before=(FORM8, ("06-08 09:00", {"base": 9})),
        given={"base": 5},
        version=3,
    ),
    Arrival(
        "an earlier date on the form waits",
        "06-08 15:00",
        (P8, W10),
        on(P8, W10),
        status="waiting",
        before=(FORM8,),
        given={"date": "2021年6月3日", "base": 30},
        version=2,
    ),
    Arrival(
        "nothing filled in waits",
        "06-08 15:00",
        (P8, W10),
        on(P8, W10, state="doubt"),
        status="waiting",
        given={"filled": 0},
    ),
    Arrival(
        "an unknown sender waits",
        "06-08 15:00",
        (P8, W10),
        on(P8, W10, state="doubt"),
        status="waiting",
        sender="stranger@other.example",
    ),
    # other forms and materials
    Arrival(
        "liaison on the day",
        "06-04 23:00",
        ("liaison",),
        on("liaison"),
        part=form("liaison", "东陈镇"),
    ),
    Arrival(
        "liaison by the body's date",
        "05-31 10:00",
        ("liaison",),
        on("liaison"),
        part=form("liaison", "东陈镇"),
    ),
    Arrival(
        "liaison late",
        "06-20 10:00",
        ("liaison",),
        on("liaison", state="late"),
        part=form("liaison", "东陈镇"),
    ),
    Arrival(
        "summary on 1 July",
        "07-01 23:00",
        ("summary",),
        on("summary"),
        part=part("material", "活动总结.docx", text=LONG),
    ),
    Arrival(
        "summary on 2 July",
        "07-02 00:00",
        ("summary",),
        on("summary", state="late"),
        part=part("material", "活动总结.docx", text=LONG),
    ),
    Arrival(
        "experience has no deadline",
        "06-15 10:00",
        (),
        {},
        part=part("material", "信息第1期.docx", text=LONG),
    ),
    Arrival(
        "a video",
        "06-28 10:00",
        ("media",),
        on("media"),
        part=part("material", "活动.mp4", kind="video"),
    ),
    Arrival(
        "a photo called so",
        "06-28 10:00",
        ("media",),
        on("media"),
        "活动照片",
        part=part("scan_unread", "IMG_1.jpg", kind="image"),
    ),
    Arrival(
        "a photographed form",
        "06-08 10:00",
        (P8, W10),
        on(P8, W10, state="doubt"),
        "东陈镇统计表",
        status="waiting",
        part=part("scan_unread", "IMG_20210608.jpg", kind="image"),
    ),
    Arrival(
        "a damaged form",
        "06-08 10:00",
        (P8, W10),
        on(P8, W10, state="doubt"),
        status="waiting",
        part=part("damaged", "统计表.doc"),
    ),
    # at the seconds where one rule ends and the next begins
    Arrival("the last second before the windows", "06-03 23:59:59", (W3,), on(W3)),
    Arrival("the last second of 8 June", "06-08 23:59:59", (P8, W10), on(P8, W10)),
    Arrival(
        "the first second of 9 June, 8 June named",
        "06-09 00:00:00",
        (P8,),
        on(P8, state="late"),
        "6月8日统计表",
    ),
    Arrival(
        "the last second before the next chased one opens",
        "06-17 23:59:59",
        (W17, P8),
        on(W17) | on(P8, state="late"),
    ),
    Arrival("the last second of 24 June", "06-24 23:59:59", (P24, W24), on(P24, W24)),
    Arrival(
        "a second after 1 July",
        "07-02 00:00:01",
        ("media",),
        on("media", state="late"),
        "活动照片",
        part=part("scan_unread", "IMG_1.jpg", kind="image"),
    ),
    # weekends, holidays, nights
    Arrival("Saturday night is an arrival like any other", "06-05 23:30", (P8, W10), on(P8, W10)),
    Arrival(
        "端午, 8 June filed",
        "06-13 09:00",
        (W17,),
        on(P8, W10, W17),
        before=(FORM8,),
        version=1,
    ),
    # what the mail says of its time does not count, what the server says does
    Arrival(
        "written on 8 June, arrived on the 9th",
        "06-09 00:05",
        (W10, P8),
        on(W10) | on(P8, state="late"),
        text="6月8日23:50发出。",
        given={"date": "2021年6月8日", "base": 30},
    ),
    Arrival(
        "staff pass it on the next day: the server's time is all there is",
        "06-09 10:00",
        (P8,),
        on(P8, state="late"),
        "转发：东陈镇6月8日统计表",
        text="---------- 转发邮件信息 ----------\n发件人: 东陈镇\n发送日期: 2021-06-08 16:00",
        sender="1137652316@qq.com",
    ),
    # corrections
    Arrival(
        "a correction without an original is a return",
        "06-08 10:00",
        (P8, W10),
        on(P8, W10),
        "更正：东陈镇统计表",
    ),
    Arrival(
        "a correction of 8 June while 24 June is open",
        "06-20 10:00",
        (P8, W10),
        on(P8, W10),
        "更正：6月8日和6月10日统计表",
        before=(FORM8,),
        given={"base": 6},
        version=2,
    ),
    Arrival(
        "a correction that does not say of what, while 24 June is lacking",
        "06-22 10:00",
        (P8, W10, P24),
        on(P8, W10) | on(P24, state="doubt"),
        "更正：东陈镇统计表",
        status="waiting",
        before=(FORM8,),
        given={"base": 60},
        version=2,
    ),
    # words that contradict
    Arrival(
        "the subject names what is filed, the file what is due: the file's day is one of two",
        "06-23 10:00",
        (P8, P24),
        on(P8, W10) | on(P24, state="doubt"),
        "6月8日统计表",
        name="东陈镇6月24日统计表.docx",
        status="waiting",
        before=(FORM8,),
        given={"base": 50},
        version=2,
    ),
    Arrival(
        "a day that is nobody's deadline, and a date before the window",
        "06-22 10:00",
        (P24, W24),
        on(P24, W24),
        "东陈镇6月21日统计表",
        given={"date": "2021年5月31日", "base": 30},
    ),
    Arrival(
        "last year's form, sent by mistake or with a slip of the pen, waits",
        "06-23 10:00",
        (P24, W24),
        on(P24, W24, state="doubt"),
        status="waiting",
        given={"date": "2020年6月24日", "base": 30},
    ),
)
