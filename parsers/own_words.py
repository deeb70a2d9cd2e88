"""The sender's own words (本人的话): a mail's text without what it quotes, and what it says.

A reply carries the earlier mail below it, often our own reminder with its table: nothing in
there is the sender's. Marks: RFC 3676 section 4.5 (">"), and the separators that QQ Mail,
Foxmail, 163 and Outlook write.
"""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(
    r"-{2,}\s*(?:原始邮件|原邮件|转发的邮件|转发邮件|Original(?:\s+Message)?|Original\s+Mail)\s*-{2,}"
    r"|-{5,}\s*回复的?原邮件\s*-{5,}"
    r"|^\s*(?:在|于)?[^\n]{0,80}(?:写道|wrote)\s*[:：]\s*$"
    r"|^\s*_{20,}\s*$"
    r"|^\s*发件人[:：][^\n]*\n(?:[^\n]*\n){0,3}?\s*(?:发送时间|发送日期|日期|收件人)[:：]"
    r"|^\s*From:[^\n]*\n(?:[^\n]*\n){0,3}?\s*(?:Sent|Date|To):",
    re.I | re.M,
)
_FORWARDED = re.compile(r"-{2,}\s*(?:转发的邮件|转发邮件|Forwarded\s+[Mm]essage)\s*-{2,}", re.I)
_HTML_QUOTE = re.compile(
    r"<blockquote\b|class=[\"']?(?:gmail_quote|qmbox|ntes_not_fresh_fixed|isReplyContent)"
    r"|id=[\"']?(?:isReplyContent|divNeteaseMailCard|spnEditorSign)"
    r"|-{2,}(?:&nbsp;|\s)*(?:原始邮件|原邮件|Original)",
    re.I,
)
_NOTHING = re.compile(
    r"^(?:您好|你好|领导好|老师好)?"
    r"(?:[\u4e00-\u9fff]{2,12}(?:镇|街道|局|科|处|中心|大队|队|学校?|园|村|社区|公司))?"
    r"(?:我(?:单位|局|科|处|镇|街道|们|大队|中心|校|园|村|社区|公司)?"
    r"|本(?:单位|局|科|处|镇|街道|大队|中心|校|园|村|社区|公司))?"
    r"(?:(?:在)?(?:本|这|上)(?:周|期|月|次|阶段)|截至目前|目前|\d{1,2}月\d{1,2}日(?:前|止)?)?"
    r"(?:(?:的)?(?:[\u4e00-\u9fff]{2,8}月)?(?:活动)?(?:照片|视频|影像|材料|总结|信息|数据|情况|进展|表)?)?"
    r"(?:均|都|暂|尚)?"
    r"(?:无|没有|未开展|未组织|零报告|空报)"
    r"(?:相关|任何|新的?|新增|[该此这]项)?"
    r"(?:活动|数据|信息|事项|照片|视频|影像|材料|内容|情况|进展|报送|上报|开展|新增|更新|需要上报的|可报)*"
    r"(?:特此(?:报告|说明|告知)|谢谢|望知悉|请知悉|情况)?$"
)
_CLAUSE = re.compile(r"[，,。.;；!！\n\s、]+")
_GREETING = re.compile(
    r"^(?:您好|你好|领导好?|各位好?|谢谢|此致|敬礼|请查收|收到|.{0,12}同志|.{0,4}科长)$"
)
_CHANGE = re.compile(
    r"(?<![\d.])(\d{1,2}\.\d{1,2})\s*(?:项|栏)?\s*(?:应)?(?:改为|改成|更正为|应为|调整为)\s*"
    r"[“\"（(]?\s*(\d{1,9}|是|否|无)"
)


def own(text: str) -> str:
    """The text above whatever it quotes; a forwarded mail is kept, it was sent on purpose."""
    forwarded = _FORWARDED.search(text)
    found = _SEPARATORS.search(text)
    if found and not (forwarded and forwarded.start() == found.start()):
        text = text[: found.start()]
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(">")]
    return "\n".join(lines).strip()


def own_html(html: str) -> str:
    """The HTML above the quotation, cut short: readers of HTML close what stays open."""
    found = _HTML_QUOTE.search(html)
    if not found or _FORWARDED.search(html):
        return html
    start = html.rfind("<", 0, found.start() + 1)
    return html[: max(start, 0)]


def says_nothing_to_report(text: str) -> bool:
    """Whether the mail says that there is nothing to report (零报告): “本周无”, “无照片”.

    Every clause must be a greeting or say so: a mail with anything else in it is no nil return.
    """
    said = False
    for clause in _CLAUSE.split(unicodedata.normalize("NFKC", own(text))):
        clause = re.sub(r"[“”\"'‘’（）():：]", "", clause)
        if not clause or _GREETING.match(clause):
            continue
        if not _NOTHING.match(clause):
            return False
        said = True
    return said


def changes(text: str) -> tuple[tuple[str, str], ...]:
    """Corrections of single cells in words (“3.2 改为12”): (field key, new value) pairs,
    a proposal for the staff, never a value."""
    folded = unicodedata.normalize("NFKC", own(text))
    return tuple((m.group(1), m.group(2)) for m in _CHANGE.finditer(folded))
