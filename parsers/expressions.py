"""The small language of checks: `1.3 == 是`, `1.4 > 0`, `row 4 blank or nil`, and / or / not.

Parsed by hand into three kinds of nodes; nothing is ever evaluated as code. A value that
waits for a person makes an expression neither true nor false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from parsers.types import Value

_TOKEN = re.compile(r"\s*(==|!=|>=|<=|>|<|[()]|“[^”]*”|\"[^\"]*\"|[^\s()<>=!]+)")
_STATES = frozenset({"blank", "nil", "na", "filled"})
_OPERATORS: dict[str, Callable[[int], bool]] = {
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    ">": lambda order: order > 0,
    "<": lambda order: order < 0,
    ">=": lambda order: order >= 0,
    "<=": lambda order: order <= 0,
}
_KEY = re.compile(r"\d+\.\d+$")


class CheckError(ValueError):
    """A check of campaign.toml cannot be read; the text names the expression."""


class Expression(Protocol):
    """What may be true, false or unknown of a reading."""

    def holds(self, values: Mapping[str, Value]) -> bool | None: ...
    def keys(self, values: Mapping[str, Value]) -> Iterator[str]: ...
    def verify(self, text: str, known: set[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class _Compare:
    key: str
    operator: str
    other: str

    def holds(self, values: Mapping[str, Value]) -> bool | None:
        left = values.get(self.key)
        if left is None or left.state == "unsure":
            return None
        right: object = self.other
        if self.other in values and _KEY.match(self.other):
            if values[self.other].state == "unsure":
                return None
            right = values[self.other].value
        return _ordered(self.operator, left.value, right)

    def keys(self, values: Mapping[str, Value]) -> Iterator[str]:
        yield self.key

    def verify(self, text: str, known: set[str]) -> None:
        if self.key not in known:
            raise CheckError(f"{text}（没有“{self.key}”这一项）")


def _ordered(operator: str, left: object, right: object) -> bool:
    """Numbers by size, words by sameness; a blank is no number and equals nothing."""
    if left is None or right is None:
        return operator == "!="
    if isinstance(left, int | float):
        try:
            number = float(str(right))
        except ValueError:
            return operator == "!="
        return _OPERATORS[operator]((left > number) - (left < number))
    same = str(right) in left if isinstance(left, tuple) else str(left) == str(right)
    return same if operator == "==" else operator == "!=" and not same


@dataclass(frozen=True, slots=True)
class _Is:
    key: str
    row: bool
    states: frozenset[str]

    def holds(self, values: Mapping[str, Value]) -> bool | None:
        said = [values[key].state for key in self.keys(values)]
        if any(state not in self.states for state in said if state != "unsure"):
            return False
        return None if not said or "unsure" in said else True

    def keys(self, values: Mapping[str, Value]) -> Iterator[str]:
        for key in values:
            if key == self.key or (self.row and key.startswith(self.key + ".")):
                yield key

    def verify(self, text: str, known: set[str]) -> None:
        if not any(k == self.key or (self.row and k.startswith(self.key + ".")) for k in known):
            raise CheckError(f"{text}（没有“{self.key}”这一项）")


@dataclass(frozen=True, slots=True)
class _Joined:
    word: str
    parts: tuple[Expression, ...]

    def holds(self, values: Mapping[str, Value]) -> bool | None:
        said = [part.holds(values) for part in self.parts]
        if self.word == "not":
            return None if said[0] is None else not said[0]
        decisive = self.word == "or"
        if decisive in said:
            return decisive
        return None if None in said else not decisive

    def keys(self, values: Mapping[str, Value]) -> Iterator[str]:
        for part in self.parts:
            yield from part.keys(values)

    def verify(self, text: str, known: set[str]) -> None:
        for part in self.parts:
            part.verify(text, known)


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """The expression; raises CheckError that quotes it where it cannot be read."""
    tokens = [m[1].strip('“”"') for m in _TOKEN.finditer(text)]
    if re.sub(r"[\s“”\"]", "", text) != "".join(tokens).replace(" ", ""):
        raise CheckError(text)
    parser = _Parser(text, tokens)
    expression = parser.either()
    if parser.tokens:
        raise CheckError(f"{text}（“{parser.tokens[0]}”处看不懂）")
    return expression


@dataclass(slots=True)
class _Parser:
    text: str
    tokens: list[str]

    def either(self) -> Expression:
        return self._joined("or", self.both)

    def both(self) -> Expression:
        return self._joined("and", self.single)

    def _joined(self, word: str, part: Callable[[], Expression]) -> Expression:
        parts = [part()]
        while self.tokens and self.tokens[0] == word:
            self.tokens.pop(0)
            parts.append(part())
        return parts[0] if len(parts) == 1 else _Joined(word, tuple(parts))

    def single(self) -> Expression:
        token = self._next()
        if token == "not":
            return _Joined("not", (self.single(),))
        if token == "(":
            inside = self.either()
            if self._next() != ")":
                raise CheckError(self.text)
            return inside
        row = token == "row"
        key = self._next() if row else token
        if row and not key.isdigit():
            raise CheckError(f"{self.text}（row 之后应为行号）")
        word = self._next()
        if word in _STATES:
            return _Is(key, row, self._states(word))
        if row or word not in _OPERATORS:
            raise CheckError(f"{self.text}（“{word}”处看不懂）")
        return _Compare(key, word, self._next())

    def _states(self, first: str) -> frozenset[str]:
        states = {first}
        while len(self.tokens) > 1 and self.tokens[0] == "or" and self.tokens[1] in _STATES:
            self.tokens.pop(0)
            states.add(self.tokens.pop(0))
        return frozenset(states)

    def _next(self) -> str:
        if not self.tokens:
            raise CheckError(f"{self.text}（没有写完）")
        return self.tokens.pop(0)
