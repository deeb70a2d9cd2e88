"""What stands in a slot, by the kind of its field."""

from __future__ import annotations

import pytest

from parsers.types import Field, Kind
from parsers.values import bare, characters, judge

NUMBER = Field("1.1", "学习", "number", "次")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("（3）", "3"), ("（　3　）", "3"), ("（3次）次", "3次"), ("（）3", "3"), ("3（）", "3"),
        ("__3__", "3"), ("【3】", "3"), ("（（3））", "3"), ("（ ）", ""), ("3（累计8）", "3（累计8）"),
        ("（3）（4）", "（3）（4）"), ("37（）12", "37 12"),
    ],
)  # fmt: skip
def test_brackets_and_rules_fall_off(content: str, text: str) -> None:
    assert bare(content) == text


@pytest.mark.parametrize("content", ["（156", "156）", "4156）", "((3)", "）3（"])
def test_unbalanced_brackets_are_never_guessed(content: str) -> None:
    said = judge(NUMBER, content)

    assert (said.state, said.value) == ("unsure", None)


def test_a_word_of_measure_outside_the_brackets_counts() -> None:
    assert judge(NUMBER, "约（200）").approx
    assert judge(NUMBER, "（200）余").approx
    assert judge(NUMBER, "（3）万").state == "unsure"


@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        ("手机", "13900000001.0", "13900000001"), ("手机", "139 0000 0001", "13900000001"),
        ("办公电话", "0513—80001101", "0513-80001101"), ("姓名", "王　明", "王明"),
        ("单位名称", " 青石镇 ", "青石镇"),
    ],
)  # fmt: skip
def test_words_are_tidied(label: str, text: str, value: str) -> None:
    assert judge(Field(label, label, "text"), text).value == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("51380001101", "phone_lost_zero"), ("1080001101", "phone_lost_zero"),
        ("2580001101.0", "phone_lost_zero"), ("13900000001", ""), ("80001101", ""),
        ("4008001101", ""), ("0513-80001101", ""), ("051380001101", ""),
    ],
)  # fmt: skip
def test_an_area_code_that_lost_its_zero_is_unsure(text: str, why: str) -> None:
    said = judge(Field("办公电话", "办公电话", "text"), text)

    assert said.why == why
    assert said.guess == (f"0{text.removesuffix('.0')}" if why else None)


@pytest.mark.parametrize("kind", ["number", "text", "narrative", "date"])
@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#=10+20", "#=…", "Err:508"])
def test_a_formula_that_came_to_nothing_is_unsure(kind: Kind, text: str) -> None:
    assert judge(Field("1.1", "数量", kind), text).why == "formula_error"


def test_a_phone_that_lost_its_digits_is_unsure() -> None:
    assert judge(Field("手机", "手机", "text"), "1.39E+10").why == "phone_lost_digits"


def test_words_blank_and_not_applicable_are_three_things() -> None:
    field = Field("微信号", "微信号", "text")

    assert judge(field, " ").state == "blank"
    assert judge(field, "／").state == "na"
    assert judge(field, "无").value == "无"


def test_a_narrative_may_say_that_there_is_nothing() -> None:
    field = Field("6.1", "做法", "narrative")

    assert judge(field, "无").state == "nil"
    assert judge(field, "不涉及").state == "na"
    assert judge(field, "1.开展培训。\n2.检查。").value == "1.开展培训。\n2.检查。"


def test_characters_are_counted_as_people_count_them() -> None:
    assert characters("开展 2021 年培训，共128人。") == 11


@pytest.mark.parametrize(
    ("label", "unit", "value"),
    [
        ("小学 · 人均阅读量", "册", 6.5),
        ("整改率", "", 6.5),
        ("投入", "", 6.5),
        ("投入人数", "人", None),
        ("检查", "次", None),
    ],
)
def test_averages_and_amounts_may_have_decimals(label: str, unit: str, value: object) -> None:
    assert judge(Field("1", label, "number", unit), "6.5").value == value
