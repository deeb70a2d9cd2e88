"""Placed cells to grids."""

from __future__ import annotations

import pytest

from parsers.formats.tables import EdgeCell, bound, lay, lay_edges
from parsers.types import Cell, OverLimit


def texts(grid) -> list[list[str]]:
    return [[c.text for c in row] for row in grid.rows]


def test_a_merged_cell_stands_at_every_address_it_covers():
    grid = lay([Cell("A", 0, 0, 2, 1), Cell("B", 0, 1), Cell("C", 1, 1)])

    assert texts(grid) == [["A", "B"], ["A", "C"]]
    assert [c.text for c in grid.corners()] == ["A", "B", "C"]


def test_gaps_become_empty_cells_and_the_earlier_claim_holds():
    grid = lay([Cell("A", 0, 0, 1, 2), Cell("B", 0, 1), Cell("C", 1, 1)])

    assert texts(grid) == [["A", "A"], ["", "C"]]


def test_columns_follow_from_all_edges():
    grid = lay_edges(
        [
            [EdgeCell("A", 0, 1000), EdgeCell("B", 1000, 2000)],
            [EdgeCell("C", 0, 500), EdgeCell("D", 500, 2000)],
        ]
    )

    assert texts(grid) == [["A", "A", "B"], ["C", "D", "D"]]


def test_edges_that_nearly_meet_are_one():
    grid = lay_edges(
        [
            [EdgeCell("A", 0, 1000), EdgeCell("B", 1000, 2000)],
            [EdgeCell("C", 10, 1015), EdgeCell("D", 1015, 1990)],
        ]
    )

    assert texts(grid) == [["A", "B"], ["C", "D"]]


def test_text_left_in_a_merged_cell_is_kept():
    grid = lay_edges(
        [
            [EdgeCell("A", 0, 500), EdgeCell("B", 500, 900, joins_left=True)],
            [EdgeCell("C", 0, 900, joins_above=True)],
        ]
    )

    assert "B" in grid.rows[0][0].text
    assert any("C" in c.text for c in grid.corners())


def test_a_cell_without_one_above_stands_alone():
    assert texts(lay_edges([[EdgeCell("A", 0, 500, joins_above=True)]])) == [["A"]]


def test_too_many_cells_are_refused():
    with pytest.raises(OverLimit):
        bound(201, 100)
