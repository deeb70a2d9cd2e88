"""`read` and `form`: what stands in a file or a blank, judged by paper alone; they need no
settings and no roster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from parsers import blank as blanks
from parsers import formats
from parsers.checks import Check
from parsers.read import Desk
from parsers.types import Form, ParserError
from service import campaign as campaigns
from service import settings, words
from service.commands import say
from service.errors import DoorShut, UsageError
from service.workers import WorkerFailed, Workers

_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts")
_FONTS = ("NotoSansCJK-Regular.ttc", "NotoSansSC*.otf", "wqy-*.ttc", "uming.ttc", "simsun.ttc")
_SURE = ("form", "material", "container", "mail", "ignored")
_MAY_BE_A_RETURN = ("material", "scan_unread", "damaged", "encrypted", "over_limit", "unsupported")
_FIELD_KEYS = ("label", "unit", "raw", "value", "state", "approx", "margin", "guess", "evidence")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line and file.")
@click.option(
    "--campaign", type=click.Path(path_type=Path), help="Campaign folder to read against."
)
@click.option("--form", "blank", type=click.Path(path_type=Path), help="One blank to read against.")
@click.option("--picture", type=click.Path(path_type=Path), help="Draw page and values as PNG.")
def read(
    files: tuple[Path, ...],
    as_json: bool,
    campaign: Path | None,
    blank: Path | None,
    picture: Path | None,
) -> int:
    """Read filled forms and show what was understood."""
    if campaign and blank:
        raise click.UsageError("--campaign and --form exclude each other")
    if picture and len(files) != 1:
        raise click.UsageError("--picture draws one file")
    code = 0
    against = one_blank(blank) if blank else desk(campaign)
    with Workers(against, processes=1) as workers:
        for file in files:
            try:
                content = file.read_bytes()
            except OSError as e:
                click.echo(UsageError("FILE_UNREADABLE", file=file, detail=e.strerror), err=True)
                code = 2
                continue
            outcome = {"file": str(file), **_read(workers, content, file.name)}
            (say.line if as_json else show)(outcome)
            code = max(code, int(needs_person(outcome)))
            if picture:
                _draw(workers, content, file.name, picture)
    return code


@click.command()
@click.argument("blank", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def form(blank: Path, as_json: bool) -> int:
    """Show the fields derived from a blank form."""
    derived = one_blank(blank).forms[0]
    names = ("key", "label", "kind", "unit", "options", "limit", "columns")
    rows = [{n: getattr(f, n) for n in names} for f in derived.fields]
    if as_json:
        listed = [{**r, "options": list(r["options"]), "columns": list(r["columns"])} for r in rows]
        say.line({"title": derived.title, "fields": listed})
        return 0
    click.echo(derived.title)
    for f in derived.header:
        click.echo(words.say("form", "header", {"label": f.label}))
    shown = [[_told(r[n]) for n in names] for r in rows]
    say.rows([[words.say("form", n) for n in names], *shown])
    return 0


def _told(thing: object) -> str:
    if isinstance(thing, tuple | list):
        return "、".join(thing)
    return "" if thing is None else str(thing)


def one_blank(file: Path) -> Desk:
    """A desk with the form of this one blank; its key is the file's name."""
    try:
        content = file.read_bytes()
    except OSError as e:
        raise UsageError("FILE_UNREADABLE", file=file, detail=e.strerror) from e
    try:
        return Desk((blanks.derive(formats.read(content), file.stem),))
    except ParserError as e:
        said = words.doubt(e.code, e.facts)
        raise UsageError("NO_BLANK_FIELDS", file=file, detail=said) from e


def _draw(workers: Workers, content: bytes, name: str, out: Path) -> None:
    try:
        out.write_bytes(workers.draw(content, name, _font()))
    except WorkerFailed as e:
        raise UsageError("NOT_DRAWN", file=name, detail=e.detail or e.kind) from e
    except OSError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e


def _font() -> bytes:
    """A font with Chinese, wherever the system keeps one."""
    for folder in _FONT_FOLDERS:
        for pattern in _FONTS:
            found = sorted(Path(folder).expanduser().rglob(pattern))
            if found:
                return found[0].read_bytes()
    raise UsageError("NO_FONT", fonts="、".join(_FONTS))


def desk(folder: Path | None) -> Desk:
    """The forms and checks of one campaign folder, or of all that are shipped."""
    folders = [folder] if folder else sorted(p for p in settings.SHIPPED.iterdir() if p.is_dir())
    forms: list[Form] = []
    checks: dict[str, tuple[Check, ...]] = {}
    for each in folders:
        blanks, every = campaigns.paper(settings.folder_files(each))
        for blank in blanks:
            forms.append(blank.form)
            checks[blank.key] = tuple(c for key, c in every if key == blank.key)
    return Desk(tuple(forms), checks)


def _read(workers: Workers, content: bytes, name: str) -> dict[str, Any]:
    try:
        return contract(workers.read_file(content, name), top=True)
    except WorkerFailed as e:
        doubt = {"code": f"worker_{e.kind}", "where": name, "facts": {}}
        return contract({"name": name, "outcome": "damaged", "doubts": [doubt]}, top=True)


def contract(part: Mapping[str, Any], top: bool = False) -> dict[str, Any]:
    """A worker's outcome as the object of DESIGN section 6, doubts with their sentences."""
    fields = part.get("fields") or {}
    labels = {key: f.get("label", key) for key, f in fields.items()}
    out: dict[str, Any] = {
        "outcome": part["outcome"],
        "form": (part.get("form") or "").rpartition("/")[2] or None,
        "score": part.get("score", 0.0),
        "margin": part.get("margin", 0.0),
        "header": part.get("header") or {},
        "fields": {key: _field(f) for key, f in fields.items()},
        "doubts": [_doubt(d, labels) for d in part.get("doubts") or ()],
    }
    if not top:
        about = {k: part.get(k) for k in ("name", "content_type", "size", "sha256")}
        out = {**about, **out}
    if part.get("mail") is not None:
        out["mail"] = _mail(part["mail"], part.get("parts") or [])
    if "parts" in part:
        out["parts"] = [contract(p) for p in part["parts"]]
    return out


def _mail(m: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mail of the contract. Without a roster nobody is verified: a single sender is
    unknown, anything else has failed."""
    proof = (m.get("proof") or {}).get("verdict")
    known = m["from"] is not None and proof not in ("fail", "forged")
    heard = known and m["automatic"] is None
    brought = m["nil"] or bool(m["links"]) or any(_brings(p) for p in parts)
    return {
        **{k: m[k] for k in ("from", "from_name", "subject", "date", "text", "automatic", "nil")},
        "counted": brought and heard,
        "answerable": heard,
        "trust": "unknown" if known else "failed",
        "links": m["links"],
    }


def _brings(part: Mapping[str, Any]) -> bool:
    """Whether a part is a return or may be one."""
    if part["outcome"] in ("form", *_MAY_BE_A_RETURN):
        return True
    return any(_brings(p) for p in part.get("parts") or ())


def _field(f: Mapping[str, Any]) -> dict[str, Any]:
    if "records" in f:
        return {k: f[k] for k in ("label", "kind", "columns", "records")}
    return {k: f[k] for k in _FIELD_KEYS if k in f}


def _doubt(d: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    where = str(d["where"])
    label = labels.get(where, where.removeprefix("header/"))
    said = words.doubt(d["code"], {"where": where, "label": label, **(d.get("facts") or {})})
    return {"code": d["code"], "where": where, "said": said}


def needs_person(outcome: Mapping[str, Any]) -> bool:
    """Whether somebody should look: an outcome that is no reading, or any doubt."""
    if outcome["outcome"] not in _SURE or outcome["doubts"]:
        return True
    return any(needs_person(p) for p in outcome.get("parts") or ())


def show(outcome: Mapping[str, Any], indent: str = "") -> None:
    """The outcome as a person reads it."""
    name = outcome.get("file") or outcome.get("name") or ""
    form = f"，{outcome['form']}" if outcome["form"] else ""
    score = f"，符合度 {outcome['score']:.2f}，领先 {outcome['margin']:.2f}" if form else ""
    click.echo(f"{indent}{name}：{words.say('outcome', outcome['outcome'])}{form}{score}")
    for text in _lines(outcome):
        click.echo(f"{indent}  {text}")
    for part in outcome.get("parts") or ():
        show(part, indent + "  ")


def _lines(outcome: Mapping[str, Any]) -> Iterator[str]:
    for label, text in outcome["header"].items():
        yield f"{label}：{text}"
    for key, f in outcome["fields"].items():
        name = key if key == f["label"] else f"{key} {f['label']}"
        yield f"{name}：{_value(f)}"
    yield from _doubts(outcome["doubts"])


def _value(f: Mapping[str, Any]) -> str:
    if "records" in f:
        return words.say("receipt", "records", {"count": len(f["records"])})
    shown = _told(f["value"])
    about = "约" if f["approx"] else ""
    value = f"{about}{shown}{f['unit'] if shown else ''}"
    return f"{value}　〔{words.say('state', f['state'])}〕 原文“{f['raw']}”"


def _doubts(doubts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for d in doubts:
        yield f"！{d['where']}：{d['said']}（{d['code']}）"
