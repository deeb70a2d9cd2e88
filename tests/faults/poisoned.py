"""A service that is fed with poison, as a process of its own: prints how it fared, as JSON.

python -m tests.faults.poisoned FOLDER GOOD KIND…

The poison acts in the reading child, where a reader's own bug would: the children are given a
`work` that does what the mail says before it reads it.
"""

from __future__ import annotations

import ctypes
import io
import json
import logging
import re
import sys
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NoReturn

from parsers import scans
from service import watching, workers
from service.outlook import survey
from service.store import Store
from service.types import MailFact
from service.workers import Bounds, Workers
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.faults.bureau import CAMPAIGN, CODE, NINE, Place, bureau
from tests.faults.mails import MAILS, PHONES
from tests.service.facts import when

SPECIMENS = Path(__file__).parents[1] / "specimens"
_MARK = re.compile(rb"poison=(\w+)")
_CELLS = f"<w:tbl>{('<w:tr>' + '<w:tc><w:p/></w:tc>' * 400 + '</w:tr>') * 400}</w:tbl>"
_BOUNDS = Bounds(seconds=4, memory_bytes=900 * 1024 * 1024)


def _hang() -> NoReturn:
    while True:
        pass


def _native_hang() -> None:
    """Inside C and with the interpreter's lock: no Python signal handler ever runs."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def _segfault() -> None:
    ctypes.string_at(0)


def _memory() -> NoReturn:
    kept = []
    while True:
        kept.append(bytearray(32 * 1024 * 1024))


def _error() -> NoReturn:
    """A bug that puts what the mail says, and a secret, into its message."""
    raise ValueError(f"cannot read {PHONES[0]} of x@units.example, code {CODE}")


POISONS: Mapping[str, Callable[[], object]] = {
    "hang": _hang,
    "native_hang": _native_hang,
    "segfault": _segfault,
    "memory": _memory,
    "error": _error,
    "picture": lambda: None,  # its pictures kill whoever decodes them
    "cells": lambda: None,  # the real one: its file is the poison
}


def poisonous(task: Any) -> dict[str, Any]:
    found = _MARK.search(task.content) if task.kind == "mail" else None
    if found:
        POISONS[found[1].decode()]()
    whole = scans.has_stamp
    if found and found[1] == b"picture":
        scans.has_stamp = lambda _: _segfault()  # type: ignore[assignment,return-value]
    try:
        return workers._outcome(task)
    finally:
        scans.has_stamp = whole


def poison(kind: str) -> bytes:
    """A mail that does that to whoever reads it, from a unit that may have filed."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "baipu@units.example", kind
    mail.set_content(f"poison={kind} {PHONES[0]}")
    if kind == "picture":
        form, scan = (SPECIMENS / "forms" / "f2_u1.docx", SPECIMENS / "scans" / "liaison-a-1.png")
        mail.add_attachment(form.read_bytes(), "application", "octet-stream", filename="表.docx")
        mail.add_attachment(scan.read_bytes(), "image", "png", filename="盖章件.png")
    if kind == "cells":
        mail.add_attachment(
            _far_too_many_cells(), "application", "octet-stream", filename="表.docx"
        )
    return mail.as_bytes()


def _far_too_many_cells() -> bytes:
    target = io.BytesIO()
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{space}"><w:body>{_CELLS}</w:body></w:document>'
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", body)
    return target.getvalue()


def _good(number: int) -> bytes:
    return MAILS[number % len(MAILS)].raw.replace(b"\r\n", b"\r\nX-Number: %d\r\n" % number, 1)


def _deliver(box: ListMailbox, good: int, kinds: list[str]) -> None:
    """Each poison with good mails before and behind it."""
    gap = good // len(kinds)
    for number in range(good):
        box.deliver(_good(number), when(NINE))
        if number % gap == gap // 2:
            box.deliver(poison(kinds[number // gap]), when(NINE))


def _children() -> dict[int, str]:
    """Our child processes with their command lines."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            found[int(pid)] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return found


def _told(store: Store) -> dict[str, object]:
    outlook = survey(store, CAMPAIGN, when("06-08 09:30"))
    mails: dict[str, list[MailFact]] = {}
    for mail in outlook.ledger.mails:
        mails.setdefault(mail.state, []).append(mail)
    return {
        "states": {state: len(found) for state, found in mails.items()},
        "failed": sorted(m.subject for m in mails.get("failed", ())),
        "attempts": sorted({r["attempts"] for r in store.rows("readings") if r["error"]}),
        "doubts": sorted({d.code for d in outlook.ledger.doubts}),
        "alerts": [r.stage for r in outlook.letters if r.kind == "alert" and r.state == "sent"],
        "alert": [r["text"] for r in store.rows("letters") if r["stage"] == "unread"],
        "picture": {
            p.outcome: [d["code"] for d in p.read["doubts"]]
            for m in outlook.ledger.mails
            if m.subject == "picture"
            for p in m.parts
        },
        "cells": [p.outcome for m in outlook.ledger.mails if m.subject == "cells" for p in m.parts],
    }


def main(folder: Path, good: int, kinds: list[str]) -> None:
    watching.keep_logs([CODE], logging.DEBUG)
    box, post = ListMailbox(), ListPostman()
    _deliver(box, good, kinds)
    place = Place(folder, 0, 0, folder)
    made = Workers(workers.desk((CAMPAIGN,), ocr=False), 1, bounds=_BOUNDS, work=poisonous)
    with made as readers, bureau(place, box, post, readers) as here:
        here.tick(NINE)
        commands = " ".join(_children().values())
        here.tick("06-08 09:03")
        told = _told(here.store)
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert peak is not None
    left = [c for c in _children().values() if "resource_tracker" not in c]
    print(json.dumps({**told, "commands": commands, "left": left, "peak": int(peak[1]) // 1024}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
