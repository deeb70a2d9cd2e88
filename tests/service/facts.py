"""Mails and readings as facts, made by hand: what the pure modules are tested on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from service import ledger
from service.moments import moment
from service.types import Campaign, Decision, Ledger, MailFact, PartFact

FIELDS = tuple(f"1.{n}" for n in range(1, 10))


def when(text: str) -> Any:
    """`06-08 09:00` of 2021."""
    return moment(f"2021-{text}")


def with_addresses(campaign: Campaign, domain: str = "units.example") -> Campaign:
    """The campaign with one confirmed address for each unit: its id at `domain`."""
    units = tuple(replace(u, addresses=(f"{u.id}@{domain}",)) for u in campaign.units)
    return replace(campaign, units=units)


def read(
    form: str, unit: str = "", date: str = "", filled: int = 9, base: int = 5
) -> dict[str, Any]:
    """A reading as the workers give it: `filled` of nine numbers, from `base` on."""
    fields = {
        key: {
            "label": f"第{key}项",
            "unit": "次",
            "raw": str(base + i) if i < filled else "",
            "value": base + i if i < filled else None,
            "state": "filled" if i < filled else "blank",
            "approx": False,
        }
        for i, key in enumerate(FIELDS)
    }
    header = {"填报单位": unit, "联系人": "王小明", "电话": "139-0000-0001", "填报日期": date}
    if form == "liaison":
        texts = {"单位名称": unit, "姓名": "王小明", "手机": "139-0000-0001"}
        fields = {
            k: {"label": k, "raw": v, "value": v, "state": "filled"} for k, v in texts.items()
        }
        header = {}
    return {"header": header, "fields": fields, "doubts": [], "kind": "docx"}


def form(
    key: str, unit: str = "", name: str = "统计表.docx", path: str = "1", **given: Any
) -> PartFact:
    """A part that was read as a form."""
    return PartFact(path, name, "form", key, read(key, unit, **given))


def part(
    outcome: str, name: str | None, path: str = "1", text: str = "", kind: str = "docx"
) -> PartFact:
    """A part that is no form."""
    return PartFact(path, name, outcome, None, {"kind": kind}, text=text)


def mail(
    at: str,
    *parts: PartFact,
    sender: str | None = "dongchen@units.example",
    subject: str = "",
    **more: Any,
) -> MailFact:
    """A mail that arrived at `06-08 09:00`; its number and hash follow from what it says."""
    mark = repr((at, sender, subject, [(p.path, p.name, sorted(p.read)) for p in parts], more))
    mark += repr([p.read for p in parts])
    sha = hashlib.sha256(mark.encode()).hexdigest()
    given: dict[str, Any] = {"sender_name": "", "text": "", **more}
    return MailFact(
        id=int(sha[:8], 16),
        sha256=sha,
        received_at=when(at),
        sender=sender,
        subject=subject,
        parts=tuple(parts),
        **given,
    )


def decision(number: int, at: str, verb: str, **args: Any) -> Decision:
    return Decision(number, when(at), "科室", "", verb, args)


def book(
    campaign: Campaign,
    mails: Sequence[MailFact],
    at: str,
    decisions: Sequence[Decision] = (),
) -> Ledger:
    return ledger.build(campaign, mails, decisions, when(at))


def states(made: Ledger, unit: str) -> Mapping[str, str]:
    """The unit's cells in which something is in or in doubt."""
    return {
        d: c.state
        for (u, d), c in made.cells.items()
        if u == unit and c.state in ("reported", "late", "doubt", "waived")
    }
