"""What can be wrong with an installation, looked at from this machine (体检): settings, campaign,
roster, disk, database, programs. Each finding is a code; words/zh.toml says it and how to mend it.

Changes nothing. What needs the network is service/doctor_mail.py's.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from service import settings as settings_
from service import words
from service.archive import Archive, ArchiveError
from service.backup import made_at, sets
from service.decisions import confirmed, in_force
from service.errors import ConfigError, ServiceError
from service.moments import iso, moment
from service.settings import Settings
from service.space import FLOOR_BYTES, free_bytes
from service.store import Store
from service.types import Campaign, Unit
from service.workdays import Workdays

State = Literal["ok", "note", "warn", "wrong"]
PROJECT = words.TEMPLATES.parent / "pyproject.toml"
_OLDEST_PYTHON = (3, 11)
_ROOMY_BYTES = 4 * FLOOR_BYTES
_BACKUP_AGE = timedelta(days=2)
_LOOK_AGE = timedelta(hours=1)
_CLOCK_SLACK = timedelta(hours=1)
_SAMPLED = 50
"""Raw mails whose bytes are compared with their hash."""
_SAMPLE = re.compile(r"\.example$")
_SAMPLE_PHONE = "139-0000-0000"
_QQ_CODE = re.compile(r"[a-z]{16}")
_FONTS = ("NotoSansCJK*", "NotoSansSC*", "wqy-*", "uming*", "simsun*")
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts")


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


def machine() -> Iterator[Finding]:
    """Python, the packages that this version wants, programs and fonts."""
    version = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < _OLDEST_PYTHON
    yield Finding("python_old" if old else "python", "wrong" if old else "ok", {"version": version})
    missing = tuple(_missing_packages())
    if missing:
        yield Finding("packages_missing", "wrong", {"packages": "、".join(missing)})
    else:
        yield Finding("packages", "ok")
    if importlib.util.find_spec("libarchive") is None:
        yield Finding("no_libarchive", "note")
    yield from _programs()


def _missing_packages() -> Iterator[str]:
    wanted = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    for pinned in wanted:
        name, _, version = pinned.partition("==")
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name
            continue
        if found != version:
            yield f"{name}（{found}，应为 {version}）"


def _programs() -> Iterator[Finding]:
    bwrap = shutil.which("bwrap")
    if shutil.which("soffice") is None or bwrap is None:
        yield Finding("no_twins", "note")
    elif not _cage_works(bwrap):
        yield Finding("cage_refused", "note")
    else:
        yield Finding("cage", "ok")
    folders = [Path(f).expanduser() for f in _FONT_FOLDERS]
    found = any(next(f.rglob(p), None) for f in folders for p in _FONTS)
    yield Finding("fonts" if found else "no_fonts", "ok" if found else "note")


def _cage_works(bwrap: str) -> bool:
    try:
        command = [bwrap, "--ro-bind", "/", "/", "--unshare-all", "true"]
        return subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


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
    if settings.raw.authcode_file and file.is_file() and _is_open(file):
        found.append(Finding("secret_open", "warn", {"file": file}))
    if re.search(r"\s", secret):
        found.append(Finding("secret_spaced", "wrong"))
    elif settings.raw.mailbox.host.endswith("qq.com") and not _QQ_CODE.fullmatch(secret):
        found.append(Finding("secret_odd", "warn"))
    else:
        found.append(Finding("secret", "ok"))
    return secret


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _campaigns(settings: Settings, found: list[Finding]) -> tuple[Campaign, ...]:
    out = []
    for folder in settings.campaign_folders:
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
    decided = in_force(store.decisions(one.slug, now) if store else ())
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


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether the data can be written, by us alone, with room to spare."""
    data = settings.data
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / ".doctor"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as e:
        yield Finding("data_shut", "wrong", {"folder": data, "detail": e.strerror or e})
        return
    if _is_open(data):
        yield Finding("data_open", "warn", {"folder": data})
    free = free_bytes(data)
    facts = {"folder": data, "free": free // 1024**2}
    if free < FLOOR_BYTES:
        yield Finding("disk_full", "wrong", facts)
    elif free < _ROOMY_BYTES:
        yield Finding("disk_low", "warn", facts)
    else:
        yield Finding("disk", "ok", facts)


def opened(settings: Settings) -> tuple[Store | None, tuple[Finding, ...]]:
    """The database, if there is one and it opens."""
    if not settings.database.is_file():
        return None, (Finding("no_database", "note"),)
    try:
        store = Store(settings.database, create=False)
        faults = store.faults()
    except ServiceError as e:
        return None, (Finding("database_wrong", "wrong", {"detail": e}),)
    if faults:
        store.close()
        return None, (Finding("database_wrong", "wrong", {"detail": faults[0]}),)
    return store, (Finding("database", "ok"),)


def kept(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    """Raw mails, backups, looks and letters, as the database knows them."""
    yield from _raw(settings, store)
    newest = max((r["received_at"] for r in store.rows("mails") if r["received_at"]), default="")
    if newest and moment(newest) > now + _CLOCK_SLACK:
        yield Finding("clock_behind", "warn", {"now": f"{now:%Y-%m-%d %H:%M}", "newest": newest})
    yield from _backups(settings, store, now)
    failed = [r for r in store.rows("readings") if r["state"] == "failed"]
    if failed:
        yield Finding("unread", "warn", {"count": len(failed)})


def _backups(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    made = sets(settings.data / "backups")
    last = made[-1].name if made else "—"
    begun = min((r["started_at"] for r in store.rows("looks")), default=iso(now) or "")
    done_at = made_at(made[-1]) if made else moment(begun)
    if done_at < now - _BACKUP_AGE:
        yield Finding("backup_old", "warn", {"last": last})
    elif made:
        yield Finding("backup", "ok", {"last": last})


def _raw(settings: Settings, store: Store) -> Iterator[Finding]:
    archive = Archive(settings.archive)
    gone = {r["mark"] for r in store.rows("forgotten")}
    hashes = [r["sha256"] for r in store.rows("mails") if r["sha256"] and r["sha256"] not in gone]
    for sha256 in hashes[-_SAMPLED:]:
        try:
            archive.get(sha256)
        except ArchiveError as e:
            yield Finding("raw_wrong", "wrong", {"detail": e})
            return
    yield Finding("raw", "ok", {"count": len(hashes)})


def looks(campaigns: Iterable[Campaign], store: Store, now: datetime) -> Iterator[Finding]:
    """Whether the mailbox has been looked at lately, and letters that wait or went wrong."""
    for one in campaigns:
        states = [row.state for row in store.letters(one.slug)]
        for state in ("held", "failed", "uncertain"):
            if count := states.count(state):
                level: State = "note" if state == "held" else "warn"
                yield Finding(f"letters_{state}", level, {"slug": one.slug, "count": count})
    if not any(c.starts <= now.date() <= c.closes for c in campaigns):
        return
    last = store.last_complete_look()
    if last is None or last < now - _LOOK_AGE:
        yield Finding("no_look", "warn", {"last": f"{last:%m-%d %H:%M}" if last else "—"})
    else:
        yield Finding("look", "ok", {"last": f"{last:%m-%d %H:%M}"})


def scans(settings: Settings) -> Iterator[Finding]:
    """What reads scans, if it is asked for."""
    if not settings.raw.read_scans:
        return
    missing = [n for n in ("rapidocr", "onnxruntime", "cv2") if importlib.util.find_spec(n) is None]
    if missing:
        yield Finding("no_ocr", "note", {"packages": "、".join(missing)})
    else:
        yield Finding("ocr", "ok")
