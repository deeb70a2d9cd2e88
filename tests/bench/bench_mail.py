"""Mails a second from a private Dovecot: ours beside what is possible and what others do.

`python -m tests.bench.bench_mail [MAILS]`. The limit of durable intake is a raw fetch, one
fsynced file and one committed row a mail; ours does that, and reads the message too.
Memory and the idle look are measured at 100 and at 10,000 mails.
"""

from __future__ import annotations

import imaplib
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
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
FEW, MANY = 100, 10_000
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
    database.execute("create table mails (uid integer primary key, path text)")
    client = server.client(user)
    count = 0
    for batch in batches(client):
        for raw in batch:
            count += 1
            with (folder / str(count)).open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            database.execute("insert into mails values (?, ?)", (count, str(count)))
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
    for sha256, _ in store.pending():
        count += bool(message.parse(archive.get(sha256)).parts)
    box.close()
    store.close()
    return count


# -- memory and the idle look: each in a process of its own ------------------------------------


def alone(port: int, user: str) -> None:
    """Prints the peak of memory of a first look, and the median of idle looks after it."""
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
    print(peak, statistics.median(took))


def examining(server: PrivateDovecot, user: str) -> float:
    """The server's own share of an idle look: seconds of one EXAMINE."""
    client = server.client(user)
    took = []
    for _ in range(IDLE_LOOKS):
        started = time.perf_counter()
        client.select("INBOX", readonly=True)
        took.append(time.perf_counter() - started)
    client.logout()
    return statistics.median(took)


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


def rates(server: PrivateDovecot, user: str, count: int) -> dict[str, float]:
    """Mails a second of each way, one after the other on the same mailbox."""
    found: dict[str, float] = {}
    for name, way in WAYS:
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        started = time.perf_counter()
        done = way(server, user, folder)
        found[name] = count / (time.perf_counter() - started)
        shutil.rmtree(folder)
        assert done == count, (name, done)
    return found


def main(count: int) -> int:
    if not is_installed():
        print("dovecot-imapd is not installed")
        return 0
    users = dict.fromkeys(("warm", "box", "few", "many"), PASSWORD)
    with PrivateDovecot(users) as server:
        for user, mails, distinct in (("warm", 50, 50), ("few", FEW, FEW), ("many", MANY, 500)):
            fill(server, user, mails, distinct)
        size = fill(server, "box", count, count)
        rates(server, "warm", 50)  # imports and first connections
        found = rates(server, "box", count)
        few, many = measured_alone(server, "few"), measured_alone(server, "many")
    return report(found, size, count, few, many)


def report(
    found: dict[str, float],
    size: int,
    count: int,
    few: Alone,
    many: Alone,
) -> int:
    limit = found["limit: raw fetch + fsynced file + row"]
    table = Table(
        "way", "mails/s", "of the limit", title=f"{count} form mails of {size / 1000:.0f} KB"
    )
    for name, rate in found.items():
        table.add_row(name, f"{rate:.0f}", f"{rate / limit:.2f}")
    beside = Table("mails in the mailbox", "peak memory", "idle look", "of it the server's EXAMINE")
    for mails, (peak, idle, examine) in ((FEW, few), (MANY, many)):
        times = (f"{idle * 1000:.1f} ms", f"{examine * 1000:.1f} ms")
        beside.add_row(f"{mails}", f"{peak:.0f} MB", *times)
    console = Console()
    console.print(table)
    console.print(beside)
    held = (
        found["baosong: fetch, keep, message read"] >= LEAST_OF_LIMIT * limit,
        many[0] - few[0] <= MOST_GROWTH_MB,
        many[1] <= MOST_IDLE_SECONDS,
    )
    return 0 if all(held) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        alone(int(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
