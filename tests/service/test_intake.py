"""Mail is kept in order: whatever ends a look, no mail is passed over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from service import intake
from service.archive import ArchiveError, Staged
from service.arrivals import Arrived, MailboxUnreachable
from service.errors import DoorShut
from service.types import Campaign
from tests.service.facts import when
from tests.service.machines import ACCOUNT, Office, minutes, office, short, wire

MAILS = 130


class Died(BaseException):
    """The process dies here."""


@pytest.fixture
def here(few: Campaign, tmp_path: Path) -> Iterator[Office]:
    """A mailbox with more mails than are committed at once."""
    with office(few, tmp_path, "06-07 08:00", words=short) as made:
        for number in range(MAILS):
            raw = wire((), "who@other.example", f"来信{number}")
            made._mailbox_without_sent.deliver(raw, when("06-07 07:00"))
        yield made


def break_at(here: Office, count: int, error: BaseException) -> None:
    """The disk takes so many mails more and then this happens, once."""
    real, left = here.shelf.stage, [count]

    def stage(chunks: Iterable[bytes]) -> Staged:
        if not left[0]:
            here.shelf.stage = real  # type: ignore[method-assign]
            raise error
        left[0] -= 1
        return real(chunks)

    here.shelf.stage = stage  # type: ignore[method-assign]


def rows(here: Office) -> list[int]:
    """UIDs that another process sees."""
    with sqlite3.connect(here.folder / "baosong.db") as other:
        return [uid for (uid,) in other.execute("select uid from mails order by uid")]


def test_rows_are_committed_together_and_all_at_the_end(here: Office) -> None:
    seen: list[int] = []
    box = here._mailbox_without_sent
    deliver = box.mails["INBOX"]
    real = here.intake._keep

    def keep(mail: Arrived) -> None:
        real(mail)
        seen.append(len(rows(here)))

    here.intake._keep = keep  # type: ignore[method-assign]
    looked = here.intake.look()

    assert looked.new == len(rows(here)) == len(deliver) == MAILS
    assert sorted(set(seen)) == [0, intake.AT_ONCE, 2 * intake.AT_ONCE]


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 129])
def test_a_death_in_a_look_loses_nothing(here: Office, count: int) -> None:
    break_at(here, count, Died())
    with pytest.raises(Died):
        here.intake.look()
    kept = rows(here)
    here.restart()
    here.intake.look()

    assert kept == list(range(1, len(kept) + 1))
    assert rows(here) == list(range(1, MAILS + 1))


@pytest.mark.parametrize("count", [1, 60])
def test_a_full_disk_and_a_lost_connection_lose_nothing(here: Office, count: int) -> None:
    break_at(here, count, ArchiveError("DISK_WRITE", "full"))
    with pytest.raises(DoorShut):
        here.intake.look()
    break_at(here, count, MailboxUnreachable("gone"))
    broken = here.intake.look()

    assert not broken.complete
    assert len(rows(here)) == 2 * count
    here.clock.move_to(here.clock.now() + minutes(5))
    assert here.intake.look().complete
    assert rows(here) == list(range(1, MAILS + 1))


def test_a_skipped_mail_never_stands_before_unkept_ones(here: Office) -> None:
    here._mailbox_without_sent.poison = {("INBOX", 20)}
    break_at(here, 25, Died())
    with pytest.raises(Died):
        here.intake.look()

    assert rows(here) == list(range(1, 21))
    assert here.store.skipped(ACCOUNT) == [("INBOX", 1, 20)]


@pytest.mark.parametrize(("sender", "ours"), [(ACCOUNT, True), ("dongchen@units.example", False)])
def test_ours_is_only_what_comes_from_our_own_address(
    few: Campaign, tmp_path: Path, sender: str, ours: bool
) -> None:
    """A unit's server may mark a reply automatic; the token in its subject is our reminder's."""
    with office(few, tmp_path, "06-07 08:00", words=short) as made:
        made.tick()
        made.tick("06-07 09:01")
        reminder = made.gone[-1]
        marked = [["Auto-Submitted", "auto-generated"]]
        made.arrive(
            "06-07 09:05", sender=sender, subject=f"回复：〔{reminder.token}〕", headers=marked
        )
        made.tick("06-07 09:06")

        assert [m.ours for m in made.store.mail_facts()] == [ours]
