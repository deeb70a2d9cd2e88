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
from service.errors import Busy, DoorShut, ServiceError
from service.lock import sole_writer
from service.watching import Sign, Watch, keep_logs, notify


@click.command()
@click.pass_obj
def tick(given: str | None) -> int:
    """Make one pass: look, read, send what is due. For cron."""
    settings = say.settings(given)
    keep_logs([settings_.secret(settings)], logging.WARNING)
    try:
        with sole_writer(settings.data), machine(settings, SystemClock()) as m:
            watch = Watch(settings.data, SystemClock())
            try:
                done = m.daemon.tick()
            except ServiceError as e:
                watch.passed(Sign(problem=str(e)))
                raise
            sign = Sign(done.looked.complete, done.looked.new, done.read, done.sent, done.problem)
            watch.passed(sign)
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
    settings = say.settings(given)
    keep_logs([settings_.secret(settings)])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    clock = SystemClock()
    with sole_writer(settings.data), machine(settings, clock) as m:
        click.echo("已启动。")
        notify("READY=1")
        m.daemon.serve(settings.raw.look_seconds, stop, Watch(settings.data, clock))
        notify("STOPPING=1")
    click.echo("已停止。")
    return 0
