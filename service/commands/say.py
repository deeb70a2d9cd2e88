"""How commands speak: JSON lines, tables for people, one place for `--at` and settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import rich.console
import rich.table

from service import settings as settings_
from service.clock import SystemClock
from service.errors import UsageError
from service.moments import moment
from service.settings import Settings
from service.types import Campaign


def console() -> rich.console.Console:
    """A console on the present standard output, wide enough for a table when piped."""
    width = None if sys.stdout.isatty() else 200
    return rich.console.Console(width=width, highlight=False, markup=False, soft_wrap=True)


def line(thing: Mapping[str, Any]) -> None:
    """One object as one line of JSON."""
    sys.stdout.write(json.dumps(thing, ensure_ascii=False) + "\n")


def rows(table: Sequence[Sequence[str]]) -> None:
    """Rows under a heading, as people read them."""
    out = rich.table.Table(*table[0], box=rich.box.SIMPLE_HEAD, show_lines=False)
    for row in table[1:]:
        out.add_row(*row)
    console().print(out)


def at(text: str | None) -> datetime:
    """The time of `--at`, or now."""
    if text is None:
        return SystemClock().now()
    try:
        return moment(text)
    except ValueError as e:
        raise UsageError("TIME_WRONG", got=text) from e


def campaigns(given: Settings) -> tuple[Campaign, ...]:
    return settings_.load_campaigns(given)


def settings(given: str | None) -> Settings:
    return settings_.load(settings_.find(given))
