"""Letters leave once, in time and true, whatever happens between deciding and the final dot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.outlook import survey
from service.postman import Delivery, PostmanAuthRefused, PostmanError
from service.types import Campaign
from tests.service import facts
from tests.service.machines import Office, minutes, office, short

DAY = "reminder/dongchen/progress-0608/day"
PHASES = ("begun", "mail", "rcpt", "data", "dot")


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def here(few: Campaign, tmp_path: Path) -> Iterator[Office]:
    """The morning of 8 June, everybody's liaison known, nobody's form in."""
    with office(few, tmp_path, "06-01 08:00", words=short) as made:
        made.tick()
        for unit in ("dongchen", "dingyan", "baipu"):
            made.files("06-02 09:00", unit, "liaison")
        made.tick("06-02 09:01")
        made.clock.move_to(facts.when("06-08 09:00"))
        made.gone.clear()
        yield made


def test_a_unit_missing_at_nine_is_reminded_and_one_that_filed_at_0859_is_not(here: Office) -> None:
    here.files("06-08 08:59", "dongchen")

    here.tick("06-08 09:00")

    assert here.reminded() == ["baipu progress-0608 day", "dingyan progress-0608 day"]


def test_the_call_goes_to_those_still_missing(here: Office) -> None:
    here.tick("06-08 09:00")
    here.files("06-08 11:00", "dongchen")
    here.tick("06-08 15:00")

    calls = [r for r in here.reminded() if r.endswith("call")]
    assert calls == ["baipu progress-0608 call", "dingyan progress-0608 call"]


def test_saying_it_twice_is_saying_it_once(here: Office) -> None:
    for minute in range(5):
        here.tick(f"06-08 09:0{minute}")
        here.restart()

    assert len(here.sent()) == len(set(here.sent())) == 3


def test_no_complete_look_no_reminder_but_one_alert(here: Office) -> None:
    here.shut_mailbox()
    for minute in range(5, 9):
        here.tick(f"06-08 09:0{minute}")

    assert here.sent() == []
    assert [k.split("/")[1] for k in here.sent("alert")] == ["no_look"]

    here.shut_mailbox(False)
    here.tick("06-08 10:00")
    assert len(here.sent()) == 3


def test_the_look_is_repeated_before_each_batch_of_ten(campaign: Campaign, tmp_path: Path) -> None:
    with office(campaign, tmp_path, "06-01 08:00", words=short) as here:
        here.tick()
        looks = here._mailbox_without_sent.looks
        here.tick("06-03 09:00")

        assert len(here.sent()) == 20
        assert here._mailbox_without_sent.looks - looks == 2


def test_a_return_that_comes_between_two_batches_is_seen(
    campaign: Campaign, tmp_path: Path
) -> None:
    with office(campaign, tmp_path, "06-01 08:00", words=short) as here:
        here.tick()
        late = sorted(u.id for u in campaign.expected)[-1]
        looks = here._mailbox_without_sent.looks

        def act() -> None:
            if here._mailbox_without_sent.looks == looks + 2:
                here.files("06-03 09:00", late, "liaison")

        here.before_look(act)
        here.tick("06-03 09:00")

        assert late not in {r.split()[0] for r in here.reminded()}
        assert here.row(f"reminder/{late}/liaison/eve").state == "withdrawn"


def test_a_look_older_than_three_minutes_at_mail_from_stops_the_letter(here: Office) -> None:
    def slow(*_: object) -> None:
        here.clock.move_to(here.clock.now() + minutes(4))

    here.post.behaviour = slow  # type: ignore[assignment]
    here.tick("06-08 09:00")

    assert here.sent() == [] and here.row(DAY).state == "queued"

    here.post.behaviour = None
    here.tick("06-08 09:20")
    assert len(here.sent()) == 3


def test_a_stale_reminder_is_missed_not_sent(here: Office) -> None:
    here.shut_smtp()
    here.tick("06-08 09:00")
    here.shut_smtp(False)
    here.tick("06-08 17:40")

    assert here.sent() == [] and here.row(DAY).state == "missed"


def test_a_reminder_whose_return_came_while_it_waited_is_withdrawn(here: Office) -> None:
    here.shut_smtp()
    here.tick("06-08 09:00")
    here.files("06-08 09:30", "dongchen")
    here.shut_smtp(False)
    here.tick("06-08 11:40")

    assert here.row(DAY).state == "withdrawn"
    assert "dongchen progress-0608 day" not in here.reminded()


def test_the_first_batch_is_held_until_released(few: Campaign, tmp_path: Path) -> None:
    with office(few, tmp_path, "06-01 08:00", hold=True, words=short) as here:
        here.tick()
        here.tick("06-03 09:00")
        assert here.sent() == [] and here.row("reminder/baipu/liaison/eve").state == "held"
        assert here.sent("digest")

        here.decide("release", letters=["reminder/baipu/liaison/eve"])
        here.tick("06-03 09:10")
        assert here.reminded() == ["baipu liaison eve"]

        here.decide("release", letters=[])
        here.tick("06-03 09:20")
        assert len(here.sent()) == 3
        here.tick("06-04 09:00")
        assert len(here.sent()) == 6


def test_a_withdrawn_letter_stays_away(here: Office) -> None:
    here.shut_smtp()
    here.tick("06-08 09:00")
    here.decide("withdraw", letters=[DAY])
    here.shut_smtp(False)
    here.tick("06-08 09:30")

    assert here.row(DAY).state == "withdrawn" and len(here.sent()) == 2


def test_what_was_uncertain_is_never_sent_again_and_settled_by_its_token(here: Office) -> None:
    here.post.behaviour = lambda *_: Delivery("uncertain", None, "cut")
    here.tick("06-08 09:00")
    assert here.row(DAY).state == "uncertain"
    here.post.behaviour = None
    first = next(g for g in here.gone if g.key.endswith(DAY))
    here.tick("06-08 09:03")
    assert here.row(DAY).state == "uncertain" and here.sent().count(DAY) == 1
    told = [k for k in here.sent("alert") if k.startswith("alert/uncertain/")]
    assert len(told) == 1

    here.box.deliver(
        f"Subject: x {first.token}\r\n\r\n".encode(), here.clock.now(), "Sent Messages"
    )
    here.tick("06-08 09:06")
    assert here.row(DAY).state == "sent" and here.sent().count(DAY) == 1


def test_a_refused_letter_is_told_once(here: Office) -> None:
    refused = (("dongchen@units.example", 550, "no such user"),)

    def answer(_: str, to: tuple[str, ...], __: bytes) -> Delivery | None:
        if "dongchen@units.example" in to:
            return Delivery("refused", 550, "no such user", refused)
        return None

    here.post.behaviour = answer  # type: ignore[assignment]
    for at in ("06-08 09:00", "06-08 09:03", "06-08 09:06", "06-08 15:00", "06-08 15:03"):
        here.tick(at)

    assert here.row(DAY).state == "failed"
    kinds = [k.split("/")[1] for k in here.sent("alert")]
    assert kinds == ["bad_address"], "one unit, one trouble, one alert"
    assert here.row("reminder/dongchen/progress-0608/call") is None

    here.post.behaviour = None
    here.decide("bind", unit="dongchen", address="dongchen@units.example")
    here.tick("06-08 15:10")
    assert "dongchen progress-0608 call" in here.reminded()


def test_a_partly_refused_letter_left_and_the_bad_address_is_not_used_again(
    few: Campaign, tmp_path: Path
) -> None:
    second = "second@units.example"
    units = tuple(
        replace(u, addresses=(*u.addresses, second.replace("second", u.id + "2")))
        for u in few.units
    )
    with office(replace(few, units=units), tmp_path, "06-01 08:00", words=short) as here:
        here.tick()
        here.post.behaviour = lambda _, to, __: Delivery(
            "sent", 250, "OK", tuple((a, 550, "unknown") for a in to if "2@" in a)
        )
        here.tick("06-03 09:00")
        here.tick("06-04 09:00")

        last = [g for g in here.gone if g.kind == "reminder"][-3:]
        assert all(len(g.to) == 1 and "2@" not in g.to[0] for g in last)


def test_a_code_refused_at_login_is_not_tried_again_for_a_quarter_of_an_hour(here: Office) -> None:
    calls: list[int] = []

    def deliver(*_: object) -> Delivery:
        calls.append(1)
        raise PostmanAuthRefused("535")

    here.post.behaviour = deliver
    for minute in (0, 3, 6, 9, 12):
        here.tick(f"06-08 09:{minute:02}")
        here.restart()

    assert len(calls) == 1
    here.post.behaviour = None
    here.tick("06-08 09:16")
    assert len(here.sent()) == 3


def test_too_fast_rests_the_door_and_doubles(here: Office) -> None:
    tries: list[str] = []

    def answer(*_: object) -> Delivery:
        tries.append(f"{here.clock.now():%H:%M}")
        return Delivery("retry", 550, "Connection frequency limited")

    here.post.behaviour = answer
    for minute in range(40):
        here.tick(f"06-08 09:{minute:02}")

    assert tries == ["09:00", "09:05", "09:15", "09:35"]


def test_greylisting_of_one_letter_lets_the_others_go(here: Office) -> None:
    here.post.behaviour = lambda _, to, __: (
        Delivery("retry", 451, "try later") if "dongchen" in to[0] else None
    )
    here.tick("06-08 09:00")

    assert len(here.sent()) == 2 and here.row(DAY).next_try_at is not None


def test_letters_are_paced(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(here.clock, "sleep", waits.append)

    here.tick("06-08 09:00")

    assert waits == [3.0] * len(here.gone)


def test_a_pass_ends_between_two_letters_when_told_to(here: Office) -> None:
    here.daemon.tick(enough=lambda: len(here.gone) >= 2)

    assert len(here.gone) == 2
    here.tick("06-08 09:01")
    assert len(here.sent()) == len(set(here.sent())) == 3


def test_two_letters_never_settle_one_duty(here: Office) -> None:
    duty = f"{here.campaign.slug}/{DAY}"
    store = here.store
    for key in ("a", "b"):
        store.add_letter(here.outbox._row(key, _any_wanted(here), here.outlook()), here.clock.now())

    assert store.begin_sending("a", [duty], here.clock.now(), sent_at=here.clock.now())
    assert not store.begin_sending("b", [duty], here.clock.now())


def _any_wanted(here: Office):  # type: ignore[no-untyped-def]
    return survey(here.store, here.campaign, here.clock.now()).wanted[0]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_kill_at_any_phase_neither_doubles_nor_hides_a_letter(
    here: Office, phase: str, number: int
) -> None:
    seen: list[str] = []

    def kill(name: str) -> None:
        seen.append(name)
        if seen.count(phase) == number:
            raise Killed

    _at_phases(here, kill)
    with pytest.raises(Killed):
        here.tick("06-08 09:00")
    here.restart()
    here.tick("06-08 09:03")
    here.tick("06-08 09:30")

    keys = [g.key for g in here.gone]
    assert len(keys) == len(set(keys))
    rows = here.store.letters(here.campaign.slug)
    assert all(r.state != "sending" for r in rows)
    at_server = set(keys)
    for row in rows:
        if row.state == "sent":
            assert row.key in at_server or row.sent_at < facts.when("06-08 09:00")
        if row.key in at_server:
            assert row.state in ("sent", "uncertain")
    uncertain = [r for r in rows if r.state == "uncertain"]
    assert bool(uncertain) == (phase == "dot")


def _at_phases(here: Office, hear: object) -> None:
    """Hears each phase after it was recorded: `dot` when the letter is at the server."""
    store, change, begin = here.store, here.store.change_letter, here.store.begin_sending

    def changed(key: str, **facts_: object) -> None:
        change(key, **facts_)
        if facts_.get("phase") in ("mail", "rcpt", "data"):
            hear(str(facts_["phase"]))  # type: ignore[operator]
        if facts_.get("state") == "sent" and here.gone:
            change(key, state="sending")
            try:
                hear("dot")  # type: ignore[operator]
            except Killed:
                raise
            change(key, **facts_)

    def began(*args: object, **facts_: object) -> bool:
        done = begin(*args, **facts_)  # type: ignore[arg-type]
        hear("begun")  # type: ignore[operator]
        return done

    store.change_letter = changed  # type: ignore[method-assign, assignment]
    store.begin_sending = began  # type: ignore[method-assign, assignment]


def test_a_shut_smtp_door_is_told_and_nothing_is_lost(here: Office) -> None:
    here.shut_smtp()
    assert here.tick("06-08 09:00").problem == str(PostmanError("down"))
    here.shut_smtp(False)
    here.tick("06-08 09:10")

    assert len(here.sent()) == 3


def test_a_true_reminder_rests_over_lunch(here: Office) -> None:
    here.shut_smtp()
    here.tick("06-08 09:00")
    here.tick("06-08 12:30")
    assert here.row(DAY).state == "queued"

    here.shut_smtp(False)
    here.tick("06-08 14:00")
    assert DAY in here.sent()


def test_a_server_that_breaks_off_is_left_alone_for_a_while(here: Office) -> None:
    tries: list[int] = []

    def answer(*_: object) -> Delivery:
        tries.append(1)
        return Delivery("retry", None, "connection lost")

    here.post.behaviour = answer
    here.tick("06-08 09:00")
    here.tick("06-08 09:03")

    assert len(tries) == 1


def test_a_second_trouble_is_told_by_itself(here: Office) -> None:
    gone = {"dongchen"}

    def answer(_: str, to: tuple[str, ...], __: bytes) -> Delivery | None:
        return Delivery("refused", 554, "rejected") if to[0].partition("@")[0] in gone else None

    here.post.behaviour = answer  # type: ignore[assignment]
    here.tick("06-08 09:00")
    here.tick("06-08 09:03")
    gone.add("baipu")
    here.tick("06-08 15:00")
    here.tick("06-08 15:03")

    told = [k for k in here.sent("alert") if k.startswith("alert/refused/")]
    assert len(told) == 2


def test_a_clock_that_was_set_back_silences_nobody(here: Office) -> None:
    """A machine whose clock ran a day ahead while the server was shut: the rest written then
    is void."""
    here.files("06-08 09:00", "baipu")
    here.shut_smtp()
    here.tick("06-09 09:00")
    here.shut_smtp(False)
    here.clock._now = facts.when("06-08 09:01")
    here.tick()

    assert len(here.sent("receipt")) == 1


def test_what_has_not_left_is_held_again_when_the_release_is_undone(
    few: Campaign, tmp_path: Path
) -> None:
    """Also one that was tried in vain, and one of a batch that is leaving; a new release frees
    them."""
    with office(few, tmp_path, "06-01 08:00", hold=True, words=short) as here:
        here.tick()
        here.tick("06-03 09:00")
        first = here.decide("release", letters=[])
        here.shut_smtp()
        here.tick("06-03 09:10")
        here.shut_smtp(False)
        here.store.undo(few.slug, here.clock.now(), "科室", "", first)
        here.tick("06-03 09:30")
        states = {r.state for r in here.store.letters(few.slug) if r.kind == "reminder"}
        assert (here.reminded(), states) == ([], {"held"})

        again = here.decide("release", letters=[])

        def undo(*_: object) -> None:
            here.post.behaviour = None
            here.store.undo(few.slug, here.clock.now(), "科室", "", again)

        here.post.behaviour = undo  # type: ignore[assignment]
        here.tick("06-03 09:40")
        assert len(here.reminded()) == 1

        here.decide("release", letters=[])
        here.tick("06-03 10:00")
        assert len(here.reminded()) == 3


def test_a_letter_withdrawn_after_a_try_in_vain_may_be_said_when_it_is_true_again(
    here: Office,
) -> None:
    first = "reminder/baipu/progress-0608/day"
    here.shut_smtp()
    here.tick("06-08 09:00")
    number = here.decide("withdraw", letters=[first])
    here.tick("06-08 09:10")
    assert (here.row(first).state, here.row(first).tries) == ("withdrawn", 1)

    here.shut_smtp(False)
    here.store.undo(here.campaign.slug, here.clock.now(), "科室", "", number)
    here.tick("06-08 10:00")

    assert here.row(first).state == "sent"


def test_a_look_that_is_yet_to_come_is_no_look(few: Campaign, tmp_path: Path) -> None:
    """The clock is set back and the mailbox shut: nobody knows how old the last look is."""
    with office(few, tmp_path, "06-01 08:00", hold=True, words=short) as here:
        for at in ("06-01 08:00", "06-08 15:00", "06-08 15:30"):
            here.tick(at)
        here.clock._now = facts.when("06-08 15:02")
        here.decide("release", letters=[])
        here.files("06-08 15:01", "baipu")
        here.shut_mailbox()
        here.tick()
        assert here.sent() == []

        here.shut_mailbox(False)
        here.tick("06-08 15:04")
        assert len(here.sent()) == 3
