"""Parts pieces that hold printed words of the blank together with something else: merged
columns, a label and its answer typed into one cell or line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from parsers.fold import fold, folded
from parsers.pieces import Piece
from parsers.types import Form

_SHORT = 10
_AFTER_LABEL = re.compile(r"^[:：\s]*")


def split_printed(form: Form, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces, each printed text that stands only within one cut out as its own."""
    printed = {folded(c.text) for c in form.paper if not c.slots and c.text.strip()}
    printed -= {p.folded.text for p in pieces}
    # words that another printed cell quotes are no mark of their own cell
    whole = [folded(c.text) for c in form.paper]
    printed = {p for p in printed if sum(p in text for text in whole) == 1}
    longest = sorted((p for p in printed if len(p) > 1), key=len, reverse=True)
    parts: list[Piece] = []
    for piece in pieces:
        for text in _parts(piece, longest):
            folding = piece.folded if text is piece.text else fold(text)
            parts.append(replace(piece, order=len(parts), text=text, folded=folding))
    return tuple(parts)


def _parts(piece: Piece, printed: Sequence[str]) -> Iterator[str]:
    words = piece.folded.text
    spans: list[tuple[int, int]] = []
    for text in printed:
        at = words.find(text) if len(text) < len(words) else -1
        if at < 0 or any(at < e and s < at + len(text) for s, e in spans):
            continue
        if len(text) >= _SHORT or _is_label(piece, at, at + len(text)):
            spans.append((at, at + len(text)))
    if not spans:
        yield piece.text
        return
    at = 0
    for start, end in sorted(spans):
        yield from _rest(piece, at, start)
        yield piece.folded.raw(start, end)
        at = end
    yield from _rest(piece, at, len(words))


def _rest(piece: Piece, start: int, end: int) -> Iterator[str]:
    raw = _AFTER_LABEL.sub("", piece.folded.raw(start, end))
    if raw.strip():
        yield raw


def _is_label(piece: Piece, start: int, end: int) -> bool:
    """Whether a short printed text stands as a label: at the start of a line, with a colon
    or a gap behind it."""
    source, origin = piece.folded.source, piece.folded.origin
    first, last = origin[start], origin[end - 1] + 1
    opens = first == 0 or source[first - 1].isspace() or start == 0
    closes = bool(re.match(r"[:：\s]", source[last : last + 1])) or source[last - 1] in ":："
    return opens and closes
