"""Outcomes as plain JSON-able objects: what crosses the seam to the workers and back.

The shape is that of DESIGN section 6 (`read --json`), with doubts as code, where and facts
(the caller adds the sentences), and `text` for those who recognise materials and units.
"""

from __future__ import annotations

from typing import Any

from parsers import own_words
from parsers.authentication import Proof
from parsers.bounce import Bounce
from parsers.types import Doubt, Form, Link, Message, PartRead, Reading, Value


def part(p: PartRead) -> dict[str, Any]:
    """One file or part."""
    out: dict[str, Any] = {
        "name": p.name,
        "outcome": p.outcome,
        "form": p.form.key if p.form is not None else None,
        "score": round(p.score, 4),
        "margin": round(p.margin, 4),
        "header": dict(p.reading.header) if p.reading else {},
        "fields": _fields(p.form, p.reading) if p.form and p.reading else {},
        "doubts": [doubt(d) for d in (*p.doubts, *(p.reading.doubts if p.reading else ()))],
        "content_type": p.content_type,
        "size": p.size,
        "sha256": p.sha256,
        "text": p.text,
        "kind": p.kind,
    }
    if p.stamp is not None:
        out["stamp"] = p.stamp
    if p.parts:
        out["parts"] = [part(x) for x in p.parts]
    return out


def _fields(form: Form, reading: Reading) -> dict[str, Any]:
    values = {v.field: v for v in reading.values}
    out: dict[str, Any] = {}
    for f in form.fields:
        v = values[f.key]
        if f.kind == "list":
            out[f.key] = {
                "label": f.label,
                "kind": "list",
                "columns": list(f.columns),
                "records": [dict(r) for r in v.value or () if isinstance(r, dict)],  # type: ignore[union-attr]
            }
        else:
            out[f.key] = _value(f.label, f.unit, v)
    return out


def _value(label: str, unit: str, v: Value) -> dict[str, Any]:
    out: dict[str, Any] = {
        "label": label,
        "unit": unit,
        "raw": v.raw,
        "value": list(v.value) if isinstance(v.value, tuple) else v.value,
        "state": v.state,
        "approx": v.approx,
        "margin": round(v.margin, 4),
    }
    if v.guess is not None:
        out["guess"] = v.guess
    if v.evidence != "text":
        out["evidence"] = v.evidence
    if v.why:
        out["why"] = v.why
    return out


def doubt(d: Doubt) -> dict[str, Any]:
    return {"code": d.code, "where": d.where, "facts": dict(d.facts)}


def mail(m: Message, proof: Proof | None = None) -> dict[str, Any]:
    """A mail without its parts: what the contract's "mail" object is made from."""
    return {
        "proof": {"verdict": proof.verdict, "reason": proof.reason} if proof else None,
        "message_id": m.message_id,
        "from": m.sender,
        "from_name": m.senders[0][0] if len(m.senders) == 1 else "",
        "subject": m.subject,
        "date": m.sent_at,
        "text": m.text,
        "automatic": m.automatic,
        "nil": own_words.says_nothing_to_report(m.text),
        "changes": [list(c) for c in own_words.changes(m.text)],
        "links": [link(x) for x in m.links],
        "headers": [list(h) for h in m.headers],
        "in_reply_to": list(m.in_reply_to),
        "doubts": [doubt(d) for d in m.doubts],
    }


def bounce(b: Bounce) -> dict[str, Any]:
    """What a bounce says, as plain lists."""
    return {
        "failed": [[f.address, f.status, f.said] for f in b.failed],
        "mentioned": list(b.mentioned),
        "returned_to": list(b.returned_to),
        "tokens": list(b.tokens),
        "ids": list(b.ids),
        "said": b.said,
        "delayed": b.delayed,
    }


def link(x: Link) -> dict[str, Any]:
    return {"url": x.url, "name": x.name, "size": x.size, "expires": x.expires}
