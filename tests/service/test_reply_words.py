"""Words of a reply, one after the other: taken only where they are sure."""

from __future__ import annotations

from datetime import time

import pytest

from service.reply_words import NotUnderstood, Rest, fold
from service.types import Campaign


def rest(campaign: Campaign, text: str) -> Rest:
    return Rest(campaign, fold(text))


@pytest.mark.parametrize(
    ("text", "ids", "left"),
    [
        ("东陈 6月8日", ["dongchen"], "6月8日"),
        ("如皋市东陈镇综合执法局，会议", ["dongchen"], "会议"),
        ("丁堰和白蒲、环卫处 有事", ["dingyan", "baipu", "huanwei-chu"], "有事"),
        ("城北 开会", ["chengbei"], "开会"),
        ("东陈、东陈", ["dongchen"], ""),
    ],
)
def test_units_are_taken_by_any_of_their_names(
    campaign: Campaign, text: str, ids: list[str], left: str
) -> None:
    found = rest(campaign, text)

    assert [u.id for u in found.units()] == ids
    assert found.text == left


@pytest.mark.parametrize("text", ["长安镇", "", "6月8日", "街道 6月8日"])
def test_what_names_no_unit_names_none(campaign: Campaign, text: str) -> None:
    with pytest.raises(NotUnderstood) as raised:
        rest(campaign, text).units()

    assert raised.value.code == "unit_unknown"


@pytest.mark.parametrize(
    ("text", "said", "hour"),
    [
        ("6月8日16:30", "2021-06-08 16:30", True),
        ("6.8 4点半", "2021-06-08 04:30", True),
        ("2021-06-08", "2021-06-08 17:30", False),
        ("六月八日", "2021-06-08 17:30", False),
        ("6月8日24:00", "2021-06-09 00:00", True),
    ],
)
def test_a_moment_says_whether_its_hour_was_said(
    campaign: Campaign, text: str, said: str, hour: bool
) -> None:
    found = rest(campaign, text).moment(time(17, 30))

    assert found is not None
    assert (f"{found[0]:%Y-%m-%d %H:%M}", found[1]) == (said, hour)


def test_a_day_that_does_not_exist_is_refused(campaign: Campaign) -> None:
    with pytest.raises(NotUnderstood) as raised:
        rest(campaign, "6月31日").moment(time(12))

    assert raised.value.code == "time_unclear"


def test_numbers_of_mails_and_of_parts(campaign: Campaign) -> None:
    assert rest(campaign, "＃12/1.2 白蒲").mail() == (12, "1.2")
    assert rest(campaign, "来件12号").mail() == (12, None)
    assert rest(campaign, "3 5、#7和9").numbers() == (3, 5, 7, 9)
    assert rest(campaign, "6月8日").numbers() == ()


@pytest.mark.parametrize("left", ["丁堰", "6月24日统计表", "6.9"])
def test_another_object_is_no_reason(campaign: Campaign, left: str) -> None:
    with pytest.raises(NotUnderstood) as raised:
        rest(campaign, left).only_a_reason()

    assert raised.value.code == "left_over"


def test_a_reason_may_be_anything_else(campaign: Campaign) -> None:
    rest(campaign, "6月8日上午全体开会").only_a_reason()
