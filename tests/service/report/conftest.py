"""The shipped campaign and a June of made-up returns."""

from __future__ import annotations

import pytest

from service import report
from service.moments import moment
from service.report.basis import gather
from service.report.bulletin import bulletin
from service.types import Campaign
from tests.service.report import office, stories


@pytest.fixture(scope="session")
def campaign() -> Campaign:
    return stories.load()


@pytest.fixture(scope="session")
def after_eighth(campaign: Campaign) -> stories.Story:
    """9 June, 09:00: the morning of the first report."""
    return stories.june(campaign, "2021-06-09 09:00")


@pytest.fixture(scope="session")
def after_twentyfourth(campaign: Campaign) -> stories.Story:
    """25 June, 09:00: the morning of the second report."""
    return stories.june(campaign, "2021-06-25 09:00")


@pytest.fixture(scope="session")
def files(after_eighth: stories.Story) -> dict[str, bytes]:
    """The report of 9 June by file name."""
    story = after_eighth
    built = report.build(story.campaign, story.ledger(), "progress-0608", story.now)
    return {f.name: f.content for f in built}


@pytest.fixture(scope="session")
def printed(files: dict[str, bytes], campaign: Campaign) -> dict[str, list[str]]:
    """The same on paper: the text of each page, all files in one run of LibreOffice; and the
    bulletin of forty units."""
    papers = {n: c for n, c in files.items() if not n.endswith(".html")}
    story = stories.Story(stories.many_units(campaign, 40), moment("2021-06-09 09:00"))
    basis = gather(story.campaign, story.ledger(), "progress-0608", story.now)
    papers["通报40.docx"] = bulletin(basis).content
    pdfs = office.convert(papers, "pdf")
    return {n: office.page_texts(pdfs[n.rpartition(".")[0] + ".pdf"]) for n in papers}
