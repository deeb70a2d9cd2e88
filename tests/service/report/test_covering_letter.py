"""The covering letter names what is not in the totals and what the clerk must still do."""

from __future__ import annotations

from dataclasses import replace

from service import report
from service.types import Campaign, OpenDoubt, Unit
from tests.service.report import stories

EIGHTH, TWENTYFOURTH = "progress-0608", "progress-0624"


def letter(story: stories.Story, key: str, *, update: bool = False) -> tuple[str, str, str]:
    return report.covering(story.campaign, story.ledger(), key, story.now, update)


def test_it_counts_and_names_who_is_not_in_the_totals(after_eighth: stories.Story) -> None:
    subject, text, html = letter(after_eighth, EIGHTH)

    assert subject.endswith("（已报14/20家）") and "更新" not in subject
    for said in (text, html):
        assert "未报4家：人事科、监督指挥中心、环卫处、执法大队。" in said
        assert "待核、暂未计入1家：环卫科。" in said
        assert "免报1家：物管科。" in said


def test_it_tells_the_counts_behind_each_yes_or_no(after_eighth: stories.Story) -> None:
    counts = next(
        f
        for f in report.totals(after_eighth.campaign, after_eighth.ledger(), EIGHTH).fields
        if f.field.key == "1.3"
    )
    yes, no = (n for _, n in counts.counts)

    _, text, _ = letter(after_eighth, EIGHTH)

    assert f"电视专题片：是{yes}家，否{no}家，未填{counts.blank}家；汇总表填“是”。" in text


def test_an_update_says_that_it_is_one(after_eighth: stories.Story) -> None:
    subject, text, html = letter(after_eighth, EIGHTH, update=True)

    assert subject.startswith("【汇总更新】")
    assert "请以本次为准" in text and "请以本次为准" in html


def test_carried_figures_are_named_and_said_to_be_apart(after_twentyfourth: stories.Story) -> None:
    _, text, _ = letter(after_twentyfourth, TWENTYFOURTH)

    assert "另有4家本期未报" in text and "不在合计之内" in text


def test_the_last_report_tells_how_the_other_deadlines_stand(campaign: Campaign) -> None:
    _, june, _ = letter(stories.june(campaign, "2021-06-25 09:00"), TWENTYFOURTH)
    _, july, _ = letter(stories.june(campaign, "2021-07-02 09:00"), TWENTYFOURTH)

    assert "活动总结：应报20家" not in june
    assert "活动总结：应报20家，已报0家" in july and "视频、照片资料：应报20家" in july


def test_every_file_that_goes_with_it_is_named_and_nothing_else(
    after_eighth: stories.Story,
) -> None:
    built = report.build(after_eighth.campaign, after_eighth.ledger(), EIGHTH, after_eighth.now)
    files = report.enclosed(built)
    _, text, _ = letter(after_eighth, EIGHTH)

    named = text.split("附件：\n")[1].split("\n\n")[0].splitlines()
    assert [n.split(". ")[1] for n in named] == [f.name for f in files]


def test_names_are_escaped_in_html(campaign: Campaign) -> None:
    hostile = Unit("x", '<img src=x onerror="alert(1)">&')
    story = stories.Story(replace(campaign, units=(hostile,)), stories.moment("2021-06-09 09:00"))

    _, text, html = letter(story, EIGHTH)

    assert hostile.name in text
    assert "<img" not in html and "&lt;img" in html


def test_the_html_loads_and_runs_nothing(after_eighth: stories.Story) -> None:
    _, _, html = letter(after_eighth, EIGHTH)

    for bad in ("<script", "src=", "url(", "@import", "<link", "onerror", "http"):
        assert bad not in html


def test_the_index_page_stays_where_its_links_lead(after_eighth: stories.Story) -> None:
    built = report.build(after_eighth.campaign, after_eighth.ledger(), EIGHTH, after_eighth.now)

    assert {f.name for f in built} - {f.name for f in report.enclosed(built)} == {"index.html"}


def test_it_says_the_one_thing_to_do_first(after_eighth: stories.Story) -> None:
    _, text, html = letter(after_eighth, EIGHTH)

    for said in (text, html):
        assert said.index("请您办一件事") < said.index("没有计入合计的")
        assert "补写6处文字" in said


def test_it_ends_as_a_letter_does(after_eighth: stories.Story) -> None:
    lines = letter(after_eighth, EIGHTH)[1].splitlines()

    assert lines[0] == "刘露璐同志："
    assert [x.strip() for x in lines[-2:]] == ["报送系统自动汇总", "2021年6月9日"]


def test_what_must_be_decided_is_counted_apart_from_what_may_be(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 09:00")
    story.doubts.append(OpenDoubt("D7", "too_long", "6.1", (), 1, "1", soft=True))

    text = letter(story, EIGHTH)[1]

    assert "有1件来件待您核定" in text and "另有1处疑问供参考" in text


def test_the_last_report_says_in_its_subject_what_else_it_tells(campaign: Campaign) -> None:
    subject, text, _ = letter(stories.june(campaign, "2021-07-02 09:00"), TWENTYFOURTH)

    assert "、活动总结（0/20家）" in subject and "三、其他材料" in text
