"""`units import`: a list of addresses bound to their units, after it was shown."""

from __future__ import annotations

from pathlib import Path

import click

from parsers.types import ParserError
from service import contacts, words
from service.clock import SystemClock
from service.commands.entry import Entry, entered
from service.contacts import Pair, Row, Unclear
from service.decisions import confirmed, in_force
from service.errors import UsageError
from service.types import Campaign


@click.group()
@click.pass_obj
def units(given: str | None) -> None:
    """Who must file, and from which addresses."""


@units.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Bind what is shown; without it nothing is changed.")
@entered
def import_(entry: Entry, file: Path, yes: bool) -> int:
    """Bind the addresses of a workbook, a .csv or address cards (.vcf).

    Exit code 1 when some rows were not understood.
    """
    rows = _rows(file)
    with entry.opened() as (here, store):
        now = SystemClock().now()
        known = confirmed(here, in_force(store.decisions(here.slug)))
        pairs, unclear = contacts.understand(here, known, rows)
        for pair in pairs:
            _show(here, pair)
        for one in unclear:
            _tell(one)
        new = [p for p in pairs if not p.known]
        if yes:
            with store.writing():
                for p in new:
                    args = {"unit": p.unit, "address": p.address}
                    why = entry.why or file.name
                    number = store.decide(here.slug, now, entry.by, why, "bind", args)
                    said = {"unit": here.unit(p.unit).name, "address": p.address, "number": number}
                    click.echo(words.say("units", "bound", said))
    _close(here, pairs, len(new), len(unclear), yes)
    return int(bool(unclear))


def _rows(file: Path) -> tuple[Row, ...]:
    try:
        return contacts.rows(file.read_bytes())
    except OSError as e:
        raise UsageError("FILE_UNREADABLE", file=file, detail=e.strerror) from e
    except ParserError as e:
        said = words.doubt(e.code, e.facts)
        raise UsageError("FILE_UNREADABLE", file=file, detail=said) from e


def _show(campaign: Campaign, pair: Pair) -> None:
    facts = {"unit": campaign.unit(pair.unit).name, "address": pair.address}
    place = _place(pair.row)
    code = "known" if pair.known else "found_by_qq" if pair.by_qq else "found"
    click.echo(words.say("units", code, {**facts, "place": place}))


def _tell(one: Unclear) -> None:
    said = words.say("units", one.code, dict(one.facts))
    click.echo(words.say("units", "unclear", {"place": _place(one.row), "said": said}))


def _place(row: Row) -> str:
    code = "card" if row.card else "sheet_row" if row.sheet else "row"
    return words.say("units", code, {"sheet": row.sheet, "number": row.number})


def _close(campaign: Campaign, pairs: tuple[Pair, ...], new: int, unclear: int, yes: bool) -> None:
    """How it ended, which units still have no address, and what to do next."""
    had = {p.unit for p in pairs}
    facts = {"new": new, "known": len(pairs) - new, "unclear": unclear}
    click.echo(words.say("units", "done" if yes else "would", facts))
    without = [u.name for u in campaign.expected if u.id not in had]
    if without:
        names = "、".join(without)
        click.echo(words.say("units", "without", {"count": len(without), "names": names}))
