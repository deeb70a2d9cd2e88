"""`demo`: the whole service shown on a month of made-up mail."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import rich.progress

from service import demo as demos
from service import words
from service.clock import SystemClock


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out/demo"),
    help="Folder to leave it in.",
)
def demo(out: Path) -> int:
    """Play June 2021 on servers of its own and tell the story."""
    clock = SystemClock()
    begun = clock.now()
    with rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TaskProgressColumn(),
        console=rich.console.Console(stderr=True),
    ) as bar:
        task = bar.add_task(words.say("demo", "starting"), total=1.0)

        def show(done: float, now: datetime, mails: int, letters: int) -> None:
            facts = {"now": f"{now:%m-%d %H:%M}", "mails": mails, "letters": letters}
            bar.update(task, completed=done, description=words.say("demo", "playing", facts))

        played = demos.play(out, show)
    for text in demos.told(played.outlook):
        click.echo(text)
    _doubts(played)
    seconds = (clock.now() - begun).total_seconds()
    facts = {"mails": played.mails, "letters": played.letters, "seconds": f"{seconds:.0f}"}
    click.echo(words.say("demo", "done", facts))
    click.echo(words.say("demo", "try", {"folder": out}))
    return 0


def _doubts(played: demos.Played) -> None:
    hard = [d for d in played.outlook.ledger.doubts if not d.soft]
    click.echo(words.say("demo", "doubts", {"count": len(hard)}))
    for d in hard:
        unit = played.outlook.campaign.unit(d.unit).name if d.unit else "—"
        click.echo(f"　　{unit}：{words.doubt(d.code, (('where', d.where), *d.facts))}")
