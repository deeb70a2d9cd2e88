"""What paper is made of once it is read: documents, forms, values, doubts.

Pure data. Nothing here opens a file, knows a unit or knows what day it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Fact = str | int | float
"""What a doubt may carry: plain, JSON-able evidence."""

Kind = Literal["number", "text", "choice", "date", "narrative", "list"]
Layout = Literal["sentences", "labels", "grid", "list"]
State = Literal["filled", "nil", "na", "blank", "unsure"]
Outcome = Literal[
    "form",
    "blank_form",
    "material",
    "container",
    "mail",
    "scan_unread",
    "encrypted",
    "damaged",
    "empty",
    "over_limit",
    "unsupported",
    "ignored",
]


class ParserError(Exception):
    """Base of what parsers raise on foreign bytes; `outcome` says how the part ends.

    Tree: ParserError > Damaged, Encrypted, OverLimit, Empty, Unsupported.
    `code` is a sentence of templates/words/zh.toml, `facts` fill it.
    """

    outcome: Outcome = "damaged"

    def __init__(self, code: str, **facts: Fact) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


class Damaged(ParserError):
    """The bytes claim a format and break its rules."""


class Encrypted(ParserError):
    """The document wants a password."""

    outcome: Outcome = "encrypted"


class OverLimit(ParserError):
    """Reading on would cost more than a limit of parsers/limits.py allows."""

    outcome: Outcome = "over_limit"


class Empty(ParserError):
    """Nothing stands in the document."""

    outcome: Outcome = "empty"


class Unsupported(ParserError):
    """No reader for this kind of file."""

    outcome: Outcome = "unsupported"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that a person should look at (存疑), with its evidence.

    `where` is a field key, `header/LABEL`, or the path of a part; `code` names a
    sentence of templates/words/zh.toml and `facts` fill it.
    """

    code: str
    where: str
    facts: tuple[tuple[str, Fact], ...] = ()

    @classmethod
    def of(cls, code: str, where: str, **facts: Fact) -> Doubt:
        return cls(code, where, tuple(sorted(facts.items())))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of running text outside any table."""

    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell. Paragraphs inside it are joined by a line feed."""

    text: str
    row: int
    col: int
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as a rectangle: a merged cell stands at every address it covers.

    `rows[r][c]` is the cell covering that address; it is the cell's own corner
    where `(cell.row, cell.col) == (r, c)`. `name` is the sheet's name, if any.
    """

    rows: tuple[tuple[Cell, ...], ...]
    name: str | None = None

    def corners(self) -> Iterator[Cell]:
        """Each cell once, in reading order."""
        for r, row in enumerate(self.rows):
            for c, cell in enumerate(row):
                if cell.row == r and cell.col == c:
                    yield cell


@dataclass(frozen=True, slots=True)
class Picture:
    """An image inside a document: its bytes stay with it so that it can be read or filed."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A file as text, whatever its format: blocks in reading order, then pictures."""

    format: str
    blocks: tuple[Paragraph | Grid, ...]
    images: tuple[Picture, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Paragraph))

    @property
    def grids(self) -> tuple[Grid, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Grid))


@dataclass(frozen=True, slots=True)
class Field:
    """One thing the blank form asks for (填报项), derived from the blank."""

    key: str
    label: str
    kind: Kind
    unit: str = ""
    options: tuple[str, ...] = ()
    limit: int | None = None
    columns: tuple[str, ...] = ()
    several: bool = False
    """A choice that allows several ticks."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a field stands in its blank cell: the half-open span of the blank's text
    that a filler replaces, brackets and underscores included."""

    start: int
    end: int
    field: str


@dataclass(frozen=True, slots=True)
class BlankCell:
    """A cell (or header line) of the blank that holds slots; `block` counts the
    document's blocks, `row`/`col` are the grid address (-1 for a paragraph)."""

    block: int
    row: int
    col: int
    text: str
    slots: tuple[Slot, ...]
    layout: Layout | None = None
    """That of the rows it stands in; None for a running line."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form (表) as its blank shows it: the schema and the text to align with."""

    key: str
    title: str
    fields: tuple[Field, ...]
    header: tuple[Field, ...]
    cells: tuple[BlankCell, ...]
    layout: Layout
    """The one that tells most: where rows differ, each cell bears its own."""
    fingerprint: frozenset[str]
    literals: tuple[str, ...] = ()
    """Every printed text of the blank, in reading order: what recognition compares."""
    paper: tuple[BlankCell, ...] = ()
    """Every cell and line of the blank, also those without slots, in reading order."""


@dataclass(frozen=True, slots=True)
class Value:
    """What one field says. `value` is None unless it may count; `guess` is what it may mean."""

    field: str
    raw: str
    value: int | float | str | tuple[str, ...] | tuple[dict[str, Any], ...] | None
    state: State
    guess: int | str | None = None
    approx: bool = False
    evidence: str = "text"
    margin: float = 0.0
    why: str = ""
    place: str = ""
    """Where it was read: block, row and column of the document, from 0."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A filled form, read: header texts by label, values in the form's order."""

    form: str
    score: float
    margin: float
    header: tuple[tuple[str, str], ...]
    values: tuple[Value, ...]
    doubts: tuple[Doubt, ...] = ()

    def value(self, key: str) -> Value:
        for v in self.values:
            if v.field == key:
                return v
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class PartRead:
    """How one file or mail part ended: exactly one outcome, with what was found in it.

    `as_json` is the object of the command-line contract (DESIGN section 6), with
    doubts as code, where and facts: the caller adds the sentences.
    """

    name: str | None
    outcome: Outcome
    reading: Reading | None = None
    form: Form | None = None
    score: float = 0.0
    margin: float = 0.0
    doubts: tuple[Doubt, ...] = ()
    parts: tuple[PartRead, ...] = ()
    content_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    text: str = ""
    """The document's own words (for recognising materials and units), capped."""
    kind: str = ""
    """What the bytes are (parsers/sniff.py), whatever name or type they bear."""
    stamp: bool | None = None
    """Whether a red round seal can be seen on its pictures; None where it has none."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an oversize attachment (超大附件) that lapses."""

    url: str
    name: str | None
    size: str | None
    expires: str | None


@dataclass(frozen=True, slots=True)
class Large:
    """What is known of a part above PART_IN_MEMORY_BYTES: hashed, never loaded whole."""

    size: int
    sha256: str
    head: bytes = field(repr=False)
    """The first bytes, enough to tell the kind of file."""


@dataclass(frozen=True, slots=True)
class Part:
    """One attachment or inline file of a mail, decoded."""

    path: str
    content_type: str
    name: str | None
    content: bytes = field(repr=False)
    inline: bool = False
    large: Large | None = None
    """Set where the part is too large to load; `content` is empty then."""


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, read (RFC 5322). `senders` are all mailboxes of all From headers:
    identity is claimed only when there is exactly one."""

    message_id: str | None
    senders: tuple[tuple[str, str], ...]
    """(display name, address) pairs; the address in lower case."""
    subject: str
    sent_at: str | None
    """ISO 8601 with offset, or None where the Date cannot be read."""
    text: str
    html: str | None
    parts: tuple[Part, ...]
    automatic: str | None
    links: tuple[Link, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def sender(self) -> str | None:
        return self.senders[0][1] if len(self.senders) == 1 else None
