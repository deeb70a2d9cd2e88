"""One file or mail, read to the end: every part of it gets exactly one outcome.

Composes sniffing, formats, containers, mails and forms; reads nothing itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from parsers import (
    READER_VERSION,
    containers,
    dates,
    formats,
    images,
    interpret,
    limits,
    message,
    ocr,
    own_words,
    pages,
    scans,
    sniff,
)
from parsers.checks import Check, check, written_date
from parsers.dkim_proof import Keys
from parsers.formats.html import read_html
from parsers.formats.plain import read_text
from parsers.same_blank import Days, own
from parsers.types import (
    Doubt,
    Empty,
    Encrypted,
    Form,
    Large,
    Message,
    OverLimit,
    ParserError,
    Part,
    PartRead,
)

WITH_OCR = "+ocr"
SMALL_INLINE_BYTES = 20 * 1024
SHORTEST_TYPED_FORM = 40
"""Characters: a shorter text holds no form's labels and values."""
LONGEST_CAPTION = 120
"""Characters beside a picture in a document: with more, the document itself is the answer."""
BODY = "body"
_TYPES = {"image": "image/*", "video": "video/*", "audio": "audio/*"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a reader has before it: the blank forms, and each form's checks by its key.

    `arrived_on` is the day of arrival for checks with a date; without it the form's own
    date (填报日期) is taken. `years` are those of the forms' campaigns, for dates that name none.
    """

    forms: tuple[Form, ...]
    checks: Mapping[str, tuple[Check, ...]] = field(default_factory=dict)
    years: Mapping[str, int] = field(default_factory=dict)
    days: Mapping[str, Days] = field(default_factory=dict)
    """First and last day of the forms' campaigns: they part those with the same blank."""
    subject: str = ""
    arrived_on: date | None = None
    keys: Keys = field(default_factory=dict)
    """DKIM keys, from a file: parsers ask no server."""
    ocr: bool = True
    """Whether scans are read where the extra is installed; else they wait for a person."""
    scans_gave_up: bool = False
    """Whether this mail's pictures brought its readers down before: they are let alone now."""


def version(desk: Desk) -> str:
    """Which reader gives the outcomes: the same bytes may read otherwise by another."""
    return READER_VERSION + (WITH_OCR if desk.ocr and ocr.is_installed() else "")


def read(content: bytes, name: str | None, desk: Desk) -> PartRead:
    """How this file ends, with all that stands in it. Never raises on foreign bytes."""
    return _read(content, name, desk, containers.Budget())


def read_message(raw: bytes, desk: Desk) -> tuple[Message, tuple[PartRead, ...]]:
    """A mail and the outcomes of its attachments and inline files."""
    mail = message.parse(raw)
    desk = replace(desk, subject=mail.subject or "")
    return mail, _parts(mail, desk, containers.Budget())


def _read(content: bytes, name: str | None, desk: Desk, budget: containers.Budget) -> PartRead:
    kind = sniff.kind(content)
    found = _by_kind(kind, content, name, desk, budget)
    return replace(
        found,
        name=name,
        size=len(content),
        sha256=_sha256(content),
        content_type=found.content_type or _TYPES.get(kind),
        kind=kind,
    )


def _by_kind(
    kind: str, content: bytes, name: str | None, desk: Desk, budget: containers.Budget
) -> PartRead:
    try:
        if kind == "empty":
            raise Empty("empty")
        if kind == "encrypted":
            raise Encrypted("encrypted")
        if kind == "owner_file":
            # ~$name.docx: Word's note that somebody had the file open
            return PartRead(name, "ignored", doubts=(Doubt.of("owner_file", name or ""),))
        if kind == "mac_resource":
            # RFC 1740: a Mac's icon and the like, under the name of the file beside it
            return PartRead(name, "ignored", doubts=(Doubt.of("mac_resource", name or ""),))
        if kind in containers.MEMBERS:
            return _container(kind, content, name, desk, budget)
        if kind == "eml":
            with budget.in_mail():
                parts = _parts(message.parse(content), desk, budget)
            return PartRead(name, "mail", parts=parts)
        if kind == "image":
            images.size(content)
            return _scan((content,), content, name, desk, budget)
        if kind in ("video", "audio"):
            return PartRead(name, "material")
        return _document(content, name, desk, budget)
    except ParserError as e:
        doubt = Doubt.of(e.code, name or "", **e.facts)
        return PartRead(name, e.outcome, doubts=(doubt,))


def _document(content: bytes, name: str | None, desk: Desk, budget: containers.Budget) -> PartRead:
    """A document: no form, one form, or several; a picture put into it may be the form."""
    document = formats.read(content)
    found = interpret.interpret(document, desk.forms, name)
    pictures = tuple(p.content for p in document.images)
    # of a PDF only whole pages are kept as pictures, elsewhere logos and photos too
    is_caption = document.format == "pdf" or len(found[0].text) < LONGEST_CAPTION
    if pictures and found[0].form is None and is_caption:
        scan = _scan(pictures, content, name, desk, budget)
        if found[0].outcome == "scan_unread" or scan.form is not None or scan.parts:
            return scan
    stamp = None if desk.scans_gave_up else scans.has_stamp(pictures)
    return replace(_together(found, name, desk), stamp=stamp)


def _scan(
    pictures: Sequence[bytes],
    content: bytes,
    name: str | None,
    desk: Desk,
    budget: containers.Budget,
) -> PartRead:
    """Pictures of a file that may be pages of a form, as far as this mail's share of reading
    goes."""
    if budget.pictures_left <= 0:
        doubt = Doubt.of("pages_not_read", name or "", pages=len(pictures))
        found: tuple[PartRead, ...] = (PartRead(name, "scan_unread", doubts=(doubt,)),)
    elif desk.scans_gave_up:
        doubt = Doubt.of("scan_gave_up", name or "")
        return PartRead(name, "scan_unread", doubts=(doubt,))
    elif not desk.ocr:
        found = (PartRead(name, "scan_unread"),)
    else:
        scanned = scans.read(pictures, desk.forms, name)
        found = scanned.parts
        if scanned.looks:
            budget.seen[_sha256(content)] = scanned.looks
    budget.pictures_left -= len(pictures)
    return replace(_together(found, name, desk), stamp=scans.has_stamp(pictures))


def _together(found: Sequence[PartRead], name: str | None, desk: Desk) -> PartRead:
    """The forms of one file: one as it is, several as parts (`name#1`, `name#2`)."""
    found = tuple(_checked(p, desk) for p in found)
    if len(found) == 1:
        return found[0]
    numbered = tuple(replace(p, name=f"{name or ''}#{i}") for i, p in enumerate(found, start=1))
    return PartRead(name, "container", parts=numbered, text=numbered[0].text)


def _checked(part: PartRead, desk: Desk) -> PartRead:
    """Adds the soft doubts of the campaign's checks to a reading, once that campaign is known."""
    part = _of_its_campaign(part, desk)
    if part.reading is None or part.form is None or part.outcome != "form":
        return part
    year = desk.years.get(part.form.key)
    doubts = check(
        part.reading,
        part.form,
        desk.checks.get(part.form.key, ()),
        on=desk.arrived_on,
        year=year,
    )
    dated = {f.key for f in part.form.fields if f.kind == "date"}
    values = tuple(dates.in_year(v, year) if v.field in dated else v for v in part.reading.values)
    reading = replace(part.reading, values=values, doubts=(*part.reading.doubts, *doubts))
    return replace(part, reading=reading)


def _of_its_campaign(part: PartRead, desk: Desk) -> PartRead:
    """Of several campaigns with the same blank the one that is meant."""
    if part.form is None:
        return part
    written = written_date(part.reading, part.form) if part.reading else None
    words = f"{desk.subject} {part.name or ''}"
    form = own(part.form, desk.forms, desk.days, written, desk.arrived_on, words)
    if form is part.form:
        return part
    reading = replace(part.reading, form=form.key) if part.reading else None
    return replace(part, form=form, reading=reading)


def _container(
    kind: str, content: bytes, name: str | None, desk: Desk, budget: containers.Budget
) -> PartRead:
    members = containers.MEMBERS[kind](content, budget)
    with budget.deeper():
        parts = tuple(_member(m, desk, budget) for m in members)
    return PartRead(name, "container", parts=_pages_joined(parts, desk, budget))


def _member(member: containers.Member, desk: Desk, budget: containers.Budget) -> PartRead:
    if member.content is None:
        return PartRead(member.name, member.outcome, doubts=member.doubts)
    found = _read(member.content, member.name, desk, budget)
    return replace(found, doubts=(*found.doubts, *member.doubts))


def _parts(mail: Message, desk: Desk, budget: containers.Budget) -> tuple[PartRead, ...]:
    parts = tuple(_part(p, desk, budget) for p in mail.parts)
    return (*_pages_joined(parts, desk, budget), *_typed(mail, desk))


def _pages_joined(
    parts: tuple[PartRead, ...], desk: Desk, budget: containers.Budget
) -> tuple[PartRead, ...]:
    """The parts, pages of one form that came one by one put together."""
    found = pages.joined(parts, budget.seen, desk.forms)
    return tuple(
        new if new is old else _checked(new, desk) for old, new in zip(parts, found, strict=True)
    )


def _typed(mail: Message, desk: Desk) -> tuple[PartRead, ...]:
    """A form pasted or typed into the mail itself, as parts named `body`; what the mail
    quotes below (our own reminder, say) is not the sender's."""
    for found in _bodies(mail, desk):
        forms = tuple(p for p in found if p.outcome == "form")
        if forms:
            return tuple(
                replace(_checked(p, desk), name=BODY, content_type="text/plain", kind="text")
                for p in forms
            )
    return ()


def _bodies(mail: Message, desk: Desk) -> Iterator[tuple[PartRead, ...]]:
    own = own_words.own_html(mail.html) if mail.html else ""
    for read_body, body in ((read_html, own), (read_text, own_words.own(mail.text))):
        if len(body) < SHORTEST_TYPED_FORM:
            continue
        try:
            yield interpret.interpret(read_body(body), desk.forms, BODY)
        except ParserError:
            # an empty or oversize body is no form; the mail's own text is kept anyway
            continue


def _part(part: Part, desk: Desk, budget: containers.Budget) -> PartRead:
    if part.inline and _is_image(part) and len(part.content) < SMALL_INLINE_BYTES:
        # signatures and logos: an inline picture under 20 KB is no page of a form
        return _filed(part, "ignored", Doubt.of("inline_picture", part.name or part.path))
    if part.large is not None:
        return _unloaded(part, part.large)
    if part.content_type == "message/partial":
        return _filed(part, "damaged", Doubt.of("mail_partial", part.name or part.path))
    if len(part.content) > limits.PART_IN_MEMORY_BYTES:
        e = OverLimit("part_too_large", size=len(part.content))
        return _filed(part, e.outcome, Doubt.of(e.code, part.name or part.path, **e.facts))
    found = _read(part.content, part.name, desk, budget)
    return replace(found, content_type=part.content_type)


def _unloaded(part: Part, large: Large) -> PartRead:
    """A part too large to load: a film is material, anything else waits for a person."""
    is_film = sniff.kind(large.head) in ("video", "audio")
    doubt = Doubt.of("part_too_large", part.name or part.path, size=large.size)
    return PartRead(
        part.name,
        "material" if is_film else "over_limit",
        doubts=() if is_film else (doubt,),
        content_type=part.content_type,
        size=large.size,
        sha256=large.sha256,
    )


def _filed(part: Part, outcome: str, doubt: Doubt) -> PartRead:
    return PartRead(
        part.name,
        outcome,  # type: ignore[arg-type]
        doubts=(doubt,),
        content_type=part.content_type,
        size=len(part.content),
        sha256=_sha256(part.content),
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_image(part: Part) -> bool:
    return sniff.kind(part.content) == "image"


def desk_for(forms: Sequence[Form]) -> Desk:
    """A desk with these blanks and no checks."""
    return Desk(tuple(forms))
