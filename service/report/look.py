"""How the workbook looks: its named styles and the print set-up for A4.

Fonts are those of every Windows office; a named style can be changed by the clerk in one place.
"""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

TITLE, NOTE, HEADING, TEXT, CENTRE = "标题", "说明", "表头", "文字", "居中"
NUMBER, ABOUT, WHEN, WARNING = "数字", "约数", "时间", "提醒"
TOTAL, TOTAL_ABOUT = "总计", "总计 约"
STATE_STYLE = {
    "reported": "状态 已报",
    "late": "状态 迟报",
    "missing": "状态 未报",
    "waived": "状态 免报",
    "doubt": "状态 待核",
    "open": "状态 待报",
    "not_due": "状态 未到期",
}
STATE_FILL = {
    "reported": "D9EAD3",
    "late": "FFE599",
    "missing": "F4B6B0",
    "waived": "E4E4E4",
    "doubt": "CFD9F5",
    "open": "FFF7DF",
    "not_due": "FFFFFF",
}
_LINE = Side(style="thin", color="A6A6A6")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
# not "0", which would show 4.5 (万元) as 5
_NUMBER, _ABOUT, _WHEN = "General", '"约"General', 'm"月"d"日 "hh:mm'
_MARGIN_INCHES = 0.4


def add_styles(book: Workbook) -> None:
    """The named styles, once for a workbook."""
    plain = [
        _style(TITLE, size=16, bold=True, horizontal="left", frame=False, wrap=False, face="黑体"),
        _style(NOTE, size=10, colour="555555", frame=False, vertical="top"),
        _style(HEADING, bold=True, fill="DCE6F1", horizontal="center"),
        _style(TEXT),
        _style(CENTRE, horizontal="center"),
        _style(NUMBER, horizontal="right", number=_NUMBER),
        _style(ABOUT, horizontal="right", number=_ABOUT, fill="FFF7DF"),
        _style(WHEN, horizontal="center", number=_WHEN),
        _style(TOTAL, bold=True, horizontal="right", number=_NUMBER, fill="EAF1DD"),
        _style(TOTAL_ABOUT, bold=True, horizontal="right", number=_ABOUT, fill="EAF1DD"),
        _style(WARNING, fill="FCE4D6"),
    ]
    states = [
        _style(name, horizontal="center", fill=STATE_FILL[state])
        for state, name in STATE_STYLE.items()
    ]
    for style in (*plain, *states):
        book.add_named_style(style)


def _style(
    name: str,
    *,
    size: float = 10.5,
    bold: bool = False,
    colour: str = "000000",
    fill: str = "",
    horizontal: str = "left",
    vertical: str = "center",
    number: str = "General",
    frame: bool = True,
    wrap: bool = True,
    face: str = "宋体",
) -> NamedStyle:
    style = NamedStyle(name=name, number_format=number)
    style.font = Font(name=face, size=size, bold=bold, color=colour)
    style.alignment = Alignment(horizontal=horizontal, vertical=vertical, wrap_text=wrap)
    if fill:
        style.fill = PatternFill("solid", start_color=fill)
    if frame:
        style.border = _FRAME
    return style


def print_apart(sheet: Worksheet, title: str, area: str, scale: int) -> None:
    """For a sheet wider than a page: its title goes into the page header, not into a cell."""
    sheet.print_area = area
    sheet.page_setup.scale = scale
    header = HeaderFooterItem()
    header.center.text, header.center.size = title.replace("&", "&&"), 14
    sheet.oddHeader = header
    sheet.page_margins.top = _MARGIN_INCHES + 0.4


def set_print(sheet: Worksheet, *, landscape: bool, heading_rows: str, one_page_wide: bool) -> None:
    """A4, centred, heading rows on every page, page numbers at the foot."""
    sheet.page_setup.paperSize = 9  # ECMA-376 18.3.1.63: 9 is A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = heading_rows
    margins = sheet.page_margins
    margins.left = margins.right = _MARGIN_INCHES
    margins.top = margins.bottom = _MARGIN_INCHES + 0.2
    margins.header = margins.footer = 0.25
    footer = HeaderFooterItem()
    footer.center.text, footer.left.text = "第 &P 页  共 &N 页", "&A"
    sheet.oddFooter = footer
    if one_page_wide:
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
