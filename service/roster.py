"""units.csv (应报单位): who must file, by what names and from which addresses.

Columns: id, name, kind, parent, aliases, addresses, contact, phone, exempt, of which only the
first two must be there; several aliases or addresses are parted by ; or ；.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping

from service import words
from service.errors import ConfigError, Problem
from service.types import Unit

FILE = "units.csv"
COLUMNS = ("id", "name", "kind", "parent", "aliases", "addresses", "contact", "phone", "exempt")
_NEEDED = ("id", "name")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


def parse(content: bytes) -> tuple[Unit, ...]:
    """The units in the file's order; ConfigError lists every wrong line."""
    rows = csv.DictReader(io.StringIO(_text(content)))
    missing = [c for c in _NEEDED if c not in (rows.fieldnames or ())]
    if missing:
        raise ConfigError((_problem(1, "no_column", column="、".join(missing)),))
    units = dict(_units(rows))
    problems = [p for number, unit in units.items() for p in _faults(number, unit)]
    problems.extend(_doubles(units))
    if not units:
        problems.append(_problem(1, "no_units"))
    if problems:
        raise ConfigError(tuple(problems))
    return tuple(units.values())


def _units(rows: csv.DictReader[str]) -> Iterator[tuple[int, Unit]]:
    """Each unit with the number of its line; Excel leaves lines of mere commas behind."""
    for row in rows:
        said = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}
        if any(said.values()):
            yield rows.line_num, _unit(dict.fromkeys(COLUMNS, "") | said)


def without(content: bytes, names: Callable[[str], bool]) -> bytes:
    """The file without the addresses, contacts and phones of the one that `names` knows."""
    rows = list(csv.reader(io.StringIO(_text(content))))
    heads = rows[0] if rows else []
    columns = [i for i, h in enumerate(heads) if h in ("addresses", "contact", "phone")]
    changed = False
    for row in rows[1:]:
        for i in columns:
            if i < len(row) and names(row[i]):
                row[i] = ";".join(a for a in _several(row[i]) if not names(a))
                changed = True
    if not changed:
        return content
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8")


def _text(content: bytes) -> str:
    # Excel in China saves csv as GBK unless told otherwise
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as e:
        raise ConfigError((_problem(1, "not_utf8"),)) from e


def _unit(row: dict[str, str]) -> Unit:
    return Unit(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        parent=row["parent"],
        aliases=_several(row["aliases"]),
        addresses=tuple(a.lower() for a in _several(row["addresses"])),
        contact=row["contact"],
        phone=row["phone"],
        exempt=row["exempt"],
    )


def _several(text: str) -> tuple[str, ...]:
    return tuple(x.strip() for x in re.split(r"[;；]", text) if x.strip())


def _faults(number: int, unit: Unit) -> Iterator[Problem]:
    if not _SLUG.fullmatch(unit.id):
        yield _problem(number, "bad_id", got=unit.id)
    if not unit.name:
        yield _problem(number, "no_name")
    for address in unit.addresses:
        if not _ADDRESS.fullmatch(address):
            yield _problem(number, "bad_address", got=address)


def _doubles(units: Mapping[int, Unit]) -> Iterator[Problem]:
    """A name or address that two units share would make every guess a coin's toss."""
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    for number, unit in units.items():
        for mark in _marks(unit):
            first, name = seen.setdefault(mark, (number, unit.name))
            if first != number:
                yield _problem(number, "double", what=mark[1], other=name)


def _marks(unit: Unit) -> Iterator[tuple[str, str]]:
    """Everything that must be one unit's alone."""
    yield "id", unit.id
    for name in dict.fromkeys((unit.name, *unit.aliases)):
        if name:
            yield "name", name
    for address in dict.fromkeys(unit.addresses):
        yield "address", address


def _problem(number: int, code: str, **facts: object) -> Problem:
    where = words.say("config", "line", {"number": number})
    return Problem(FILE, where, words.say("config", code, facts))
