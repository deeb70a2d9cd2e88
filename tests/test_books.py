"""The books are held by tests: every command, setting and format stands in them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

import run
from service import settings, tables

ROOT = Path(run.__file__).parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "deploy" / "settings.example.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(run.COMMANDS))
def test_every_command_stands_in_both_books(command: str) -> None:
    assert f"run.py {command}" in README
    assert f"`{command}`" in CHINESE or f"run.py {command}" in CHINESE


def test_every_verb_of_decide_stands_in_the_readme() -> None:
    command = run.main.get_command(None, "decide")  # type: ignore[arg-type]

    for verb in command.commands:  # type: ignore[union-attr]
        assert verb in README


def test_the_example_settings_are_valid_and_whole() -> None:
    tables.validate(tomllib.loads(EXAMPLE), settings.RawSettings, "settings.example.toml")

    for name in ("host", "port", "user", "folders", "sent_folder", "hold_first_batch"):
        assert f"{name} = " in EXAMPLE


def keys(shape: type[BaseModel]) -> set[str]:
    return set(shape.model_fields)


@pytest.mark.parametrize("shape", ["RawSettings", "RawMailbox", "RawSmtp", "RawOutbox"])
def test_every_setting_stands_in_the_readme(shape: str) -> None:
    table = README.partition("\n## Settings\n")[2].partition("\n## ")[0]

    for key in keys(getattr(settings, shape)) - {"mailbox", "smtp", "outbox"}:
        assert f"`{key}`" in table, key


def test_every_letter_stands_in_both_books() -> None:
    letters = {p.stem for p in (ROOT / "templates" / "letters").glob("*.j2")}
    english = README.partition("\n## Letters\n")[2].partition("\n## ")[0]
    chinese = CHINESE.partition("\n## 给单位和科室发的信\n")[2].partition("\n## ")[0]

    assert {line.split()[1] for line in english.splitlines()[3:] if line} == letters
    assert chinese.count("\n| ") == len(letters) + 1


@pytest.mark.parametrize(
    "book", ["README.md", "README.zh-CN.md", "deploy/guide/operations.zh-CN.md"]
)
def test_what_a_book_points_to_is_there(book: str) -> None:
    text = (ROOT / book).read_text(encoding="utf-8")
    found = re.findall(r"\]\(([^)#]*)(?:#[^)]*)?\)", text) + re.findall(r'src="([^"]+)"', text)

    for target in found:
        assert (ROOT / book).parent.joinpath(target).exists(), target


def test_no_setting_holds_a_secret() -> None:
    every = keys(settings.RawSettings) | keys(settings.RawMailbox) | keys(settings.RawSmtp)

    assert not {"password", "authcode", "secret"} & every


def test_the_lock_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert "://" not in lock
    assert lock.count("--hash=sha256:") > 100
