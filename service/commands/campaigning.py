"""`campaign check` and `campaign new`: a campaign folder proved, and next year's made."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import click

from service import almanac, next_year, words
from service import campaign as campaigns
from service import settings as settings_
from service.commands import say
from service.errors import DoorShut, UsageError
from service.types import Campaign

NOTICE = "notice.txt"


@click.group("campaign")
def campaign() -> None:
    """Check a campaign folder; make next year's."""


@campaign.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Leave out the calendar.")
def check(folder: Path, quiet: bool) -> int:
    """Prove a campaign folder and draw its calendar. Exit code 1 if a person should look."""
    files = settings_.folder_files(folder)
    one = campaigns.parse(folder.resolve().name, files)
    click.echo(words.say("campaign_check", "title", {"title": one.title, "slug": one.slug}))
    for blank in one.forms:
        kinds = Counter(f.kind for f in blank.form.fields)
        listed = "、".join(f"{words.say('kind', k)}{n}" for k, n in kinds.items())
        facts = {"name": blank.name, "count": len(blank.form.fields), "kinds": listed}
        click.echo(words.say("campaign_check", "form", facts))
    about = {
        "units": len(one.units),
        "expected": len(one.expected),
        "deadlines": len(one.deadlines),
    }
    click.echo(words.say("campaign_check", "counts", about))
    if not quiet:
        for line in almanac.draw(one):
            click.echo(line)
    doubts = [*almanac.doubts(one), *_quotes(one, files)]
    for code, facts in doubts:
        click.echo("！" + words.say("campaign_check", code, facts))
    click.echo(
        words.say("campaign_check", "done" if not doubts else "look", {"count": len(doubts)})
    )
    return int(bool(doubts))


def _quotes(one: Campaign, files: dict[str, bytes]) -> list[tuple[str, dict[str, object]]]:
    if NOTICE not in files:
        return []
    notice = files[NOTICE].decode("utf-8-sig", errors="replace")
    return list(almanac.quotes_missing(one, notice))


@campaign.command()
@click.argument("year", type=click.IntRange(2000, 2100))
@click.option("--from", "source", required=True, help="Campaign to start from: slug or folder.")
@click.option("--shift", is_flag=True, help="Move its dates to that year.")
@click.option("--slug", help="Name of the new folder; default: the old one with the new year.")
@click.option("--into", type=click.Path(path_type=Path), help="Default: beside the live campaigns.")
@click.pass_obj
def new(
    given: str | None, year: int, source: str, shift: bool, slug: str | None, into: Path | None
) -> int:
    """Make next year's campaign from an older one and list what a person must check."""
    folder = _source(given, source)
    old = settings_.load_campaign(folder)
    name = slug or _renamed(old, year)
    target = (into or _live(given)) / name
    if target.exists():
        raise UsageError("CAMPAIGN_EXISTS", path=target)
    text = (folder / campaigns.FILE).read_text(encoding="utf-8-sig")
    done = next_year.shift(old, text, year) if shift else next_year.Shifted(text, ())
    _make(folder, target, done.text)
    click.echo(words.say("next_year", "made", {"folder": target}))
    for m in done.moved:
        facts = {
            "before": f"{m.before.remind_by:%Y-%m-%d}",
            "after": f"{m.after.remind_by:%Y-%m-%d}",
        }
        weekday = "一二三四五六日"[m.after.remind_by.weekday()]
        click.echo(words.say("next_year", "moved", {"name": m.after.name, "day": weekday, **facts}))
    click.echo(words.say("next_year", "check"))
    if not shift:
        click.echo("  □ " + words.say("next_year", "dates"))
    for code, about in next_year.to_check(old, done.moved):
        click.echo("  □ " + words.say("next_year", code, {"about": about}))
    click.echo(words.say("next_year", "then", {"folder": target}))
    return 0


def _source(given: str | None, source: str) -> Path:
    """A folder as it stands, else a live campaign, else a shipped example."""
    if Path(source).is_dir():
        return Path(source).resolve()
    live = {p.name: p for p in _campaign_folders(given)}
    shipped = {p.name: p for p in settings_.SHIPPED.iterdir() if p.is_dir()}
    known = shipped | live
    if source not in known:
        raise UsageError("CAMPAIGN_UNKNOWN", got=source, known="、".join(known))
    return known[source]


def _campaign_folders(given: str | None) -> tuple[Path, ...]:
    try:
        return say.settings(given).campaign_folders
    except UsageError:
        if given:
            raise
        return ()


def _live(given: str | None) -> Path:
    return say.settings(given).campaign_folders[0].parent


def _renamed(old: Campaign, year: int) -> str:
    name = re.sub(rf"(?<!\d){old.starts.year}(?!\d)", str(year), old.slug)
    return name if name != old.slug else f"{old.slug}-{year}"


def _make(folder: Path, target: Path, text: str) -> None:
    """A copy under another name first, so that a half-made campaign is never found."""
    making = target.with_name(f".making-{target.name}")
    try:
        shutil.rmtree(making, ignore_errors=True)
        shutil.copytree(folder, making, ignore=shutil.ignore_patterns(".*", "~$*"))
        (making / campaigns.FILE).write_text(text, encoding="utf-8")
        campaigns.parse(target.name, settings_.folder_files(making))
        making.rename(target)
    except OSError as e:
        raise DoorShut("DISK_SHUT", detail=str(e)) from e
    finally:
        shutil.rmtree(making, ignore_errors=True)
