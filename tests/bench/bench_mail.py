"""Mails a second from a private Dovecot: ours beside what is possible and what others do.

`python -m tests.bench.bench_mail [MAILS]`. The limit of durable intake is a raw fetch, one
fsynced file and one committed row a mail; ours does that, and reads the message too.
Memory and the idle look are measured at 100 and at 10,000 mails.
"""

from __future__ import annotations

import imaplib
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import imap_tools
from rich.console import Console
from rich.table import Table

from parsers import message
from service import demo_paper
from service.archive import Archive
from service.clock import SystemClock
from service.intake import Intake
from service.mailbox import Mailbox, MailboxConfig
from service.moments import moment
from service.store import Store
from tests.fakes.dovecot import PrivateDovecot, is_installed

FORM = Path(__file__).parents[1] / "specimens" / "forms" / "f2_u1.docx"
COUNT = 2_000
BOXES = 8
WARM = 200
FEW, MANY = 100, 10_000
DISTINCT = 500
"""Of the many, so many have bytes of their own: the others are known copies."""
BATCH = 50
PASSWORD = "authcode"
LEAST_OF_LIMIT = 0.5
MOST_IDLE_SECONDS = 0.050
MOST_GROWTH_MB = 30
IDLE_LOOKS = 20

Alone = tuple[float, float, float]
Way = Callable[[PrivateDovecot, str, Path], int]


def form_mail(number: int) -> bytes:
    """A unit's mail of some 59 KB with its filled form, unlike every other."""
    text = f"第{number}单位报送。\n" + "安全生产月活动进展情况统计表见附件，请查收。\n" * 55
    return demo_paper.mail(
        ("王小明", f"u{number}@units.example"),
        "box@qq.example",
        f"第{number}单位安全生产月进展情况统计表",
        moment("2021-06-08 09:00"),
        text,
        [(f"第{number}单位进展情况统计表.docx", FORM.read_bytes())],
    )


def fill(server: PrivateDovecot, user: str, count: int, distinct: int) -> int:
    """Puts mails into the user's Maildir before anybody looks; the size of one."""
    folder = server.base / "mail" / user / "Maildir" / "cur"
    for path in (folder, folder.parent / "new", folder.parent / "tmp"):
        path.mkdir(parents=True, exist_ok=True)
    raw = b""
    for number in range(count):
        path = folder / f"{1_600_000_000 + number}.{number}.bench:2,"
        if number < distinct:
            raw = form_mail(number)
            path.write_bytes(raw)
        else:
            path.hardlink_to(
                folder / f"{1_600_000_000 + number % distinct}.{number % distinct}.bench:2,"
            )
    if os.getuid() == 0:
        owner = server.base.stat()
        top = server.base / "mail" / user
        for path in (top, *top.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
    return len(raw)


# -- the ways to fetch --------------------------------------------------------------------


def batches(client: imaplib.IMAP4) -> Iterator[list[bytes]]:
    """Raw bodies in batches, as fast as imaplib hands them over."""
    client.select("INBOX", readonly=True)
    (found,) = client.uid("SEARCH", "ALL")[1]
    uids = found.split()
    for start in range(0, len(uids), BATCH):
        some = b",".join(uids[start : start + BATCH]).decode()
        items = client.uid("FETCH", some, "(UID BODY.PEEK[])")[1]
        yield [item[1] for item in items if isinstance(item, tuple)]


def raw_fetch(server: PrivateDovecot, user: str, folder: Path) -> int:
    client = server.client(user)
    count = sum(len(batch) for batch in batches(client))
    client.logout()
    return count


def durable(server: PrivateDovecot, user: str, folder: Path) -> int:
    """The least that durable intake can do: one fsynced file and one committed row a mail."""
    database = sqlite3.connect(folder / "rows.db", isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table if not exists mails (user text, uid integer, path text)")
    client = server.client(user)
    count = 0
    for batch in batches(client):
        for raw in batch:
            count += 1
            path = folder / f"{user}-{count}"
            with path.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            database.execute("insert into mails values (?, ?, ?)", (user, count, path.name))
    client.logout()
    database.close()
    return count


def imap_tools_loop(server: PrivateDovecot, user: str, folder: Path) -> int:
    """imap-tools as its README shows it: nothing kept, subject and attachments touched."""
    count = 0
    with imap_tools.MailBoxUnencrypted("127.0.0.1", server.imap_port).login(user, PASSWORD) as box:
        for mail in box.fetch(mark_seen=False):
            count += bool(mail.subject and [a.payload for a in mail.attachments])
    return count


def service(port: int, user: str, folder: Path) -> tuple[Mailbox, Archive, Store, Intake]:
    """Our intake on this account."""
    config = MailboxConfig("127.0.0.1", port, user, PASSWORD, ("INBOX",), tls=False)
    box, archive, store = Mailbox(config), Archive(folder / "raw"), Store(folder / "baosong.db")
    workers: Any = None  # messages are read here, without forms
    return box, archive, store, Intake(user, box, archive, store, workers, SystemClock())


def ours(server: PrivateDovecot, user: str, folder: Path) -> int:
    """Fetched, kept (file, then row), and each message read from what was kept."""
    box, archive, store, intake = service(server.imap_port, user, folder)
    looked = intake.look()
    assert looked.complete, looked
    count = 0
    for sha256, at in store.pending():
        count += bool(message.parse(archive.get(sha256)).parts)
        store.save_reading(sha256, {}, (), False, "bench", at)
    box.close()
    store.close()
    return count


# -- memory and the idle look: each in a process of its own ------------------------------------


def alone(port: int, user: str) -> None:
    """Prints the peak of memory of a first look, and the quickest of idle looks after it."""
    os.fsync = lambda _: None  # the disk is not what is measured here
    with tempfile.TemporaryDirectory() as folder:
        box, _, store, intake = service(port, user, Path(folder))
        store._db.conn.execute("pragma synchronous=off")
        assert intake.look().complete
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        took = []
        for _ in range(IDLE_LOOKS):
            started = time.perf_counter()
            looked = intake.look()
            took.append(time.perf_counter() - started)
            assert looked.complete
            assert looked.new == 0
        box.close()
        store.close()
    print(peak, min(took))


def examining(server: PrivateDovecot, user: str) -> float:
    """The server's own share of an idle look: seconds of one EXAMINE."""
    client = server.client(user)
    took = []
    for _ in range(IDLE_LOOKS):
        started = time.perf_counter()
        client.select("INBOX", readonly=True)
        took.append(time.perf_counter() - started)
    client.logout()
    return min(took)


def measured_alone(server: PrivateDovecot, user: str) -> Alone:
    """Peak MB, seconds of an idle look, seconds of it that are the server's."""
    command = [sys.executable, "-m", "tests.bench.bench_mail", "--alone"]
    done = subprocess.run(
        [*command, str(server.imap_port), user], capture_output=True, text=True, check=True
    )
    peak, idle = done.stdout.split()
    return float(peak), float(idle), examining(server, user)


# -- the run -----------------------------------------------------------------------------------

WAYS: tuple[tuple[str, Way], ...] = (
    ("raw fetch", raw_fetch),
    ("limit: raw fetch + fsynced file + row", durable),
    ("imap-tools, plain fetch loop", imap_tools_loop),
    ("baosong: fetch, keep, message read", ours),
)


def rates(
    server: PrivateDovecot, boxes: Sequence[str], each: int, folders: dict[str, Path]
) -> dict[str, float]:
    """Mails a second of each way. The ways take turns box by box, so that what else the
    machine does meanwhile is shared by all; each has one folder for all boxes."""
    seconds = dict.fromkeys(folders, 0.0)
    for box in boxes:
        for name, way in WAYS:
            started = time.perf_counter()
            done = way(server, box, folders[name])
            seconds[name] += time.perf_counter() - started
            assert done == each, (name, done)
    return {name: each * len(boxes) / taken for name, taken in seconds.items()}


def main(count: int) -> int:
    if not is_installed():
        print("dovecot-imapd is not installed")
        return 0
    boxes = [f"box{n}" for n in range(BOXES)]
    users = dict.fromkeys(("warm", *boxes, "few", "many"), PASSWORD)
    with PrivateDovecot(users) as server, tempfile.TemporaryDirectory() as top:
        folders = {name: Path(tempfile.mkdtemp(dir=top)) for name, _ in WAYS}
        fill(server, "warm", WARM, WARM)
        size = max(fill(server, box, count // BOXES, count // BOXES) for box in boxes)
        rates(server, ["warm"], WARM, folders)  # imports, folders, first connections
        found = rates(server, boxes, count // BOXES, folders)
        held = show_rates(found, f"{count} form mails of {size / 1000:.0f} KB")
        fill(server, "few", FEW, FEW)
        fill(server, "many", MANY, DISTINCT)
        few, many = measured_alone(server, "few"), measured_alone(server, "many")
    return 0 if show_alone(few, many) and held else 1


def show_rates(found: dict[str, float], title: str) -> bool:
    """Prints the ways side by side; whether ours is fast enough."""
    limit = found["limit: raw fetch + fsynced file + row"]
    table = Table("way", "mails/s", "of the limit", title=title)
    for name, rate in found.items():
        table.add_row(name, f"{rate:.0f}", f"{rate / limit:.2f}")
    Console().print(table)
    return found["baosong: fetch, keep, message read"] >= LEAST_OF_LIMIT * limit


def show_alone(few: Alone, many: Alone) -> bool:
    """Prints memory and idle looks; whether both stay as they are when the mailbox grows."""
    table = Table(
        "mails in the mailbox", "peak memory", "idle look, quickest", "of it the server's EXAMINE"
    )
    for mails, (peak, idle, examine) in ((FEW, few), (MANY, many)):
        times = (f"{idle * 1000:.1f} ms", f"{examine * 1000:.1f} ms")
        table.add_row(f"{mails}", f"{peak:.0f} MB", *times)
    Console().print(table)
    return many[0] - few[0] <= MOST_GROWTH_MB and many[1] <= MOST_IDLE_SECONDS


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        alone(int(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
