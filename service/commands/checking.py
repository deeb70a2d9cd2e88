"""`doctor` and `init`: what is wrong and how to mend it; a settings file by asking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from service import (
    assembly,
    doctor,
    doctor_kept,
    doctor_keys,
    doctor_machine,
    doctor_mail,
    setting_up,
    words,
)
from service import settings as settings_
from service.clock import SystemClock
from service.commands import say
from service.doctor import Finding, Installed
from service.errors import DoorShut, UsageError
from service.key_lookup import KeyLookup

_SIGN = {"ok": "　", "note": "·", "warn": "！", "wrong": "✗"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
@click.option("--offline", is_flag=True, help="Leave out what needs the mail servers.")
@click.option("--send-test", is_flag=True, help="Also mail a letter to oneself.")
@click.option("--fetch-keys", is_flag=True, help="Also fetch from DNS the keys that prove mail.")
@click.pass_obj
def doctor_(
    given: str | None, as_json: bool, offline: bool, send_test: bool, fetch_keys: bool
) -> int:
    """Check everything that can be wrong and say how to mend it. Exit code 1 if something is."""
    now = SystemClock().now()
    findings = []
    for finding in _findings(given, now, offline, send_test, fetch_keys):
        findings.append(finding)
        if not as_json:
            _show(finding)
    counts = Counter(f.state for f in findings)
    healthy = not counts["warn"] and not counts["wrong"]
    if as_json:
        say.line({"ok": healthy, "checks": [_line(f) for f in findings]})
    else:
        states = {s: counts[s] for s in ("ok", "note", "warn", "wrong")}
        click.echo(words.say("doctor", "summary", {"all": len(findings), **states}))
    return int(not healthy)


def _show(finding: Finding) -> None:
    click.echo(f"{_SIGN[finding.state]} {finding.said}")
    if finding.mend:
        click.echo(f"　　怎样处理：{finding.mend}")


def _line(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "state": finding.state,
        "said": finding.said,
        "mend": finding.mend,
    }


def _findings(
    given: str | None, now: datetime, offline: bool, send: bool, fetch: bool
) -> Iterator[Finding]:
    yield from doctor_machine.machine(now)
    here, found = doctor.loaded(given)
    yield from found
    if here is None:
        return
    yield from doctor_machine.scans(here.settings)
    for one in here.campaigns:
        yield from doctor.campaign(one, here, now)
    yield from doctor_kept.disk(here.settings)
    store, found = doctor_kept.opened(here.settings)
    yield from found
    try:
        for one in here.campaigns:
            yield from doctor.roster(one, store, now)
        if store is not None:
            yield from doctor_kept.kept(here.settings, store, now)
            yield from doctor_kept.looks(here.campaigns, store, now)
        if fetch:
            yield from doctor_keys.fetched(here, store, KeyLookup().txt, now)
        yield from doctor_keys.kept(here.settings, now)
    finally:
        if store is not None:
            store.close()
    if not offline and here.secret is not None:
        yield from _mail(here, here.secret, now, send)


def _mail(here: Installed, secret: str, now: datetime, send: bool) -> Iterator[Finding]:
    settings = here.settings
    unknown = list(doctor_mail.names(settings))
    yield from unknown
    if unknown:
        return
    try:
        box, post = assembly.mailbox(settings, secret), assembly.postman(settings, secret)
    except OSError as e:
        yield Finding("imap_tls", "wrong", {"host": settings.raw.mailbox.host, "detail": e})
        return
    try:
        yield from doctor_mail.mailbox(settings, box, here.campaigns, now)
        yield from doctor_mail.smtp(settings, post, now, send)
    finally:
        box.close()
        post.close()


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("settings.toml"))
@click.option("--user", help="The mailbox's address; asked for if not given.")
@click.option("--data", default="data", help="Folder for the data.")
@click.option("--campaign", "campaigns", multiple=True, help="Campaign folder; several allowed.")
@click.option("--authcode-file", default="authcode", help="File that will hold the code.")
@click.option("--sender-name", default=None, help="Name beside the sender's address.")
@click.option("--imap-host", default=None)
@click.option("--smtp-host", default=None)
@click.option("--no-input", is_flag=True, help="Ask nothing; take the defaults.")
def init(
    out: Path,
    user: str | None,
    data: str,
    campaigns: tuple[str, ...],
    authcode_file: str,
    sender_name: str | None,
    imap_host: str | None,
    smtp_host: str | None,
    no_input: bool,
) -> int:
    """Write a commented settings file by asking; never overwrites one."""
    if out.exists():
        raise UsageError("SETTINGS_EXIST", path=out)
    if not user and no_input:
        raise click.UsageError("--no-input needs --user")
    user = user or str(click.prompt(words.say("init", "user")))
    imap, smtp = setting_up.servers(user)
    if not no_input:
        imap_host = imap_host or click.prompt(words.say("init", "imap"), default=imap)
        smtp_host = smtp_host or click.prompt(words.say("init", "smtp"), default=smtp)
        asked = words.say("init", "sender_name")
        sender_name = sender_name or click.prompt(asked, default="", show_default=False)
        campaigns = campaigns or (click.prompt(words.say("init", "campaign"), default=_EXAMPLE),)
    text = setting_up.settings_text(
        setting_up.Answers(
            user=user,
            data=data,
            campaigns=campaigns or (_EXAMPLE,),
            authcode_file=authcode_file,
            sender_name=sender_name or "",
            imap_host=imap_host or imap,
            smtp_host=smtp_host or smtp,
        )
    )
    setting_up.check(text, str(out))
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e
    click.echo(words.say("init", "done", {"file": out, "authcode": authcode_file}))
    for laid in setting_up.lay_examples(settings_.load(out)):
        click.echo(words.say("init", "laid", {"folder": laid}))
    return 0


_EXAMPLE = "campaigns/2021-safety-month"
