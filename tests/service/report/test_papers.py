"""经验做法汇编, 通报, 联络员名册: papers that Word opens and a clerk may send on."""

from __future__ import annotations

from io import BytesIO

import docx
import pytest

from service import report
from service.report import paper
from service.report.numerals import chinese
from service.types import Campaign
from tests.service.report import office, stories

EIGHTH = "progress-0608"


def said(content: bytes) -> list[str]:
    return [p.text for p in docx.Document(BytesIO(content)).paragraphs]


def test_the_compilation_has_every_narrative_under_its_unit(
    files: dict[str, bytes], after_eighth: stories.Story
) -> None:
    lines = said(files["经验做法汇编.docx"])

    assert "一、提升思想认识能力" in lines and "六、提升执法监管能力" in lines
    assert lines.count("（三）城南街道综合执法局") == 6
    for s in after_eighth.submissions:
        if EIGHTH in s.deadlines and s.status == "governing":
            assert s.read["fields"]["8.1"]["value"].split("\n")[0] in lines


def test_the_bulletin_names_each_group_once(files: dict[str, bytes]) -> None:
    text = "\n".join(said(files["通报.docx"]))

    assert "应报20家，按时报送14家，迟报0家，未报4家" in text
    assert "人事科、监督指挥中心、环卫处、执法大队。" in text
    assert "已收到来件、正在核实的单位（1家）" in text and "免报的单位（1家）" in text
    assert "迟报的单位" not in text
    assert text.rstrip().endswith("如皋市城市管理局\n2021年6月9日")


def test_the_bulletin_says_how_late_a_late_unit_was(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-11 09:00")
    files = report.build(campaign, story.ledger(), EIGHTH, story.now)

    assert "人事科（6月10日报，迟2天）。" in said(
        next(f.content for f in files if "通报" in f.name)
    )


def test_the_roster_holds_every_unit_and_full_numbers(files: dict[str, bytes]) -> None:
    rows = docx.Document(BytesIO(files["联络员名册.docx"])).tables[0].rows

    texts = [[c.text for c in r.cells] for r in rows]
    assert len(texts) == 21
    assert texts[1][1:3] == ["如城街道综合执法局", "王小一"]
    assert "13900000000" in texts[1]
    assert texts[20][1] == "执法大队"


@pytest.mark.real_server
@office.needs_office
def test_bulletin_and_roster_take_one_page_each(printed: dict[str, list[str]]) -> None:
    found = [len(printed[n]) for n in ("通报.docx", "联络员名册.docx", "通报40.docx")]

    assert found == [1, 1, 1]


def test_a_signature_never_stands_alone_on_a_page(files: dict[str, bytes]) -> None:
    paragraphs = docx.Document(BytesIO(files["通报.docx"])).paragraphs

    kept = [p.paragraph_format.keep_with_next for p in paragraphs[-4:]]
    assert [p.style.name for p in paragraphs[-2:]] == ["落款", "落款"]
    assert kept == [True, True, True, None]
    assert paragraphs[-4].text.startswith("请未报单位")


def test_a_paper_takes_any_text_and_stays_well_formed(after_eighth: stories.Story) -> None:
    hostile = "<w:p/>&amp;]]>\x00\ud800\u202e甲"
    table = paper.Table((("头", 40.0),), ((hostile,),))

    content = paper.write(hostile, [paper.Line("Text", hostile), table], after_eighth.now)

    document = docx.Document(BytesIO(content))
    assert document.paragraphs[0].text == "<w:p/>&amp;]]>甲"
    assert document.tables[0].rows[1].cells[0].text == "<w:p/>&amp;]]>甲"


def test_a_mark_in_a_senders_text_is_no_mark() -> None:
    lines = list(paper.marked(["文|题|假标题"]))

    assert lines == [paper.Line("Text", "题|假标题")]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (42, "四十二"), (100, "100")],
)
def test_chinese_numerals(number: int, shown: str) -> None:
    assert chinese(number) == shown
