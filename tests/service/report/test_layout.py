"""Every paper of the month gets a place with a name that Windows takes."""

from __future__ import annotations

from service.moments import moment
from service.report.layout import plan
from service.types import Campaign, PartFact
from tests.service.report.stories import Story

EIGHTH = "progress-0608"


def file(story: Story, name: str, **more: object) -> None:
    part = PartFact("1", name, "form", "progress", {}, sha256="b" * 64)
    read = {"outcome": "form", "form": "progress", "header": {}, "fields": {}}
    unit = story.campaign.expected[0].id
    story.filed(unit, [EIGHTH], "2021-06-08 09:00", read, parts=(part,), **more)


def paths(campaign: Campaign, *names: str, **more: object) -> list[str]:
    story = Story(campaign, moment("2021-06-09 09:00"))
    for name in names:
        file(story, name, **more)
    return [p.path for p in plan(campaign, story.ledger())]


def test_it_lies_under_its_deadline_and_unit(campaign: Campaign) -> None:
    assert paths(campaign, "统计表.docx") == [
        "报送材料/6月8日进展情况统计表/如城街道综合执法局/统计表.docx"
    ]


def test_no_two_share_a_path_even_by_letter_case(campaign: Campaign) -> None:
    found = paths(campaign, "Form.docx", "FORM.docx", "form.docx")

    assert len({p.casefold() for p in found}) == 3
    assert found[1].endswith("FORM(2).docx")


def test_a_hostile_name_stays_inside_the_folder(campaign: Campaign) -> None:
    (found,) = paths(campaign, "..\\..\\/etc/passwd\x00.docx")

    assert ".." not in found and found.count("/") == 3


def test_old_versions_and_doubtful_ones_say_so_in_front(campaign: Campaign) -> None:
    assert paths(campaign, "表.docx", status="counted")[0].endswith("/旧版1_表.docx")
    assert paths(campaign, "表.docx", status="waiting")[0].endswith("/待核_表.docx")


def test_what_was_refused_has_no_place(campaign: Campaign) -> None:
    assert paths(campaign, "表.docx", status="rejected") == []
