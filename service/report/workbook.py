"""汇总.xlsx: the sheets in their order."""

from __future__ import annotations

from service.report import (
    charts,
    filing_sheets,
    people_sheets,
    return_sheets,
    totals_sheets,
    wording,
)
from service.report.basis import Basis
from service.report.scoring import Rule
from service.report.sheet import Book
from service.types import Attachment


def workbook(basis: Basis, rule: Rule) -> Attachment:
    """The consolidated workbook of one deadline."""
    book = Book(basis.campaign.title, basis.now)
    totals_sheets.write(book, basis)
    filing_sheets.write_filing(book, basis)
    filing_sheets.write_scores(book, basis, rule)
    return_sheets.write_narratives(book, basis)
    people_sheets.write_people(book, basis)
    people_sheets.write_material(book, basis)
    return_sheets.write_doubts(book, basis)
    return_sheets.write_changes(book, basis)
    charts.write(book, basis)
    return Attachment(wording.WORKBOOK, book.content())
