"""Documents with bytes broken at random: the specimens of every format, hurt by seed."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

SPECIMENS = Path(__file__).parents[1] / "specimens"
_SUFFIXES = (".doc", ".docx", ".html", ".ods", ".odt", ".pdf", ".rtf", ".wps", ".xls", ".xlsx")


def sources() -> list[tuple[str, bytes]]:
    """Every specimen by name; made-up containers join those that stand on disk."""
    files = sorted(
        p for d in ("forms", "traps") for p in (SPECIMENS / d).iterdir() if p.suffix in _SUFFIXES
    )
    return [(p.name, p.read_bytes()) for p in files]


def damaged(count: int, seed: int, more: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """`count` broken files, the same for the same seed; `more` are further originals."""
    rng = random.Random(seed)
    originals = sources() + more
    for i in range(count):
        name, content = originals[i % len(originals)]
        inside = content.startswith(b"PK") and rng.random() < 0.7
        yield f"{name}#{i}", _hurt_inside(content, rng) if inside else _hurt(content, rng)


def _hurt_inside(content: bytes, rng: random.Random) -> bytes:
    """Breaks one member of a zip and packs it again: a checksum would catch all else."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(e.filename, archive.read(e)) for e in archive.infolist()]
    names = [n for n, data in members if data and n.endswith(".xml")] or [members[0][0]]
    victim = rng.choice(
        [n for n in names if "content" in n or "document" in n or "sheet" in n] or names
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members:
            hurt = _hurt(data, rng) if name == victim and data else data
            archive.writestr(zipfile.ZipInfo(name), hurt)  # a fixed date: the same bytes
    return packed.getvalue()


def _hurt(content: bytes, rng: random.Random) -> bytes:
    raw = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        at = rng.randrange(len(raw))
        size = min(rng.choice((1, 2, 4, 16, 200)), len(raw) - at)
        match rng.randrange(7):
            case 0:
                raw[at] ^= 1 << rng.randrange(8)
            case 1:
                raw[at : at + size] = rng.randbytes(size)
            case 2:
                raw[at : at + size] = b"\xff" * size
            case 3:
                raw[at : at + size] = bytes(size)
            case 4:
                del raw[at : at + size]
            case 5:
                raw[at:at] = raw[at : at + size]
            case _:
                other = rng.randrange(len(raw))
                raw[at : at + size] = raw[other : other + size]
        if not raw:
            return b"\0"
    return bytes(raw[: rng.randrange(len(raw)) + 1]) if rng.random() < 0.08 else bytes(raw)
