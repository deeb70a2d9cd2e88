"""Which campaign's form it is where several campaigns use the same blank (同一张空白表): last
year's and this year's, say. What the sender says comes first, then the day of arrival.

Knows campaigns only as keys and days. A form that bears a year other than that of its arrival
stays with the campaign of its arrival, where it waits for a person, unless the mail names the year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from parsers.types import Form

Days = tuple[date, date]
"""The first and the last day of a form's campaign."""

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)|(去年|上年度?|上一年)")


def own(
    form: Form,
    forms: Sequence[Form],
    days: Mapping[str, Days],
    written: date | None,
    arrived: date | None,
    words: str,
) -> Form:
    """The one of the forms with this form's blank that is meant; itself where nothing tells."""
    same = [f for f in forms if f.key in days and f.cells == form.cells and f.paper == form.paper]
    if len(same) < 2 or form.key not in days:
        return form
    at = arrived or written
    if at is None:
        return form
    named = [f for f in same if _bears(days[f.key], _years(words, at))]
    held = [f for f in same if days[f.key][0] <= at <= days[f.key][1]]
    dated = [f for f in same if written is not None and _bears(days[f.key], {written.year})]
    begun = sorted((f for f in same if days[f.key][0] <= at), key=lambda f: days[f.key][0])
    for found in (named, held, dated, begun[-1:]):
        if len(found) == 1:
            return found[0]
    return form


def _bears(days: Days, years: set[int]) -> bool:
    return any(days[0].year <= year <= days[1].year for year in years)


def _years(words: str, at: date) -> set[int]:
    """The years that a subject or a file's name speaks of."""
    return {int(m[1]) if m[1] else at.year - 1 for m in _YEAR.finditer(words)}
