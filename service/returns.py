"""From mails to candidate returns (来件归类): what each part of a mail is, or may be.

Pure. Says form, material, or "may be one" with the reason; whose it is and what it counts
for is service/ledger.py's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service.types import BlankForm, Campaign, MailFact, Material, PartFact

UNREAD = ("scan_unread", "damaged", "encrypted", "over_limit", "unsupported")
_TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """One part that is a return or may be one. `targets` are the forms and materials
    it may be; `unread` is the outcome that keeps us from knowing."""

    mail: MailFact
    part: PartFact
    form: str | None = None
    material: str | None = None
    targets: tuple[str, ...] = ()
    unread: str = ""

    @property
    def id(self) -> str:
        return f"{self.mail.id}/{self.part.path}"


def candidates(campaign: Campaign, mail: MailFact) -> tuple[Candidate, ...]:
    """Everything in a mail that somebody may have meant as a return, sure ones first."""
    if mail.ours or mail.automatic:
        return ()
    if mail.state == "failed" and mail.sender:
        return (Candidate(mail, _whole(mail), targets=_everything(campaign), unread="damaged"),)
    found = [c for p in mail.parts for c in _part(campaign, mail, p)]
    found += list(_links(campaign, mail))
    found.sort(key=lambda c: bool(c.unread))
    return tuple(found)


def _part(campaign: Campaign, mail: MailFact, part: PartFact) -> Iterator[Candidate]:
    if part.outcome == "form" and part.form is not None:
        yield Candidate(mail, part, form=part.form)
    elif _is_media(part):
        yield _picture(campaign, mail, part)
    elif part.outcome == "material":
        yield from _paper(campaign, mail, part)
    elif part.outcome in UNREAD:
        targets = _hinted(campaign, mail, part) or _everything(campaign)
        yield Candidate(mail, part, targets=targets, unread=part.outcome)


def _is_media(part: PartFact) -> bool:
    """By what the bytes are, not by the declared type: QQ calls everything octet-stream."""
    kinds = ("image", "video", "audio")
    return part.read.get("kind") in kinds and part.outcome in ("material", "scan_unread")


def _picture(campaign: Campaign, mail: MailFact, part: PartFact) -> Candidate:
    """A picture is media when words say so, when it is no picture at all but a video, or when
    the mail brings its form beside it; else it may be a photographed form."""
    media = next((m for m in campaign.materials if m.media), None)
    by_words = media is not None and _says(media, _around(mail, part))
    with_form = any(p.outcome == "form" for p in mail.parts)
    if media is not None and (by_words or with_form or part.outcome == "material"):
        return Candidate(mail, part, material=media.key)
    targets = _hinted(campaign, mail, part) or _everything(campaign)
    return Candidate(mail, part, targets=targets, unread=part.outcome)


def _paper(campaign: Campaign, mail: MailFact, part: PartFact) -> Iterator[Candidate]:
    """Text that is no form: a material by its words, else a form in clothes we do not know."""
    title = part.text.strip()[:_TITLE_CHARACTERS]
    for material in campaign.materials:
        if material.media or len(part.text) < material.min_chars:
            continue
        if _says(material, (part.name or "", title)):
            yield Candidate(mail, part, material=material.key)
            return
    hinted = _hinted_forms(campaign, (part.name or "", mail.subject))
    if hinted:
        yield Candidate(mail, part, targets=hinted, unread="not_recognised")


def _links(campaign: Campaign, mail: MailFact) -> Iterator[Candidate]:
    for number, link in enumerate(mail.links, start=1):
        part = PartFact(
            path=f"link{number}", name=link.get("name"), outcome="ignored", form=None, read=link
        )
        media = next((m for m in campaign.materials if m.media), None)
        name = str(link.get("name") or "")
        if media is not None and (_looks_like_media(name) or _says(media, _around(mail, part))):
            yield Candidate(mail, part, material=media.key)
        else:
            targets = _hinted(campaign, mail, part) or _everything(campaign)
            yield Candidate(mail, part, targets=targets, unread="oversize_link")


def _looks_like_media(name: str) -> bool:
    suffixes = (".mp4", ".mov", ".avi", ".wmv", ".mkv", ".jpg", ".jpeg", ".png", ".heic", ".m4v")
    return name.lower().endswith(suffixes)


def _hinted(campaign: Campaign, mail: MailFact, part: PartFact) -> tuple[str, ...]:
    texts = _around(mail, part)
    materials = tuple(m.key for m in campaign.materials if _says(m, (part.name or "",)))
    return (
        _hinted_forms(campaign, (part.name or "",)) or materials or _hinted_forms(campaign, texts)
    )


def _hinted_forms(campaign: Campaign, texts: Iterable[str]) -> tuple[str, ...]:
    """Forms that the first speaking text names by a word of campaign.toml."""
    for text in texts:
        found = tuple(b.key for b in campaign.forms if _names_form(b, text))
        if found:
            return found
    return ()


def _names_form(blank: BlankForm, text: str) -> bool:
    folded = _fold(text)
    return any(_fold(w) in folded for w in blank.words)


def _says(material: Material, texts: Iterable[str]) -> bool:
    folded = [_fold(t) for t in texts]
    if any(_fold(w) in t for w in material.not_words for t in folded):
        return False
    return any(_fold(w) in t for w in material.words for t in folded)


def _around(mail: MailFact, part: PartFact) -> tuple[str, ...]:
    return (part.name or "", mail.subject, mail.text[:500])


def _everything(campaign: Campaign) -> tuple[str, ...]:
    """Every form and material that something is due for: it may be any of them."""
    keys = [d.form or d.material or "" for d in campaign.deadlines]
    return tuple(dict.fromkeys(k for k in keys if k))


def _whole(mail: MailFact) -> PartFact:
    return PartFact(path="0", name=None, outcome="damaged", form=None, read={})


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()
