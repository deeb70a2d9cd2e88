"""The only reader of a clock. Everything else gets `now` as an argument."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Protocol

from service.moments import ZONE


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock, in Asia/Shanghai."""

    def now(self) -> datetime:
        return datetime.now(ZONE)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class MovingClock:
    """A clock that is moved by hand: the demo's and the tests' June."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Nobody waits in a played month."""

    def move_to(self, when: datetime) -> None:
        if when < self._now:
            raise ValueError(f"the clock stands at {self._now}, later than {when}")
        self._now = when
