"""Makes a Value of what was found for a field, with the votes and doubts it came with."""

from __future__ import annotations

from rapidfuzz import fuzz

from parsers.fold import fold
from parsers.types import Field, Value
from parsers.values import bare, judge

_PROMPT_FITS = 88.0
_SEPARATORS = " \t\n\u3000：:，,、；;。."
"""What joins a prompt that was left standing to the answer behind it."""


def value_of(
    field: Field, content: str, place: str = "", margin: float = 1.0, against: str = ""
) -> Value:
    """The field's value from its slot's text; `against` is a doubt about the place itself."""
    said = judge(field, content)
    raw = bare(content) if field.kind != "choice" else content.strip()
    if not against and said.state != "unsure":
        return Value(
            field.key, raw, said.value, said.state, None, said.approx, "text", margin, "", place
        )
    guess = said.value if isinstance(said.value, int | str) else said.guess
    if against and guess is None and raw and field.kind in ("text", "narrative"):
        guess = raw
    why = against or said.why
    return Value(field.key, raw, None, "unsure", guess, said.approx, "text", margin, why, place)


def missing(field: Field, why: str = "not_found", raw: str = "") -> Value:
    """A field whose place could not be found."""
    return Value(field.key, raw, None, "unsure", margin=0.0, why=why)


def without_prompt(content: str, prompt: str) -> str:
    """A narrative without the printed prompt, if that was left standing before or behind it."""
    asked, written = fold(prompt).text, fold(content)
    if not asked or not written.text:
        return content
    at = written.text.find(asked)
    end = at + len(asked)
    if at < 0:
        near = fuzz.partial_ratio_alignment(asked, written.text, score_cutoff=_PROMPT_FITS)
        if near is None or len(written.text) < 0.8 * len(asked):
            return content
        at, end = near.dest_start, near.dest_end
    before = written.raw(0, at)
    behind = written.raw(end, len(written.text)).lstrip(_SEPARATORS)
    return "\n".join(part.strip() for part in (before, behind) if part.strip())
