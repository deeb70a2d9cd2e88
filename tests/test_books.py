"""The books are held by tests: every command, setting and format stands in them."""

from __future__ import annotations

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


def test_no_setting_holds_a_secret() -> None:
    every = keys(settings.RawSettings) | keys(settings.RawMailbox) | keys(settings.RawSmtp)

    assert not {"password", "authcode", "secret"} & every


def test_the_lock_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert "://" not in lock
    assert lock.count("--hash=sha256:") > 100
