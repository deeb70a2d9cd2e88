"""Struck-out words (划掉的字): a writer took them back, so they are no answer.

Every reader leaves them out and says so: whoever struck them may have meant otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from parsers.types import Doubt

_LONGEST = 60


def doubts(pieces: Iterable[str]) -> tuple[Doubt, ...]:
    """One doubt that shows what was struck out; none where nothing was."""
    shown = "、".join(filter(None, (" ".join(piece.split()) for piece in pieces)))
    if not shown:
        return ()
    raw = shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
    return (Doubt.of("struck_out", "", raw=raw),)
