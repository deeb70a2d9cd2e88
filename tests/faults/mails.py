"""What stood in the bureau's mailbox at nine on 8 June: made with the demo's paper."""

from __future__ import annotations

import re

from service import demo_story
from service.demo_story import Incoming
from tests.faults.bureau import CAMPAIGN, NINE
from tests.service.facts import when
from tests.service.report import stories


def _mails() -> tuple[Incoming, ...]:
    """Two liaison forms and the progress form of one unit: the two others still owe theirs."""
    players = demo_story.players(stories.load(), demo_story.load())
    told = {unit: players[unit] for unit in ("dongchen", "dingyan")}
    writer = demo_story._Writer(CAMPAIGN, told)
    every = (m for p in told.values() for m in writer.regular(p) if m.when <= when(NINE))
    return tuple(Incoming(m.when, _wired(m.raw)) for m in every)


def _wired(raw: bytes) -> bytes:
    """As it travels, and as Dovecot gives it back."""
    return re.sub(rb"\r?\n", b"\r\n", raw)


MAILS = _mails()
PHONES = ("139-0000-0004", "139-0000-0005")
