"""The sheet 图表: native charts of the progress of filing and of the totals by unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.title import Title, title_maker

from service.moments import ZONE, last_day
from service.report import look, wording
from service.report.basis import Basis
from service.report.figures import Figures, Return
from service.report.sheet import Book, Column, Page
from service.report.wording import say

_MOST_UNITS = 30
_MOST_DAYS = 62
_COLUMNS = (
    Column("日期", 12, look.CENTRE),
    Column("累计已报家数", 13, look.CENTRE),
    Column("应报家数", 11, look.CENTRE),
    Column("", 3, look.NOTE),
    Column("单位", 24),
)


def write(book: Book, basis: Basis) -> None:
    """The data in columns A-C and E-F, the charts to the right of them."""
    measure = leading_measure(basis.figures)
    heading = say("sum_of", measure=measure) if measure else ""
    page = book.page(
        wording.CHARTS,
        [*_COLUMNS, Column(heading, 13, look.NUMBER)],
        title=say("charts_title", campaign=basis.campaign.title, deadline=basis.deadline.name),
        note=say("charts_note", most=_MOST_UNITS),
    )
    days = filed_by_day(basis)
    units = sorted(
        ((r, _sum(basis.figures, r, measure)) for r in basis.figures.returns),
        key=lambda pair: -pair[1],
    )[: _MOST_UNITS if measure else 0]
    for i in range(max(len(days), len(units))):
        day = days[i] if i < len(days) else None
        unit = units[i] if i < len(units) else None
        page.add(
            [
                f"{day[0].month}月{day[0].day}日" if day else None,
                day[1] if day else None,
                basis.figures.expected if day else None,
                None,
                unit[0].unit.name if unit else None,
                unit[1] if unit else None,
            ]
        )
    _add_progress(page, len(days))
    if units:
        _add_bars(page, len(units), measure)
    look.set_print(page.sheet, landscape=True, heading_rows="1:3", one_page_wide=True)


def filed_by_day(basis: Basis) -> list[tuple[date, int]]:
    """How many units had filed at the end of each day, from the opening to now or the end."""
    arrivals = [
        c.arrived_at.astimezone(ZONE).date()
        for u in basis.campaign.units
        if (c := basis.cell(u, basis.deadline)) and c.arrived_at and c.state in ("reported", "late")
    ]
    counts = Counter(arrivals)
    first = min([basis.deadline.opens_at.astimezone(ZONE).date(), *arrivals])
    last = max([last_day(basis.deadline.late_after), *arrivals])
    last = max(first, min(last, basis.now.astimezone(ZONE).date(), first + timedelta(_MOST_DAYS)))
    filed, out = 0, []
    for n in range((last - first).days + 1):
        day = first + timedelta(n)
        filed += counts[day]
        out.append((day, filed))
    return out


def leading_measure(figures: Figures) -> str:
    """The unit of measure with the largest sum over the form (here 人次); others would be
    added up without meaning."""
    sums: defaultdict[str, float] = defaultdict(float)
    for f in figures.fields:
        sums[f.field.unit] += f.total or 0
    return max(sums, key=lambda unit: sums[unit], default="")


def _sum(figures: Figures, found: Return, measure: str) -> float:
    keys = [f.field.key for f in figures.fields if f.field.unit == measure]
    return sum(found.number(key) or 0 for key in keys)


def _add_progress(page: Page, count: int) -> None:
    chart = LineChart()
    chart.title = _title(say("progress_chart"))
    first, last = page.heading_row, page.heading_row + count
    chart.add_data(Reference(page.sheet, 2, first, 3, last), titles_from_data=True)
    chart.set_categories(Reference(page.sheet, 1, first + 1, 1, last))
    for series in chart.series:
        series.smooth = False
    _dress(chart, say("day"), say("units_count"))
    chart.legend = Legend(legendPos="b", overlay=False)
    page.sheet.add_chart(chart, f"H{page.heading_row}")


def _add_bars(page: Page, count: int, measure: str) -> None:
    chart = BarChart()
    chart.type = "bar"
    chart.title = _title(say("bars_chart", measure=measure))
    chart.legend = None
    chart.gapWidth = 50
    first, last = page.heading_row + 1, page.heading_row + count
    chart.add_data(Reference(page.sheet, 6, first, 6, last))
    chart.set_categories(Reference(page.sheet, 5, first, 5, last))
    chart.dataLabels = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.tickLblSkip = 1
    # the largest on top turns the axis round; its numbers belong below all the same
    chart.y_axis.crosses = "max"
    chart.y_axis.majorGridlines = None
    _dress(chart, say("unit"), measure)
    chart.height = max(7.5, 2.5 + 0.65 * count)
    page.sheet.add_chart(chart, f"H{page.heading_row + 17}")


def _dress(chart: LineChart | BarChart, below: str, beside: str) -> None:
    """Whole numbers from zero, and axes shown: openpyxl leaves them hidden for Excel."""
    chart.x_axis.title, chart.y_axis.title = _title(below), _title(beside)
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.scaling.min = 0
    chart.y_axis.number_format = "0"
    chart.width, chart.height = 17, 8.5


def _title(text: str) -> Title:
    """Beside the plot: without the word, newer Excel lays it over the lines."""
    title: Title = title_maker(text)
    title.overlay = False
    return title
