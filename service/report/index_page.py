"""index.html: the month on one page, units by deadlines, with links to the laid-out files.

No script and nothing loaded from anywhere: pictures are small JPEGs inside the page.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote

from service.moments import spoken
from service.report import look, rendering, wording
from service.report.basis import Basis
from service.report.layout import Placed, plan
from service.report.media import Medium, media
from service.types import Attachment, Deadline, Unit


def index_page(basis: Basis, thumbnails: Mapping[str, bytes]) -> Attachment:
    """The page; `thumbnails` are JPEG bytes by the hash of the picture."""
    placed = plan(basis.campaign, basis.ledger)
    paths = {(p.mail, p.part): p.path for p in placed}
    by_cell: dict[tuple[str, str], list[Placed]] = {}
    for p in placed:
        for key in p.deadlines if p.unit else ():
            by_cell.setdefault((p.unit or "", key), []).append(p)
    rows = [
        {
            "unit": unit,
            "cells": [_cell(basis, unit, d, by_cell) for d in basis.campaign.deadlines],
        }
        for unit in basis.campaign.expected
    ]
    html = rendering.page(
        "index",
        campaign=basis.campaign,
        at=wording.moment(basis.now),
        files=_files(basis),
        rows=rows,
        media=[_medium(m, paths, thumbnails) for m in media(basis)],
        fills={state: f"#{colour}" for state, colour in look.STATE_FILL.items()},
    )
    return Attachment(wording.INDEX, html.encode())


def _files(basis: Basis) -> list[dict[str, str]]:
    filled = wording.filled_name(basis.figures.blank)
    names = (wording.WORKBOOK, filled, wording.COMPILATION, wording.BULLETIN, wording.ROSTER)
    return [{"name": n, "href": quote(n)} for n in names if n]


def _cell(
    basis: Basis, unit: Unit, deadline: Deadline, by_cell: dict[tuple[str, str], list[Placed]]
) -> dict[str, object]:
    cell = basis.cell(unit, deadline)
    if cell is None:
        return {"state": "not_due", "word": "—", "when": "", "links": []}
    return {
        "state": wording.colour_of(deadline, cell),
        "word": wording.state(cell),
        "when": spoken(cell.arrived_at) if cell.arrived_at else "",
        "links": [quote(p.path) for p in by_cell.get((unit.id, deadline.key), ())],
    }


def _medium(
    m: Medium, paths: Mapping[tuple[int, str], str], thumbnails: Mapping[str, bytes]
) -> dict[str, object]:
    path = paths.get((m.mail, m.path))
    small = thumbnails.get(m.sha256 or "")
    return {
        "unit": m.unit.name if m.unit else wording.say("unknown_unit"),
        "kind": wording.say(f"medium_{m.kind}"),
        "name": m.name,
        "size": m.size,
        "when": spoken(m.arrived_at),
        "href": quote(path) if path else "",
        "picture": f"data:image/jpeg;base64,{b64encode(small).decode()}" if small else "",
        "url": m.url,
        "expires": m.expires,
    }
