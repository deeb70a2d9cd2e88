"""Mail that did not come is neither lost from view nor waited for in vain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service import status, words
from service.composing import compose
from service.store import GONE, NotCome
from service.types import Campaign
from service.wants import Wanted
from tests.fakes.list_mailbox import ListMailbox
from tests.service.facts import when
from tests.service.machines import ACCOUNT, Office, form, office, short, wire


@pytest.fixture
def here(few: Campaign, tmp_path: Path) -> Iterator[Office]:
    """The morning of 8 June with three units that filed nothing of that day."""
    with office(few, tmp_path, "06-07 08:00", words=short) as made:
        made.tick()
        made.tick("06-07 09:05")  # the overdue liaison forms are asked for on their day
        made.tick("06-08 08:50")
        made.gone.clear()
        yield made


def box(here: Office) -> ListMailbox:
    return here._mailbox_without_sent


def deliver(here: Office, unit: str, at: str, folder: str = "INBOX") -> int:
    """A unit's form; its UID."""
    part = form(here.campaign.slug, "progress", here.campaign.unit(unit).name)
    return box(here).deliver(wire((part,), f"{unit}@units.example"), when(at), folder)


def skipped(here: Office) -> list[tuple[str, int, int]]:
    return here.store.skipped(ACCOUNT)


def test_a_mail_that_does_not_come_stops_reminders_and_is_shown(here: Office) -> None:
    box(here).poison = {("INBOX", deliver(here, "dongchen", "06-08 08:55"))}
    done = here.tick("06-08 09:00")

    outlook = here.outlook()
    assert not done.looked.complete
    assert here.sent() == []
    assert status.table(outlook)["not_come"] == {"waiting": 1, "gone": 0}
    assert status.needs_person(outlook)
    assert [k.split("/")[1] for k in here.sent("alert")] == ["no_look", "not_come"]

    box(here).poison = set()
    here.tick("06-08 09:05")
    assert status.table(here.outlook())["not_come"] == {"waiting": 0, "gone": 0}
    assert here.reminded() == ["baipu progress-0608 day", "dingyan progress-0608 day"]


def test_a_mail_deleted_before_it_came_is_settled_and_still_shown(here: Office) -> None:
    uid = deliver(here, "dongchen", "06-08 08:55")
    box(here).poison = {("INBOX", uid)}
    here.tick("06-08 09:00")
    del box(here).mails["INBOX"][uid]
    done = here.tick("06-08 09:05")

    assert done.looked.complete
    assert skipped(here) == []
    assert here.store.not_come() == (NotCome("INBOX", uid, when("06-08 09:00"), "gone"),)
    assert status.table(here.outlook())["not_come"] == {"waiting": 0, "gone": 1}
    assert len(here.sent()) == 3


def digest(here: Office, at: str) -> str:
    """The digest of that time, as text."""
    here.tick(at)
    wanted = Wanted("digest/x", "digest", ("a@b.example",), here.clock.now(), here.clock.now())
    return compose(here.outlook(), wanted).text


def test_the_digest_names_a_mail_that_does_not_come_until_it_does(here: Office) -> None:
    uid = deliver(here, "dongchen", "06-08 08:55")
    box(here).poison = {("INBOX", uid)}

    waiting = digest(here, "06-08 09:00")
    assert "有1封来信取不下来" in waiting.split("■ 现在要办\n")[1].split("\n")[0]
    assert "6月8日09:00　文件夹“INBOX”里的一封　服务器不给" in waiting

    del box(here).mails["INBOX"][uid]
    gone = digest(here, "06-08 09:05")
    assert "没取到就已从邮箱里消失" in gone
    assert "取不下来，" not in gone
    assert "没取到" not in digest(here, "06-12 09:05")


@pytest.mark.parametrize("code", ["NOT_DELIVERED", "NO_DATE", "SESSION_LOST", GONE])
def test_every_reason_has_words(code: str) -> None:
    assert words.say("not_come", code)


def test_a_mail_moved_before_it_came_comes_from_where_it_is(here: Office) -> None:
    uid = deliver(here, "dongchen", "06-08 08:55")
    box(here).poison = {("INBOX", uid)}
    here.tick("06-08 09:00")
    box(here).move(uid, "INBOX", "其他文件夹/安全生产月")
    here.tick("06-08 09:05")

    assert here.outlook().ledger.cell("dongchen", "progress-0608").state == "reported"
    assert "dongchen" not in " ".join(here.reminded())


def test_a_look_at_which_a_mail_vanished_is_repeated_at_once(here: Office) -> None:
    uid = deliver(here, "dongchen", "06-08 08:55")
    box(here).vanishing = {("INBOX", uid)}
    looks = box(here).looks
    done = here.tick("06-08 09:00")

    assert box(here).looks == looks + 2
    assert done.looked.complete
    assert len(here.sent()) == 3


def test_a_mail_moved_after_it_came_counts_once(here: Office) -> None:
    uid = deliver(here, "dongchen", "06-08 08:55")
    first = here.tick("06-08 09:00")
    box(here).move(uid, "INBOX", "Junk")
    second = here.tick("06-08 09:10")

    assert (first.looked.new, second.looked.new, second.read) == (1, 0, 0)
    assert len(here.sent("receipt")) == 1
    assert len(here.outlook().ledger.submissions) == 1


def test_a_renumbered_mailbox_brings_the_same_mails_and_no_second_receipt(here: Office) -> None:
    for minute, unit in enumerate(("dongchen", "dingyan", "baipu")):
        deliver(here, unit, f"06-08 08:5{minute}")
    first = here.tick("06-08 09:00")
    box(here).renumber()
    second = here.tick("06-08 09:10")
    third = here.tick("06-09 09:00")

    assert (first.looked.new, second.looked.new, third.looked.new) == (3, 0, 0)
    assert second.looked.complete
    assert len(here.sent("receipt")) == len(here.outlook().ledger.submissions) == 3
    assert len(here.store.rows("mails")) == 6


def test_the_first_look_of_a_day_finds_a_mail_without_a_row(here: Office) -> None:
    uid = deliver(here, "dongchen", "06-08 08:52")
    deliver(here, "dingyan", "06-08 08:53")
    hidden = box(here).mails["INBOX"].pop(uid)
    here.tick("06-08 09:00")
    box(here).mails["INBOX"][uid] = hidden
    same_day = here.tick("06-08 16:00")
    next_day = here.tick("06-09 08:30")
    day_after = here.tick("06-10 08:30")

    assert (same_day.looked.found, next_day.looked.found, day_after.looked.found) == (0, 1, 0)
    assert here.outlook().ledger.cell("dongchen", "progress-0608").state == "reported"


def test_a_mail_found_without_a_row_that_does_not_come_is_shown(here: Office) -> None:
    uid = deliver(here, "dongchen", "06-08 08:52")
    deliver(here, "dingyan", "06-08 08:53")
    hidden = box(here).mails["INBOX"].pop(uid)
    here.tick("06-08 09:00")
    box(here).mails["INBOX"][uid] = hidden
    box(here).poison = {("INBOX", uid)}
    done = here.tick("06-09 08:30")

    assert not done.looked.complete
    assert status.table(here.outlook())["not_come"]["waiting"] == 1


def test_each_folder_goes_on_behind_its_last_row(here: Office) -> None:
    store, now = here.store, when("06-08 09:00")
    for number, place in enumerate([("A", 1, 3), ("A", 1, 9), ("A", 7, 2), ("Z", 7, 4)]):
        store.add_mail((ACCOUNT, *place), f"{number:064}", 1, now, now)
    store.add_mail((ACCOUNT, "import", 99, 99), "e" * 64, 1, now, now, "import")
    store.add_mail(("other@qq.example", "A", 7, 99), "f" * 64, 1, now, now)
    store.skip_mail((ACCOUNT, "Z", 7, 5), now, "NOT_DELIVERED")

    assert store.cursors(ACCOUNT) == {("A", 1): 9, ("A", 7): 2, ("Z", 7): 5}
    assert store.cursors("nobody@qq.example") == {}
