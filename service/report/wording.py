"""Names of sheets and files, headings of columns: one place for the workbook's fixed words.

Sentences stand in templates/words/zh.toml, section [report].
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from service import words
from service.moments import ZONE
from service.types import BlankForm, CellState, Deadline, LedgerCell, Unit

WORKBOOK, COMPILATION, BULLETIN = "汇总.xlsx", "经验做法汇编.docx", "通报.docx"
ROSTER, INDEX = "联络员名册.docx", "index.html"

TOTALS, DETAILS, FILING, SCORES = "汇总", "明细", "报送情况", "考核台账"
NARRATIVES, PEOPLE, MATERIAL = "经验做法", "联络员名册", "影像资料"
DOUBTS, CHANGES, CHARTS = "待核", "变动", "图表"

NOW, CARRIED, NO_FIGURES = "本期", "上期结转", "未录入"
"""Where a row of 明细 comes from; the totals add by these words."""

TOTALS_HEADINGS = (
    ("编号", 6.5),
    ("活动项目", 37),
    ("指标", 50),
    ("单位", 6.5),
    ("合计", 11),
    ("有数", 7),
    ("零报", 7),
    ("不涉及", 8),
    ("未填", 7),
    ("约数", 7),
    ("待核", 7),
    ("未报单位上期结转", 10),
    ("备注", 18),
)
DETAILS_HEADINGS = (
    ("序号", 6),
    ("单位", 24),
    ("类别", 16),
    ("状态", 11),
    ("数据来源", 10),
    ("口径", 9),
    ("到达时间", 15),
    ("版次", 6),
)
SCORES_HEADINGS = (
    ("序号", 6),
    ("单位", 24),
    ("类别", 16),
    ("应报", 7),
    ("按时", 7),
    ("迟报", 7),
    ("未报", 7),
    ("免报", 7),
    ("待核", 7),
    ("超时天数", 9),
    ("退回", 7),
    ("得分", 8),
    ("名次", 7),
    ("迟报、未报事项", 40),
)
NARRATIVES_HEADINGS = (
    ("编号", 7),
    ("工作项目", 18),
    ("单位", 20),
    ("内容", 78),
    ("字数", 7),
    ("超长", 11),
    ("到达时间", 15),
)
PEOPLE_HEADINGS = (
    ("序号", 6),
    ("单位", 24),
    ("来源", 13),
)
PEOPLE_LAST_HEADINGS = (("已确认邮箱", 26),)
MATERIAL_HEADINGS = (
    ("序号", 6),
    ("单位", 24),
    ("种类", 12),
    ("名称", 40),
    ("大小", 10),
    ("到达时间", 15),
    ("有效期至", 18),
    ("邮件", 8),
    ("链接", 46),
)
DOUBTS_HEADINGS = (
    ("编号", 12),
    ("单位", 20),
    ("事项", 20),
    ("位置", 14),
    ("指标", 26),
    ("说明", 46),
    ("原文", 20),
    ("来件", 30),
    ("到达时间", 15),
)
CHANGES_HEADINGS = (
    ("单位", 20),
    ("事项", 20),
    ("编号", 8),
    ("指标", 28),
    ("原报", 24),
    ("现报", 24),
    ("版次", 8),
    ("报送人", 22),
    ("来件", 30),
    ("到达时间", 15),
)


def filled_name(blank: BlankForm | None) -> str | None:
    """附件2-汇总.docx: the form's short name; None without a blank that can be written into."""
    suffix = "" if blank is None else PurePosixPath(blank.file_name).suffix.lower()
    if blank is None or suffix not in (".docx", ".xlsx"):
        return None
    return f"{blank.name.split()[0]}-汇总{suffix}"


def say(code: str, /, **facts: object) -> str:
    """A sentence of the report."""
    return words.say("report", code, facts)


def state(cell: LedgerCell) -> str:
    """已报, 迟报2天, 未报, 免报, 待核, 待报, 未到期."""
    return words.say("cell", cell.state, {"days": cell.days_late})


def colour_of(deadline: Deadline, cell: LedgerCell) -> CellState:
    """The state whose colour a cell bears: what is only recorded is nobody's fault, never red."""
    silent = deadline.mode == "record" and cell.state == "missing"
    return "not_due" if silent else cell.state


def state_name(state: CellState) -> str:
    """The state of several units at once: 已报, 迟报, 未报."""
    return say("late") if state == "late" else words.say("cell", state)


def names(units: Sequence[Unit], most: int = 20) -> str:
    """甲、乙、丙; of a long list the first ones and how many there are."""
    said = "、".join(u.name for u in units[:most])
    return said if len(units) <= most else say("and_more", names=said, count=len(units))


def day(when: datetime) -> str:
    """2021年6月9日."""
    local = when.astimezone(ZONE)
    return f"{local.year}年{local.month}月{local.day}日"


def moment(when: datetime) -> str:
    """2021年6月9日 09:00."""
    return f"{day(when)} {when.astimezone(ZONE):%H:%M}"
