"""Passages in a reply: all up to the end mark is text; half a passage is taken for none."""

from __future__ import annotations

import pytest

from service import replies, reply_texts
from service.types import Campaign


@pytest.mark.parametrize(
    ("line", "head", "text"),
    [
        ("改 环卫处 6月8日 8.1", "改 环卫处 6月8日 8.1", ""),
        ("改环卫处第8.1项改为：一是培训。", "改环卫处第8.1", "一是培训。"),
        ("1、请改 环卫处 6.8 ８．１ 一是培训。", "1、请改 环卫处 6.8 ８．１", "一是培训。"),
        ("更正 东陈 6.1 一是，二是。", "更正 东陈 6.1", "一是，二是。"),
    ],
)
def test_a_correction_of_a_passage_is_parted_after_its_number(
    campaign: Campaign, line: str, head: str, text: str
) -> None:
    assert reply_texts.opening(campaign, line) == (head, text)


@pytest.mark.parametrize(
    "line",
    [
        "改 环卫处 3.2 12",
        "改 环卫处 6.10 3.2 12",
        "改 环卫处 6.1月",
        "改进工作方法，详见8.1",
        "环卫处 8.1 一是培训。",
        "免报 环卫处 8.1",
    ],
)
def test_other_lines_open_none(campaign: Campaign, line: str) -> None:
    assert reply_texts.opening(campaign, line) is None


def test_what_looks_like_a_command_or_a_greeting_is_text_before_the_end_mark(
    campaign: Campaign,
) -> None:
    text = "改 环卫处 8.1\n收到举报3件。\n\n谢谢\n放行\n6月8日\n（完）\n放行"

    assert replies.lines(campaign, text) == (
        "改 环卫处 8.1\n收到举报3件。\n谢谢\n放行\n6月8日",
        "放行",
    )


def test_without_the_end_mark_nothing_of_it_is_taken(campaign: Campaign) -> None:
    text = "改 环卫处 8.1 一是培训。\n二是检查。\n放行\n改 环卫处 9.1\n三是整改。\n完"

    assert replies.lines(campaign, text) == (
        "改 环卫处 8.1\n",
        "放行",
        "改 环卫处 9.1\n三是整改。",
    )


def test_a_text_of_one_line_needs_no_end(campaign: Campaign) -> None:
    text = "改 环卫处 8.1 一是培训；放行车辆3台。\n谢谢！\n刘露璐"

    assert replies.lines(campaign, text) == ("改 环卫处 8.1\n一是培训；放行车辆3台。",)
