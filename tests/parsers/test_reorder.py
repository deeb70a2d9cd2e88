"""Clauses in another order, and bare lists."""

from __future__ import annotations

from parsers.fold import fold
from parsers.reorder import bare_list, in_order
from parsers.types import Field

FIELDS = [
    Field("1.1", "a", "number", "次"),
    Field("1.2", "b", "number", "人次"),
    Field("1.3", "c", "choice", options=("是", "否")),
]


def test_clauses_are_put_back_in_order() -> None:
    ordered = in_order(
        ["开展理论学习", "次;组织参观展览", "场。"],
        fold("组织参观展览（1）场；开展理论学习（2）次。"),
    )

    assert ordered is not None
    assert ordered.text == "开展理论学习(2)次;组织参观展览(1)场;"
    assert ordered.raw(6, 9) == "（2）"


def test_clauses_that_look_alike_stay_where_they_are() -> None:
    assert (
        in_order(
            ["参与甲类活动", "次;参与乙类活动", "次。"],
            fold("参与某类活动（1）次；参与丙类活动（2）次。"),
        )
        is None
    )


def test_as_many_answers_as_slots() -> None:
    values = bare_list(FIELDS, "2次、311、是", "0")

    assert [v.value for v in values.values()] == [2, 311, "是"]


def test_one_answer_too_few_and_none_counts() -> None:
    assert bare_list(FIELDS, "2、是", "") == {}
    assert bare_list(FIELDS, "2、311、5", "") == {}
    assert bare_list(FIELDS, "2场、311、是", "") == {}


def test_a_decimal_is_no_numbering() -> None:
    fields = [Field(f"1.{n}", "x", "number", "人次") for n in range(1, 4)]

    assert [v.value for v in bare_list(fields, "1.5千、2、3", "").values()] == [1500, 2, 3]
    assert [v.value for v in bare_list(fields, "1.20\n2.30\n3.40", "").values()] == [20, 30, 40]
    assert [v.value for v in bare_list(fields, "（1，200） （ 3 ） 5", "").values()] == [1200, 3, 5]
