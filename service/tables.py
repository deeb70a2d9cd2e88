"""TOML tables checked against a shape, every wrong key told in words.

Used for campaign.toml and settings.toml alike; pydantic finds, templates/words says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from service import words
from service.errors import ConfigError, Problem

Shape = TypeVar("Shape", bound=BaseModel)


def parse(content: bytes, shape: type[Shape], file: str) -> Shape:
    """The TOML bytes as `shape`; ConfigError names the line or every wrong key."""
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as e:
        raise ConfigError((Problem(file, "", words.say("config", "not_utf8")),)) from e
    except tomllib.TOMLDecodeError as e:
        said = words.say("config", "bad_toml", {"detail": str(e)})
        raise ConfigError((Problem(file, "", said),)) from e
    return validate(table, shape, file)


def validate(table: Mapping[str, Any], shape: type[Shape], file: str) -> Shape:
    try:
        return shape.model_validate(table)
    except ValidationError as e:
        problems = (Problem(file, _where(x["loc"], table), _said(x)) for x in e.errors())
        raise ConfigError(tuple(problems)) from e


def _where(loc: tuple[int | str, ...], table: Mapping[str, Any]) -> str:
    """`deadline[2]（progress-0608）.late_after`: the place as a person finds it."""
    out, here = "", table
    for step in loc:
        here = _inside(here, step)
        if isinstance(step, int):
            name = here.get("key") if isinstance(here, Mapping) else None
            out += f"[{step + 1}]" + (f"（{name}）" if name else "")
        else:
            out += ("." if out else "") + step
    return out


def _inside(here: Any, step: int | str) -> Any:
    try:
        return here[step]
    except (KeyError, IndexError, TypeError):
        return None


def _said(error: Any) -> str:
    sentences = words.section("config")
    kind = str(error["type"])
    sentence = sentences.get(kind) or sentences.get(kind.split("_")[0] + "_type")
    facts = {"got": error.get("input"), **(error.get("ctx") or {})}
    return (
        words.say("config", "wrong_value", facts) if sentence is None else sentence.format(**facts)
    )
