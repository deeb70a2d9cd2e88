"""The mailbox door at full size: 200 broken connections, 10,000 mails, a mail of 50 MB."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.arrivals import Arrived, MailboxError
from service.mailbox import Mailbox, MailboxConfig
from tests.fakes.dovecot import PrivateDovecot, is_installed
from tests.fakes.fault_proxy import Action, Fault, FaultProxy

pytestmark = [
    pytest.mark.proof,
    pytest.mark.real_server,
    pytest.mark.skipif(not is_installed(), reason="dovecot-imapd is not installed"),
]

USER = "gk@qq.example"
NINE = datetime(2021, 6, 8, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SMALL = os.environ.get("SIZE") == "ci"
POINTS = 60 if SMALL else 200
MAILS = 2_000 if SMALL else 10_000


@pytest.fixture
def dovecot() -> Iterator[PrivateDovecot]:
    with PrivateDovecot({USER: "code"}) as server:
        yield server


def config(port: int, seconds: float = 60.0) -> MailboxConfig:
    return MailboxConfig(
        "127.0.0.1", port, USER, "code", ("INBOX",), command_seconds=seconds, tls=False
    )


def fill(dovecot: PrivateDovecot, raws: Iterator[bytes]) -> None:
    client = dovecot.client(USER)
    for raw in raws:
        client.append("INBOX", None, '"08-Jun-2021 09:00:00 +0800"', raw)
    client.logout()


def test_connections_broken_at_many_points_lose_and_double_nothing(
    dovecot: PrivateDovecot,
) -> None:
    chance = random.Random(5)
    raws = [b"Subject: %d\r\n\r\n" % n + chance.randbytes(2_000).hex().encode() for n in range(12)]
    fill(dovecot, iter(raws))
    before = dovecot.flags(USER)
    actions: tuple[Action, ...] = ("reset", "close", "stall")
    with FaultProxy(dovecot.imap_port) as proxy:
        for point in range(POINTS):
            kept: list[Arrived] = []
            cursors: dict[tuple[str, int], int] = {}

            def keep(
                mail: Arrived,
                kept: list[Arrived] = kept,
                cursors: dict[tuple[str, int], int] = cursors,
            ) -> None:
                kept.append(mail)
                cursors[(mail.folder, mail.uidvalidity)] = mail.uid

            mailbox = Mailbox(config(proxy.port, 0.3))
            action = actions[point % 3] if point % 9 < 3 else actions[point % 2]
            proxy.fault = Fault(action, after_bytes=chance.randrange(20, 55_000))
            started = time.monotonic()
            for _ in range(3):
                try:
                    mailbox.look(cursors, keep)
                except MailboxError:
                    continue
                break
            mailbox.close()
            proxy.fault = None

            assert [m.raw for m in kept] == raws, f"point {point}"
            assert time.monotonic() - started < 3
    assert dovecot.flags(USER) == before


_CHILD = """
    import re, sys
    from pathlib import Path
    from service.archive import Archive
    from service.mailbox import Mailbox, MailboxConfig

    archive = Archive(Path(sys.argv[2]))
    mailbox = Mailbox(
        MailboxConfig("127.0.0.1", int(sys.argv[1]), "gk@qq.example", "code", ("INBOX",), tls=False)
    )
    sizes = []

    def keep(mail):
        chunks = mail.chunks if mail.chunks is not None else [mail.raw]
        sizes.append(archive.put_stream(chunks).size)

    mailbox.look({}, keep)
    mailbox.close()
    # VmHWM, not ru_maxrss: that one is inherited from the parent
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    print(len(sizes), max(sizes), peak // 1024)
"""


def _intake(dovecot: PrivateDovecot, folder: Path) -> tuple[int, int, int]:
    """(mails, largest, peak MB) of a process of its own that keeps everything."""
    count, largest, peak = map(int, _child(_CHILD, dovecot, folder).split())
    return count, largest, peak


def _child(code: str, dovecot: PrivateDovecot, folder: Path) -> str:
    """What a process of its own says."""
    file = folder.with_name(f"{folder.name}.py")
    file.write_text(f"if __name__ == '__main__':\n{textwrap.dedent(code)}".replace("\n", "\n    "))
    return subprocess.run(
        [sys.executable, str(file), str(dovecot.imap_port), str(folder)],
        cwd=Path(__file__).parent.parent.parent,
        env={**os.environ, "PYTHONPATH": "."},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=300,
    ).stdout


def test_a_mail_of_50_mb_keeps_the_process_small(dovecot: PrivateDovecot, tmp_path: Path) -> None:
    big = b"Subject: film\r\n\r\n" + (b"x" * 76 + b"\r\n") * 680_000
    fill(dovecot, iter([big]))
    count, largest, peak = _intake(dovecot, tmp_path)
    print(f"\na mail of {len(big) >> 20} MB: peak {peak} MB")

    assert (count, largest) == (1, len(big))
    assert peak < 150


_READER = """
    import re, sys
    from pathlib import Path
    from service.archive import Archive
    from service.clock import SystemClock
    from service.intake import Intake
    from service.mailbox import Mailbox, MailboxConfig
    from service.store import Store
    from service.workers import Workers, desk

    folder = Path(sys.argv[2])
    box = Mailbox(
        MailboxConfig("127.0.0.1", int(sys.argv[1]), "gk@qq.example", "code", ("INBOX",), tls=False)
    )
    store, archive = Store(folder / "baosong.db"), Archive(folder / "raw")
    with Workers(desk(()), processes=1, kept=folder / "raw") as workers:
        intake = Intake("gk@qq.example", box, archive, store, workers, SystemClock())
        assert intake.look().complete
        assert intake.read_pending() == 1
        peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    ((mail,),) = (store.mail_facts(),)
    print(len(mail.parts), mail.parts[0].outcome, peak // 1024)
"""


def test_a_mail_of_50_mb_is_fetched_kept_and_read_in_little_memory(
    dovecot: PrivateDovecot, tmp_path: Path
) -> None:
    """The film is read by a child; the service itself holds none of it."""
    film = b"\x00\x00\x00\x18ftypmp42" + random.Random(3).randbytes(37_000_000)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["Subject"] = "unit@units.example", "film"
    mail.set_content("see film")
    mail.add_attachment(film, "video", "mp4", filename="film.mp4")
    fill(dovecot, iter([mail.as_bytes()]))
    done = _child(_READER, dovecot, tmp_path)
    parts, outcome, peak = done.split()
    print(f"\na mail of {len(mail.as_bytes()) >> 20} MB fetched, kept and read: peak {peak} MB")

    assert (parts, outcome) == ("1", "material")
    assert int(peak) < 150


def test_many_known_mails_cost_neither_memory_nor_time(
    dovecot: PrivateDovecot, tmp_path: Path
) -> None:
    body = b"x" * 5_900 + b"\r\n"
    fill(dovecot, (b"Subject: %d\r\n\r\n" % n + body for n in range(100)))
    few = _intake(dovecot, tmp_path / "few")[2]
    fill(dovecot, (b"Subject: %d\r\n\r\n" % n + body for n in range(100, MAILS)))
    count, _, many = _intake(dovecot, tmp_path / "many")
    idle = _idle_look(dovecot)
    print(f"\nmemory for 100 mails {few} MB, for {count} mails {many} MB")
    print(f"idle look over {count} known mails: {idle * 1000:.1f} ms")

    assert count == MAILS
    assert many < few + 30
    assert idle < 0.05


def _idle_look(dovecot: PrivateDovecot) -> float:
    """Seconds of a look that finds nothing new."""
    mailbox = Mailbox(config(dovecot.imap_port))
    known = mailbox.uids("INBOX")
    assert known is not None
    cursors = {("INBOX", known[0]): max(known[1])}
    started = time.perf_counter()
    for _ in range(20):
        assert mailbox.look(cursors, lambda _: None).complete
    each = (time.perf_counter() - started) / 20
    mailbox.close()
    return each
