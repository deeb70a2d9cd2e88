"""The accuracy run in small: nothing silently wrong, and as much read as promised."""

from __future__ import annotations

import pytest

from tests.generate.accuracy import mutated, notations
from tests.generate.foreign import FOREIGN, Foreign
from tests.generate.foreign_judge import form_of, judge_foreign, readings
from tests.generate.judge import Tally
from tests.generate.mutations import MUTATIONS
from tests.generate.notations import ASKED, READABLE

FORMS, MUTATED = 60, 4


def test_random_forms_in_every_notation() -> None:
    total = Tally()
    for _, result, _ in notations(FORMS):
        total.add(result)

    assert total.wrong == []
    assert total.share() >= 0.99, total.asked


def test_there_are_notations_enough() -> None:
    assert len(READABLE) >= 35
    assert len(ASKED) >= 10


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutated_form_is_read_or_asked_but_never_wrong(name: str) -> None:
    result = mutated(name, MUTATED)

    assert result.wrong == []
    # few forms: a share may stray a little below what the full run promises
    assert result.share() >= MUTATIONS[name][1] - 0.04, result.asked


@pytest.mark.parametrize("blank", FOREIGN, ids=lambda b: b.name)
def test_a_blank_that_nobody_has_seen_before(blank: Foreign) -> None:
    result = judge_foreign(blank)

    assert result.wrong == []
    assert result.share() >= 0.9
    assert [p.outcome for p in readings(blank)] == ["form"] * len(blank.fillings)


def test_foreign_blanks_cover_the_four_layouts() -> None:
    assert {form_of(b).layout for b in FOREIGN} == {"sentences", "labels", "grid", "list"}
