"""A door that stays shut is left in peace, across restarts, and staff hear of it once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.arrivals import MailboxAuthRefused, MailboxError, MailboxTimeout
from service.knocking import Knocking, Refusal, refusal
from service.store import Store
from service.types import Campaign
from tests.service.facts import when
from tests.service.machines import Office, office, short

REFUSED = MailboxAuthRefused("Login fail. Account is abnormal")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "baosong.db")
    yield made
    made.close()


def knocking(store: Store, chance: float = 0.0) -> Knocking:
    return Knocking(store, lambda: chance)


def test_an_open_door_may_be_knocked_at(store: Store) -> None:
    assert knocking(store).rest(when("06-08 09:00")) is None
    knocking(store).opened(when("06-08 09:00"))

    assert refusal(store) is None


def test_a_lost_connection_rests_for_seconds_and_then_minutes(store: Store) -> None:
    lost = MailboxTimeout("no answer")
    for minute in range(4):
        knocking(store).failed(lost, when(f"06-08 09:0{minute}"))

    assert knocking(store).rest(when("06-08 09:04")) is not None
    assert knocking(store).rest(when("06-08 09:05")) is None


@pytest.mark.parametrize("chance", [0.0, 0.99])
def test_a_refused_login_rests_a_quarter_of_an_hour_in_words(store: Store, chance: float) -> None:
    said = knocking(store, chance).failed(REFUSED, when("06-08 09:00"))

    resting = knocking(store).rest(when("06-08 09:14"))
    assert said.startswith("IMAP_AUTH_REFUSED 邮箱拒绝登录")
    assert resting is not None
    assert resting.startswith(said)
    assert "以后再试" in resting
    assert knocking(store).rest(when("06-08 09:23")) is None


def test_a_success_forgets_the_failures(store: Store) -> None:
    for _ in range(5):
        knocking(store).failed(REFUSED, when("06-08 09:00"))
    knocking(store).opened(when("06-08 12:00"))
    knocking(store).failed(REFUSED, when("06-08 13:00"))

    assert knocking(store).rest(when("06-08 13:15")) is None


def test_a_refusal_lasts_from_the_first_to_the_first_success(store: Store) -> None:
    said = knocking(store).failed(REFUSED, when("06-08 09:00"))
    knocking(store).failed(REFUSED, when("06-08 09:20"))
    knocking(store).failed(MailboxTimeout("x"), when("06-08 10:20"))
    during = refusal(store)
    knocking(store).opened(when("06-08 10:40"))
    knocking(store).opened(when("06-08 10:45"))

    assert during == Refusal(when("06-08 09:00"), None, said)
    assert refusal(store) == Refusal(when("06-08 09:00"), when("06-08 10:40"), said)


# -- the whole service ------------------------------------------------------------


@pytest.fixture
def here(few: Campaign, tmp_path: Path) -> Iterator[Office]:
    """The morning of 8 June with three units that filed nothing of that day."""
    with office(few, tmp_path, "06-07 08:00", words=short) as made:
        made.tick()
        made.tick("06-08 08:50")
        made.gone.clear()
        yield made


def refuse(here: Office, error: MailboxError | None = REFUSED) -> None:
    here._mailbox_without_sent.error = error


def test_a_refused_login_is_tried_once_in_a_quarter_of_an_hour(here: Office) -> None:
    refuse(here)
    first = here.tick("06-08 09:00")
    looks = here._mailbox_without_sent.looks
    for minute in (1, 5, 10, 14):
        here.restart()
        done = here.tick(f"06-08 09:{minute:02}")

    assert here._mailbox_without_sent.looks == looks
    assert (first.looked.complete, done.looked.complete) == (False, False)
    assert first.problem is not None
    assert done.problem is not None
    assert done.problem.startswith(first.problem)

    here.tick("06-08 09:30")
    assert here._mailbox_without_sent.looks == looks + 1


def test_staff_hear_once_of_the_refusal_and_once_of_its_end(here: Office) -> None:
    refuse(here)
    for time in ("09:00", "09:05", "09:30", "10:30"):
        here.tick(f"06-08 {time}")
    refused = here.sent("alert")
    refuse(here, None)
    for time in ("14:10", "14:15", "14:20"):
        here.tick(f"06-08 {time}")
        here.restart()

    kinds = [k.split("/")[1] for k in here.sent("alert")]
    assert sorted(k.split("/")[1] for k in refused) == ["auth_refused", "no_look"]
    assert sorted(kinds) == ["auth_refused", "no_look", "recovered"]
    assert len(here.sent()) == 3


def test_a_second_refusal_is_told_again(here: Office) -> None:
    for time, error in (("09:00", REFUSED), ("09:30", None), ("14:00", REFUSED), ("14:30", None)):
        refuse(here, error)
        here.tick(f"06-08 {time}")

    kinds = [k.split("/")[1] for k in here.sent("alert")]
    assert kinds.count("auth_refused") == kinds.count("recovered") == 2


def test_an_old_recovery_is_not_told_to_a_new_campaign(here: Office) -> None:
    refuse(here)
    here.shut_smtp()
    here.tick("06-08 09:00")
    refuse(here, None)
    here.tick("06-08 09:30")
    here.shut_smtp(False)
    here.tick("06-10 09:00")

    assert not [k for k in here.sent("alert") if "recovered" in k]


def test_a_clock_that_was_set_back_does_not_keep_the_door_shut(store: Store) -> None:
    """A machine whose clock woke up a year ahead."""
    knocking(store).failed(REFUSED, when("06-08 09:00") + timedelta(days=365))

    assert knocking(store).rest(when("06-08 09:01")) is None
