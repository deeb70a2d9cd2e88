"""The sheets 汇总 (one indicator a row) and 明细 (one unit a row); the totals are formulas."""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break, ColBreak

from parsers.types import Field
from service.report import look, plain, wording
from service.report.basis import Basis
from service.report.figures import Entry, FieldFigures, Figures, Return
from service.report.sheet import Book, Column, Formula, Page, Styled, Value
from service.report.wording import say
from service.types import Unit

_FIELD_WIDTH = 10.5
_PAGE_WIDTH = 110
"""Characters that fit across a landscape A4 page at full size."""
_RAW_CHARS = 8


def write(book: Book, basis: Basis) -> None:
    """Both sheets: the totals point into the rows of 明细."""
    totals = book.page(
        wording.TOTALS,
        [Column(h, w, look.CENTRE) for h, w in wording.TOTALS_HEADINGS],
        title=say("totals_title", campaign=basis.campaign.title, deadline=basis.deadline.name),
        note=coverage_note(basis),
    )
    details = _details(book, basis)
    for row, figures in enumerate(basis.figures.fields):
        totals.add(_totals_row(basis, figures, row, details))
    totals.finish(frozen_columns=3)


def coverage_note(basis: Basis) -> str:
    """What the totals rest on and what they lack, in words."""
    figures = basis.figures
    lines = [
        say(
            "basis",
            at=wording.moment(basis.now),
            expected=figures.expected,
            returns=len(figures.returns),
        )
    ]
    lines.extend(absences(figures))
    if figures.deadline.coverage:
        lines.append(say(f"coverage_{figures.deadline.coverage}"))
    if figures.contrary:
        names = wording.names([r.unit for r in figures.contrary])
        lines.append(say("coverage_contrary", names=names))
    return "\n".join(lines)


def absences(figures: Figures) -> list[str]:
    """One sentence for each group of units that add nothing."""
    groups = (
        ("not_in_missing", figures.missing),
        ("not_in_doubt", figures.doubtful),
        ("not_in_unread", figures.unread),
        ("not_in_waived", figures.waived),
    )
    lines = [say(code, count=len(us), names=wording.names(us)) for code, us in groups if us]
    if figures.carried:
        names = wording.names([r.unit for r in figures.carried])
        lines.append(say("carried", count=len(figures.carried), names=names))
    return lines


def numeric(figures: Figures) -> list[Field]:
    """The fields that 明细 shows: all but narratives."""
    return [f.field for f in figures.fields if f.field.kind != "narrative"]


def _totals_row(basis: Basis, f: FieldFigures, row: int, details: Page) -> Iterator[Value]:
    yield f.field.key
    yield Styled(basis.headings.get(f.field.key, ""), look.TEXT)
    yield Styled(f.field.label, look.TEXT)
    yield f.field.unit
    yield _total(basis.figures, f, details)
    yield from (f.reported, f.nil, f.na, f.blank, f.approx, f.unsure)
    yield _carried(basis.figures, f, details)
    yield Styled(_remark(f), look.TEXT)


def _total(figures: Figures, f: FieldFigures, details: Page) -> Value:
    note = say("missing_note", names=wording.names(figures.absent)) if figures.absent else ""
    if f.field.kind == "narrative":
        return Styled(say("see_narratives"), look.CENTRE)
    if f.field.kind == "choice":
        return Styled(f.answer or "", look.TOTAL, note)
    if f.field.kind != "number" or f.total is None:
        return Styled("", look.TOTAL)
    style = look.TOTAL_ABOUT if f.approx else look.TOTAL
    return Styled(_sum(figures, f, details, wording.NOW, f.total), style, note)


def _carried(figures: Figures, f: FieldFigures, details: Page) -> Value:
    if f.carried is None:
        return Styled("", look.NUMBER)
    return Styled(_sum(figures, f, details, wording.CARRIED, f.carried), look.NUMBER)


def _sum(figures: Figures, f: FieldFigures, details: Page, source: str, shown: float) -> Formula:
    """SUMIFS over 明细 by where the row comes from, so that sorting it changes nothing."""
    at = len(wording.DETAILS_HEADINGS) + 1 + numeric(figures).index(f.field)
    first, last = details.heading_row + 1, details.last_row
    column = _range(get_column_letter(at), first, last)
    sources = _range(_letter("数据来源"), first, last)
    return Formula(f'=SUMIFS({column},{sources},"{source}")', shown)


def _range(letter: str, first: int, last: int) -> str:
    return f"{wording.DETAILS}!${letter}${first}:${letter}${last}"


def _letter(heading: str) -> str:
    headings = [h for h, _ in wording.DETAILS_HEADINGS]
    return get_column_letter(headings.index(heading) + 1)


def _remark(f: FieldFigures) -> str:
    if f.field.kind == "choice":
        counts = "、".join(f"{option}{n}家" for option, n in f.counts)
        return say("choice_counts", counts=counts, blank=f.blank + f.na + f.unsure)
    if f.is_average:
        return say("average")
    if f.approx:
        return say("about", count=f.approx)
    return say("nobody") if f.field.kind == "number" and f.total is None else ""


def _details(book: Book, basis: Basis) -> Page:
    fields = numeric(basis.figures)
    styles = {"单位": look.TEXT, "到达时间": look.WHEN}
    columns = [
        *(Column(h, w, styles.get(h, look.CENTRE)) for h, w in wording.DETAILS_HEADINGS),
        *(Column(f.label, _FIELD_WIDTH, look.NUMBER) for f in fields),
    ]
    title = say("details_title", campaign=basis.campaign.title, deadline=basis.deadline.name)
    page = book.page(
        wording.DETAILS,
        columns,
        title=title,
        note=say("details_note", now=wording.NOW, carried=wording.CARRIED),
        above=[
            _above(say("key"), [f.key for f in fields]),
            _above(say("measure"), [f.unit for f in fields]),
        ],
    )
    now = {r.unit.id: r for r in basis.figures.returns}
    carried = {r.unit.id: r for r in basis.figures.carried}
    owing = [u for u in basis.campaign.units if basis.deadline.applies_to(u)]
    for number, unit in enumerate(owing, start=1):
        found = now.get(unit.id) or carried.get(unit.id)
        page.add([number, *_standing(basis, unit, found), *_entries(fields, found)])
    page.finish(frozen_columns=2, one_page_wide=False, heading_from=page.heading_row - 2)
    _set_breaks(page, fields, title)
    return page


def _above(name: str, texts: list[str]) -> list[Value]:
    """A heading row of its own; its name stands over the units, so on every printed page."""
    before = ["", name, *[""] * (len(wording.DETAILS_HEADINGS) - 2)]
    return [Styled(text, look.HEADING) for text in (*before, *texts)]


def _standing(basis: Basis, unit: Unit, found: Return | None) -> list[Value]:
    cell = basis.cell(unit, basis.deadline)
    state = cell.state if cell else "not_due"
    word: Value = Styled(wording.state(cell), look.STATE_STYLE[state]) if cell else ""
    if found is None:
        source = wording.NO_FIGURES if unit in basis.figures.unread else ""
        arrived = cell.arrived_at if cell else None
        return [unit.name, unit.kind, word, source, "", arrived, None]
    source = wording.NOW if found.deadline == basis.deadline.key else wording.CARRIED
    said = say(f"said_{found.coverage or 'nothing'}")
    submission = found.submission
    return [unit.name, unit.kind, word, source, said, submission.arrived_at, submission.version]


def _entries(fields: list[Field], found: Return | None) -> Iterator[Value]:
    for f in fields:
        yield _entry(found.entries[f.key]) if found else None


def _entry(entry: Entry) -> Value:
    """A number that may be added, or a text that a sum leaves out."""
    if entry.state == "unsure":
        return Styled(say("unsure_cell", raw=plain.line(entry.raw, _RAW_CHARS)), look.WARNING)
    if entry.state == "na":
        return Styled("／", look.CENTRE)
    if isinstance(entry.value, tuple):
        return Styled("、".join(entry.value), look.CENTRE)
    if isinstance(entry.value, str):
        return Styled(entry.value, look.CENTRE)
    return Styled(entry.value, look.ABOUT if entry.approx else look.NUMBER)


def _set_breaks(page: Page, fields: list[Field], title: str) -> None:
    """On paper one row of the form (one 活动项目) a sheet, unit names repeated on each."""
    sheet = page.sheet
    sheet.print_title_cols = "A:B"
    sheet.col_breaks = ColBreak()
    before = len(wording.DETAILS_HEADINGS)
    rows = [f.key.split(".")[0] for f in fields]
    for i, row in enumerate(rows):
        if i == 0 or row != rows[i - 1]:
            sheet.col_breaks.append(Break(id=before + i))
    beside = sum(width for _, width in wording.DETAILS_HEADINGS[:2])
    widest = max((rows.count(row) for row in rows), default=0) * _FIELD_WIDTH + beside
    area = f"A{page.heading_row - 2}:{get_column_letter(before + len(fields))}{page.last_row}"
    look.print_apart(sheet, title, area, min(85, int(100 * _PAGE_WIDTH / widest)))
