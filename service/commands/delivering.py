"""`decide received --file`: a return by another road, its file kept and read like an attachment.

Works beside a running service: what is written is written at once, and by either of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from service import delivered, versions, words
from service.assembly import backroom
from service.backroom import Backroom
from service.clock import SystemClock
from service.commands import say
from service.commands.entry import Entry, Make, campaign_of, check, told
from service.confirmations import sentence
from service.errors import UsageError
from service.moments import moment
from service.outlook import Outlook, survey
from service.types import Campaign, Submission


def receive(entry: Entry, make: Make, file: Path) -> int:
    """Records that the return came; says what was understood of it and of its file."""
    with backroom(say.settings(entry.given), SystemClock()) as room:
        campaign = campaign_of(room.campaigns, entry.slug)
        args = dict(make(campaign))
        check(room.store, campaign, "received", args)
        args |= {"file": file.name, "mail": _keep(room, campaign, args, file)}
        with room.store.writing():
            _row(room, args)
            now = room.clock.now()
            number = room.store.decide(campaign.slug, now, entry.by, entry.why, "received", args)
        room.intake.read_one(args["mail"], moment(args["when"]))
        lines = list(_found(survey(room.store, campaign, room.clock.now()), args))
    for line in (sentence(campaign, "received", args), *lines[:-1]):
        click.echo(line)
    return told(lines[-1], number)


def _keep(room: Backroom, campaign: Campaign, args: dict[str, str], file: Path) -> str:
    """The file on disk as a mail from the staff to themselves; its hash."""
    try:
        content = file.read_bytes()
    except OSError as e:
        raise UsageError("FILE_UNREADABLE", file=file, detail=e.strerror or e) from e
    said = sentence(campaign, "received", args)
    when = moment(args["when"])
    raw = delivered.wrapped(file.name, content, said, said, campaign.mailbox, when)
    return room.archive.put(raw).sha256


def _row(room: Backroom, args: dict[str, str]) -> None:
    sha256, when = args["mail"], moment(args["when"])
    place = delivered.place(room.settings.account, sha256)
    size = room.archive.path(sha256).stat().st_size
    room.store.add_mail(place, sha256, size, when, room.clock.now(), delivered.RECEIVED)


def _found(outlook: Outlook, args: dict[str, str]) -> Iterator[str]:
    """What was read in the file, each form in a line."""
    (mail,) = (m for m in outlook.ledger.mails if m.sha256 == args["mail"])
    forms = [s for s in outlook.ledger.submissions if s.mail == mail.id and s.form]
    for s in forms:
        yield _form(outlook.campaign, s, args)
    if not forms:
        outcome = mail.parts[0].outcome if mail.parts else "damaged"
        facts = {"file": args["file"], "outcome": words.say("outcome", outcome)}
        yield words.say("decided", "file_kept", facts)


def _form(campaign: Campaign, s: Submission, args: dict[str, str]) -> str:
    due = "、".join(campaign.deadline(k).name for k in s.deadlines)
    code = "file_form"
    if s.status == "waiting":
        code = "file_waits"
    elif args["deadline"] not in s.deadlines:
        code = "file_other" if due else "file_nowhere"
    facts = {
        "file": args["file"],
        "asked": campaign.deadline(args["deadline"]).name,
        "form": campaign.blank(s.form or "").name,
        "filled": versions.filled(s.read),
        "count": len(s.read.get("fields") or {}),
        "deadlines": due,
    }
    return words.say("decided", code, facts)
