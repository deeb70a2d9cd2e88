"""Doubts that a reader has about a document as a whole, with the words in question.

`struck_out` 划掉的字: a writer took them back, so they are no answer and are left out; whoever
struck them may have meant otherwise. `marked_choice` 标色的选项: see formats/marked.py.
`hidden_cells` 隐藏的行列, `over_sheet` 压在表上的文字: what a sheet holds and does not show, or
shows and does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from parsers.types import Doubt

_LONGEST = 60
Code = Literal["struck_out", "marked_choice", "hidden_cells", "over_sheet"]


def told(code: Code, pieces: Iterable[str]) -> tuple[Doubt, ...]:
    """One doubt that shows these words; none where there are none."""
    shown = "、".join(filter(None, (" ".join(piece.split()) for piece in pieces)))
    if not shown:
        return ()
    raw = shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
    return (Doubt.of(code, "", raw=raw),)
