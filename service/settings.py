"""settings.toml (设置): where the mailbox, the data and the live campaigns are.

A door to the disk: reads the settings file, the campaign folders and the secret. The
authorization code is never in settings: a credential of systemd, a 0600 file or the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from service import campaign as campaigns
from service import tables, words
from service.errors import ConfigError, Problem, UsageError
from service.raw_campaign import Address, Table, Text
from service.types import Campaign

VARIABLE = "BAOSONG_AUTHCODE"
CREDENTIAL = "authcode"
DEFAULT_PLACES = ("settings.toml", "/etc/baosong/settings.toml")
SHIPPED = words.TEMPLATES / "campaigns"
"""The example campaigns that come with the code."""


class RawMailbox(Table):
    host: Text = "imap.qq.com"
    port: int = Field(993, ge=1, le=65535)
    user: Text
    folders: tuple[Text, ...] = ("INBOX", "Junk", "其他文件夹/*")
    sent_folder: Text = "Sent Messages"
    ca_file: str = ""
    command_seconds: float = Field(60, gt=0)
    tls: bool = True


class RawSmtp(Table):
    host: Text = "smtp.qq.com"
    port: int = Field(465, ge=1, le=65535)
    user: str = ""
    sender: Address | None = None
    sender_name: str = ""
    ca_file: str = ""
    timeout_seconds: float = Field(60, gt=0)
    tls: Literal["implicit", "starttls", "none"] = "implicit"


class RawOutbox(Table):
    hold_first_batch: bool = True
    letters_a_minute: float = Field(20, gt=0)


class RawSettings(Table):
    data: Text
    campaigns: tuple[Text, ...] = Field(min_length=1)
    authcode_file: str = ""
    keys_file: str = ""
    read_scans: bool = True
    look_seconds: float = Field(180, gt=0)
    mailbox: RawMailbox
    smtp: RawSmtp = RawSmtp()
    outbox: RawOutbox = RawOutbox()


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings file, with its paths made absolute against its own folder."""

    file: Path
    data: Path
    campaign_folders: tuple[Path, ...]
    raw: RawSettings

    @property
    def account(self) -> str:
        return self.raw.mailbox.user.lower()

    @property
    def sender(self) -> str:
        return (self.raw.smtp.sender or self.raw.mailbox.user).lower()

    @property
    def database(self) -> Path:
        return self.data / "baosong.db"

    @property
    def archive(self) -> Path:
        return self.data / "raw"

    @property
    def keys_file(self) -> Path:
        """Where the keys lie by which mail is proved (service/keyring.py)."""
        named = self.raw.keys_file
        return (self.file.resolve().parent / named) if named else self.data / "dkim-keys.json"


def find(given: str | None) -> Path:
    """The settings file asked for, or the first of the usual places."""
    if given or os.environ.get("BAOSONG_SETTINGS"):
        path = Path(given or os.environ["BAOSONG_SETTINGS"])
        if not path.is_file():
            raise UsageError("NO_SETTINGS", path=path)
        return path
    for place in DEFAULT_PLACES:
        if Path(place).is_file():
            return Path(place)
    raise UsageError("NO_SETTINGS", path=DEFAULT_PLACES[0])


def load(path: Path) -> Settings:
    """The settings of this file; ConfigError lists every wrong key."""
    raw = tables.parse(_bytes(path), RawSettings, str(path))
    base = path.resolve().parent
    folders = tuple((base / c).resolve() for c in raw.campaigns)
    return Settings(path, (base / raw.data).resolve(), folders, raw)


def load_campaign(folder: Path) -> Campaign:
    """The campaign in this folder; its slug is the folder's name."""
    return campaigns.parse(folder.name, folder_files(folder))


def folder_files(folder: Path) -> dict[str, bytes]:
    """Every file of a campaign folder by its path inside it."""
    if not folder.is_dir():
        raise ConfigError((Problem(str(folder), "", words.say("config", "no_folder")),))
    try:
        files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    except OSError as e:
        raise UsageError("FILE_UNREADABLE", file=e.filename, detail=e.strerror) from e
    return {
        str(p.relative_to(folder).as_posix()): _bytes(p)
        for p in files
        if not p.name.startswith((".", "~$"))
    }


def load_campaigns(settings: Settings) -> tuple[Campaign, ...]:
    """Every live campaign, with the others as its neighbours; all their faults together."""
    loaded: list[Campaign] = []
    names = [folder.name for folder in settings.campaign_folders]
    problems = [
        # rows and letters bear the name: two of one name would be one campaign
        Problem(str(settings.file), "campaigns", words.say("config", "double_key", {"got": name}))
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    for folder in settings.campaign_folders:
        try:
            loaded.append(load_campaign(folder))
        except ConfigError as e:
            problems += [Problem(f"{folder.name}/{p.file}", p.where, p.said) for p in e.problems]
    if problems:
        raise ConfigError(tuple(problems))
    return tuple(
        replace(c, neighbours=tuple(n for n in loaded if n is not c)) if loaded[1:] else c
        for c in loaded
    )


def secret(settings: Settings) -> str:
    """The mailbox's authorization code (授权码), from the first place that holds one."""
    for file in _secret_files(settings):
        if file.is_file() and (found := _bytes(file).decode("utf-8-sig").strip()):
            return found
    value = os.environ.get(VARIABLE, "").strip()
    if not value:
        where = settings.raw.authcode_file or "authcode"
        raise UsageError("NO_SECRET", path=where, variable=VARIABLE)
    return value


def _secret_files(settings: Settings) -> Iterator[Path]:
    """The credential that systemd hands over, then the file that the settings name."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials:
        yield Path(credentials) / CREDENTIAL
    if settings.raw.authcode_file:
        yield settings.file.resolve().parent / settings.raw.authcode_file


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise UsageError("FILE_UNREADABLE", file=path, detail=e.strerror or e) from e
