"""Ticks on paper, in every way that people make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.choices import choice

ROWS = [
    line.split("\t")[:2]
    for line in (Path(__file__).parent / "ticks.tsv").read_text("utf-8").splitlines()[1:]
]


@pytest.mark.parametrize(("text", "meaning"), ROWS)
def test_the_corpus_of_ticks(text: str, meaning: str) -> None:
    said = choice(text, ("是", "否"))
    meaning = meaning.partition(":")[0]

    if meaning == "空":
        assert said.state == "blank"
    elif meaning == "冲突":
        assert (said.state, said.why) == ("unsure", "both_ticked")
    else:
        assert (said.state, said.value) == ("filled", meaning)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("是☑否□", "是"), ("是□ 否☑", "否"), ("是（√）、否（×）", "是"), ("是（×）、否（√）", "否"),
        ("□ 是   ☑ 否", "否"), ("☑是", "是"), ("þ是¨否", "是"), ("（√）是（）否", None),
        ("√是 否", "是"), ("是 否√", "否"), ("□是☑否部门", "否"), ("现场□是☑否", "否"),
        ("是 √否", "否"), ("是√否", None), ("□是☑否，但有例外", None), ("不□是☑否", None),
        ("□是", None), ("是（1）、否（）", None), ("☒是☑否", None), ("是是", None), ("有", None),
        ("□是□否（是）", None), ("是（否）否（）", None), ("☑□否", None), ("□☑否", None), ("□□否", None), ("☑否", "否"),
    ],
)  # fmt: skip
def test_a_tick_belongs_to_one_option_or_to_nobody(text: str, value: str | None) -> None:
    said = choice(text, ("是", "否"))

    assert said.value == value
    assert said.state == ("filled" if value else "unsure")


def test_a_slash_is_not_applicable_and_brackets_are_blank() -> None:
    assert choice("／", ("是", "否")).state == "na"
    assert choice("是（）、否（）", ("是", "否")).state == "blank"
    assert choice("  ", ("是", "否")).state == "blank"


def test_options_that_contain_one_another() -> None:
    options = ("开始", "未开始", "已完成")

    assert choice("□开始☑未开始□已完成", options).value == "未开始"
    assert choice("☑开始□未开始□已完成", options).value == "开始"


def test_several_ticks_where_several_are_allowed() -> None:
    options = ("横幅", "展板", "手册")

    assert choice("☑横幅□展板☑手册", options, several=True).value == ("横幅", "手册")
    assert choice("☑横幅□展板☑手册", options).state == "unsure"
