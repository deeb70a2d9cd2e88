"""Files that were cut, scrambled or edited inside: every one ends as a reading or as an
error of ours, within its time."""

from __future__ import annotations

import io
import os
import random
import time
import zipfile
from functools import cache

import pytest

from parsers import formats
from parsers.interpret import interpret
from parsers.types import ParserError
from tests.parsers.papers import SPECIMENS, blanks

COUNT = 75
PROOF = {"ci": 600}.get(os.environ.get("SIZE", ""), 2_500)
"""Of each of the four files."""
NAMES = ("f2_u1.docx", "f1_u1.docx", "f2_u1.xlsx", "f1_u1.xlsx")
_XML = b'<>/="0123456789abc:wr'


@cache
def content_of(name: str) -> bytes:
    return (SPECIMENS / name).read_bytes()


def mutated(content: bytes, rng: random.Random) -> bytes:
    how = rng.randrange(4)
    if how == 0:
        return content[: rng.randrange(len(content))]
    if how == 1:
        return scrambled(content, rng, range(256))
    source, target = io.BytesIO(content), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            member = old.read(name)
            if name.endswith(".xml") and member and rng.random() < 0.7:
                member = scrambled(member, rng, _XML) if how == 2 else repeated(member, rng)
            new.writestr(name, member)
    return target.getvalue()


def scrambled(content: bytes, rng: random.Random, letters: range | bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 12)):
        changed[rng.randrange(len(changed))] = rng.choice(letters)
    return bytes(changed)


def repeated(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    end = min(len(content), start + rng.randrange(1, 400))
    return content[:start] + content[start:end] * rng.randrange(3) + content[end:]


@pytest.mark.parametrize("count", [COUNT, pytest.param(PROOF, marks=pytest.mark.proof)])
@pytest.mark.parametrize("name", NAMES)
def test_a_mutated_file_never_escapes(name: str, count: int) -> None:
    for seed in range(count):
        content = mutated(content_of(name), random.Random(seed))
        started = time.perf_counter()

        try:
            parts = interpret(formats.read(content), blanks(), name)
        except ParserError as error:
            assert error.code, seed
        else:
            assert parts, seed
        assert time.perf_counter() - started < 2, seed
