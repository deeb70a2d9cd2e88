"""Fills a blank at random, as a Document, with the truth of every field beside it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.types import BlankCell, Cell, Document, Field, Form, Grid, Paragraph
from tests.generate.notations import ASKED, LINES, READABLE, TICKS, Meant

HEADER = {
    "填报单位": "青石镇综合执法局",
    "联系人": "王小明",
    "电话": "0513-80001101",
    "填报日期": "2021年6月8日",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled document and what each field of it means; `notation` names how it is written."""

    document: Document
    truth: dict[str, Meant]
    notation: dict[str, str]


Texts = dict[tuple[int, int, int], str]


def answers(
    form: Form, rng: random.Random, notations: Sequence[str] | None = None, turn: int = 0
) -> tuple[dict[str, Meant], dict[str, str]]:
    """A random answer for every field; numbers in the notations named, else in all. Ticks
    take turns, so that each kind comes up equally often."""
    meant: dict[str, Meant] = {}
    used: dict[str, str] = {}
    ticks = list(TICKS)
    for n, field in enumerate(form.fields):
        name, said = _answer(field, rng, notations, ticks[(turn * 2 + n) % len(ticks)])
        meant[field.key], used[field.key] = said, name
    return meant, used


def _answer(
    field: Field, rng: random.Random, notations: Sequence[str] | None, tick: str
) -> tuple[str, Meant]:
    if field.kind == "number":
        name = rng.choice(notations or [*READABLE, *ASKED])
        return name, {**READABLE, **ASKED}[name](rng, field.unit)
    if field.kind == "choice":
        name = rng.choice(["box before", "box behind the second"]) if notations else tick
        pattern, value, state = TICKS[name]
        options = {"a": field.options[0], "b": field.options[1]}
        return name, Meant(
            pattern.format(**options), state, value.format(**options) if value else None
        )
    if field.kind == "narrative":
        text = rng.choice(LINES)
        return "lines", Meant(text, "filled", text)
    text = f"{field.label}{rng.randint(10, 99)}"
    return "words", Meant(text, "filled", text)


def write(cell: BlankCell, texts: dict[str, str]) -> str:
    """The printed cell with these texts in its slots."""
    parts, at = [], 0
    for slot in cell.slots:
        parts += [cell.text[at : slot.start], texts[slot.field]]
        at = slot.end
    return "".join([*parts, cell.text[at:]])


def texts_of(form: Form, meant: dict[str, Meant]) -> Texts:
    """The filled text of every cell that holds slots, by address."""
    texts = {key: said.text for key, said in meant.items()}
    texts |= {f.key: HEADER.get(f.key, "某某") + "  " for f in form.header}
    return {(c.block, c.row, c.col): write(c, texts) for c in form.cells}


def fill(blank: Document, form: Form, meant: dict[str, Meant]) -> Document:
    """The blank document with these answers written into it."""
    return with_texts(blank, texts_of(form, meant))


def with_texts(blank: Document, texts: Texts) -> Document:
    """The document with other texts at these addresses."""
    blocks: list[Paragraph | Grid] = []
    for index, block in enumerate(blank.blocks):
        if isinstance(block, Paragraph):
            blocks.append(Paragraph(texts.get((index, -1, -1), block.text)))
            continue
        blocks.append(
            replace(
                block, rows=tuple(tuple(_other(index, c, texts) for c in r) for r in block.rows)
            )
        )
    return replace(blank, blocks=tuple(blocks))


def _other(block: int, cell: Cell, texts: Texts) -> Cell:
    text = texts.get((block, cell.row, cell.col))
    return cell if text is None else replace(cell, text=text)
