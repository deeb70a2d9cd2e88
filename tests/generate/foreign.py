"""Eight foreign blanks in the four layouts, and how each is filled.

A table is a list of rows; `None` continues the cell on its left, `^` the cell above it.
Answers are written as `{key|text}`: the blank has the key's empty place, a filling the text.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import docx
import openpyxl

Row = list[str | None]
_ANSWER = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")


@dataclass(frozen=True, slots=True)
class Foreign:
    """A blank as lines and one table, and fillings: key → text as written."""

    name: str
    lines: tuple[str, ...]
    rows: tuple[Row, ...]
    fillings: tuple[dict[str, str], ...]
    truth: tuple[dict[str, object], ...]
    suffix: str = "docx"

    def file(self, filling: dict[str, str] | None) -> bytes:
        """The blank, or the blank with one filling, as a file."""
        text = lambda t: _written(t, filling)  # noqa: E731
        lines = [text(line) for line in self.lines]
        rows = [[t if t is None else text(t) for t in row] for row in self.rows]
        rows = _grown(rows, filling)
        return _docx(lines, rows) if self.suffix == "docx" else _xlsx(lines, rows)


def _written(text: str, filling: dict[str, str] | None) -> str:
    def place(m: re.Match[str]) -> str:
        return m[2] if filling is None else filling.get(m[1], m[2])

    return _ANSWER.sub(place, text)


def _grown(rows: list[Row], filling: dict[str, str] | None) -> list[Row]:
    """The rows with a list's records in place of its first empty ones."""
    records = [v.split("|") for k, v in sorted((filling or {}).items()) if k.startswith("+")]
    if not records:
        return rows
    first = next(i for i, row in enumerate(rows) if i and not any(t for t in row[1:]))
    kept = [r for r in rows[first:] if any(r[1:]) and r[0]]
    return [*rows[:first], *[[str(n), *r] for n, r in enumerate(records, 1)], *kept]


def _docx(lines: list[str], rows: list[Row]) -> bytes:
    paper = docx.Document()
    for line in lines:
        paper.add_paragraph(line)
    table = paper.add_table(rows=len(rows), cols=max(map(len, rows)))
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text is None:
                table.cell(r, c - 1).merge(table.cell(r, c))
            elif text == "^":
                table.cell(r - 1, c).merge(table.cell(r, c))
            elif text:
                table.cell(r, c).text = text
    target = io.BytesIO()
    paper.save(target)
    return target.getvalue()


def _xlsx(lines: list[str], rows: list[Row]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    width = max(map(len, rows))
    for r, line in enumerate(lines, 1):
        sheet.cell(r, 1, line)
        sheet.merge_cells(start_row=r, end_row=r, start_column=1, end_column=width)
    top = len(lines)
    for r, row in enumerate(rows, top + 1):
        for c, text in enumerate(row, 1):
            if text is None:
                sheet.merge_cells(start_row=r, end_row=r, start_column=c - 1, end_column=c)
            elif text == "^":
                sheet.merge_cells(start_row=r - 1, end_row=r, start_column=c, end_column=c)
            elif text:
                sheet.cell(r, c, int(text) if text.isdigit() and len(text) < 9 else text)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


FOREIGN = (
    Foreign(
        "桥梁巡查进展表",
        (
            "附件3",
            "城市桥梁安全巡查进展情况表",
            "填报单位：{填报单位|____________}  填报人：{填报人|______}  日期：{日期|    年  月  日}",
        ),
        (
            ["工作事项", "进展"],
            [
                "日常巡查",
                "出动巡查{1.1|____}场次，检查桥梁{1.2|____}座，走访企业{1.3|____}家次；发现病害{1.4|____}处，完成整改{1.5|____}处。",
            ],
            ["整治进度", "桥下空间整治{2.1|□已完成□进行中□未开始}，清理占用{2.2|____}处，投入资金{2.3|____}万元。"],
            ["宣传", "发放资料{3.1|____}份，悬挂横幅{3.2|____}幅，设置展板{3.3|____}块；整改率{3.4|____}%。"],
            ["经验做法", "{4.1|请简要说明主要做法（300字以内）}"],
        ),
        (
            {
                "填报单位": "白石街道", "填报人": "李小红", "日期": "2022年3月5日",
                "1.1": "12", "1.2": "二十", "1.3": "约30", "1.4": "0", "1.5": "无",
                "2.1": "□已完成☑进行中□未开始", "2.2": "8处", "2.3": "4.5",
                "3.1": "1,200", "3.2": "6", "3.3": "__5__", "3.4": "85", "4.1": "一是定人定岗；二是每日巡查。",
            },
            {"1.1": "3至5", "1.2": "7", "2.1": "☑已完成☑进行中□未开始", "2.3": "／", "3.1": "若干", "3.4": "100%"},
        ),
        (
            {
                "1.1": 12, "1.2": 20, "1.3": 30, "1.4": 0, "1.5": 0, "2.1": "进行中", "2.2": 8, "2.3": 4.5,
                "3.1": 1200, "3.2": 6, "3.3": 5, "3.4": 85, "4.1": "一是定人定岗；二是每日巡查。",
            },
            {"1.1": None, "1.2": 7, "2.1": None, "2.3": None, "3.1": None, "3.4": 100},
        ),
    ),
    Foreign(
        "燃气安全排查统计表",
        ("燃气安全排查统计表", "单位（盖章）：{单位|          }联系电话：{联系电话|          }"),
        (
            ["项目", "内容", "完成情况", "备注"],
            ["排查", "居民用户", "入户检查（{1.1|  }）户，更换软管（{1.2|  }）根；", "{1.3|}"],
            ["^", "餐饮场所", "检查餐饮（{2.1|  }）家，责令整改（{2.2|  }）家，停用（{2.3|  }）家", "{2.4|}"],
            ["演练", "应急演练", "是否开展：{3.1|是（）、否（）}，演练（{3.2|  }）场，参与（{3.3|  }）人次。", "{3.4|}"],
        ),
        (
            {"1.1": "1200", "1.2": "35", "1.3": "含老旧小区", "2.1": "88", "2.2": "三", "2.3": "0", "3.1": "是（√）、否（）", "3.2": "2", "3.3": "120余"},
            {"1.1": "l2", "1.2": " ", "2.1": "40", "2.2": "—", "3.1": "是（）、否（）", "3.2": "0"},
        ),
        (
            {"1.1": 1200, "1.2": 35, "1.3": "含老旧小区", "2.1": 88, "2.2": 3, "2.3": 0, "3.1": "是", "3.2": 2, "3.3": 120},
            {"1.1": None, "1.2": None, "2.1": 40, "2.2": None, "3.1": None, "3.2": 0},
        ),
        "xlsx",
    ),
    Foreign(
        "企业基本信息登记表",
        ("企业安全生产基本信息登记表",),
        (
            ["企业名称", "{企业名称|}", None, None],
            ["法定代表人", "{法定代表人|}", "联系电话", "{联系电话|}"],
            ["员工人数", "{员工人数|}", "成立日期", "{成立日期|}"],
            ["注册地址", "{注册地址|}", None, None],
            ["经营范围（主营）", "{经营范围|}", None, None],
        ),
        (
            {"企业名称": "青石环卫有限公司", "法定代表人": "王 明", "联系电话": "139 0000 0002", "员工人数": "一百二十人", "成立日期": "2015年6月", "注册地址": "示例路2号", "经营范围": "道路清扫"},
            {"企业名称": "白石物业", "联系电话": "13900000003", "员工人数": "30多", "成立日期": "2012.3.4"},
        ),
        (
            {"企业名称": "青石环卫有限公司", "法定代表人": "王 明", "联系电话": "13900000002", "员工人数": 120, "成立日期": None, "注册地址": "示例路2号", "经营范围": "道路清扫"},
            {"企业名称": "白石物业", "法定代表人": None, "联系电话": "13900000003", "员工人数": 30, "成立日期": "2012-03-04", "注册地址": None},
        ),
    ),
    Foreign(
        "值班人员登记表",
        ("附件1", "汛期值班人员登记表"),
        (
            ["单位", "{单位|}", "值班电话", "{值班电话|}"],
            ["带班领导", "{带班领导|}", "手机", "{手机|}"],
            ["值班地点", "{值班地点|}", None, None],
        ),
        (
            {"单位": "青石镇", "值班电话": "0513-80001105", "带班领导": "张三丰", "手机": "13900000004", "值班地点": "二楼值班室"},
            {"单位": "白石镇", "带班领导": "不涉及", "手机": "/", "值班地点": "三楼"},
        ),
        (
            {"单位": "青石镇", "值班电话": "0513-80001105", "带班领导": "张三丰", "手机": "13900000004", "值班地点": "二楼值班室"},
            {"单位": "白石镇", "值班电话": None, "带班领导": None, "手机": None, "值班地点": "三楼"},
        ),
        "xlsx",
    ),
    Foreign(
        "垃圾分类设施统计表",
        ("生活垃圾分类设施统计表", "填报单位：{填报单位|__________}"),
        (
            ["序号", "设施类型", "现有数量（座）", "新建数量（座）", "投资（万元）", "备注"],
            ["1", "分类投放点", "{1.1|}", "{1.2|}", "{1.3|}", "{1.4|}"],
            ["2", "再生资源站", "{2.1|}", "{2.2|}", "{2.3|}", "{2.4|}"],
            ["3", "中转站", "{3.1|}", "{3.2|}", "{3.3|}", "{3.4|}"],
            ["", "合计", "", "", "", ""],
        ),
        (
            {"填报单位": "青石镇", "1.1": "12", "1.2": "3座", "1.3": "4.5", "1.4": "含改造", "2.1": "2", "2.2": "0", "2.3": "/", "3.1": "一", "3.2": "无", "3.3": "约20"},
            {"1.1": "几个", "1.2": "2-3", "2.1": "1200", "3.3": "0.5"},
        ),
        (
            {"1.1": 12, "1.2": 3, "1.3": 4.5, "1.4": "含改造", "2.1": 2, "2.2": 0, "2.3": None, "3.1": 1, "3.2": 0, "3.3": 20},
            {"1.1": None, "1.2": None, "2.1": 1200, "2.2": None, "3.3": 0.5},
        ),
    ),
    Foreign(
        "环卫作业考核表",
        ("2022年环卫作业季度考核表", "单位：{单位|________}  联系人：{联系人|________}"),
        (
            ["考核内容", "机械化作业", None, "人工保洁", None],
            ["^", "车次（次）", "里程（公里）", "人数（人）", "面积（平方米）"],
            ["主干道", "{1.1|}", "{1.2|}", "{1.3|}", "{1.4|}"],
            ["背街小巷", "{2.1|}", "{2.2|}", "{2.3|}", "{2.4|}"],
            ["公厕", "{3.1|}", "{3.2|}", "{3.3|}", "{3.4|}"],
        ),
        (
            {"单位": "环卫处", "联系人": "赵六", "1.1": "30", "1.2": "125.5", "1.3": "18", "1.4": "1.2万", "2.1": "12", "2.2": "40", "2.3": "二十", "2.4": "8000", "3.1": "0", "3.3": "6"},
            {"1.1": "3O", "2.1": "5+6", "2.4": "—", "3.1": "7"},
        ),
        (
            {"1.1": 30, "1.2": 125.5, "1.3": 18, "1.4": 12000, "2.1": 12, "2.2": 40, "2.3": 20, "2.4": 8000, "3.1": 0, "3.2": None, "3.3": 6, "3.4": None},
            {"1.1": None, "2.1": None, "2.4": None, "3.1": 7},
        ),
        "xlsx",
    ),
    Foreign(
        "隐患排查台账",
        ("安全隐患排查整改台账", "填报单位：{填报单位|__________}  填报日期：{填报日期|________}"),
        (
            ["序号", "检查日期", "隐患地点", "隐患内容", "整改责任人", "罚款（元）"],
            ["1", "", "", "", "", ""],
            ["2", "", "", "", "", ""],
            ["3", "", "", "", "", ""],
        ),
        (
            {
                "填报单位": "青石镇", "填报日期": "2022.6.1",
                "+1": "6月1日|示例路3号|电线老化|王小明|200", "+2": "2022-06-02|菜市场|通道堵塞|李小红|0",
                "+3": "6.3|中转站|无灭火器|张三|／", "+4": "6月4日|公厕|地面湿滑|李四|约50",
            },
            {"+1": "6月5日|广场|护栏松动||几百"},
        ),
        (
            {"records": 4, "罚款（元）": [200, 0, None, 50], "隐患地点": ["示例路3号", "菜市场", "中转站", "公厕"]},
            {"records": 1, "罚款（元）": [None], "整改责任人": [None]},
        ),
    ),
    Foreign(
        "志愿者名册",
        ("附件4", "文明创建志愿者名册"),
        (
            ["序号", "姓名", "性别", "所在单位", "手机", "服务时长（小时）"],
            ["1", "", "", "", "", ""],
            ["2", "", "", "", "", ""],
            ["3", "", "", "", "", ""],
            ["4", "", "", "", "", ""],
        ),
        (
            {"+1": "王小明|男|青石镇|13900000005|12", "+2": "李 红|女|青石镇|13900000006|8.5"},
            {"+1": "赵六|男|环卫处|13900000007|", "+2": "钱七|女|环卫处||十"},
        ),
        (
            {"records": 2, "姓名": ["王小明", "李红"], "服务时长（小时）": [12, 8.5], "手机": ["13900000005", "13900000006"]},
            {"records": 2, "服务时长（小时）": [None, 10], "手机": ["13900000007", None]},
        ),
        "xlsx",
    ),
)  # fmt: skip
"""Years, units and names are made up."""
