"""One pass: look, read, decide, send; a failed one is survived, a stop is obeyed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
import schedule

from service import status
from service.outlook import survey
from service.types import Campaign
from tests.service.facts import when
from tests.service.machines import Office, office, short


@pytest.fixture
def here(few: Campaign, tmp_path: Path) -> Iterator[Office]:
    with office(few, tmp_path, "06-01 08:00", words=short) as made:
        made.tick()
        yield made


def test_a_bug_in_a_pass_costs_that_pass_only(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here.daemon, "_record_missed", lambda _: 1 / 0)
    here.daemon._guarded(lambda: False)

    monkeypatch.undo()
    assert here.tick("06-03 09:00").sent


def test_serving_ends_when_told_to(here: Office) -> None:
    stop = threading.Event()
    stop.set()

    here.daemon.serve(180, stop)

    assert here.gone == []


def test_a_machine_clock_that_is_set_back_does_not_stop_the_heartbeat(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()

    class SetBack(datetime):
        passed: ClassVar[list[bool]] = []

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) - timedelta(hours=1 if cls.passed else 0)

    def guarded(_: object) -> bool:
        SetBack.passed.append(True)
        if len(SetBack.passed) == 2:
            stop.set()
        return True

    known = SimpleNamespace(datetime=SetBack, timedelta=timedelta)
    monkeypatch.setattr(schedule, "datetime", known)
    monkeypatch.setattr(here.daemon, "_guarded", guarded)
    threading.Timer(2, stop.set).start()
    here.daemon.serve(180, stop)

    assert len(SetBack.passed) == 2


def test_a_mail_that_our_clock_has_not_reached_yet_is_here_all_the_same(here: Office) -> None:
    """The server's clock is ahead of ours: the return is in the mailbox, so no reminder."""
    here.files("06-04 09:04", "baipu", "liaison")
    here.tick("06-04 09:00")

    assert not [r for r in here.reminded() if r.startswith("baipu")]


def test_status_as_it_stood_then(here: Office) -> None:
    here.files("06-02 10:00", "baipu", "liaison")
    here.tick("06-03 09:00")
    here.files("06-05 10:00", "dongchen", "liaison")
    here.tick("06-07 09:00")

    then = status.table(survey(here.store, here.campaign, when("06-04 12:00"), as_of=True))
    cells = {u["id"]: u["cells"]["liaison"]["state"] for u in then["units"]}
    assert cells == {"baipu": "reported", "dongchen": "open", "dingyan": "open"}
    now = status.table(survey(here.store, here.campaign, when("06-07 09:01"), as_of=True))
    late = next(u for u in now["units"] if u["id"] == "dongchen")["cells"]["liaison"]
    assert (late["state"], late["days_late"], late["version"]) == ("late", 1, 1)
    liaison = next(d for d in now["deadlines"] if d["key"] == "liaison")
    assert (liaison["due"], liaison["received"], liaison["on_time"]) == (3, 2, 1)
    assert sum(then["letters"].values()) < sum(now["letters"].values())


def test_preview_of_a_past_moment_shows_what_was_due_then(here: Office) -> None:
    here.tick("06-03 09:00")
    here.tick("06-04 09:00")

    then = survey(here.store, here.campaign, when("06-03 09:00"), as_of=True)
    keys = sorted(w.key for w in then.wanted if w.kind == "reminder")
    assert keys == [f"reminder/{u}/liaison/eve" for u in ("baipu", "dingyan", "dongchen")]


def test_one_copy_of_the_same_bytes_counts_from_its_earliest_arrival(here: Office) -> None:
    here.files("06-05 10:00", "baipu", "liaison")
    here.files("06-04 10:00", "baipu", "liaison")
    here.tick("06-05 11:00")

    (filed,) = here.outlook().ledger.submissions
    assert filed.arrived_at == when("06-04 10:00")
    assert len(here.sent("receipt")) == 1


def test_a_new_uidvalidity_brings_nothing_twice(here: Office) -> None:
    here.files("06-02 10:00", "baipu", "liaison")
    here.tick("06-02 10:01")
    here._mailbox_without_sent.renumber()
    here.tick("06-02 10:10")

    assert len(here.outlook().ledger.submissions) == 1 and len(here.sent("receipt")) == 1


def test_a_corrected_reading_reaches_the_open_books(here: Office) -> None:
    """A mail read anew (replay) is filed anew in the same process."""
    here.files("06-02 10:00", "baipu", "liaison")
    here.tick("06-02 10:01")
    (sha,) = [m.sha256 for m in here.store.mail_facts()]
    here.store.save_reading(
        sha, {"from": "baipu@units.example"}, [], False, "2", when("06-02 10:05")
    )
    here.tick("06-02 10:06")

    assert here.outlook().ledger.cell("baipu", "liaison").state == "open"
    kept = here.daemon._kept[here.campaign.slug]
    assert survey(here.store, here.campaign, here.clock.now(), kept=kept).ledger.submissions == ()


def test_staff_are_told_of_units_without_address_once_a_day(few: Campaign, tmp_path: Path) -> None:
    bare = replace(few, units=tuple(replace(u, addresses=()) for u in few.units))
    with office(bare, tmp_path, "06-01 08:00", words=short) as here:
        here.tick()
        for at in ("06-03 09:00", "06-03 09:30", "06-04 09:00", "06-04 15:00"):
            here.tick(at)

        assert [g.at.day for g in here.gone if g.kind == "alert"] == [3, 4]
