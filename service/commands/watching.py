"""`serve` and `tick`: the service itself, as a daemon or as one pass for cron."""

from __future__ import annotations

import logging
import signal
import threading

import click

from service import settings as settings_
from service.assembly import machine
from service.clock import SystemClock
from service.commands import say
from service.errors import Busy, DoorShut
from service.lock import sole_writer


@click.command()
@click.pass_obj
def tick(given: str | None) -> int:
    """Make one pass: look, read, send what is due. For cron."""
    settings = say.settings(given)
    settings_.secret(settings)
    try:
        with sole_writer(settings.data), machine(settings, SystemClock()) as m:
            done = m.daemon.tick()
    except Busy as e:
        # DESIGN section 6: a tick beside a daemon says so and gives 0
        click.echo(str(e))
        return 0
    click.echo(f"新来件 {done.looked.new} 封，读出 {done.read} 封，发出 {done.sent} 封。")
    if done.looked.found:
        click.echo(f"每日核对：邮箱里另有 {done.looked.found} 封来信先前没有记录，已补取。")
    if done.problem:
        raise DoorShut("DOOR_SHUT", detail=done.problem)
    return 0


@click.command()
@click.pass_obj
def serve(given: str | None) -> int:
    """Run until told to stop (SIGTERM)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = say.settings(given)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with sole_writer(settings.data), machine(settings, SystemClock()) as m:
        click.echo("已启动。")
        m.daemon.serve(settings.raw.look_seconds, stop)
    click.echo("已停止。")
    return 0
