"""Ways in which people (and machines) change a form's print while they fill it.

Each takes the filled cells of a blank and gives a document; the answers stay what they
were unless the mutation says which fields are gone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from parsers.types import BlankCell, Cell, Document, Form, Grid, Paragraph, Slot
from tests.generate.forms import Texts, fill, texts_of, with_texts, write
from tests.generate.notations import ASK, Meant

Mutation = Callable[[Document, Form, dict[str, Meant], random.Random], Document]
_COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能过子说产种面而方后定行学法所民得经"
_WORDS = ("工作", "有关", "部门", "积极", "现场", "相关", "全面", "认真", "扎实", "及时")
_INSERTED = ("（含线上）", "等形式", "，效果良好", "按照上级要求", "结合实际", "（详见台账）")
_MARK = re.compile(r"[，；。、]")
_CJK = re.compile(r"[\u4e00-\u9fff]")


def untouched(blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random) -> Document:
    return fill(blank, form, meant)


def words_edited(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    """A word of two characters in about every third printed stretch becomes another."""
    return with_texts(blank, edited_texts(form, meant, rng))


def edited_texts(form: Form, meant: dict[str, Meant], rng: random.Random) -> Texts:
    """The filled texts with words of the print changed."""

    def edit(literal: str) -> str:
        if len(literal) < 6 or rng.random() > 0.35:
            return literal
        at = rng.randrange(0, len(literal) - 2)
        return literal[:at] + rng.choice(_WORDS) + literal[at + 2 :]

    return _changed(form, meant, edit)


def text_inserted(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    """A few words are added within the print, not beside a slot."""

    def insert(literal: str) -> str:
        if len(literal) < 6 or rng.random() > 0.35:
            return literal
        at = rng.randrange(2, len(literal) - 2)
        return literal[:at] + rng.choice(_INSERTED) + literal[at:]

    return with_texts(blank, _changed(form, meant, insert))


def noise(share: float, digits: bool = False) -> Mutation:
    """That share of the printed characters is dropped, doubled by a stranger or replaced;
    with `digits` those of the answers too become letters, so that a person must be asked."""

    def mutate(
        blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
    ) -> Document:
        def literal(text: str) -> str:
            return "".join(_noisy(c, share, rng) for c in text)

        for key, said in meant.items() if digits else ():
            text = "".join(
                rng.choice("lOSB") if rng.random() < share and c.isdigit() else c for c in said.text
            )
            if text != said.text and isinstance(said.value, int):
                meant[key] = Meant(text, ASK, None)
        return with_texts(blank, _changed(form, meant, literal))

    return mutate


def _noisy(c: str, share: float, rng: random.Random) -> str:
    if c.isdigit() or c.isspace() or rng.random() >= share:
        return c
    return rng.choice(("", c + rng.choice(_COMMON), rng.choice(_COMMON)))


def _changed(form: Form, meant: dict[str, Meant], change: Callable[[str], str]) -> Texts:
    """The filled texts with the print between the slots changed."""
    texts = texts_of(form, meant)
    for cell in _sentences(form):
        parts, at = [], 0
        for slot in cell.slots:
            parts += [change(cell.text[at : slot.start]), meant[slot.field].text]
            at = slot.end
        texts[_at(cell)] = "".join([*parts, change(cell.text[at:])])
    return texts


def columns_merged(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    """Two or all three columns become one; texts stand below one another in one cell."""
    keep = rng.choice((0, 1))
    return _regrid(fill(blank, form, meant), lambda rows: [_merged_from(row, keep) for row in rows])


def _merged_from(row: list[str], keep: int) -> list[str]:
    tail = list(dict.fromkeys(t for t in row[keep:] if t))
    return [*row[:keep], "\n".join(tail)]


def rows_merged(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    """Two neighbouring rows of sentences become one."""

    def merge(rows: list[list[str]]) -> list[list[str]]:
        at = rng.randrange(1, 5)
        joined = ["\n".join(pair) for pair in zip(rows[at], rows[at + 1], strict=True)]
        return [*rows[:at], joined, *rows[at + 2 :]]

    return _regrid(fill(blank, form, meant), merge)


def rows_split(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    """Each clause of a sentence gets a row of its own."""

    def split(rows: list[list[str]]) -> list[list[str]]:
        out = []
        for row in rows:
            clauses = [c for c in re.split(r"(?<=；)", row[-1]) if c]
            out += [
                [*(row[:-1] if i == 0 else [""] * (len(row) - 1)), c] for i, c in enumerate(clauses)
            ]
        return out

    return _regrid(fill(blank, form, meant), split)


def rows_moved(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    def move(rows: list[list[str]]) -> list[list[str]]:
        body = rows[1:]
        rng.shuffle(body)
        return [rows[0], *body]

    return _regrid(fill(blank, form, meant), move)


def column_missing(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    """The column of requirements is left out."""
    return _regrid(fill(blank, form, meant), lambda rows: [[row[0], *row[2:]] for row in rows])


def columns_swapped(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    return _regrid(fill(blank, form, meant), lambda rows: [[row[0], *row[:0:-1]] for row in rows])


def grid_lost(blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random) -> Document:
    """Every cell becomes a paragraph."""
    lines: list[Paragraph] = []
    for block in fill(blank, form, meant).blocks:
        if isinstance(block, Grid):
            lines += [Paragraph(t) for cell in block.corners() for t in cell.text.split("\n")]
        else:
            lines.append(block)
    return Document("text", tuple(lines))


def bare_list(blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random) -> Document:
    """Only the answers, one after the other."""
    mark = rng.choice(("、", "，", "；", " ", "\n"))
    texts = texts_of(form, meant)
    for cell in _sentences(form):
        texts[_at(cell)] = mark.join(meant[s.field].text for s in cell.slots)
    return with_texts(blank, texts)


def clauses_shuffled(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    texts = texts_of(form, meant)
    for cell in _sentences(form):
        clauses = texts[_at(cell)].rstrip("。").split("；")
        rng.shuffle(clauses)
        texts[_at(cell)] = "；".join(clauses) + "。"
    return with_texts(blank, texts)


def value_behind_unit(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    """学习（ ）次3，or 学习次3，"""
    empty = rng.choice(("（ ）", "", "____"))
    texts = texts_of(form, meant)
    fields = {f.key: f for f in form.fields}
    for cell in _sentences(form):
        parts, at, carried = [], 0, ""
        for slot in [*cell.slots, None]:
            literal = cell.text[at : slot.start if slot else None]
            if carried:
                literal = carried_behind(literal, carried)
                carried = ""
            parts.append(literal)
            if slot is None:
                break
            field, text = fields[slot.field], meant[slot.field].text
            if text[0] in "（(" and text[-1] in "）)":
                text = text[1:-1].strip()
            if field.kind == "number":
                parts.append(empty)
                carried = f"{field.unit}\0{text}"
            else:
                parts.append(meant[slot.field].text)
            at = slot.end
        texts[_at(cell)] = "".join(parts)
    return with_texts(blank, texts)


def carried_behind(literal: str, carried: str) -> str:
    unit, _, value = carried.partition("\0")
    return literal[: len(unit)] + value + literal[len(unit) :]


def box_behind_label(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    """学习次（3），: the brackets stand behind the unit."""
    texts = texts_of(form, meant)
    fields = {f.key: f for f in form.fields}
    for cell in _sentences(form):
        out = write(cell, {s.field: meant[s.field].text for s in cell.slots})
        for slot in cell.slots:
            field, text = fields[slot.field], meant[slot.field].text
            if field.kind == "number":
                out = out.replace(f"{text}{field.unit}", f"{field.unit}{text}", 1)
        texts[_at(cell)] = out
    return with_texts(blank, texts)


def clause_copied(
    blank: Document, form: Form, meant: dict[str, Meant], rng: random.Random
) -> Document:
    """A clause with one answer stands twice in a row, the second time with another number."""
    texts, kinds = texts_of(form, meant), {f.key: f.kind for f in form.fields}
    for cell in _sentences(form):
        spans = [(s, *_clause(cell.text, s)) for s in cell.slots if kinds[s.field] == "number"]
        lone = [
            (s, low, high)
            for s, low, high in spans
            if sum(low <= other.start < high for other in cell.slots) == 1
        ]
        if not lone:
            continue
        slot, low, high = rng.choice(lone)
        said = {s.field: meant[s.field].text for s in cell.slots}
        again = cell.text[slot.end : high] + cell.text[low : slot.start]
        said[slot.field] += f"{again}（{rng.randint(500, 999)}）"
        texts[_at(cell)] = write(cell, said)
        meant[slot.field] = Meant(said[slot.field], ASK, None)
    return with_texts(blank, texts)


def _clause(text: str, slot: Slot) -> tuple[int, int]:
    """From where to where the words around a slot reach, with the mark that ends them."""
    starts = [m.end() for m in _MARK.finditer(text, 0, slot.start)]
    end = _MARK.search(text, slot.end)
    return max(starts, default=0), end.end() if end else len(text)


def _sentences(form: Form) -> list[BlankCell]:
    kinds = {f.key: f.kind for f in form.fields}
    return [
        c
        for c in form.cells
        if c.text.strip()
        and all(kinds.get(s.field) in ("number", "choice", "text") for s in c.slots)
    ]


def _at(cell: BlankCell) -> tuple[int, int, int]:
    return (cell.block, cell.row, cell.col)


def _regrid(document: Document, change: Callable[[list[list[str]]], list[list[str]]]) -> Document:
    """The document with its tables' texts laid out anew, one cell an address."""
    blocks: list[Paragraph | Grid] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            blocks.append(block)
            continue
        rows = change([_row(row) for row in block.rows])
        width = max(map(len, rows))
        blocks.append(
            Grid(
                tuple(
                    tuple(Cell(t, r, c) for c, t in enumerate([*row, *[""] * (width - len(row))]))
                    for r, row in enumerate(rows)
                ),
                block.name,
            )
        )
    return Document(document.format, tuple(blocks))


def _row(row: tuple[Cell, ...]) -> list[str]:
    """The texts of a row; a merged cell's text stands once."""
    seen: set[tuple[int, int]] = set()
    texts = []
    for cell in row:
        texts.append("" if (cell.row, cell.col) in seen else cell.text)
        seen.add((cell.row, cell.col))
    return texts


MUTATIONS: dict[str, tuple[Mutation, float]] = {
    "untouched": (untouched, 0.995),
    "words edited": (words_edited, 0.97),
    "text inserted": (text_inserted, 0.97),
    "columns merged": (columns_merged, 0.97),
    "rows merged": (rows_merged, 0.97),
    "rows split": (rows_split, 0.9),
    "rows moved": (rows_moved, 0.97),
    "column missing": (column_missing, 0.97),
    "columns swapped": (columns_swapped, 0.97),
    "grid lost": (grid_lost, 0.97),
    "noise 2 %": (noise(0.02), 0.97),
    "noise 5 %": (noise(0.05, digits=True), 0.9),
    "noise 10 %": (noise(0.10, digits=True), 0.9),
    "bare list": (bare_list, 0.4),
    "clauses shuffled": (clauses_shuffled, 0.4),
    "value behind unit": (value_behind_unit, 0.4),
    "box behind label": (box_behind_label, 0.4),
    "clause copied": (clause_copied, 0.9),
}
"""Each mutation and the least share of the fields to be read; none may be silently wrong."""
