"""Corrections in a reply: which return, which field, which value; nothing unsure is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from parsers.types import Field
from service.reply_values import correction
from service.reply_words import NotUnderstood
from service.types import BlankForm, Campaign
from tests.service.report import stories


@pytest.fixture(scope="module")
def story() -> stories.Story:
    """环卫处 filed 附件1 and 附件2 of the 8th, 东陈 附件2 of both days."""
    campaign = stories.load()
    made = stories.Story(campaign, stories.moment("2021-06-25 09:00"))
    form = campaign.blank("progress").form
    read = stories.reading(form, "环卫处", 1)
    made.filed(
        "huanwei-chu", ["liaison"], "2021-06-03 09:00", stories.liaison(campaign.units[0], 1)
    )
    made.filed("huanwei-chu", ["progress-0608", "weekly-0610"], "2021-06-08 09:00", read)
    for day, key in (("08", "progress-0608"), ("24", "progress-0624")):
        made.filed("dongchen", [key], f"2021-06-{day} 09:00", stories.reading(form, "东陈", day))
    return made


def corrected(story: stories.Story, unit: str, text: str, passage: str | None = None) -> Any:
    found = story.campaign.unit(unit)
    return correction(text, found, story.campaign, story.ledger(), passage)


def why_not(story: stories.Story, unit: str, text: str, passage: str | None = None) -> str:
    with pytest.raises(NotUnderstood) as raised:
        corrected(story, unit, text, passage)
    return raised.value.code


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("3.2 12", "3.2", 12),
        ("第3.2项应改为１２个", "3.2", 12),
        ("6.8 3.2 = 0", "3.2", 0),
        ("3.2 无", "3.2", 0),
        ("3.2 12 电话核实", "3.2", 12),
        ("1.3 是", "1.3", "是"),
        ("手机 13900000017", "手机", "13900000017"),
    ],
)
def test_a_value_is_read_as_its_field_wants_it(
    story: stories.Story, text: str, key: str, value: object
) -> None:
    found = corrected(story, "huanwei-chu", text)

    assert (found["key"], found["value"]) == (key, value)
    assert found["deadline"] == ("liaison" if key == "手机" else "progress-0608")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3.2 约12", "number_needed"),
        ("3.2 12 13", "number_needed"),
        ("3.2", "number_needed"),
        ("1.3 有", "choice_needed"),
        ("手机", "value_missing"),
        ("99.9 1", "key_unknown"),
        ("6月24日统计表 3.2 12", "no_return"),
        ("8.1", "passage_unfinished"),
    ],
)
def test_what_is_not_sure_changes_nothing(story: stories.Story, text: str, code: str) -> None:
    assert why_not(story, "huanwei-chu", text) == code


def test_of_two_returns_the_deadline_must_be_named(story: stories.Story) -> None:
    assert why_not(story, "dongchen", "3.2 12") == "several_returns"
    assert corrected(story, "dongchen", "6月24日统计表 3.2 12")["deadline"] == "progress-0624"


def test_a_passage_goes_to_a_field_that_holds_one(story: stories.Story) -> None:
    found = corrected(story, "huanwei-chu", "6月8日 8.1", "一是。\n二是。")

    assert found["value"] == "一是。\n二是。"
    assert why_not(story, "huanwei-chu", "8.1 什么", "一是。") == "key_unclear"


def several(form: BlankForm) -> BlankForm:
    """The form with a choice of which several may be ticked."""
    changed = Field("1.3", "形式", "choice", "", ("讲座", "演练", "展览"), None, several=True)
    fields = tuple(changed if f.key == "1.3" else f for f in form.form.fields)
    return replace(form, form=replace(form.form, fields=fields))


def test_of_several_ticks_each_must_be_an_option(story: stories.Story) -> None:
    forms = tuple(several(b) if b.key == "progress" else b for b in story.campaign.forms)
    campaign: Campaign = replace(story.campaign, forms=forms)
    unit, ledger = campaign.unit("huanwei-chu"), story.ledger()

    assert correction("1.3 讲座、展览", unit, campaign, ledger)["value"] == ("讲座", "展览")
    with pytest.raises(NotUnderstood) as raised:
        correction("1.3 讲座、唱歌", unit, campaign, ledger)
    assert raised.value.code == "choice_needed"
