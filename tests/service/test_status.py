"""Who stands where: what waits for a person is seen without `--at`, and gives exit code 1."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from service import status
from service.store import GONE, NotCome
from service.types import Campaign
from tests.service.machines import office as lists
from tests.service.office import UNTIL, Office


def test_a_letter_that_waits_is_seen_now_and_not_in_the_past(office: Office) -> None:
    store = office.store()
    key = store.letters(office.campaign.slug, "sent")[0].key
    store.change_letter(key, state="held", sent_at=None)
    store.close()

    code, now = office.run("status", "--json")
    _, then = office.run("status", "--at", UNTIL, "--json")

    assert (code, json.loads(now)["letters"]["held"]) == (1, 1)
    assert "held" not in json.loads(then)["letters"]


def test_letters_and_hard_doubts_wait_for_a_person_and_nothing_else_does(
    few: Campaign, tmp_path: Path
) -> None:
    with lists(few, tmp_path, "06-08 08:00") as here:
        here.tick()
        here.files("06-08 08:01", "baipu")
        here.tick("06-08 08:02")
        quiet = here.outlook()
        here.arrive("06-08 08:03", {"name": "统计表.doc", "outcome": "damaged", "form": None})
        here.tick("06-08 08:04")
        doubtful = here.outlook()
    states = ("queued", "sent", "held", "uncertain", "failed", "missed", "withdrawn")
    with_letter = {s: replace(quiet, letters=(replace(quiet.letters[0], state=s),)) for s in states}

    assert not status.needs_person(quiet)
    assert status.needs_person(doubtful)
    assert {s for s, o in with_letter.items() if status.needs_person(o)} == {
        "held", "uncertain", "failed",
    }  # fmt: skip
    away = NotCome("INBOX", 7, here.clock.now(), "NOT_DELIVERED")
    assert status.needs_person(replace(quiet, not_come=(away,)))
    assert not status.needs_person(replace(quiet, not_come=(replace(away, problem=GONE),)))
    told = status.table(doubtful)
    cells = {u["id"]: u["cells"]["progress-0608"]["state"] for u in told["units"]}
    assert cells == {"baipu": "reported", "dongchen": "doubt", "dingyan": "open"}
    assert {d["key"]: d for d in told["deadlines"]}["progress-0608"] | {"key": ""} == {
        "key": "", "form": "progress", "mode": "chase", "opens_at": "2021-06-04T00:00:00+08:00",
        "remind_by": "2021-06-08T17:30:00+08:00", "late_after": "2021-06-09T00:00:00+08:00",
        "due": 3, "received": 1, "on_time": 1,
    }  # fmt: skip


def test_whom_no_reminder_reaches_is_named_with_whom_to_ask(few: Campaign, tmp_path: Path) -> None:
    first, *others = few.units
    silent = replace(first, addresses=(), contact="王小明", phone="139-0000-0001")
    with lists(replace(few, units=(silent, *others)), tmp_path, "06-01 08:00") as here:
        lines = status.summary(here.outlook())

    assert f"催不到的单位 1 个：{first.name}　王小明　139-0000-0001" in lines[-2]
    assert "decide bind 单位 邮箱" in lines[-1]
