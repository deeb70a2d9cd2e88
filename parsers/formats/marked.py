"""Options that are marked by their look alone (标色): □是□否 with 是 in red, bold, underlined or
on yellow, and no tick. The reader sees no tick there and says none; a doubt says what was marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from parsers.formats.told import told
from parsers.slots import Place, places
from parsers.types import Doubt

Piece = tuple[str, bool]
"""Words of a line, and whether they look other than plain print."""


def doubts(lines: Iterable[Sequence[Piece]]) -> tuple[Doubt, ...]:
    """One doubt that shows the marked options; none where there is none."""
    return told("marked_choice", dict.fromkeys(word for line in lines for word in _options(line)))


def _options(line: Sequence[Piece]) -> Iterator[str]:
    marks = [is_marked for words, is_marked in line for _ in words]
    if not any(marks) or all(marks):
        return
    text = "".join(words for words, _ in line)
    for place in places(text):
        if place.kind == "choice":
            yield from _set_apart(text, marks, place)


def _set_apart(text: str, marks: Sequence[bool], place: Place) -> Iterator[str]:
    """The untouched options that look other than the rest of their group."""
    spans = _spans(text, place)
    marked = [any(marks[i] and not text[i].isspace() for i in range(*span)) for span in spans]
    if not all(marked):
        yield from (
            word for word, is_marked in zip(place.options, marked, strict=True) if is_marked
        )


def _spans(text: str, place: Place) -> list[tuple[int, int]]:
    """Each option with its own box, which stands before all of the words or behind them."""
    starts, ends, at = [], [], place.start
    for word in place.options:
        starts.append(text.index(word, at))
        ends.append(at := starts[-1] + len(word))
    if starts[0] == place.start:
        return list(zip(starts, [*starts[1:], place.end], strict=True))
    return list(zip([place.start, *ends[:-1]], ends, strict=True))
