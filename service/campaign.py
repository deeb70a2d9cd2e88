"""A campaign folder (活动文件夹) as one validated value.

`parse` is pure: file names and bytes in, Campaign out, or a ConfigError that lists every
fault by file, line or key. Reading the folder from disk is service/settings.py's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from parsers import blank as blanks
from parsers import formats
from parsers.checks import Check, CheckError, verify
from parsers.types import ParserError
from service import raw_campaign as raw
from service import roster, tables, words
from service.errors import ConfigError, Problem
from service.types import (
    BlankForm,
    Campaign,
    Deadline,
    Material,
    Quote,
    ReportTime,
    ScoreRule,
    Staff,
    Stage,
    Unit,
)

FILE = "campaign.toml"


def parse(slug: str, files: Mapping[str, bytes]) -> Campaign:
    """The campaign that the folder's files describe."""
    missing = [n for n in (FILE, roster.FILE) if n not in files]
    if missing:
        raise ConfigError(tuple(_problem(n, "", "no_file") for n in missing))
    table = tables.parse(files[FILE], raw.RawCampaign, FILE)
    units = roster.parse(files[roster.FILE])
    problems = [*_doubles(table), *_loose_ends(table, units), *_order(table)]
    forms = _forms(table.form, files, problems)
    checks = _checks(table.check, forms, problems)
    if problems:
        raise ConfigError(tuple(problems))
    return Campaign(
        slug=slug,
        title=table.title,
        issuer=table.issuer,
        notice=table.notice,
        starts=table.starts,
        closes=table.closes,
        mailbox=table.mailbox.lower(),
        staff=_staff(table.staff),
        forms=forms,
        deadlines=tuple(_deadline(d) for d in table.deadline),
        stages=tuple(Stage(**dict(s)) for s in table.chase.stage),
        office_hours=table.chase.office_hours,
        units=units,
        materials=tuple(Material(**dict(m)) for m in table.material),
        checks=checks,
        reports=tuple(ReportTime(**dict(r)) for r in table.desk.report),
        digest_at=table.desk.digest_at,
        slogans=_lines(files.get("slogans.txt", b"")),
        roll_rest_days=table.chase.roll_rest_days,
        rest_days=table.chase.rest_days,
        work_days=table.chase.work_days,
        correction_words=table.chase.correction_words,
        score=ScoreRule(**dict(table.score)),
    )


def paper(
    files: Mapping[str, bytes],
) -> tuple[tuple[BlankForm, ...], tuple[tuple[str, Check], ...]]:
    """Only the forms and checks of a folder: what reading a file by hand needs (no roster)."""
    if FILE not in files:
        raise ConfigError((_problem(FILE, "", "no_file"),))
    table = tables.parse(files[FILE], raw.RawCampaign, FILE)
    problems: list[Problem] = []
    forms = _forms(table.form, files, problems)
    checks = _checks(table.check, forms, problems)
    if problems:
        raise ConfigError(tuple(problems))
    return forms, checks


def _staff(table: raw.RawStaff) -> Staff:
    return Staff(
        section=table.section,
        contact=table.contact,
        phone=table.phone,
        addresses=tuple(a.lower() for a in table.addresses),
        head=tuple(a.lower() for a in table.head),
    )


def _deadline(table: raw.RawDeadline) -> Deadline:
    given = dict(table)
    quotes = tuple(Quote(**dict(q)) for q in given.pop("quote"))
    return Deadline(quotes=quotes, **given)


def _forms(
    tables_: Iterable[raw.RawForm], files: Mapping[str, bytes], problems: list[Problem]
) -> tuple[BlankForm, ...]:
    out = []
    for table in tables_:
        where = f"form（{table.key}）.blank"
        if table.blank not in files:
            problems.append(_problem(FILE, where, "no_blank", got=table.blank))
            continue
        try:
            form = blanks.derive(formats.read(files[table.blank]), table.key)
        except ParserError as e:
            problems.append(_problem(table.blank, "", "bad_blank", detail=str(e)))
            continue
        given = dict(table)
        given.pop("blank")
        suffix = PurePosixPath(table.blank).suffix
        content = files[table.blank]
        out.append(BlankForm(file_name=table.name + suffix, content=content, form=form, **given))
        problems.extend(_unknown_labels(out[-1]))
    return tuple(out)


def _unknown_labels(blank: BlankForm) -> Iterator[Problem]:
    known = {f.key for f in (*blank.form.header, *blank.form.fields)}
    for key in ("unit_field", "date_field", "person_field", "phone_field"):
        label = getattr(blank, key)
        if label and label not in known:
            where = f"form（{blank.key}）.{key}"
            yield _problem(FILE, where, "no_label", got=label, known="、".join(sorted(known)))


def _checks(
    tables_: Iterable[raw.RawCheck], forms: Iterable[BlankForm], problems: list[Problem]
) -> tuple[tuple[str, Check], ...]:
    known = {blank.key: blank.form for blank in forms}
    out = []
    for number, table in enumerate(tables_, start=1):
        try:
            check = Check(
                when=table.when or "", expect=table.expect, before=table.before, say=table.say
            )
            if table.form in known:
                verify(check, known[table.form])
        except CheckError as e:
            problems.append(_problem(FILE, f"check[{number}]", "bad_check", detail=str(e)))
            continue
        out.append((table.form, check))
    return tuple(out)


def _doubles(table: raw.RawCampaign) -> Iterator[Problem]:
    for name, items in (
        ("form", table.form),
        ("deadline", table.deadline),
        ("material", table.material),
        ("chase.stage", table.chase.stage),
    ):
        keys = [i.key for i in items]
        for key in sorted({k for k in keys if keys.count(k) > 1}):
            yield _problem(FILE, f"{name}（{key}）", "double_key", got=key)


def _loose_ends(table: raw.RawCampaign, units: tuple[Unit, ...]) -> Iterator[Problem]:
    """Keys that name nothing."""
    forms = {f.key for f in table.form}
    materials = {m.key for m in table.material}
    deadlines = {d.key for d in table.deadline}
    named = {u.id for u in units} | {u.kind for u in units if u.kind}
    for d in table.deadline:
        where = f"deadline（{d.key}）"
        if (d.form is None) == (d.material is None):
            yield _problem(FILE, where, "form_or_material")
        if d.form is not None and d.form not in forms:
            yield _problem(FILE, f"{where}.form", "unknown_key", got=d.form)
        if d.material is not None and d.material not in materials:
            yield _problem(FILE, f"{where}.material", "unknown_key", got=d.material)
        for unit in d.units:
            if unit not in named:
                yield _problem(FILE, f"{where}.units", "unknown_unit", got=unit)
    for i, c in enumerate(table.check, start=1):
        if c.form not in forms:
            yield _problem(FILE, f"check[{i}].form", "unknown_key", got=c.form)
    for i, r in enumerate(table.desk.report, start=1):
        for key in (r.deadline, *r.also):
            if key not in deadlines:
                yield _problem(FILE, f"desk.report[{i}]", "unknown_key", got=key)


def _order(table: raw.RawCampaign) -> Iterator[Problem]:
    """Times that contradict each other."""
    if table.starts > table.closes:
        yield _problem(FILE, "closes", "closes_before_starts")
    for d in table.deadline:
        where = f"deadline（{d.key}）"
        if not d.opens_at < d.remind_by <= d.late_after:
            yield _problem(FILE, where, "times_out_of_order")


def _lines(content: bytes) -> tuple[str, ...]:
    return tuple(s.strip() for s in content.decode("utf-8-sig").splitlines() if s.strip())


def _problem(file: str, where: str, code: str, **facts: object) -> Problem:
    return Problem(file, where, words.say("config", code, facts))
