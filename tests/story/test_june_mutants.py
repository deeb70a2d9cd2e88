"""The first week of the month on lists: right as it is, and red under each mutant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from service import chase, ledger
from service.assembly import running
from service.clock import MovingClock, SystemClock
from service.store import Store
from service.types import LedgerCell
from service.workdays import Workdays
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.story import playing

WEEK = "0608"


def _played(folder: Path, until: str) -> list[tuple[str, str, str]]:
    """What left up to that day (MMDD)."""
    settings, campaign, mails = playing.set_up(folder)
    box, post = ListMailbox(), ListPostman()
    evening = f"2021-{until[:2]}-{until[2:]} 23:00"
    playing.play(settings, campaign, mails, (box, post), box.deliver, evening, remember=True)
    return playing.letters((p.recipients, p.content) for p in post.posted)


def test_the_short_june_is_right_without_a_mutant(tmp_path: Path) -> None:
    playing.check(_played(tmp_path / "june", WEEK), WEEK)


def _twice(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Store.change_letter

    def forgetful(self: Store, key: str, **changes: object) -> None:
        if changes.get("state") == "sent":
            changes |= {"state": "queued", "sent_at": None}
        real(self, key, **changes)

    monkeypatch.setattr(Store, "change_letter", forgetful)


def _on_rest_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workdays, "is_working", lambda self, day: True)


def _after_the_return(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ledger._cell

    def forgetful(*given: object) -> LedgerCell | None:
        cell = real(*given)  # type: ignore[arg-type]
        return None if cell is not None and cell.state == "reported" else cell

    monkeypatch.setattr(ledger, "_cell", forgetful)


@pytest.mark.parametrize(
    ("mutant", "until"), [(_twice, "0603"), (_on_rest_days, "0605"), (_after_the_return, "0603")]
)
def test_a_mutant_turns_the_table_red(
    mutant: Callable[[pytest.MonkeyPatch], None],
    until: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    mutant(monkeypatch)
    chase._steps.cache_clear()  # what the sound calendar worked out must not save the mutant

    with pytest.raises(AssertionError, match="left, expected"):
        playing.check(_played(tmp_path / "june", until), until)

    chase._steps.cache_clear()


def test_the_shipped_campaign_is_silent_today(tmp_path: Path) -> None:
    """Under today's real clock for a simulated week not one letter leaves for a unit."""
    settings, campaign, mails = playing.set_up(tmp_path / "today")
    box, post = ListMailbox(), ListPostman()
    clock = MovingClock(SystemClock().now())
    for mail in mails[:5]:
        box.deliver(mail.raw, clock.now())
    with running(settings, (campaign,), box, post, clock) as machine:
        for _ in range(7 * 8):
            clock.move_to(clock.now() + timedelta(hours=3))
            machine.daemon.tick()
        kept = machine.store.mail_facts(clock.now())

    assert len(kept) == 5
    assert post.posted == []
