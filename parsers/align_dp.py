"""The third voter of the alignment: dynamic programming over literal characters and slots.

A slot swallows whatever stands in its place at a small price for each character, less for
those that values are made of; a literal may miss characters or hold strange ones at a
higher price. Rows are numpy vectors over the filled text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]
_MISSING, _STRANGE, _SWAP = 8, 10, 13
_VALUE_CHARACTER, _OTHER_CHARACTER = 2, 5
_VALUE_CHARACTERS = frozenset("0123456789()_,.□☑√■☒R零一二三四五六七八九十百千万两〇/-")
_MOST_CELLS = 40_000_000
_BEFORE, _DELETE, _MATCH = 0, 1, 2

_Row = NDArray[np.int32]


def by_cost(literals: Sequence[str], text: str) -> list[Span | None]:
    """Spans of the cheapest reading of the text as literals with slots between them;
    all None where the two together are too large to be worth it."""
    size = sum(map(len, literals)) + len(literals)
    if size * (len(text) + 1) > _MOST_CELLS:
        return [None] * (len(literals) - 1)
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    return _trace(literals, codes, *_forward(literals, text, codes))


def _forward(
    literals: Sequence[str], text: str, codes: NDArray[np.uint32]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Fills the table row by row; keeps of each cell how it was reached, and whether the
    cheapest way ended with a strange (or swallowed) character of the text."""
    n = len(text)
    steps = np.arange(n + 1, dtype=np.int32) * _STRANGE
    prices = [_VALUE_CHARACTER if c in _VALUE_CHARACTERS else _OTHER_CHARACTER for c in text]
    swallow: _Row = np.concatenate(([0], np.cumsum(prices, dtype=np.int32))).astype(np.int32)
    size = sum(map(len, literals)) + len(literals) - 1
    how = np.zeros((size + 1, n + 1), dtype=np.uint8)
    along = np.zeros((size + 1, n + 1), dtype=np.bool_)
    row: _Row = steps.copy()
    along[0, 1:] = True
    r = 0
    for i, literal in enumerate(literals):
        for character in literal:
            r += 1
            base = row + _MISSING
            match = row[:-1] + np.where(codes == ord(character), 0, _SWAP).astype(np.int32)
            better = match < base[1:]
            how[r] = _DELETE
            how[r, 1:][better] = _MATCH
            base[1:][better] = match[better]
            row = _run(base, steps, along[r])
        if i < len(literals) - 1:
            r += 1
            how[r] = _BEFORE
            row = _run(row, swallow, along[r])
    return how, along


def _run(base: _Row, prices: _Row, along: NDArray[np.bool_]) -> _Row:
    """The cheapest way to each place when characters may be added at these prices."""
    best: _Row = np.minimum.accumulate(base - prices) + prices
    np.less(best, base, out=along)
    return best


def _trace(
    literals: Sequence[str],
    codes: NDArray[np.uint32],
    how: NDArray[np.uint8],
    along: NDArray[np.bool_],
) -> list[Span | None]:
    """Walks back from the corner. A slot's span reaches to the literal characters that
    are matched on both sides: strange characters beside it belong to it, unread."""
    elements = _elements(literals)
    spans: list[Span | None] = [None] * (len(literals) - 1)
    r, j = len(elements), len(codes)
    following, waiting = len(codes), []
    while r:
        element = elements[r - 1]
        while along[r, j]:
            j -= 1
        if isinstance(element, int):
            waiting.append((element, following))
        elif how[r, j] == _MATCH:
            if codes[j - 1] == ord(element):
                for slot, end in waiting:
                    spans[slot] = (j, end)
                waiting, following = [], j - 1
            j -= 1
        r -= 1
    for slot, end in waiting:
        spans[slot] = (0, end)
    return spans


def _elements(literals: Sequence[str]) -> list[str | int]:
    elements: list[str | int] = []
    for i, literal in enumerate(literals):
        elements.extend(literal)
        if i < len(literals) - 1:
            elements.append(i)
    return elements
