"""The campaign's folder is changed in the middle of June: what was decided about a unit or a
deadline that is gone stops nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from parsers import bounce, wire
from service.confirmations import sentence
from tests.service import facts
from tests.service.machines import Office, form, office
from tests.service.report import stories

WEEK = "weekly-0610"
FIRST, GONE, OTHER = "dongchen", "baipu", "dingyan"


def decide_about_everything(here: Office) -> None:
    slug = here.campaign.slug
    here.arrive("06-07 10:00", form(slug, "progress", "丁堰镇"), sender="s@mail.example")
    here.tick("06-07 10:01")
    (waiting,) = (s for s in here.outlook().ledger.submissions if s.status == "waiting")
    later = {"time": "2021-06-25T12:00:00+08:00"}
    for unit, deadline in ((GONE, "progress-0624"), (OTHER, WEEK)):
        cell = {"unit": unit, "deadline": deadline}
        here.decide("waive", **cell)
        here.decide("extend", **cell, **later)
        here.decide("received", **cell, when="2021-06-07T09:00:00+08:00", how="微信")
    here.decide("extend", unit=None, deadline=WEEK, **later)
    here.decide("assign", part=waiting.id, unit=OTHER, deadlines=[WEEK])
    here.decide("bind", unit=GONE, address="new@mail.example")
    here.decide("paper", unit=GONE)


def test_what_concerns_a_unit_or_a_deadline_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    whole = facts.with_addresses(stories.load())
    few = replace(whole, units=tuple(u for u in whole.units if u.id in (FIRST, GONE, OTHER)))
    with office(few, tmp_path, "06-01 08:00") as here:
        here.tick()
        here.tick("06-07 09:00")
        token = here.row(f"reminder/{GONE}/liaison/overdue-1").token
        came_back = wire.bounce(bounce.Bounce()) | {
            "tokens": [token],
            "failed": [[f"{GONE}@units.example", "5.1.1", "550 no such user"]],
        }
        sender = {"sender": "postmaster@mx.example", "automatic": "bounce"}
        here.arrive("06-07 09:05", bounce=came_back, **sender)
        decide_about_everything(here)

        here.campaign = replace(
            few,
            units=tuple(u for u in few.units if u.id != GONE),
            deadlines=tuple(d for d in few.deadlines if d.key != WEEK),
        )
        here.restart()
        here.files("06-08 08:00", FIRST)
        for at in ("06-08 08:30", "06-08 09:00"):
            assert here.tick(at).problem is None
        told = [sentence(here.campaign, d.verb, d.args) for d in here.store.decisions(whole.slug)]

        book = here.outlook().ledger
        assert book.cell(FIRST, "progress-0608").state == "reported"
        # the return that staff counted for the week that is gone waits for a person again
        assert book.cell(OTHER, "progress-0608").state == "doubt"
        assert not [k for k in here.reminded() if k.startswith(f"{GONE} progress")]
        assert "digest/2021-06-08" in here.sent("digest")
    assert any(f"{GONE} " in said for said in told)
