"""Pages of one form that came as pictures of their own (分页照片) become one reading.

A wrong join is worse than none: one picture bears the form's head, the others are no form by
themselves, each adds answers that no other page gives, and what the head says stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from parsers import limits, scans
from parsers.looks import Looks, scan
from parsers.types import Doubt, Form, PartRead, Value

Said = dict[str, Value]
_FEWEST_ANSWERS = 2
"""What a page must add to belong to the form: one answer may be found by chance."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A picture among its siblings: its place there, how it was read alone, its looks."""

    at: int
    part: PartRead
    looks: tuple[Looks, ...]


def joined(
    parts: Sequence[PartRead], seen: Mapping[str, tuple[Looks, ...]], forms: Sequence[Form]
) -> tuple[PartRead, ...]:
    """The siblings, pages of one form joined: the form stands where its head was, its other
    pages are `ignored` and say where they went. `seen` are the looks by a part's sha256."""
    looked = [(i, p, seen.get(p.sha256 or "")) for i, p in enumerate(parts)]
    pages = [_Page(i, p, looks) for i, p, looks in looked if looks]
    heads = [p for p in pages if p.part.form is not None and p.part.outcome == "form"]
    loose = [p for p in pages if p.part.outcome == "scan_unread"]
    whole = list(parts)
    for head in heads:
        rivals = [h for h in heads if h is not head and _form(h) == _form(head)]
        # of two heads nobody can tell whose the loose pages are
        tails = [] if rivals else _belonging(head, loose, forms)
        together = _together(head, tails, forms) if tails else None
        if together is None:
            continue
        whole[head.at] = _told(together, head, tails)
        for tail in tails:
            gone = Doubt.of("page_of_another", tail.part.name or "", name=head.part.name or "")
            whole[tail.at] = replace(tail.part, outcome="ignored", doubts=(gone,))
        loose = [p for p in loose if p not in tails]
    return tuple(whole)


def _form(page: _Page) -> str:
    return page.part.form.key if page.part.form is not None else ""


def _belonging(head: _Page, loose: Sequence[_Page], forms: Sequence[Form]) -> list[_Page]:
    """The pages that add answers to the head's; none where two add the same."""
    found, added = [], set[str]()
    for page in loose:
        whole = _together(head, [page], forms)
        if whole is None:
            continue
        new = set(_said(whole)) - set(_said(head.part))
        if new & added:
            return []
        added |= new
        found.append(page)
    return found


def _together(head: _Page, tails: Sequence[_Page], forms: Sequence[Form]) -> PartRead | None:
    """The head and these pages read as one, if that is plainly one form."""
    looks = [look for page in (head, *tails) for look in page.looks]
    if len(looks) > limits.OCR_PAGES:
        return None
    found = scans.interpreted(scan(looks), forms, head.part.name)
    if len(found) != 1 or found[0].form != head.part.form:
        return None
    before, after = _said(head.part), _said(found[0])
    is_kept = all(_is_kept(value, after.get(key)) for key, value in before.items())
    grown = len(set(after) - set(before))
    is_more = grown >= _FEWEST_ANSWERS * len(tails) and found[0].score > head.part.score
    return found[0] if is_kept and is_more and _header(found[0]) == _header(head.part) else None


def _is_kept(before: Value, after: Value | None) -> bool:
    """A blank at the foot of the head's page may go on overleaf."""
    if after is None:
        return before.state == "blank"
    return (before.value, before.state, before.approx) == (after.value, after.state, after.approx)


def _said(part: PartRead) -> Said:
    """What was surely read."""
    values = part.reading.values if part.reading else ()
    return {v.field: v for v in values if v.state != "unsure"}


def _header(part: PartRead) -> dict[str, str]:
    return dict(part.reading.header) if part.reading else {}


def _told(whole: PartRead, head: _Page, tails: Sequence[_Page]) -> PartRead:
    """The joined reading as the part that its head is."""
    names = "、".join(t.part.name or "" for t in tails)
    doubt = Doubt.of("pages_joined", head.part.name or "", names=names, pages=1 + len(tails))
    stamps = {p.part.stamp for p in (head, *tails)}
    return replace(
        head.part,
        outcome=whole.outcome,
        reading=whole.reading,
        score=whole.score,
        margin=whole.margin,
        doubts=(*whole.doubts, doubt),
        text=whole.text,
        stamp=True if True in stamps else head.part.stamp,
    )
