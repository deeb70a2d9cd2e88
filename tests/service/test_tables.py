"""A wrong TOML file is told in words: every wrong key, where it stands, what it holds."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import BaseModel, ConfigDict

from service.errors import ConfigError
from service.tables import parse


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    key: str
    day: date = date(2021, 6, 8)


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    row: tuple[Row, ...] = ()


def told(content: bytes) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse(content, Shape, "x.toml")
    return [str(p) for p in raised.value.problems]


def test_what_windows_editors_put_before_the_first_line_does_no_harm() -> None:
    assert parse('\ufefftitle = "桥"'.encode(), Shape, "x.toml").title == "桥"


def test_another_encoding_and_a_broken_line_are_told_as_what_they_are() -> None:
    (encoded,) = told('title = "桥"'.encode("gb18030"))
    (broken,) = told(b'title = "a"\nrow = ]\n')

    assert encoded.startswith("x.toml：") and "UTF-8" in encoded
    assert broken.startswith("x.toml：") and "line 2" in broken


def test_every_wrong_key_is_named_with_its_place_as_a_person_counts() -> None:
    rows = '[[row]]\nkey = "a"\n[[row]]\nkey = "b"\nday = "soon"\n[[row]]\nday = 2021-06-08\n'
    found = told(f'titel = "x"\n{rows}'.encode())

    assert [x.split("：")[1] for x in found] == ["title", "row[2]（b）.day", "row[3].key", "titel"]


def test_a_value_of_the_wrong_kind_is_shown() -> None:
    (said,) = told(b"title = 8\n")

    assert "8" in said.split("：", 2)[2]
