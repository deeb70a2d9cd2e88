"""附件2-汇总.docx: the blank with only its slots changed, and it reads back as the totals."""

from __future__ import annotations

import re
from io import BytesIO

import docx
import pytest

from parsers.read import Desk, read
from service import report
from service.moments import moment
from service.types import Campaign
from tests.service.report import office, stories

EIGHTH = "progress-0608"
NAME = "附件2-汇总.docx"
SLOT = re.compile(r"（[^（）]*）|[□☑√_]")


def made(story: stories.Story) -> bytes:
    files = report.build(story.campaign, story.ledger(), EIGHTH, story.now)
    return next(f.content for f in files if f.name == NAME)


@pytest.fixture
def filled(files: dict[str, bytes]) -> bytes:
    return files[NAME]


def paragraphs(content: bytes) -> list[str]:
    document = docx.Document(BytesIO(content))
    cells = [c for t in document.tables for r in t.rows for c in r.cells]
    return [p.text for p in document.paragraphs] + [c.text for c in cells]


def test_only_slots_differ_from_the_blank(filled: bytes, campaign: Campaign) -> None:
    before = paragraphs(campaign.blank("progress").content)
    after = paragraphs(filled)

    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        if "填报单位" not in old:
            assert SLOT.sub("", new) == SLOT.sub("", old)


def test_tables_and_styles_are_those_of_the_blank(filled: bytes, campaign: Campaign) -> None:
    old = docx.Document(BytesIO(campaign.blank("progress").content))
    new = docx.Document(BytesIO(filled))

    for a, b in zip(old.tables, new.tables, strict=True):
        assert (len(a.rows), len(a.columns)) == (len(b.rows), len(b.columns))
    assert old.styles.element.xml == new.styles.element.xml


def test_the_header_is_the_bureaus_own(filled: bytes) -> None:
    header = next(p for p in paragraphs(filled) if "填报单位" in p)

    for said in ("如皋市城市管理局", "刘露璐", "139-0000-0000", "2021年6月9日"):
        assert said in header


def test_the_narratives_keep_their_prompt(filled: bytes) -> None:
    prompts = [
        p
        for p in paragraphs(filled)
        if p == "条目式简要表述相关工作经验做法和成效（字数200字以内）"
    ]

    assert len(prompts) == 6


def test_read_back_it_gives_the_totals(filled: bytes, after_eighth: stories.Story) -> None:
    campaign = after_eighth.campaign
    found = read(filled, NAME, Desk(tuple(b.form for b in campaign.forms))).reading
    figures = report.totals(campaign, after_eighth.ledger(), EIGHTH)

    assert found is not None
    for f in figures.fields:
        value = found.value(f.field.key)
        if f.field.kind == "number":
            assert (value.value, value.approx) == (f.total, bool(f.approx)), f.field.key
        elif f.field.kind == "choice":
            assert value.value == f.answer
        else:
            assert value.state == "blank"


def test_a_slot_about_which_nobody_said_anything_stays_empty(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-09 09:00"))

    assert sum(p.count("（  ）") for p in paragraphs(made(story))) == sum(
        p.count("（  ）") for p in paragraphs(campaign.blank("progress").content)
    )


@pytest.mark.real_server
@office.needs_office
def test_libreoffice_opens_it_on_two_pages(printed: dict[str, list[str]]) -> None:
    pages = printed[NAME]

    assert len(pages) == 2
    assert "如皋市城市管理局" in pages[0]
