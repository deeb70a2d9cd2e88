"""What can be wrong with the machine (体检·本机): Python, packages, programs, fonts, the clock."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from service import walls, words
from service.doctor import Finding
from service.settings import Settings

PROJECT = words.TEMPLATES.parent / "pyproject.toml"
_OLDEST_PYTHON = (3, 11)
_FONTS = ("NotoSansCJK*", "NotoSansSC*", "wqy-*", "uming*", "simsun*")
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts")


def machine(now: datetime) -> Iterator[Finding]:
    """Python, the packages that this version wants, programs, fonts, the clock."""
    version = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < _OLDEST_PYTHON
    yield Finding("python_old" if old else "python", "wrong" if old else "ok", {"version": version})
    missing = tuple(_missing_packages())
    if missing:
        yield Finding("packages_missing", "wrong", {"packages": "、".join(missing)})
    else:
        yield Finding("packages", "ok")
    if importlib.util.find_spec("libarchive") is None or not ctypes.util.find_library("archive"):
        yield Finding("no_libarchive", "note")
    yield from _walls()
    yield from _programs()
    yield _clock(now)


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


def _walls() -> Iterator[Finding]:
    """Whether what strangers sent is read without network, secrets and foreign files."""
    refused = walls.refused()
    if not refused:
        yield Finding("walls", "ok")
    if walls.NETWORK in refused:
        yield Finding("no_wall_network", "warn")
    if walls.FILES in refused:
        yield Finding("no_wall_files", "note")


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


def _clock(now: datetime) -> Finding:
    """The service keeps Shanghai time whatever the machine's zone is; cron and journal do not."""
    here = now.astimezone()
    facts = {"now": f"{now:%Y-%m-%d %H:%M}", "here": f"{here:%Y-%m-%d %H:%M}"}
    abroad = here.utcoffset() != now.utcoffset()
    return Finding("zone_differs" if abroad else "clock", "note" if abroad else "ok", facts)


def scans(settings: Settings) -> Iterator[Finding]:
    """What reads scans, if it is asked for."""
    if not settings.raw.read_scans:
        return
    missing = [n for n in ("rapidocr", "onnxruntime", "cv2") if importlib.util.find_spec(n) is None]
    if missing:
        yield Finding("no_ocr", "note", {"packages": "、".join(missing)})
    else:
        yield Finding("ocr", "ok")
