"""Reads the header of a filled form (表头): 填报单位, 联系人, 电话, 填报日期 and the like,
however its line was broken, reordered or spread over cells.

Two voters: cutting at the printed labels wherever they stand, and aligning the printed
line as a whole. Where they differ the text of the first is kept with a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers import dates
from parsers.align_text import by_edits
from parsers.fold import Folded, fold, folded
from parsers.labels import label_of
from parsers.matched import literals_of
from parsers.pieces import Piece
from parsers.types import BlankCell, Doubt, Field, Form

_TAIL = r"(?:\([^()]{0,12}\))?[:]?"
_LONG, _FEW = 300, 4
_ONLY_DATE = re.compile(r"[\s_＿年月日]+")
_A_DATE = re.compile(r"[0-9]{4}年[0-9]{1,2}月(?:[0-9]{1,2}日)?")
_RULES = re.compile(r"^[\s_＿:：]+|[\s_＿]+$")


def read_header(
    form: Form, pieces: Sequence[Piece]
) -> tuple[tuple[tuple[str, str], ...], tuple[Doubt, ...]]:
    """Header texts by label, in the blank's order, and a doubt for each that is disputed."""
    texts: list[tuple[str, str]] = []
    doubts: list[Doubt] = []
    by_key = {f.key: f for f in form.header}
    cells = [c for c in form.cells if any(s.field in by_key for s in c.slots)]
    printed = {folded(c.text) for c in form.paper if not c.slots and c.text.strip()}
    for cell in cells:
        fields = [by_key[s.field] for s in cell.slots]
        if _ONLY_DATE.fullmatch(cell.text):
            texts.append((fields[0].label, _lone_date(pieces)))
            continue
        found, disputed = _read_line(cell, fields, _near(fields, pieces, printed))
        texts.extend((f.label, _kept(f, found.get(f.key, ""))) for f in fields)
        doubts.extend(
            Doubt.of("header_unclear", f"header/{f.label}", label=f.label, raw=found.get(f.key, ""))
            for f in fields
            if f.key in disputed
        )
    return tuple(texts), tuple(doubts)


def _read_line(
    cell: BlankCell, fields: Sequence[Field], pieces: Sequence[Piece]
) -> tuple[dict[str, str], set[str]]:
    written = fold("\n".join(p.text for p in pieces))
    starts = _label_spans(fields, written.text)
    literals, _ = literals_of([cell])
    aligned = by_edits(literals, written.text)
    found: dict[str, str] = {}
    disputed: set[str] = set()
    for i, field in enumerate(fields):
        if field.key not in starts:
            continue
        begin = starts[field.key][1]
        end = min((s for s, _ in starts.values() if s >= begin), default=len(written.text))
        end = min(end, _print_behind(literals[i + 1], written.text, begin))
        found[field.key] = _one_line(written, begin, end)
        span = aligned[i]
        other = _one_line(written, *span) if span else None
        if found[field.key] and folded(other or "") != folded(found[field.key]):
            disputed.add(field.key)
    return found, disputed


def _lone_date(pieces: Sequence[Piece]) -> str:
    """The date that stands for itself, without a label, if only one does."""
    dates_ = [p.text.strip() for p in pieces if _A_DATE.fullmatch(p.folded.text)]
    return dates_[0] if len(dates_) == 1 else ""


def _print_behind(literal: str, text: str, begin: int) -> int:
    """Where the words begin that are printed behind an answer (单位：万元), or the end."""
    at = text.find(literal, begin) if len(literal) >= _FEW else -1
    return at if at >= 0 else len(text)


def _kept(field: Field, text: str) -> str:
    """The text, unless it is only what was printed: `  年  月  日`."""
    return "" if field.kind == "date" and dates.said(text).state == "blank" else text


def _near(fields: Sequence[Field], pieces: Sequence[Piece], printed: set[str]) -> list[Piece]:
    """The pieces that hold header labels, and each one's next, which may hold the answer."""
    labels = [folded(f.label) for f in fields]
    holds = [any(label in p.folded.text for label in labels) for p in pieces]
    lines = [
        i
        for i, p in enumerate(pieces)
        if holds[i] and (":" in p.folded.text or label_of(p.text) in {f.label for f in fields})
    ]
    near = sorted({k for i in lines for k in (i, i + 1) if k < len(pieces)})
    return [
        pieces[k]
        for k in near
        if len(pieces[k].text) < _LONG and (holds[k] or pieces[k].folded.text not in printed)
    ]


def _label_spans(fields: Sequence[Field], text: str) -> dict[str, tuple[int, int]]:
    """Where each label stands with its remark and colon; the longest labels first."""
    spans: dict[str, tuple[int, int]] = {}
    for field in sorted(fields, key=lambda f: -len(f.label)):
        for m in re.finditer(re.escape(folded(field.label)) + _TAIL, text):
            if all(m.end() <= s or m.start() >= e for s, e in spans.values()):
                spans[field.key] = (m.start(), m.end())
                break
    return spans


def _one_line(written: Folded, start: int, end: int) -> str:
    """The answer's text: it ends with its line, unless it begins on the next."""
    raw = _RULES.sub("", written.raw(start, end))
    return _RULES.sub("", raw.partition("\n")[0])
