"""Next year's campaign: weekdays where the week rules, dates elsewhere, working days always."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from service import almanac, next_year
from service import settings as settings_
from service.chase import workdays
from service.moments import last_day
from service.types import Campaign
from tests.service.office import Office

SLUG = "2021-safety-month"
FILE = settings_.SHIPPED / SLUG / "campaign.toml"


def shifted(campaign: Campaign, year: int) -> next_year.Shifted:
    return next_year.shift(campaign, FILE.read_text(encoding="utf-8"), year)


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2026])
def test_every_deadline_falls_on_a_working_day_in_its_order(shipped: Campaign, year: int) -> None:
    days = workdays(shipped)

    for m in shifted(shipped, year).moved:
        assert days.is_working(m.after.remind_by.date()), m.after.key
        assert days.is_working(last_day(m.after.late_after)), m.after.key
        assert m.after.opens_at < m.after.remind_by <= m.after.late_after
        assert m.after.remind_by.time() == m.before.remind_by.time()
        assert abs((m.after.remind_by.date() - date(year, *_day(m))).days) <= 6


def _day(m: next_year.Moved) -> tuple[int, int]:
    return m.before.remind_by.month, m.before.remind_by.day


def test_what_the_notice_ties_to_the_week_keeps_its_weekday(shipped: Campaign) -> None:
    weekly = [m for m in shifted(shipped, 2022).moved if m.before.week]

    assert [m.after.remind_by.weekday() for m in weekly] == [3, 3, 3, 3]
    assert [m.after.key for m in weekly] == [
        "weekly-0602", "weekly-0609", "weekly-0616", "weekly-0623",
    ]  # fmt: skip
    assert weekly[0].after.name == "6月2日周报"


def test_the_file_keeps_its_comments_and_the_notices_words(shipped: Campaign) -> None:
    text = shifted(shipped, 2022).text
    old = FILE.read_text(encoding="utf-8")

    assert [x for x in text.splitlines() if x.startswith("text =")] == [
        x for x in old.splitlines() if x.startswith("text =")
    ]
    assert text.count("#") == old.count("#")
    assert "皋城管发〔2021〕24号" in text
    assert tomllib.loads(text)["check"][1]["before"] == date(2022, 6, 16)
    assert tomllib.loads(text)["title"].startswith("2022年")


def test_29_february_has_an_anniversary() -> None:
    assert next_year.anniversary(date(2024, 2, 29), 2024, 2025) == date(2025, 2, 28)


def test_a_new_campaign_stands_beside_the_live_ones_and_passes(office: Office) -> None:
    code, said = office.run("campaign", "new", "2022", "--from", SLUG, "--shift")

    folder = office.settings.campaign_folders[0].parent / "2022-safety-month"
    made = settings_.load_campaign(folder)
    assert code == 0, said
    assert made.starts == date(2022, 6, 1)
    assert "□ 通知的文号" in said and "“#”后面的说明是上一年写的" in said
    code, said = office.run("campaign", "check", folder)
    assert (code, said.count("！")) == (1, 1) and "还写着2021年" in said
    file = folder / "campaign.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("〔2021〕", "〔2022〕", 1), "utf-8")
    assert office.run("campaign", "check", folder)[0] == 0
    assert office.run("campaign", "new", "2022", "--from", SLUG, "--shift")[0] == 2  # is there
    assert not list(folder.parent.glob(".making*"))


def test_two_campaigns_share_one_mailbox(office: Office) -> None:
    office.run("campaign", "new", "2022", "--from", SLUG, "--shift")
    text = office.file.read_text(encoding="utf-8")
    both = '"campaigns/2021-safety-month", "campaigns/2022-safety-month"'
    office.file.write_text(text.replace('"campaigns/2021-safety-month"', both), encoding="utf-8")

    code, said = office.run("status", "--at", "2021-06-09 12:00", "--json")

    assert len(said.splitlines()) == 2
    assert code == 1


def test_check_draws_the_calendar_and_says_what_is_odd(office: Office, tmp_path: Path) -> None:
    folder = office.settings.campaign_folders[0]
    code, said = office.run("campaign", "check", folder)
    assert (code, "没有问题" in said) == (0, True)
    assert "06-08 周二 17:30　截止：6月8日进展情况统计表" in said
    assert "数字44、选择2、文字6" in said
    file = folder / "campaign.toml"
    text = file.read_text(encoding="utf-8").replace(
        'remind_by = "2021-06-04 17:30"\nlate_after = "2021-06-04 24:00"',
        'remind_by = "2021-06-05 17:30"\nlate_after = "2021-06-05 24:00"',
    )
    file.write_text(text.replace("请于6月4日前", "请于6月5日前"), encoding="utf-8")

    file.write_text(file.read_text(encoding="utf-8").replace("〔2021〕", "〔2020〕", 1), "utf-8")

    code, said = office.run("campaign", "check", folder)

    assert code == 1
    assert "通知文号里还写着2020年，发给单位的信里会照抄：皋城管发〔2020〕24号" in said
    assert "截止在休息日（06-05）" in said
    assert "在 notice.txt 里找不到" in said


def test_a_folder_that_does_not_load_is_refused_with_every_fault(office: Office) -> None:
    folder = office.settings.campaign_folders[0]
    file = folder / "units.csv"
    file.write_text(file.read_text(encoding="utf-8") * 2, encoding="utf-8")

    code, said = office.run("campaign", "check", folder)

    assert code == 2
    assert "重复" in said


def test_months_are_drawn_in_columns(shipped: Campaign) -> None:
    weeks = [x for x in almanac.draw(shipped) if x.startswith(("14", "21"))]

    assert weeks[0] == "14休 15　 16催 17止 18　 19休 20休"
