"""What can be wrong with an installation (体检): what a finding is, and the checks of settings,
campaign and roster. Each finding is a code; words/zh.toml says it and how to mend it.

Changes nothing. The machine itself is service/doctor_machine.py's, what is kept is
service/doctor_kept.py's, what needs the network is service/doctor_mail.py's.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from service import settings as settings_
from service import words
from service.decisions import confirmed, in_force
from service.errors import ConfigError, ServiceError
from service.settings import Settings
from service.store import Store
from service.types import Campaign, Unit
from service.workdays import Workdays

State = Literal["ok", "note", "warn", "wrong"]
_SAMPLE = re.compile(r"\.example$")
_SAMPLE_PHONE = "139-0000-0000"
_QQ_CODE = re.compile(r"[a-z]{16}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: a code, how it stands, and what the sentence about it needs.

    note: something optional is absent; warn: somebody should act; wrong: it will not work.
    """

    code: str
    state: State
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return words.say("doctor", self.code, self.facts)

    @property
    def mend(self) -> str | None:
        return None if self.state == "ok" else words.say("mend", self.code, self.facts)


@dataclass(frozen=True, slots=True)
class Installed:
    """What could be loaded; the later checks rest on it."""

    settings: Settings
    campaigns: tuple[Campaign, ...]
    secret: str | None


def loaded(given: str | None) -> tuple[Installed | None, tuple[Finding, ...]]:
    """Settings, secret and campaigns, and what is wrong with them."""
    try:
        settings = settings_.load(settings_.find(given))
    except ConfigError as e:
        return None, tuple(_config("settings_wrong", e))
    except ServiceError as e:
        return None, (Finding("no_settings", "wrong", {"detail": e}),)
    found = [Finding("settings", "ok", {"file": settings.file})]
    secret = _secret(settings, found)
    campaigns = _campaigns(settings, found)
    return Installed(settings, campaigns, secret), tuple(found)


def _config(code: str, e: ConfigError) -> Iterator[Finding]:
    for problem in e.problems:
        yield Finding(code, "wrong", {"problem": problem})


def _secret(settings: Settings, found: list[Finding]) -> str | None:
    try:
        secret = settings_.secret(settings)
    except (ServiceError, UnicodeDecodeError) as e:
        found.append(Finding("no_secret", "wrong", {"detail": e}))
        return None
    file = settings.file.resolve().parent / settings.raw.authcode_file
    if settings.raw.authcode_file and file.is_file() and is_open(file):
        found.append(Finding("secret_open", "warn", {"file": file}))
    if re.search(r"\s", secret):
        found.append(Finding("secret_spaced", "wrong"))
    elif settings.raw.mailbox.host.endswith("qq.com") and not _QQ_CODE.fullmatch(secret):
        found.append(Finding("secret_odd", "warn"))
    else:
        found.append(Finding("secret", "ok"))
    return secret


def is_open(path: Path) -> bool:
    """Whether others than its owner may do anything with it."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _campaigns(settings: Settings, found: list[Finding]) -> tuple[Campaign, ...]:
    out = []
    for folder in settings.campaign_folders:
        if not folder.is_dir():
            found.append(Finding("no_campaign", "wrong", {"folder": folder}))
            continue
        try:
            out.append(settings_.load_campaign(folder))
        except ConfigError as e:
            found += _config("campaign_wrong", e)
        except ServiceError as e:
            found.append(Finding("campaign_wrong", "wrong", {"problem": e}))
        else:
            found.append(Finding("campaign", "ok", {"title": out[-1].title, "slug": folder.name}))
    return tuple(out)


def campaign(one: Campaign, here: Installed, now: datetime) -> Iterator[Finding]:
    """What a person should mend in a campaign that loads."""
    if one.mailbox != here.settings.account:
        facts = {"slug": one.slug, "mailbox": one.mailbox, "account": here.settings.account}
        yield Finding("mailbox_differs", "warn", facts)
    samples = [a for a in (*one.staff.addresses, *one.staff.head) if _SAMPLE.search(a)]
    if one.staff.phone == _SAMPLE_PHONE:
        samples.append(one.staff.phone)
    if samples:
        yield Finding("sample_left", "warn", {"slug": one.slug, "samples": "、".join(samples)})
    if now.date() > one.closes:
        yield Finding("campaign_over", "note", {"slug": one.slug, "closes": one.closes})
    days = Workdays(one.rest_days, one.work_days)
    if days.judge(one.closes)[1] not in ("state", "local"):
        yield Finding("no_calendar", "warn", {"slug": one.slug, "year": one.closes.year})


def roster(one: Campaign, store: Store | None, now: datetime) -> Iterator[Finding]:
    """Units that no reminder can reach."""
    decided = in_force(store.decisions(one.slug) if store else ())
    known = confirmed(one, decided)
    bad = store.bad_addresses() if store else {}
    without = [u for u in one.expected if not set(known[u.id]) - set(bad)]
    if without:
        facts = {"count": len(without), "units": "；".join(map(_named, without))}
        yield Finding("no_address", "warn", {"slug": one.slug, **facts})
    else:
        yield Finding("addresses", "ok", {"slug": one.slug, "count": len(one.expected)})


def _named(unit: Unit) -> str:
    return "　".join(x for x in (unit.name, unit.contact, unit.phone) if x)
