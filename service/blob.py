"""A handle on stored bytes: what travels through the service instead of the bytes themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes in the archive, known by their SHA-256 in lower-case hex."""

    sha256: str
    size: int
