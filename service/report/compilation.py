"""经验做法汇编.docx: all narratives by row of the form, under the names of the units."""

from __future__ import annotations

from itertools import groupby

from service.report import paper, rendering, wording
from service.report.basis import Basis
from service.report.narratives import heading, narratives
from service.report.numerals import chinese
from service.types import Attachment


def compilation(basis: Basis) -> Attachment:
    """Read beside 附件2-汇总.docx when the clerk writes the short texts."""
    rows = [
        {
            "heading": heading(basis, field),
            "units": [{"name": n.found.unit.name, "lines": _lines(n.text)} for n in group],
        }
        for field, group in groupby(narratives(basis), key=lambda n: n.field)
    ]
    lines = rendering.lines(
        "compilation",
        campaign=basis.campaign,
        deadline=basis.deadline,
        at=wording.moment(basis.now),
        rows=rows,
        chinese=chinese,
    )
    content = paper.write(wording.COMPILATION, paper.marked(lines), basis.now)
    return Attachment(wording.COMPILATION, content)


def _lines(text: str) -> list[str]:
    return [line for raw in text.splitlines() if (line := " ".join(raw.split()))]
