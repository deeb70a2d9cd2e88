"""units.csv: who must file; a wrong line is told by its number."""

from __future__ import annotations

import pytest

from service import roster
from service.errors import ConfigError

HEAD = "id,name,kind,parent,aliases,addresses,contact,phone,exempt\n"
GOOD = "dongchen,东陈镇综合执法局,镇街,,东陈镇；东陈,A@qq.com;b@163.com,王小明,139-0000-0001,\n"


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as e:
        roster.parse(text.encode())
    return [str(p) for p in e.value.problems]


def test_a_line_is_a_unit() -> None:
    (unit,) = roster.parse((HEAD + GOOD).encode())

    assert unit.aliases == ("东陈镇", "东陈")
    assert unit.addresses == ("a@qq.com", "b@163.com")
    assert (unit.contact, unit.phone, unit.exempt) == ("王小明", "139-0000-0001", "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_excel_may_save_it_as_it_likes(encoding: str) -> None:
    (unit,) = roster.parse((HEAD + GOOD).encode(encoding))

    assert unit.name == "东陈镇综合执法局"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("东陈,丁堰镇,,,,,,,\n", "units.csv：第3行：代号应为小写字母、数字和连字符，现为“东陈”"),
        ("dingyan,,,,,,,,\n", "units.csv：第3行：单位名称是空的"),
        ("dingyan,丁堰镇,,,,dingyan.qq.com,,,\n", "units.csv：第3行：邮箱地址不对：dingyan.qq.com"),
        ("dongchen,丁堰镇,,,,,,,\n", "units.csv：第3行：“dongchen”与“东陈镇综合执法局”重复，无法区分两个单位"),
        ("dingyan,丁堰镇,,,东陈,,,,\n", "units.csv：第3行：“东陈”与“东陈镇综合执法局”重复，无法区分两个单位"),
        ("dingyan,丁堰镇,,,,b@163.com,,,\n", "units.csv：第3行：“b@163.com”与“东陈镇综合执法局”重复，无法区分两个单位"),
        ("dingyan,东陈镇综合执法局,,,,,,,\n", "units.csv：第3行：“东陈镇综合执法局”与“东陈镇综合执法局”重复，无法区分两个单位"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_by_its_number(line: str, said: str) -> None:
    assert faults(HEAD + GOOD + line) == [said]


def test_lines_of_commas_that_excel_leaves_are_no_units() -> None:
    commas = ",,,,,,,,\n"

    assert len(roster.parse((HEAD + commas + GOOD + commas).encode())) == 1
    assert faults(HEAD + commas + GOOD + "dingyan,,,,,,,,\n") == [
        "units.csv：第4行：单位名称是空的"
    ]


def test_a_list_of_names_is_enough() -> None:
    (unit,) = roster.parse("id,name,phone\ns01,城关镇中心小学,139-0000-0001\n".encode())

    assert (unit.name, unit.phone, unit.aliases, unit.contact) == (
        "城关镇中心小学", "139-0000-0001", (), "",
    )  # fmt: skip


def test_missing_columns_are_named() -> None:
    assert faults("单位名称,电话\n某某,139\n") == [
        "units.csv：第1行：缺少列：id、name（第一行写列名；"
        "id是代号，用小写字母和数字，每个单位一个，定了就不再改；name是单位全称）"
    ]


def test_an_empty_roster_is_told() -> None:
    assert faults(HEAD) == ["units.csv：第1行：没有一个单位"]


def test_bytes_that_are_no_text_are_told() -> None:
    with pytest.raises(ConfigError) as e:
        roster.parse(b"\xff\xfe\x00\xd8\x81")

    assert "不是UTF-8" in str(e.value)
