"""Open doubts in words (存疑): the sentence of each, with its field's label."""

from __future__ import annotations

from service import words
from service.report.wording import say
from service.types import Campaign, Ledger, OpenDoubt, Submission


def sentence(
    campaign: Campaign, ledger: Ledger, doubt: OpenDoubt, submission: Submission | None = None
) -> str:
    """What the doubt says to a clerk; one without words yet shows its code, the report goes on."""
    found = submission or next(
        (s for s in ledger.submissions if (s.mail, s.part) == (doubt.mail, doubt.part)), None
    )
    shown = label(campaign, found.form if found else None, doubt.where)
    facts = {"label": shown or doubt.where, "where": doubt.where, **dict(doubt.facts)}
    try:
        return words.doubt(doubt.code, facts)
    except words.MissingWords:
        return say("no_sentence", code=doubt.code)


def label(campaign: Campaign, form: str | None, key: str) -> str:
    """The label of a field or header line of a form, or nothing."""
    blank = next((b for b in campaign.forms if b.key == form), None)
    if blank is None:
        return ""
    known = {f.key: f.label for f in (*blank.form.fields, *blank.form.header)}
    return known.get(key.removeprefix("header/"), "")
