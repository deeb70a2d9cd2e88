"""Photos, videos and links to oversize attachments (影像资料) that came in, by unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from service.report.basis import Basis
from service.types import MailFact, PartFact, Unit

MediumKind = Literal["photo", "video", "link"]
_KILO = 1024


@dataclass(frozen=True, slots=True)
class Medium:
    """One piece: a file kept under its hash, or a link that lapses."""

    unit: Unit | None
    kind: MediumKind
    name: str
    size: str
    arrived_at: datetime
    mail: int
    path: str = ""
    sha256: str | None = None
    url: str = ""
    expires: str = ""


def media(basis: Basis) -> tuple[Medium, ...]:
    """Every piece of every mail that brought one, by unit and arrival."""
    names = {m.key for m in basis.campaign.materials if m.media}
    whose: dict[int, Unit] = {}
    taken: set[tuple[int, str]] = set()
    for s in basis.ledger.submissions:
        if s.unit and s.status != "rejected":
            whose.setdefault(s.mail, basis.campaign.unit(s.unit))
        if s.material in names and s.status not in ("rejected", "duplicate"):
            taken.add((s.mail, s.part))
    address = {a: u for u in basis.campaign.units for a in basis.ledger.addresses.get(u.id, ())}
    for mail in basis.ledger.mails:
        if mail.sender in address:
            whose.setdefault(mail.id, address[mail.sender])
    order = {u.id: i for i, u in enumerate(basis.campaign.units)}
    found = [m for mail in basis.ledger.mails for m in _of_mail(mail, whose, taken)]
    last = len(order)
    return tuple(
        sorted(found, key=lambda m: (order[m.unit.id] if m.unit else last, m.arrived_at, m.path))
    )


def _of_mail(
    mail: MailFact, whose: dict[int, Unit], taken: set[tuple[int, str]]
) -> Iterator[Medium]:
    unit = whose.get(mail.id)
    for part in mail.parts:
        kind = _kind(part)
        if kind is None or (mail.id, part.path) not in taken:
            continue
        yield Medium(
            unit=unit,
            kind=kind,
            name=part.name or part.path,
            size=spoken_size(part.size),
            arrived_at=mail.received_at,
            mail=mail.id,
            path=part.path,
            sha256=part.sha256,
        )
    for link in mail.links:
        yield Medium(
            unit=unit,
            kind="link",
            name=str(link.get("name") or ""),
            size=str(link.get("size") or ""),
            arrived_at=mail.received_at,
            mail=mail.id,
            url=str(link.get("url") or ""),
            expires=str(link.get("expires") or ""),
        )


def _kind(part: PartFact) -> MediumKind | None:
    kind = (part.content_type or "").split("/")[0]
    suffix = (part.name or "").rpartition(".")[2].lower()
    if kind == "image" or suffix in ("jpg", "jpeg", "png", "gif", "bmp", "heic", "webp"):
        return "photo"
    if kind == "video" or suffix in ("mp4", "mov", "avi", "wmv", "mkv", "3gp"):
        return "video"
    return None


def spoken_size(size: int | None) -> str:
    """1.4 MB, 320 KB."""
    if size is None:
        return ""
    if size < _KILO * _KILO:
        return f"{max(1, size // _KILO)} KB"
    return f"{size / _KILO / _KILO:.1f} MB"
