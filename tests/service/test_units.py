"""Whose form it is: names as people write them, and what contradicts them."""

from __future__ import annotations

import pytest

from service.types import Campaign, Unit
from service.units import Roster, Signs, identify


@pytest.fixture(scope="module")
def roster(campaign: Campaign) -> Roster:
    return Roster(
        campaign.units, {a: u.id for u in campaign.units for a in u.addresses}, campaign.issuer
    )


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("东陈镇综合执法局", "dongchen"),
        ("如皋市东陈镇综合行政执法局", "dongchen"),
        ("东 陈 镇", "dongchen"),
        ("高新技术产业开发区", "chengnan"),
        ("如皋经济技术开发区综合执法局", "chengbei"),
        ("长江镇（如皋港区）综合执法局", "changjiang"),
        ("城管大队", "zhifa"),
        ("市环卫处", "huanwei-chu"),
    ],
)
def test_names_are_read_as_people_write_them(roster: Roster, written: str, unit: str) -> None:
    assert identify(roster, Signs(on_form=written)).unit == unit


@pytest.mark.parametrize(
    ("signs", "code"),
    [
        (Signs(on_form="东陈镇", sender="dingyan@units.example"), "unit_conflict"),
        (Signs(on_form="东陈镇、丁堰镇"), "unit_ambiguous"),
        (Signs(on_form="东陈镇", file_name="丁堰镇统计表.docx"), "unit_conflict_around"),
        (Signs(on_form="某某公司"), "unit_unknown"),
        (Signs(), "unit_nowhere"),
        (
            Signs(sender="dingyan@units.example", file_name="东陈镇总结.docx"),
            "unit_conflict_around",
        ),
        (Signs(subject="东陈镇、丁堰镇材料"), "unit_ambiguous"),
    ],
)
def test_a_contradiction_is_told_never_settled(roster: Roster, signs: Signs, code: str) -> None:
    found = identify(roster, signs)

    assert (found.unit, found.code) == (None, code)


@pytest.mark.parametrize(
    ("signs", "unit"),
    [
        (Signs(sender="dingyan@units.example"), "dingyan"),
        (Signs(file_name="联络员反馈表（石庄）.docx"), "shizhuang"),
        (Signs(subject="宣教科报送"), "renshi"),
        (Signs(subject="安全宣教材料"), None),
        (Signs(text="长江路开展宣传"), None),
        (Signs(sender="dingyan@units.example", from_staff=True, subject="东陈镇"), "dongchen"),
    ],
)
def test_without_a_name_on_the_form_what_stands_around_it_speaks(
    roster: Roster, signs: Signs, unit: str | None
) -> None:
    assert identify(roster, signs).unit == unit


def test_only_the_exact_name_will_do_for_a_command(roster: Roster) -> None:
    assert roster.exact("东陈") == "dongchen"
    assert roster.exact("东陈派出所") is None


def a_school(unit_id: str, name: str) -> Unit:
    return Unit(unit_id, name, "学校", "", (), (), "", "", "")


def test_schools_are_known_without_the_county_of_the_issuer() -> None:
    schools = [a_school("s1", "临水县实验小学"), a_school("s2", "城关镇中心小学")]
    roster = Roster(schools, {}, "临水县教育局")

    assert [roster.exact(n) for n in ("实验小学", "临水实验小学", "中和市临水县城关镇中心小学")] == [
        "s1", "s1", "s2",
    ]  # fmt: skip
    assert Roster(schools, {}, "如皋市教育局").exact("实验小学") is None


def test_a_name_that_another_bears_without_its_county_stays_its_own() -> None:
    schools = [a_school("s1", "实验小学"), a_school("s2", "临水县实验小学")]
    roster = Roster(schools, {}, "临水县教育局")

    assert [roster.exact(n) for n in ("实验小学", "临水县实验小学")] == ["s1", "s2"]
