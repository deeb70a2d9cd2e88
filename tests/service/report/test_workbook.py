"""汇总.xlsx: totals that LibreOffice agrees with, every sheet, one look on paper."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from service import report
from service.moments import moment
from service.report import wording
from service.types import Campaign, OpenDoubt
from tests.service.report import office, stories
from tests.service.report.test_sheet import PAYLOADS

EIGHTH, TWENTYFOURTH = "progress-0608", "progress-0624"
SHEETS = [
    "汇总",
    "明细",
    "报送情况",
    "考核台账",
    "经验做法",
    "联络员名册",
    "影像资料",
    "待核",
    "变动",
    "图表",
]
PAGES = {
    "汇总": 2,
    "明细": 6,
    "报送情况": 1,
    "考核台账": 1,
    "经验做法": 4,
    "联络员名册": 1,
    "影像资料": 1,
    "待核": 1,
    "变动": 1,
    "图表": 1,
}
"""Sheets of paper for twenty units: 明细 has one for the standing and one for each 活动项目."""


def made(story: stories.Story, key: str) -> bytes:
    files = report.build(story.campaign, story.ledger(), key, story.now)
    return next(f.content for f in files if f.name == "汇总.xlsx")


def opened(content: bytes, *, values: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(content), data_only=values)


def column(sheet: Any, heading: str) -> int:
    row = next(r for r in sheet.iter_rows(max_row=8) if any(c.value == heading for c in r))
    return next(c.column for c in row if c.value == heading)


def totals_of(book: openpyxl.Workbook, heading: str = "合计") -> dict[str, Any]:
    sheet = book["汇总"]
    at = column(sheet, heading)
    rows = sheet.iter_rows(min_row=4)
    return {r[0].value: r[at - 1].value for r in rows if re.fullmatch(r"\d+\.\d+", str(r[0].value))}


def added_up(story: stories.Story, key: str) -> dict[str, int]:
    """The totals by the plainest way there is, not by the code under test."""
    sums: dict[str, int] = {}
    for s in story.submissions:
        state = story.states.get((s.unit or "", key))
        if key not in s.deadlines or s.status != "governing" or not state:
            continue
        for field, said in s.read["fields"].items():
            if said["state"] in ("filled", "nil") and isinstance(said["value"], int):
                sums[field] = sums.get(field, 0) + said["value"]
    return sums


@pytest.fixture
def eighth(files: dict[str, bytes]) -> bytes:
    return files["汇总.xlsx"]


def test_it_has_the_sheets_in_their_order(eighth: bytes) -> None:
    assert opened(eighth).sheetnames == SHEETS


def test_totals_are_formulas_whose_stored_values_are_the_sums(
    eighth: bytes, after_eighth: stories.Story
) -> None:
    formulas = totals_of(opened(eighth))
    stored = totals_of(opened(eighth, values=True))

    sums = added_up(after_eighth, EIGHTH)
    assert len(sums) == 44
    assert {k: stored[k] for k in sums} == sums
    assert all(formulas[k].startswith("=SUMIFS(明细!") for k in sums)


@pytest.mark.real_server
@office.needs_office
def test_libreoffice_comes_to_the_same_totals(after_twentyfourth: stories.Story) -> None:
    content = made(after_twentyfourth, TWENTYFOURTH)

    book = office.recalculated(content)

    sums = added_up(after_twentyfourth, TWENTYFOURTH)
    totals = totals_of(book)
    assert {k: totals[k] for k in sums} == sums
    stored = opened(content, values=True)
    for heading in ("合计", "未报单位上期结转"):
        assert totals_of(book, heading) == totals_of(stored, heading)
    for heading in ("得分", "名次"):
        assert scores(book, heading) == scores(stored, heading)


def scores(book: openpyxl.Workbook, heading: str) -> list[Any]:
    sheet = book["考核台账"]
    at = column(sheet, heading)
    return [r[at - 1].value for r in sheet.iter_rows(min_row=5)]


def test_a_total_with_units_missing_says_so_in_its_note(eighth: bytes) -> None:
    sheet = opened(eighth)["汇总"]
    cell = next(r for r in sheet.iter_rows() if r[0].value == "3.2")[4]

    for name in ("人事科", "监督指挥中心", "环卫处", "执法大队", "环卫科"):
        assert name in cell.comment.text


def test_the_note_names_what_the_totals_rest_on(eighth: bytes) -> None:
    note = opened(eighth)["汇总"]["A2"].value

    assert "应报20家" in note and "14家" in note
    assert "未报4家：人事科、监督指挥中心、环卫处、执法大队。" in note
    assert "累计数" in note


def test_blank_zero_and_not_applicable_look_different(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-09 09:00"))
    unit = campaign.expected[0]
    read = stories.reading(
        campaign.blank("progress").form,
        unit.name,
        0,
        **{
            "3_1": stories.said("", None, "blank"),
            "3_2": stories.said("无", 0, "nil"),
            "3_3": stories.said("／", None, "na"),
            "3_4": stories.said("约9", 9, "filled", approx=True),
            "3_5": stories.said("若干", None, "unsure"),
        },
    )
    story.filed(unit.id, [EIGHTH], "2021-06-08 09:00", read)

    sheet = opened(made(story, EIGHTH))["明细"]

    keys = next(r for r in sheet.iter_rows(max_row=5) if any(c.value == "3.1" for c in r))
    at = {c.value: c.column for c in keys}
    cells = [sheet.cell(6, at[k]) for k in ("3.1", "3.2", "3.3", "3.4", "3.5")]
    assert [c.value for c in cells] == [None, 0, "／", 9, "待核：若干"]
    assert cells[3].number_format == '"约"General'


def test_versions_show_old_and_new(eighth: bytes) -> None:
    rows = [[c.value for c in r] for r in opened(eighth)["变动"].iter_rows(min_row=4)]

    assert [(r[0], r[2], r[5], r[6]) for r in rows] == [
        ("城北街道综合执法局", "3.2", "12", "1→2"),
    ]


def test_what_staff_corrected_stands_beside_what_the_paper_says(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-09 09:00"))
    unit = campaign.expected[0]
    changed = stories.said("1２", 12, "filled", decision=7)
    read = stories.reading(campaign.blank("progress").form, unit.name, 0, **{"3_2": changed})
    story.filed(unit.id, [EIGHTH], "2021-06-08 09:00", read)

    rows = opened(made(story, EIGHTH))["变动"].iter_rows(min_row=4, values_only=True)

    assert [(r[0], r[2], r[4], r[5], r[7]) for r in rows] == [
        ("如城街道综合执法局", "3.2", "1２", "12", "科室更正（决定编号7）")
    ]


def test_a_doubt_bears_the_number_that_a_reply_names_it_by(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 09:00")
    mail = story.mails[0].id
    story.doubts.append(
        OpenDoubt("1/1:header/电话:unclear", "unclear", "header/电话", (), mail, "1", soft=True)
    )

    rows = list(opened(made(story, EIGHTH))["待核"].iter_rows(min_row=4, values_only=True))

    assert [r[0] for r in rows] == ["#33/1", f"#{mail}/1"]
    assert rows[1][3] == "表头"


def test_every_table_has_filter_frozen_panes_and_a4_paper(eighth: bytes) -> None:
    book = opened(eighth)

    for name in SHEETS:
        sheet = book[name]
        assert str(sheet.page_setup.paperSize) == "9"
        assert sheet.print_title_rows
        if name != "图表":
            assert sheet.auto_filter.ref and sheet.freeze_panes


def test_the_charts_are_native(eighth: bytes) -> None:
    book = opened(eighth)

    assert [len(book[n]._charts) for n in SHEETS] == [0] * 9 + [2]


def test_the_charts_say_what_they_show(eighth: bytes) -> None:
    with zipfile.ZipFile(BytesIO(eighth)) as package:
        charts = [package.read(f"xl/charts/chart{n}.xml").decode() for n in (1, 2)]

    said = [re.findall(r"<a:t>(.+?)</a:t>", chart) for chart in charts]
    assert said == [["报送进度（累计家数）", "日期", "家数"], ["各单位人次合计", "单位", "人次"]]
    assert not any(re.search(r'overlay val="1"', chart) for chart in charts)


def test_phones_stand_in_the_roster_only(eighth: bytes) -> None:
    book = opened(eighth)

    with_phone = {
        s.title
        for s in book
        for row in s.iter_rows()
        for c in row
        if re.search(r"1390000\d{4}|0513-8000\d{4}", str(c.value))
    }
    assert with_phone == {"联络员名册"}


def test_no_payload_of_a_sender_becomes_a_formula_anywhere(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-06-09 09:00")
    form = campaign.blank("progress").form
    payloads = iter(PAYLOADS)
    for unit in campaign.expected[2:6]:
        fields = {
            f.key: stories.said(p, p, "filled") for f, p in zip(form.fields, payloads, strict=False)
        }
        hostile = stories.reading(form, unit.name, 0) | {"fields": fields}
        for version in (1, 2):
            at = f"2021-06-08 1{version}:00"
            story.filed(unit.id, [EIGHTH], at, hostile, version=version, subject="=1+1")
    assert next(payloads, None) is None, "all two hundred are in"

    book = opened(made(story, EIGHTH))

    ours = re.compile(r"=(SUMIFS\(明细!|MAX\(0,\$D\$3|RANK\(L)")
    formulas = [c.value for s in book for r in s.iter_rows() for c in r if c.data_type == "f"]
    assert formulas and all(ours.match(f) for f in formulas)


@pytest.mark.real_server
@office.needs_office
def test_on_paper_nothing_is_cut_and_the_page_count_is_known(
    printed: dict[str, list[str]],
) -> None:
    pages = printed["汇总.xlsx"]

    assert not any("###" in text for text in pages)
    footers = [next(n for n in SHEETS if re.search(rf"{n} 第 \d+ 页", t)) for t in pages]
    assert {n: footers.count(n) for n in SHEETS} == PAGES
    said = "".join("".join(t.split()) for t in pages)
    for label in ("参与“接力传安全——我为安全生产倡议”", "使用全国安全宣教和应急科普平台"):
        assert label in said


def test_a_deadline_without_a_form_still_has_its_workbook(campaign: Campaign) -> None:
    story = stories.june(campaign, "2021-07-02 09:00")

    files = report.build(campaign, story.ledger(), "summary", story.now)

    assert [f.name for f in files] == [
        wording.WORKBOOK,
        wording.COMPILATION,
        wording.BULLETIN,
        wording.ROSTER,
        wording.INDEX,
    ]


def test_an_empty_ledger_gives_a_whole_report(campaign: Campaign) -> None:
    story = stories.Story(campaign, moment("2021-06-02 09:00"))

    book = opened(made(story, EIGHTH), values=True)

    assert book.sheetnames == SHEETS
    assert set(totals_of(book).values()) <= {None, "见“经验做法”"}


def test_the_same_ledger_and_time_give_the_same_bytes(after_eighth: stories.Story) -> None:
    ledger = after_eighth.ledger()

    first = report.build(after_eighth.campaign, ledger, EIGHTH, after_eighth.now)
    second = report.build(after_eighth.campaign, ledger, EIGHTH, after_eighth.now)

    assert first == second
