#!/usr/bin/env python3
"""The front door of Baosong 报送: finds the command and gives its exit code."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from service.errors import ServiceError

COMMANDS = {
    "backup": "keeping",
    "campaign": "campaigning",
    "decide": "deciding",
    "demo": "playing",
    "doctor": "checking",
    "export": "keeping",
    "forget": "forgetting",
    "form": "reading",
    "import": "importing",
    "init": "checking",
    "preview": "showing",
    "read": "reading",
    "replay": "importing",
    "report": "showing",
    "restore": "keeping",
    "serve": "watching",
    "status": "showing",
    "tick": "watching",
    "units": "units",
}
"""Each command and its module in service/commands, loaded when it is called: `read` needs no
mail server, and its child processes start the sooner."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"service.commands.{COMMANDS[cmd_name]}")
        # a function cannot be called `import`; it bears an underscore, as others may
        found = getattr(module, f"{cmd_name}_", None) or getattr(module, cmd_name)
        command: click.Command = found
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--settings", help="Settings file; default: settings.toml here, then /etc/baosong.")
@click.pass_context
def main(context: click.Context, settings: str | None) -> None:
    """Baosong: collects the forms of a notice by mail, knows who is late, reports."""
    context.obj = settings


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
    rest: list[str] = []
    found: list[str] = []
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
