"""What is here now counts now, whatever a clock said of it; what was decided a moment ago holds."""

from __future__ import annotations

from pathlib import Path

from service.outlook import Kept, survey
from service.types import Campaign
from tests.service.facts import when
from tests.service.machines import office, short

P8 = "progress-0608"


def test_what_was_decided_while_the_clock_ran_ahead_holds_once_it_is_set_back(
    few: Campaign, tmp_path: Path
) -> None:
    with office(few, tmp_path, "06-08 08:00", words=short) as here:
        here.store.decide(
            few.slug, when("06-20 08:00"), "", "", "waive", {"unit": "baipu", "deadline": P8}
        )
        now, then = here.outlook(), survey(here.store, few, when("06-08 08:00"), as_of=True)
        here.tick("06-08 09:00")

    assert now.ledger.cell("baipu", P8).state == "waived"
    assert then.ledger.cell("baipu", P8).state == "open"
    assert not [r for r in here.reminded() if r.startswith("baipu")]


def test_what_staff_decide_while_letters_leave_holds_for_the_next_one(
    few: Campaign, tmp_path: Path
) -> None:
    with office(few, tmp_path, "06-01 08:00", words=short) as here:
        here.tick()
        first, second, third = sorted(u.id for u in few.units)

        def decide(*_: object) -> None:
            here.post.behaviour = None
            here.decide("waive", unit=second, deadline="liaison")
            here.decide("withdraw", letters=[f"reminder/{third}/liaison/eve"])

        here.post.behaviour = decide  # type: ignore[assignment]
        here.tick("06-03 09:00")
        here.tick("06-03 09:03")

    assert here.reminded() == [f"{first} liaison eve"]


def test_what_a_clock_ahead_found_missed_or_begun_is_said_in_its_time(
    few: Campaign, tmp_path: Path
) -> None:
    with office(few, tmp_path, "06-20 03:00", words=short) as here:
        here.tick()  # the first look of all, and nothing of it is true
        here.clock._now = when("06-01 10:00")
        here.tick()
        here.tick("06-03 09:00")
        here.tick("06-07 03:00")
        here.clock._now = when("06-03 10:00")
        here.tick("06-04 09:00")

    assert [r for r in here.reminded() if r.startswith("baipu")] == [
        "baipu liaison eve",
        "baipu liaison day",
    ]


def test_the_fingerprint_of_a_report_follows_what_comes_and_what_is_corrected(
    few: Campaign, tmp_path: Path
) -> None:
    def fingerprint(kept: Kept | None) -> str:
        picture = survey(here.store, few, here.clock.now(), kept=kept)
        (report,) = (w for w in picture.wanted if w.kind == "report")
        return report.fingerprint

    kept = Kept(few)
    with office(few, tmp_path, "06-01 08:00", words=short) as here:
        here.tick()
        here.clock.move_to(when("06-09 09:00"))
        found = [fingerprint(kept), fingerprint(kept)]
        here.files("06-09 09:01", "baipu")
        here.intake.look()
        here.intake.read_pending()
        here.clock.move_to(when("06-09 09:02"))
        found += [fingerprint(kept), fingerprint(None)]
        here.decide("correct", unit="baipu", deadline=P8, key="1.1", value=77)
        found += [fingerprint(kept), fingerprint(None)]

    assert found[0] == found[1] and found[2] == found[3] and found[4] == found[5]
    assert len(set(found)) == 3
