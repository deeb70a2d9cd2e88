"""All files of the consolidated report on one deadline, as they go to the staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.report import wording
from service.report.basis import gather
from service.report.bulletin import bulletin
from service.report.compilation import compilation
from service.report.filled_form import filled_form
from service.report.index_page import index_page
from service.report.roster import roster
from service.report.scoring import Rule
from service.report.workbook import workbook
from service.types import Attachment, Campaign, Ledger

_NO_PICTURES: Mapping[str, bytes] = {}


def build(
    campaign: Campaign,
    ledger: Ledger,
    deadline_key: str,
    now: datetime,
    rule: Rule | None = None,
    thumbnails: Mapping[str, bytes] = _NO_PICTURES,
) -> tuple[Attachment, ...]:
    """汇总.xlsx, 附件2-汇总.docx, 经验做法汇编.docx, 通报.docx, 联络员名册.docx, index.html.

    `rule` is the campaign's own unless given. `thumbnails` are small JPEGs by the hash of the
    picture (see layout.py). A deadline that asks for no form has no filled one.
    """
    basis = gather(campaign, ledger, deadline_key, now)
    files = (
        workbook(basis, rule or campaign.score),
        filled_form(basis),
        compilation(basis),
        bulletin(basis),
        roster(basis),
        index_page(basis, thumbnails),
    )
    return tuple(f for f in files if f is not None)


def enclosed(files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """What goes by mail: all but the index page, whose links lead into a folder."""
    return tuple(f for f in files if f.name != wording.INDEX)
