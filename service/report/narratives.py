"""The narratives of the returns (经验做法): by row of the form, then by unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parsers.types import Field
from service.report.basis import Basis
from service.report.figures import Return


@dataclass(frozen=True, slots=True)
class Narrative:
    """What one unit wrote in one narrative field."""

    field: Field
    found: Return
    text: str

    @property
    def length(self) -> int:
        """Characters as a clerk counts them (字数): white space is none."""
        return len("".join(self.text.split()))

    @property
    def excess(self) -> int:
        """Characters over the form's limit, 0 if within or if it has none."""
        return max(0, self.length - self.field.limit) if self.field.limit else 0


def narratives(basis: Basis) -> Iterator[Narrative]:
    """All that the governing returns of this deadline tell, in the form's order."""
    for figures in basis.figures.fields:
        if figures.field.kind != "narrative":
            continue
        for found in basis.figures.returns:
            value = found.entries[figures.field.key].value
            if isinstance(value, str) and value.strip():
                yield Narrative(figures.field, found, value.strip())


def heading(basis: Basis, field: Field) -> str:
    """The row's heading (提升思想认识能力), or the field's label."""
    return basis.headings.get(field.key) or field.label
