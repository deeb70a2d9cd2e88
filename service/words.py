"""The sentences that people read, from templates/words/zh.toml.

Parsers and decisions give codes and facts; only this module turns them into words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

Fact = str | int | float


class MissingWords(LookupError):
    """A code has no sentence in templates/words/zh.toml."""


@cache
def _sections() -> Mapping[str, Mapping[str, str]]:
    with (TEMPLATES / "words" / "zh.toml").open("rb") as f:
        return tomllib.load(f)


def say(section: str, code: str, facts: Mapping[str, object] | None = None) -> str:
    """The sentence for `code` in `section`, filled with `facts`."""
    try:
        sentence = _sections()[section][code]
    except KeyError as e:
        raise MissingWords(f"[{section}] {code}") from e
    return sentence.format_map(_Facts(facts or {}))


def doubt(code: str, facts: Iterable[tuple[str, Fact]] | Mapping[str, Fact] = ()) -> str:
    """The sentence for a doubt (存疑); a new code that has none yet is still shown to people."""
    given = dict(facts)
    if code not in _sections()["doubt"]:
        return say("doubt", "unclear", {"label": given.get("where", ""), "raw": code, **given})
    return say("doubt", code, given)


def section(name: str) -> Mapping[str, str]:
    """A whole section, for tests and tables."""
    return _sections()[name]


class _Facts(dict[str, object]):
    """A fact that a sentence names and nobody gave shows as 〔name〕, never as a crash."""

    def __missing__(self, key: str) -> str:
        return f"〔{key}〕"
