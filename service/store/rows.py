"""What lies in a row, as the values that the service works with, and back. Speaks no SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from service.moments import ZONE, iso
from service.types import LetterState, MailFact, PartFact

_LEFT = ("sent", "uncertain", "sending")


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter as recorded: its key, its state and what happened to it."""

    key: str
    campaign: str
    kind: str
    unit: str | None
    deadline: str | None
    stage: str | None
    state: LetterState
    phase: str | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    due_at: datetime
    not_after: datetime
    queued_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None
    tries: int
    code: str | None
    said: str | None
    message_id: str | None
    token: str | None
    fingerprint: str
    mail: int | None
    eml_sha256: str | None


@dataclass(frozen=True, slots=True)
class NotCome:
    """A mail that stood in the mailbox and did not come: where, since when, why."""

    folder: str
    uid: int
    seen_at: datetime
    problem: str


def left(state: str) -> bool:
    """Whether a letter in this state left, or may have."""
    return state in _LEFT


def as_column(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return as_json(value) if isinstance(value, list | tuple) else value


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def part_fact(r: Mapping[str, Any]) -> PartFact:
    return PartFact(
        path=r["path"],
        name=r["name"],
        outcome=r["outcome"],
        form=r["form"],
        read=json.loads(r["read"]),
        text=r["text"],
        content_type=r["content_type"],
        size=r["size"],
        sha256=r["part_sha256"],
    )


def mail_fact(
    r: Mapping[str, Any], message: Mapping[str, Any], parts: tuple[PartFact, ...]
) -> MailFact:
    return MailFact(
        id=r["id"],
        sha256=r["sha256"],
        received_at=as_time(r["received_at"]),
        source=r["source"],
        sender=message.get("from"),
        sender_name=message.get("from_name") or "",
        subject=message.get("subject") or "",
        text=message.get("text") or "",
        parts=parts,
        automatic=message.get("automatic"),
        ours=bool(r["ours"]),
        message_id=message.get("message_id"),
        links=tuple(message.get("links") or ()),
        headers=tuple((k, v) for k, v in message.get("headers") or ()),
        state=r["state"],
        nil=bool(message.get("nil")),
        proof=(message.get("proof") or {}).get("verdict") or "none",
        changes=tuple((k, v) for k, v in message.get("changes") or ()),
        doubts=(*(message.get("doubts") or ()), *_arrival_doubt(r["problem"])),
        bounce=message.get("bounce"),
    )


def _arrival_doubt(code: str | None) -> Iterator[Mapping[str, Any]]:
    """An imported mail of which every copy has a guessed arrival."""
    if code is not None:
        yield {"code": code, "where": "arrival", "facts": {}}


@lru_cache(maxsize=20_000)
def letter_row(row: tuple[Any, ...]) -> LetterRow:
    """A letter from its columns (LETTER_COLUMNS); the same row is the same object."""
    given = dict(zip(LetterRow.__dataclass_fields__, row, strict=True))
    for name in ("due_at", "not_after", "queued_at", "sent_at", "next_try_at"):
        given[name] = as_time(given[name]) if given[name] else None
    given["to"], given["cc"] = as_texts(given["to"]), as_texts(given["cc"])
    return LetterRow(**given)


@lru_cache(maxsize=100_000)
def as_texts(packed: str) -> tuple[str, ...]:
    return tuple(json.loads(packed))


@lru_cache(maxsize=100_000)
def as_time(text: str) -> datetime:
    """A time that we wrote ourselves (moments.iso)."""
    return datetime.fromisoformat(text).astimezone(ZONE)


LETTER_COLUMNS = ", ".join(f'"{name}"' for name in LetterRow.__dataclass_fields__)
