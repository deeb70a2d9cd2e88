#!/usr/bin/env python3
"""The front door of Baosong 报送: finds the command and gives its exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from service.commands.deciding import decide
from service.commands.playing import demo
from service.commands.reading import read
from service.commands.showing import preview, report, status
from service.commands.watching import serve, tick
from service.errors import ServiceError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--settings", help="Settings file; default: settings.toml here, then /etc/baosong.")
@click.pass_context
def main(context: click.Context, settings: str | None) -> None:
    """Baosong: collects the forms of a notice by mail, knows who is late, reports."""
    context.obj = settings


for command in (decide, demo, preview, read, report, serve, status, tick):
    main.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Runs one command; `--settings FILE` may stand anywhere (DESIGN section 6)."""
    try:
        code = main(args=_settings_first(arguments), standalone_mode=False)
    except click.ClickException as e:
        e.show()
        return 2
    except click.Abort:
        return 130
    except ServiceError as e:
        click.echo(str(e), err=True)
        return e.exit_code
    return int(code or 0)


def _settings_first(arguments: Sequence[str]) -> list[str]:
    rest, found = [], []
    words = iter(arguments)
    for word in words:
        if word == "--settings":
            found = [word, *([value] if (value := next(words, None)) is not None else [])]
        elif word.startswith("--settings="):
            found = [word]
        else:
            rest.append(word)
    return [*found, *rest]


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
