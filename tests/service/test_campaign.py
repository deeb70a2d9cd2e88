"""A campaign folder is right as a whole, or every fault is told by file, line or key."""

from __future__ import annotations

from pathlib import Path

import pytest

from service import campaign as campaigns
from service import settings
from service.errors import ConfigError
from service.types import Campaign
from tests.service.report import stories

Files = dict[str, bytes]


@pytest.fixture
def files() -> Files:
    return settings.folder_files(stories.FOLDER)


def faults(files: Files) -> list[str]:
    with pytest.raises(ConfigError) as e:
        campaigns.parse("x", files)
    return [str(p) for p in e.value.problems]


def changed(files: Files, old: str, new: str, file: str = "campaign.toml") -> Files:
    text = files[file].decode()
    assert old in text
    return {**files, file: text.replace(old, new, 1).encode()}


def test_the_shipped_campaign_is_that_of_the_notice(shipped: Campaign) -> None:
    assert (str(shipped.starts), str(shipped.closes)) == ("2021-06-01", "2021-07-15")
    assert shipped.mailbox == "1137652316@qq.com"
    assert len(shipped.expected) == 20 and len(shipped.slogans) == 25
    assert not any(u.addresses for u in shipped.units)
    assert [s.key for s in shipped.stages] == [
        "eve", "day", "call", "overdue-1", "overdue-2", "overdue-3",
    ]  # fmt: skip


CALENDAR = {
    "liaison": ("06-01 00:00", "06-04 17:30", "06-05 00:00", "chase"),
    "progress-0608": ("06-04 00:00", "06-08 17:30", "06-09 00:00", "chase"),
    "progress-0624": ("06-18 00:00", "06-24 12:00", "06-25 00:00", "chase"),
    "weekly-0603": ("06-01 00:00", "06-03 12:00", "06-04 00:00", "record"),
    "weekly-0610": ("06-04 00:00", "06-10 12:00", "06-11 00:00", "record"),
    "weekly-0617": ("06-11 00:00", "06-17 12:00", "06-18 00:00", "record"),
    "weekly-0624": ("06-18 00:00", "06-24 12:00", "06-25 00:00", "record"),
    "summary": ("06-20 00:00", "06-30 17:30", "07-02 00:00", "chase"),
    "media": ("06-01 00:00", "06-30 17:30", "07-02 00:00", "chase"),
}


def test_the_calendar_is_the_designs(shipped: Campaign) -> None:
    found = {
        d.key: (*(f"{t:%m-%d %H:%M}" for t in (d.opens_at, d.remind_by, d.late_after)), d.mode)
        for d in shipped.deadlines
    }

    assert found == CALENDAR
    assert all(any(q.role == "governing" for q in d.quotes) for d in shipped.deadlines)


def test_every_quote_stands_in_the_notice(shipped: Campaign, files: Files) -> None:
    notice = "".join(files["notice.txt"].decode().split())

    for deadline in shipped.deadlines:
        for quote in deadline.quotes:
            assert "".join(quote.text.split()) in notice, quote.text


WRONG = [
    ('mode = "chase"', 'mode = "hunt"', "campaign.toml：deadline[1]（liaison）.mode：应为 'chase' or 'record'，现为 hunt"),
    ('remind_by = "2021-06-08 17:30"', 'remind_by = "6月8日"', "campaign.toml：deadline[2]（progress-0608）.remind_by：写法不对：6月8日"),
    ('remind_by = "2021-06-08 17:30"', 'remind_by = "2021-06-09 17:30"', "campaign.toml：deadline（progress-0608）：应为 opens_at 早于 remind_by，remind_by 不晚于 late_after"),
    ('form = "liaison"\nopens_at', 'form = "liason"\nopens_at', "campaign.toml：deadline（liaison）.form：没有“liason”这个代号"),
    ('closes = 2021-07-15', 'closes = 2021-05-15', "campaign.toml：closes：结束日期早于开始日期"),
    ('starts = 2021-06-01', 'starts = "June"', "campaign.toml：starts：应为日期，如 2021-06-01，现为 June"),
    ('issuer = ', 'isuer = ', "campaign.toml：isuer：没有这一项，请检查是否写错"),
    ('mailbox = "1137652316@qq.com"', 'mailbox = "qq"', "campaign.toml：mailbox：写法不对：qq"),
    ('blank = "forms/liaison.docx"', 'blank = "forms/none.docx"', "campaign.toml：form（liaison）.blank：文件夹里没有这个空白表：forms/none.docx"),
    ('unit_field = "单位名称"', 'unit_field = "单位"', "campaign.toml：form（liaison）.unit_field：空白表里没有“单位”这一项"),
    ('office_hours = ["08:30-12:00"', 'office_hours = ["12:00-08:30"', "campaign.toml：chase.office_hours：写法不对"),
    ('expect = "1.4 > 0"', 'expect = "1.4 >"', "campaign.toml：check[1]：核对规则写得不对"),
    ('expect = "1.4 > 0"', 'expect = "1.44 > 0"', "campaign.toml：check[1]：核对规则写得不对：1.44 > 0（没有“1.44”这一项）"),
    ('when = "1.3 == 是"', 'when = "1.33 == 是"', "campaign.toml：check[1]：核对规则写得不对：1.33 == 是（没有“1.33”这一项）"),
    ('expect = "row 4 blank or nil"', 'expect = "row 44 blank or nil"', "campaign.toml：check[2]"),
    ('key = "day"', 'key = "eve"', "campaign.toml：chase.stage（eve）：“eve”出现了两次"),
    ('deadline = "progress-0608"\nat', 'deadline = "progress-0609"\nat', "campaign.toml：desk.report[1]：没有“progress-0609”这个代号"),
    ('working_days = -1', 'working_days = "one"', "campaign.toml：chase.stage[1]（eve）.working_days：应为整数，现为 one"),
    ('at = "09:00"', 'at = "25:00"', "campaign.toml：chase.stage[1]（eve）.at：写法不对：25:00"),
    ('title = ', 'title ', "campaign.toml：格式有误（TOML）"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[w[1] for w in WRONG])
def test_a_wrong_line_is_told_with_its_place(files: Files, old: str, new: str, said: str) -> None:
    found = faults(changed(files, old, new))

    assert any(f.startswith(said) for f in found), found


@pytest.mark.parametrize("said", ["2021-06-07T16:00:00Z", "2021-06-08"])
def test_a_time_of_toml_itself_is_one_of_shanghai(files: Files, said: str) -> None:
    given = changed(files, 'opens_at = "2021-06-04 00:00"', f"opens_at = {said}")

    deadline = campaigns.parse("x", given).deadline("progress-0608")

    assert deadline.opens_at.isoformat() == "2021-06-08T00:00:00+08:00"


def test_a_missing_key_is_told(files: Files) -> None:
    found = faults(changed(files, 'section = "安全科"', ""))

    assert found == ["campaign.toml：staff.section：缺少这一项"]


def test_all_faults_are_told_together(files: Files) -> None:
    wrong = changed(files, 'form = "liaison"\nopens_at', 'form = "liason"\nopens_at')
    wrong = changed(wrong, "closes = 2021-07-15", "closes = 2021-05-15")

    assert len(faults(wrong)) == 2


def test_a_deadline_for_an_unknown_unit_is_told(files: Files) -> None:
    wrong = changed(files, 'mode = "chase"', 'mode = "chase"\nunits = ["rucheng", "zhenjie"]')

    assert faults(wrong) == [
        "campaign.toml：deadline（liaison）.units：units.csv 里没有代号或类别为“zhenjie”的单位"
    ]


@pytest.mark.parametrize("missing", ["campaign.toml", "units.csv"])
def test_a_missing_file_is_told(files: Files, missing: str) -> None:
    del files[missing]

    assert faults(files) == [f"{missing}：文件夹里没有这个文件"]


def test_a_blank_that_is_no_form_is_told(files: Files) -> None:
    found = faults({**files, "forms/liaison.docx": b"not a document"})

    assert found[0].startswith("forms/liaison.docx：空白表读不出填报项")


def test_text_in_another_encoding_is_told(files: Files) -> None:
    gbk = files["campaign.toml"].decode().encode("gb18030")

    assert faults({**files, "campaign.toml": gbk})[0].startswith("campaign.toml：不是UTF-8编码")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as e:
        settings.load_campaign(tmp_path / "none")

    assert "没有这个文件夹" in str(e.value)
