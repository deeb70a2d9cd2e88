"""Labels (栏目名): how a blank names what it asks for, and what kind of answer that calls for."""

from __future__ import annotations

import re

from parsers.types import Kind

_REMARK = re.compile(r"[（(【\[][^（）()]*[）)】\]]\s*$")
_SOFT = re.compile(r"[\s_＿ˍ:：]+")
_DATE = re.compile(r"(日期|时间|年月日?)$")
_TEXT = re.compile(
    r"(单位|部门|科室|名称|姓名|人员?|负责人|联系人|填[报表]人|领导|职务|职称|岗位|性别|民族|地[点址]|"
    r"电话|手机|号码?|微信号?|QQ|邮箱|传真|主题|题目|标题|内容|情况|措施|原因|备注|说明|意见|问题|"
    r"做法|成效|建议|类[别型]|级别|方式|形式|日期|时间|区域|路段|项目|事项|照片|编号)$",
    re.I,
)
_WHO = re.compile(
    r"(填[报写]|上报|报送|所[属在])?(学校|院校|校名|幼儿园|园所|园名|医院|企业|公司|机构|社区|村居?|街道|乡镇|镇街|"
    r"[县市]?区|县区|市县)"
)
"""Who fills a form where that is no 单位: heads a line, while a column of it may count them."""
_COUNT = re.compile(
    r"(数量?|次数|人数|个数|合计|总[数量计]|小计|率|金额|面积|长度|投入|经费|比例)$"
)
TOTAL = re.compile(r"^(合计|总计|小计|共计|累计|总数|合\s*计)")
_SUM = re.compile(r"(合计|总计|小计|共计)(数|数量)?")
_AVERAGE = re.compile(r"平均|[人日月年户生师班校]均|(率|比例|占比|百分比|比重)$")
_MEASURED = re.compile(r"(金额|面积|长度|里程|重量|投入|经费|资金|费用)$")
COUNTED_IN = re.compile(r"^(计量|数量)?单位$")
"""The heading of a column that says in what each row is counted."""
TICKED = re.compile(r"^(是|否|有|无|[不未]?(符合|合格|达标|完成|到位))$")
"""The heading of a column in which a tick is set."""
NUMBERED = re.compile(r"^\s*[\d０-９一二三四五六七八九十]{0,3}\s*[、.．]?\s*$")
"""Nothing, or a row's serial number."""
SERIAL = re.compile(r"^(序号|编号|序|№|No\.?)$", re.I)
REMARKS = re.compile(r"^(备注|说明|备\s*注)$")


def label_of(text: str) -> str:
    """A label without white space, colon, underscores and a trailing bracket remark."""
    label = _SOFT.sub("", text)
    bare = _REMARK.sub("", label)
    return _SOFT.sub("", bare) or label


def remark_of(text: str) -> str:
    """The trailing bracket remark of a label: 次 of 检查次数（次）."""
    found = _REMARK.search(text.strip().rstrip(":："))
    return found.group().strip("（()）【】[] ") if found else ""


def kind_of(label: str, default: Kind) -> Kind:
    """The kind of answer a label asks for; `default` where it does not say."""
    bare = label_of(label)
    if _COUNT.search(bare):
        return "number"
    if _DATE.search(bare):
        return "date"
    return "text" if _TEXT.search(bare) else default


def is_header_label(label: str) -> bool:
    """Whether a label with nothing behind it may wait for an answer (填报单位：)."""
    bare = label_of(label)
    return bool(_TEXT.search(bare) or _DATE.search(bare) or _WHO.fullmatch(bare))


def is_average(label: str, unit: str) -> bool:
    """Whether it asks for an average or a share, which no sum of the units' figures is."""
    return unit in ("%", "％", "‰") or bool(_AVERAGE.search(label_of(label)))


def may_have_decimals(label: str, unit: str) -> bool:
    """Whether a label asks for what need not be whole though its unit does not say so."""
    return is_average(label, unit) or (not unit and bool(_MEASURED.search(label_of(label))))


def is_total(label: str) -> bool:
    """Whether a row's label, or a column's headings joined with /, name a sum of others;
    累计 does so as a row's whole name, above a column it asks for the figure to date."""
    parts = [label_of(part) for part in re.split(r"[/·]", label)]
    return any(_SUM.fullmatch(p) for p in parts) or label_of(label) == "累计"
