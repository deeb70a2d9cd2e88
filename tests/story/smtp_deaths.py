"""A morning's letters through a real SMTP server on a bad day, the process killed at any step.

The child is forked after all imports and ends with kill -9 at its n-th act upon database or
network; what it left is taken up by a second life, and judged by what the server took.
"""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from service import envelope, status
from service.postman import Postman, PostmanConfig
from service.types import Campaign
from tests.fakes.faulty_smtp import FaultySmtp
from tests.faults.steps import Steps
from tests.service import facts
from tests.service.machines import ACCOUNT, SECRET, Office, office, short
from tests.service.report import stories

CODE = "authcode"
UNITS = ("baipu", "dingyan", "dongchen")
Script = tuple[tuple[str, str], ...]
"""(command, answer) pairs; see tests/fakes/faulty_smtp.py."""

_ANSWERS = {"421": "4.3.2 closing", "450": "4.7.1 later", "550": "5.7.1 refused"}
BEHAVIOURS: Mapping[str, Script] = {
    "well": (),
    "refused": (("CONNECT", "554 5.3.2 no service here"),),
    "login refused": (("AUTH", "535 Login fail"),),
    **{
        f"{code} at {command}": ((command, f"{code} {said}"),)
        for command in ("MAIL", "RCPT", "DATA", "BODY")
        for code, said in _ANSWERS.items()
    },
    "too fast": (("MAIL", "550 Connection frequency limited"),),
    "cut before DATA": (("DATA", "CUT"),),
    "cut at the final dot, not taken": (("BODY", "CUT"),),
    "cut after the final dot": (("DOT", "CUT"),),
    "stall after the final dot": (("DOT", "STALL"),),
    "partly refused": (("RCPT 2@", "550 5.1.1 no such user"),),
    "garbage at QUIT": (("QUIT", "\x00garbage"),),
    "slow": tuple((command, "SLOW:0.01") for command in ("MAIL", "RCPT", "DATA", "DOT")),
}
_ALWAYS = ("partly refused", "slow")
_LATER = ("06-08 09:03", "06-08 09:20", "06-08 10:00", "06-08 11:00", "06-08 11:50")


def _kill() -> None:
    """kill -9, by itself."""
    os.kill(os.getpid(), signal.SIGKILL)


def three() -> Campaign:
    """Three units; one of them has two addresses."""
    whole = facts.with_addresses(stories.load())
    units = (
        replace(u, addresses=(*u.addresses, f"{u.id}2@units.example")) if u.id == "baipu" else u
        for u in whole.units
        if u.id in UNITS
    )
    return replace(whole, units=tuple(units), reports=())


@dataclass(frozen=True, slots=True)
class Morning:
    """8 June, a minute before nine: three units owe their form. `before` is the database."""

    campaign: Campaign
    before: Path
    sink: FaultySmtp

    @classmethod
    def of(cls, folder: Path, sink: FaultySmtp) -> Morning:
        campaign = three()
        with office(campaign, folder, "06-01 08:00", words=short) as here:
            here.tick()
            for unit in UNITS:
                here.files("06-02 09:00", unit, "liaison")
            here.tick("06-02 09:01")
            here.tick("06-08 08:59")
        return cls(campaign, folder / "baosong.db", sink)

    def faults(self, name: str, last: int, folder: Path) -> list[str]:
        """What was said twice or kept secret when the process died at that step."""
        self._begin(name, folder)
        self.die(folder, last)
        self._quiet()
        with self._office(folder, "06-08 09:01") as here:
            for at in _LATER:
                here.tick(at)
            here.door.close()
            self._quiet()
            found = [*self._judge(here), *self._unsettled(here)]
        return [f"{name}, killed at {last}: {fault}" for fault in found]

    def steps(self, name: str, folder: Path) -> int:
        """How many acts a morning under that behaviour takes."""
        self._begin(name, folder)
        return self.die(folder, None)

    def die(self, folder: Path, last: int | None) -> int:
        """The pass of nine o'clock in a process of its own; how many acts it did, 0 if killed."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(writing, str(self._live(folder, last)).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as told:
            count = told.read()
        os.waitpid(child, 0)
        return int(count or 0)

    def _live(self, folder: Path, last: int | None) -> int:
        steps = Steps(last, torn=False, stop=_kill)
        steps.watch()
        with self._office(folder, "06-08 09:00") as here:
            here.tick()
            count = steps.count
            here.door.close()
        steps.last = None
        return max(count, steps.count)

    def _office(self, folder: Path, at: str) -> AbstractContextManager[Office]:
        config = PostmanConfig(
            "127.0.0.1", self.sink.port, ACCOUNT, CODE, "none", timeout_seconds=0.4
        )
        return office(self.campaign, folder, at, words=short, door=Postman(config))

    def _begin(self, name: str, folder: Path) -> None:
        folder.mkdir()
        shutil.copyfile(self.before, folder / "baosong.db")
        self.sink.clear()
        for command, answer in BEHAVIOURS[name]:
            verb, _, when = command.partition(" ")
            self.sink.script(verb, answer, when=when, times=-1 if name in _ALWAYS else 1)

    def _quiet(self) -> None:
        """Waits until every connection of the dead is closed: what was taken is final."""
        until = time.monotonic() + 5
        while any(p.transport is not None for p in list(self.sink._open)):
            assert time.monotonic() < until, "a connection stays open"
            time.sleep(0.001)

    def _taken(self) -> Counter[str]:
        subjects = (
            email.message_from_bytes(t.content, policy=email.policy.default)["Subject"]
            for t in self.sink.taken
        )
        return Counter(str(s).rpartition("〔")[2].rstrip("〕") for s in subjects)

    def _judge(self, here: Office) -> Iterator[str]:
        taken = self._taken()
        nine = facts.when("06-08 09:00")
        rows = [r for r in here.store.letters(self.campaign.slug) if r.queued_at >= nine]
        told, _ = here.store.settled(self.campaign.slug)
        times = {row.key: taken.pop(envelope.token(SECRET, row.key), 0) for row in rows}
        yield from (f"an unknown letter left: {mark}" for mark in taken)
        yield from (f"{key} left {n} times" for key, n in times.items() if n > 1)
        for row in rows:
            fate = (row.state, min(times[row.key], 1))
            if fate not in (("sent", 1), ("uncertain", 0), ("uncertain", 1), ("failed", 0)):
                yield f"{row.key} is {row.state}, at the server {times[row.key]}"
            flagged = row.kind == "alert" or f"alert/uncertain/{row.key}" in told
            if row.state == "uncertain" and not (flagged and status.needs_person(here.outlook())):
                yield f"{row.key} is uncertain and nobody was told"
        reminded = {r.unit for r in rows if r.kind == "reminder"}
        yield from (f"{unit} was not reminded" for unit in set(UNITS) - reminded)

    def _unsettled(self, here: Office) -> Iterator[str]:
        """Copies in Sent Messages settle what was uncertain, and only that."""
        taken = self._taken()
        for t in self.sink.taken:
            here.box.deliver(t.content, here.clock.now(), "Sent Messages")
        here.tick("06-08 11:55")
        here.door.close()
        for row in here.store.letters(self.campaign.slug, "uncertain"):
            if taken[row.token or ""]:
                yield f"{row.key} stands in Sent Messages and is still uncertain"
