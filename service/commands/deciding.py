"""`decide`: what a person decides, stored as a fact, each undone by another (DESIGN section 6)."""

from __future__ import annotations

from pathlib import Path

import click

from service import words
from service.commands import say
from service.commands.delivering import receive
from service.commands.entry import Entry, deadline_of, entered, unit_of
from service.confirmations import sentence
from service.errors import UsageError
from service.moments import iso
from service.types import Campaign

HOW = click.Choice(["微信", "纸质", "电话", "当面"])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
@click.pass_obj
def decide(given: str | None) -> None:
    """Record a decision of the staff; each can be undone."""


def _moment(text: str) -> str:
    return iso(say.at(text)) or ""


def _of_cell(verb: str, help_: str) -> None:
    """A verb of the form VERB UNIT DEADLINE."""

    @decide.command(verb, help=help_)
    @click.argument("unit")
    @click.argument("deadline")
    @entered
    def _(entry: Entry, unit: str, deadline: str) -> int:
        return entry.record(
            verb, lambda c: {"unit": unit_of(c, unit), "deadline": deadline_of(c, deadline)}
        )


_of_cell("waive", "Excuse a unit from a deadline.")
_of_cell("unwaive", "Take an excuse back.")


@decide.command(help="Move a deadline, for all or for one unit.")
@click.argument("deadline")
@click.argument("when")
@click.option("--unit")
@entered
def extend(entry: Entry, deadline: str, when: str, unit: str | None) -> int:
    return entry.record(
        "extend",
        lambda c: {
            "deadline": deadline_of(c, deadline),
            "time": _moment(when),
            "unit": unit_of(c, unit) if unit else None,
        },
    )


@decide.command(help="Say whose a part is and what it counts for.")
@click.argument("part")
@click.option("--unit")
@click.option("--deadline", "deadlines", multiple=True)
@entered
def assign(entry: Entry, part: str, unit: str | None, deadlines: tuple[str, ...]) -> int:
    return entry.record(
        "assign",
        lambda c: {
            "part": part,
            "unit": unit_of(c, unit) if unit else None,
            "deadlines": [deadline_of(c, d) for d in deadlines],
        },
    )


@decide.command(help="Correct one value of a unit's return.")
@click.argument("unit")
@click.argument("deadline")
@click.argument("key")
@click.argument("value")
@entered
def correct(entry: Entry, unit: str, deadline: str, key: str, value: str) -> int:
    return entry.record(
        "correct",
        lambda c: {
            "unit": unit_of(c, unit),
            "deadline": deadline_of(c, deadline),
            "key": key,
            "value": int(value) if value.isdecimal() else value,
        },
    )


def _of_doubt(verb: str, help_: str) -> None:
    @decide.command(verb, help=help_)
    @click.argument("doubt")
    @entered
    def _(entry: Entry, doubt: str) -> int:
        return entry.record(verb, lambda _: {"doubt": doubt})


_of_doubt("accept", "Accept a doubtful return.")
_of_doubt("reject", "Say that something is not the return.")


def _of_address(verb: str, help_: str) -> None:
    @decide.command(verb, help=help_)
    @click.argument("unit")
    @click.argument("address")
    @entered
    def _(entry: Entry, unit: str, address: str) -> int:
        return entry.record(verb, lambda c: {"unit": unit_of(c, unit), "address": address.lower()})


_of_address("bind", "Confirm an address of a unit.")
_of_address("unbind", "Take an address away from a unit.")


@decide.command(help="Record a return that came by another road.")
@click.argument("unit")
@click.argument("deadline")
@click.option("--when", required=True)
@click.option("--how", type=HOW, required=True)
@click.option("--file", help="What came; read like an attachment.", type=_FILE)
@entered
def received(entry: Entry, unit: str, deadline: str, when: str, how: str, file: Path | None) -> int:
    def make(c: Campaign) -> dict[str, str]:
        named = {"unit": unit_of(c, unit), "deadline": deadline_of(c, deadline)}
        return {**named, "when": _moment(when), "how": how}

    return entry.record("received", make) if file is None else receive(entry, make, file)


@decide.command(help="Record that the paper copy of the summary came.")
@click.argument("unit")
@entered
def paper(entry: Entry, unit: str) -> int:
    return entry.record("paper", lambda c: {"unit": unit_of(c, unit)})


def _of_letters(verb: str, help_: str) -> None:
    @decide.command(verb, help=help_)
    @click.argument("letters", nargs=-1)
    @entered
    def _(entry: Entry, letters: tuple[str, ...]) -> int:
        return entry.record(verb, lambda _: {"letters": list(letters)})


_of_letters("release", "Release held letters; without a key, the whole first batch.")
_of_letters("withdraw", "Withdraw letters that have not left.")


@decide.command(help="Read a mail anew, by its number.")
@click.argument("mail", type=int)
@entered
def retry(entry: Entry, mail: int) -> int:
    with entry.opened(create=False) as (_, store):
        sha256 = store.mail_bytes_of(mail)
        if sha256 is None:
            raise UsageError("MAIL_UNKNOWN", got=mail)
        store.reread(sha256)
    return entry.record("retry", lambda _: {"mail": mail})


@decide.command(help="Undo a decision by its number.")
@click.argument("number", type=int)
@entered
def undo(entry: Entry, number: int) -> int:
    return entry.undo(number)


@decide.command("list", help="List the decisions.")
@entered
def list_(entry: Entry) -> int:
    with entry.opened(create=False) as (campaign, store):
        found = store.decisions(campaign.slug)
    for d in found:
        said = sentence(campaign, d.verb, d.args)
        state = words.say("decided", "undone") if d.undone else ""
        click.echo(f"{d.id}　{d.at:%m-%d %H:%M}　{d.by}　{said}{state}　{d.why}")
    return 0
