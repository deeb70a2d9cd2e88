"""Passages in a staff reply (成段文字): `改 环卫处 6月8日 8.1`, the new text on the lines below it,
then `完` on a line of its own; a text of one line may stand in the same line and needs no end.

Pure. Everything up to the end mark is text, whatever it looks like. Where the end mark lacks,
nothing of it is taken: half a passage is worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from service.reply_words import NotUnderstood, Rest, fold
from service.types import Campaign

MARK = "\n"
"""Between the head of a correction and its passage, in what `gathered` gives."""

_END = re.compile(r"[\s（(【\[]*(?:完|完毕|全文完|结束)[)）】\]。.!！\s]*")
_VERB = re.compile(
    r"\s*(?:[（(]?\d{1,2}[)）.、]\s*|[-*·•]+\s*)?(?:请|麻烦)?\s*(?:改数|改|更正)[\s:：,，]*"
)
_SIGN = r"\s*(?:项|栏)?\s*(?:应)?(?:改为|改成|更正为|应为|为|=|->|→)?\s*[:：,，]?\s*"

Kind = Callable[[str], str]
"""Whether a line is a "command", says nothing ("idle"), or is "text"."""


def gathered(campaign: Campaign, lines: Sequence[str], kind: Kind) -> list[str]:
    """The lines, each correction of a passage with its passage as one: head, MARK, text.

    A passage without its end mark is given as a head with nothing behind the mark."""
    out: list[str] = []
    at = 0
    while at < len(lines):
        opened = opening(campaign, lines[at])
        at += 1
        if opened is None:
            out.append(lines[at - 1])
            continue
        head, text = opened
        end = _end(campaign, lines, at)
        if end is not None:
            text = "\n".join(x for x in (text, *lines[at:end]) if x.strip())
            at = end + 1
        else:
            following = _until_command(lines, at, kind)
            if any(kind(x) == "text" for x in lines[at:following]):
                text, at = "", following
        out.append(f"{head}{MARK}{text.strip()}")
    return out


def opening(campaign: Campaign, line: str) -> tuple[str, str] | None:
    """Of a line that corrects a passage: its head, up to the field's number, and what follows."""
    verb = _VERB.match(line)
    if verb is None or not _names_a_unit(campaign, line[verb.end() :]):
        return None
    same_length = "".join(_narrow(sign) for sign in line)
    keys = "|".join(re.escape(k) for k in _passages(campaign))
    found = re.search(rf"(?<![\d.])({keys})(?![\d.]*\d)(?!\s*[月号日]){_SIGN}", same_length)
    if not keys or found is None:
        return None
    return line[: found.end(1)], line[found.end() :]


def _passages(campaign: Campaign) -> list[str]:
    """The fields of all forms that hold passages."""
    fields = (f for b in campaign.forms for f in b.form.fields)
    return sorted({f.key for f in fields if f.kind == "narrative"}, key=len, reverse=True)


def _names_a_unit(campaign: Campaign, text: str) -> bool:
    try:
        return Rest(campaign, fold(text)).unit() is not None
    except NotUnderstood:
        return False


def _narrow(sign: str) -> str:
    """The sign folded in width, where that leaves one sign."""
    folded = unicodedata.normalize("NFKC", sign)
    return folded if len(folded) == 1 else sign


def _end(campaign: Campaign, lines: Sequence[str], start: int) -> int | None:
    """Where the end mark stands, unless another passage opens before it."""
    for at in range(start, len(lines)):
        if _END.fullmatch(lines[at]):
            return at
        if opening(campaign, lines[at]) is not None:
            return None
    return None


def _until_command(lines: Sequence[str], start: int, kind: Kind) -> int:
    return next((n for n in range(start, len(lines)) if kind(lines[n]) == "command"), len(lines))
