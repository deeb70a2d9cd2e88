"""From mails to candidate returns (来件归类): what each part of a mail is, or may be.

Pure. Says form, material, or "may be one" with the reason; whose it is and what it counts
for is service/ledger.py's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service import scan_twins
from service.types import BlankForm, Campaign, MailFact, Material, PartFact

OLD_BLANK = "old_blank"
"""A form filled in on the blank of a campaign that is over."""
UNREAD = (OLD_BLANK, "scan_unread", "damaged", "encrypted", "over_limit", "unsupported")
NIL = "nil"
"""The mail itself says that there is nothing to report."""
UNCLASSIFIED = "unclassified"
"""A document whose words announce neither form nor material."""
_TITLE_CHARACTERS = 60
_SHORTEST_DOCUMENT = 50
_NEVER_FROM_PEOPLE = ("bounce", "read_receipt", "feedback_report", "calendar")


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
        return tuple(_by_robot(mail))
    if mail.state == "failed" and mail.sender:
        return (Candidate(mail, _whole("damaged"), targets=_everything(campaign), unread="mail"),)
    parts = scan_twins.settled(mail.parts)
    found = [c for p in parts for c in _part(campaign, mail, p)]
    found += list(_links(campaign, mail))
    if mail.nil and not found:
        found += list(_nil(campaign, mail))
    found.sort(key=lambda c: bool(c.unread))
    return tuple(found)


def is_announced(campaign: Campaign, mail: MailFact) -> bool:
    """Whether the subject or a file's name speaks of a form or material of this campaign."""
    texts = (mail.subject, *(p.name or "" for p in mail.parts))
    return bool(_hinted_forms(campaign, texts)) or any(_says(m, texts) for m in campaign.materials)


def _by_robot(mail: MailFact) -> Iterator[Candidate]:
    """A filled form in a mail that bears the marks of a robot: a unit's server may put them
    on. A bounce or a letter of ours merely returns our own paper."""
    if mail.ours or mail.automatic in _NEVER_FROM_PEOPLE:
        return
    for part in mail.parts:
        if part.outcome == "form" and part.form is not None:
            yield Candidate(mail, part, targets=(part.form,), unread="automatic")


def _nil(campaign: Campaign, mail: MailFact) -> Iterator[Candidate]:
    """“无照片” is a nil return of the photos, “本周无” one of the week's form (DESIGN 5); where
    nothing is weekly it may be one of any form."""
    part = _whole("ignored")
    media = _media(campaign)
    if media is not None and _says(media, (mail.subject, mail.text[:500])):
        yield Candidate(mail, part, material=media.key)
        return
    asked = [d for d in campaign.deadlines if d.form and _counts(campaign, d.form)]
    weekly = tuple(dict.fromkeys(d.form for d in asked if d.form and d.week))
    targets = weekly or tuple(dict.fromkeys(d.form for d in asked if d.form))
    if targets:
        yield Candidate(mail, part, targets=targets, unread=NIL)


def _counts(campaign: Campaign, form: str) -> bool:
    """Whether a form asks for numbers: of a liaison's name nobody says that there is none."""
    return any(f.kind == "number" for f in campaign.blank(form).form.fields)


def _part(campaign: Campaign, mail: MailFact, part: PartFact) -> Iterator[Candidate]:
    if _is_form(part):
        yield Candidate(mail, part, form=part.form)
    elif _is_media(part):
        yield _picture(campaign, mail, part)
    elif part.outcome == "material":
        yield from _paper(campaign, mail, part)
    elif part.outcome in UNREAD:
        targets = _unread_targets(campaign, mail, part)
        yield Candidate(mail, part, targets=targets, unread=part.outcome)


def _unread_targets(campaign: Campaign, mail: MailFact, part: PartFact) -> tuple[str, ...]:
    """What an unreadable file may be: what its name says; beside a form that form's stamped
    copy; else what the mail's words say, else anything."""
    named = _hinted_by_name(campaign, part)
    beside = _forms_in(mail)
    return named or beside or _hinted_forms(campaign, _around(mail, part)) or _everything(campaign)


def _is_form(part: PartFact) -> bool:
    return part.outcome == "form" and part.form is not None


def _forms_in(mail: MailFact) -> tuple[str, ...]:
    """The forms that stand readable in the same mail."""
    return tuple(dict.fromkeys(p.form for p in mail.parts if _is_form(p) and p.form))


def _media(campaign: Campaign) -> Material | None:
    """What photos and videos count as."""
    return next((m for m in campaign.materials if m.media), None)


def _is_media(part: PartFact) -> bool:
    """By what the bytes are, not by the declared type: QQ calls everything octet-stream."""
    kinds = ("image", "video", "audio")
    return part.read.get("kind") in kinds and part.outcome in ("material", "scan_unread")


def _picture(campaign: Campaign, mail: MailFact, part: PartFact) -> Candidate:
    """A video is media. A picture is media when words say so and none speaks of a form;
    else it may be a photographed page, and beside its form a stamped one."""
    media = _media(campaign)
    forms = _hinted_forms(campaign, (part.name or "", mail.subject, mail.text[:500]))
    beside = _forms_in(mail)
    if media is not None:
        by_name = _says(media, (part.name or "",))
        by_words = _says(media, _around(mail, part))
        if part.outcome == "material" or by_name or (by_words and (beside or not forms)):
            return Candidate(mail, part, material=media.key)
        if by_words or (beside and not _hinted_by_name(campaign, part)):
            # a photo of the event, or a page of the form: only an eye can tell
            targets = tuple(dict.fromkeys((*beside, *forms, media.key)))
            return Candidate(mail, part, targets=targets, unread=part.outcome)
    targets = _unread_targets(campaign, mail, part)
    return Candidate(mail, part, targets=targets, unread=part.outcome)


def _paper(campaign: Campaign, mail: MailFact, part: PartFact) -> Iterator[Candidate]:
    """Text that is no form: a material by its words, else a form in clothes we do not know,
    else a document that somebody must look at."""
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
    elif len(part.text) >= _SHORTEST_DOCUMENT and not any(_is_form(p) for p in mail.parts):
        written = tuple(m.key for m in campaign.materials if not m.media)
        yield Candidate(mail, part, targets=written, unread=UNCLASSIFIED)


def _links(campaign: Campaign, mail: MailFact) -> Iterator[Candidate]:
    for number, link in enumerate(mail.links, start=1):
        part = PartFact(
            path=f"link{number}", name=link.get("name"), outcome="ignored", form=None, read=link
        )
        media = _media(campaign)
        name = str(link.get("name") or "")
        if media is not None and (_looks_like_media(name) or _says(media, _around(mail, part))):
            yield Candidate(mail, part, material=media.key)
        else:
            targets = _unread_targets(campaign, mail, part)
            yield Candidate(mail, part, targets=targets, unread="oversize_link")


def _looks_like_media(name: str) -> bool:
    suffixes = (".mp4", ".mov", ".avi", ".wmv", ".mkv", ".jpg", ".jpeg", ".png", ".heic", ".m4v")
    return name.lower().endswith(suffixes)


def _hinted_by_name(campaign: Campaign, part: PartFact) -> tuple[str, ...]:
    """Forms, else materials, that the file's own name announces."""
    name = (part.name or "",)
    materials = tuple(m.key for m in campaign.materials if _says(m, name))
    return _hinted_forms(campaign, name) or materials


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


def _whole(outcome: str) -> PartFact:
    """The mail itself as a part."""
    return PartFact(path="0", name=None, outcome=outcome, form=None, read={})


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()
