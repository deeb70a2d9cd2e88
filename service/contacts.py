"""A list of units and their mail addresses (通讯录), from a workbook, a .csv or address cards.

Pure. Nothing about its layout is agreed: a row counts where exactly one cell is a unit's name
and another is an address. A row that is not sure binds nothing and is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from parsers import formats, vcard
from parsers.types import Grid
from service.types import Campaign
from service.units import Roster, fold

_ADDRESS = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.I)
_CELLS = re.compile(r"[\t,，;；|]|\s{2,}|\s(?=\S+@)|(?<=\w)\s+(?=[\u4e00-\u9fff])")
_ADDRESS_HEADING = re.compile(r"邮箱|邮件|e-?mail|电邮", re.I)
_UNIT_HEADING = re.compile(r"单位|部门|名称|科室|镇街|学校|园所|机构|企业|org", re.I)
_PERSON_HEADING = re.compile(r"姓名|联系|联络|电话|手机|QQ", re.I)
_QQ = re.compile(r"QQ\s*号?码?\s*[:：]?\s*([1-9]\d{4,10})(?![\d@-])", re.I)
_BARE_QQ = re.compile(r"[1-9]\d{4,10}")
_PIECES = re.compile(r"[\s()\[\]、/—-]+")
_NONE = ("", "无", "-", "—", "/", "暂无", "没有")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; `number` counts from 1 within its sheet or file."""

    number: int
    cells: tuple[str, ...]
    sheet: str = ""
    card: bool = False
    organisation: int = 0
    """Of a card: so many of its first cells name the organisation."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A unit and one address of it."""

    unit: str
    address: str
    row: Row
    known: bool = False
    by_qq: bool = False
    """Nothing but a QQ number stood there."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """A row that binds nothing, with a sentence's code (words [units]) and facts."""

    row: Row
    code: str
    facts: tuple[tuple[str, str], ...] = ()


def rows(content: bytes) -> tuple[Row, ...]:
    """The rows of a list; ParserError where the file cannot be read."""
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:11].upper() == b"BEGIN:VCARD":
        cards = enumerate(vcard.read(content), start=1)
        return tuple(
            Row(
                n,
                (*c.organisation, *c.names, *c.addresses),
                card=True,
                organisation=len(c.organisation),
            )
            for n, c in cards
        )
    out: list[Row] = []
    line = 0
    for block in formats.read(content).blocks:
        if isinstance(block, Grid):
            for n, cells in enumerate(block.rows, start=1):
                out.append(Row(n, tuple(c.text.strip() for c in cells), block.name or ""))
        else:
            line += 1
            out.append(Row(line, tuple(x.strip() for x in _CELLS.split(block.text))))
    return tuple(out)


def understand(
    campaign: Campaign, confirmed: Mapping[str, Sequence[str]], every: Iterable[Row]
) -> tuple[tuple[Pair, ...], tuple[Unclear, ...]]:
    """What the rows would bind, and those that are not understood."""
    reading = _Reading(campaign, {a: u for u, several in confirmed.items() for a in several})
    for row in every:
        reading.take(row)
    return tuple(reading.pairs.values()), tuple(reading.unclear)


class _Reading:
    """The list while it is read: its headings so far, and who has which address."""

    def __init__(self, campaign: Campaign, owners: Mapping[str, str]) -> None:
        self._roster = Roster(campaign.units, {}, campaign.issuer)
        self._names = {u.id: u.name for u in campaign.units}
        self._exact = {fold(n): u.id for u in campaign.units for n in (u.id, u.name, *u.aliases)}
        self._owners = dict(owners)
        self._own = {campaign.mailbox, *campaign.staff.addresses, *campaign.staff.head}
        self._address_columns: frozenset[int] = frozenset()
        self._unit_columns: frozenset[int] = frozenset()
        self._qq_columns: frozenset[int] = frozenset()
        self.pairs: dict[tuple[str, str], Pair] = {}
        self.unclear: list[Unclear] = []

    def take(self, row: Row) -> None:
        cells = [unicodedata.normalize("NFKC", c).strip() for c in row.cells]
        if not row.card and self._is_heading(cells):
            return
        addresses = [a.lower() for c in cells for a in _ADDRESS.findall(c)]
        for c in self._broken(cells):
            self.unclear.append(Unclear(row, "bad_address", (("got", c[:60]),)))
        by_qq = [] if addresses else self._by_qq(cells)
        if not addresses and not by_qq:
            return
        units = self._units(row, cells)
        if len(units) != 1:
            written = "　".join(c for c in cells if c and "@" not in c)[:60]
            code = "several_units" if units else "no_unit"
            names = "、".join(self._names[u] for u in units)
            self.unclear.append(Unclear(row, code, (("got", written), ("names", names))))
            return
        for address in dict.fromkeys(addresses or by_qq):
            self._bind(row, units[0], address, bool(by_qq))

    def _is_heading(self, cells: Sequence[str]) -> bool:
        """The row that names the columns: no address, no number, and words for addresses, or
        for the unit and beside it for persons."""
        found = _columns(cells, _ADDRESS_HEADING)
        units = _columns(cells, _UNIT_HEADING) - found
        persons = _columns(cells, _PERSON_HEADING) - found - units
        if not found and not (units and persons):
            return False
        if any("@" in c or re.search(r"\d{4}", c) for c in cells):
            return False
        self._address_columns, self._unit_columns = found, units
        qq = (i for i, c in enumerate(cells) if re.fullmatch(r"QQ\s*号?码?", c, re.I))
        self._qq_columns = frozenset(qq)
        return True

    def _by_qq(self, cells: Sequence[str]) -> list[str]:
        """The mailbox that goes with a QQ number: 139-0000-0001 QQ：12345678, or the column QQ号."""
        named = [n for c in cells for n in _QQ.findall(c)]
        column = [c for i, c in enumerate(cells) if i in self._qq_columns and _BARE_QQ.fullmatch(c)]
        return [f"{number}@qq.com" for number in (*named, *column)]

    def _broken(self, cells: Sequence[str]) -> Iterator[str]:
        """What stands where an address should and is none."""
        for i, c in enumerate(cells):
            expected = i in self._address_columns or "@" in c
            if expected and c not in _NONE and not _ADDRESS.search(c):
                yield c

    def _units(self, row: Row, cells: Sequence[str]) -> list[str]:
        """The units that a row names: by a whole cell, of a card also by a whole word (李丽
        （第二中学）), else in the column for names. A person's name may sound like a unit's
        (王长江), so nothing is looked for inside it."""
        plain = [(i, c) for i, c in enumerate(cells) if c and "@" not in c]
        pieces = [p for _, c in plain for p in _PIECES.split(c) if row.card and len(p) > 2]
        for whole in ([c for _, c in plain], pieces):
            exact = [u for c in whole if (u := self._exact.get(fold(c)) or self._roster.exact(c))]
            if exact:
                return list(dict.fromkeys(exact))
        columns = range(row.organisation) if row.card else self._unit_columns
        named = [c for i, c in plain if i in columns]
        return list(dict.fromkeys(u for c in named for u in self._roster.by_name(c)))

    def _bind(self, row: Row, unit: str, address: str, by_qq: bool) -> None:
        owner = self._owners.get(address)
        if address in self._own:
            self.unclear.append(Unclear(row, "own_address", (("got", address),)))
        elif owner not in (None, unit):
            facts = (("got", address), ("names", self._names[owner or ""]))
            self.unclear.append(Unclear(row, "taken", facts))
        elif (unit, address) not in self.pairs:
            self.pairs[unit, address] = Pair(unit, address, row, owner == unit, by_qq)
            self._owners[address] = unit


def _columns(cells: Sequence[str], words: re.Pattern[str]) -> frozenset[int]:
    return frozenset(i for i, c in enumerate(cells) if words.search(c))
