"""Aligning a filled cell with its blank: voters, guards, and what they refuse."""

from __future__ import annotations

import pytest

from parsers.align import align
from parsers.align_dp import by_cost
from parsers.align_text import by_clauses, by_edits

LITERALS = ("组织学习", "次,参与", "人次;组织参观展览", "场,参与", "人次。")
TEXT = "组织学习(2)次,参与(311)人次;组织参观展览(1)场,参与(40)人次。"


def contents(text: str) -> list[str | None]:
    return [
        None if cut is None or cut.why else text[cut.start : cut.end]
        for cut in align(LITERALS, text)
    ]


@pytest.mark.parametrize("voter", [by_edits, by_clauses, by_cost])
def test_each_voter_finds_the_untouched_slots(voter) -> None:
    spans = voter(LITERALS, TEXT)

    assert [TEXT[a:b] for a, b in spans] == ["(2)", "(311)", "(1)", "(40)"]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("(2)", "2").replace("(311)", "311"),
        TEXT.replace("组织参观展览", "集中参观警示展览"),
        "情况如下:" + TEXT,
        TEXT.replace("学习", "学匀").replace("参与", "参予", 1),
    ],
)
def test_edited_print_is_read(text: str) -> None:
    assert [c and c.strip("()") for c in contents(text)] == ["2", "311", "1", "40"]


def test_the_unit_may_stand_in_the_brackets_too() -> None:
    assert contents(TEXT.replace("(2)次", "(2次)次"))[0] == "(2次)"


def test_a_value_behind_its_unit_is_not_a_blank() -> None:
    assert contents(TEXT.replace("(2)次", "()次2"))[0] == "2"


def test_a_second_number_beside_a_slot_is_a_doubt() -> None:
    cuts = align(LITERALS, TEXT.replace("(2)次", "(2)次3"))

    assert cuts[0] is not None and cuts[0].why == "unread_beside"


def test_a_changed_scale_behind_the_slot_is_a_doubt() -> None:
    cut = align(LITERALS, TEXT.replace("(311)人次", "(311)万人次"))[1]

    assert cut is not None
    assert cut.why or "万" in TEXT.replace("(311)人次", "(311)万人次")[cut.start : cut.end]


def test_twins_are_not_taken_for_one_another() -> None:
    """Only the second clause is left: its 参与 must not count for the first clause."""
    said = contents("组织参观展览(1)场,参与(40)人次。")

    assert said[:2] == [None, None]


def test_a_text_about_something_else_gives_nothing() -> None:
    assert contents("本周召开会议3次,印发简报5期。") == [None] * 4


def test_the_slowest_voter_gives_up_on_a_huge_text() -> None:
    assert by_cost(["甲" * 5000, "乙"], "丙" * 20_000) == [None]


def test_a_number_that_was_added_makes_its_neighbours_a_doubt() -> None:
    cuts = align(LITERALS, TEXT.replace("组织参观", "5月6日组织参观"))

    assert [c.why for c in cuts if c] == ["", "unread_beside", "unread_beside", ""]


def test_words_that_fit_two_slots_alike_are_a_doubt() -> None:
    literals = ("组织甲类检查", "次;组织乙类检查", "次。")
    cuts = align(literals, "组织丙类检查(3)次;组织丁类检查(4)次。")

    assert cuts[0] is not None
    assert cuts[0].why == "place_ambiguous"
