"""The database alone: how it opens, who may write, what each row promises."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.errors import DoorShut, UsageError
from service.moments import moment
from service.store import GONE, SCHEMA_VERSION, Store
from service.types import Heard
from tests.service.facts import when

MORNING, NOON, EVENING = when("06-08 09:00"), when("06-08 12:00"), when("06-08 18:00")
SLUG = "june"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "baosong.db")
    yield opened
    opened.close()


def place(uid: int, folder: str = "INBOX", uidvalidity: int = 1) -> tuple[str, str, int, int]:
    return ("gk@qq.example", folder, uidvalidity, uid)


def letter(key: str, **changes: Any) -> dict[str, Any]:
    row = {
        "key": key,
        "campaign": SLUG,
        "kind": "reminder",
        "state": "queued",
        "to": ["a@units.example"],
        "cc": [],
        "due_at": "2021-06-08T09:00:00+08:00",
        "not_after": "2021-06-08T15:00:00+08:00",
    }
    return row | changes


def states(store: Store) -> dict[str, str]:
    return {row.key: row.state for row in store.letters(SLUG)}


def reply(sha256: str, **changes: Any) -> Heard:
    told = {"subject": "回复：日报", "arrived": "", "lines": [{"said": "免报 东陈"}]}
    given = {"message_id": f"<{sha256}@x>", "sender": "gk@qq.example", "told": told, **changes}
    return Heard(sha256, SLUG, "reply", 1, NOON, **given)


# -- opening and migrations -------------------------------------------------------------


def test_the_file_is_the_owners_alone_and_survives_a_power_cut(tmp_path: Path) -> None:
    store = Store(tmp_path / "data" / "baosong.db")

    modes = {p.name: p.stat().st_mode & 0o077 for p in (tmp_path / "data").glob("*")}
    assert set(modes.values()) == {0}
    assert store._rows("pragma synchronous")[0]["synchronous"] == 2
    assert store._rows("pragma journal_mode")[0]["journal_mode"] == "wal"
    store.close()


def test_what_must_be_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NO_DATA"):
        Store(tmp_path / "baosong.db", create=False)

    assert not list(tmp_path.iterdir())


def older(file: Path) -> None:
    """A database as the version before left it: without the newest table."""
    store = Store(file)
    store.add_mail(place(1), "a" * 64, 10, NOON, NOON)
    store.close()
    connection = sqlite3.connect(file)
    connection.execute("drop table heard")
    connection.execute(f"pragma user_version = {SCHEMA_VERSION - 1}")
    connection.commit()
    connection.close()


def test_an_upgrade_keeps_a_copy_and_every_row(tmp_path: Path) -> None:
    file = tmp_path / "baosong.db"
    older(file)

    store = Store(file)

    store.hear(reply("a" * 64))
    assert [m.sha256 for m in store.mail_facts()] == ["a" * 64]
    store.close()
    copy = sqlite3.connect(tmp_path / f"baosong.db.before-v{SCHEMA_VERSION}")
    assert copy.execute("pragma user_version").fetchone() == (SCHEMA_VERSION - 1,)
    assert copy.execute("select count(*) from mails").fetchone() == (1,)
    copy.close()


def test_a_copy_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "baosong.db"
    older(file)
    half = tmp_path / f"baosong.db.before-v{SCHEMA_VERSION}.new"
    half.write_bytes(b"half of it")

    Store(file).close()

    copy = sqlite3.connect(tmp_path / f"baosong.db.before-v{SCHEMA_VERSION}")
    assert copy.execute("select count(*) from mails").fetchone() == (1,)
    assert not half.exists()
    copy.close()


def test_a_deleted_campaign_takes_no_other_with_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "baosong.db")
    for slug in ("2021_june", "2021-june"):
        store.miss_duties(slug, ["reminder/baipu/liaison/eve"], when("06-05 09:00"))

    store.delete_campaign("2021_june")

    assert [r["duty"].partition("/")[0] for r in store.rows("said")] == ["2021-june"]
    store.close()


def test_an_upgrade_that_was_cut_off_goes_on_and_spoils_no_copy(tmp_path: Path) -> None:
    file = tmp_path / "baosong.db"
    older(file)
    copy = tmp_path / f"baosong.db.before-v{SCHEMA_VERSION}"
    copy.write_bytes(b"as it was")

    Store(file).close()

    assert copy.read_bytes() == b"as it was"
    Store(file).close()


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "baosong.db"
    Store(file).close()
    connection = sqlite3.connect(file)
    connection.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    connection.close()

    with pytest.raises(DoorShut, match="DATABASE_NEWER"):
        Store(file)


# -- writing ----------------------------------------------------------------------------


def test_writers_at_once_wait_for_each_other(tmp_path: Path) -> None:
    file = tmp_path / "baosong.db"
    Store(file).close()
    problems: list[BaseException] = []

    def count(number: int) -> None:
        store = Store(file)
        try:
            for _ in range(10):
                with store.writing():  # read, then write: a deferred begin fails here
                    store.set_meta("n", str(int(store.meta("n") or 0) + 1))
        except BaseException as e:
            problems.append(e)
        finally:
            store.close()

    threads = [threading.Thread(target=count, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    store = Store(file)
    assert (problems, store.meta("n")) == ([], "40")
    store.close()


def test_what_belongs_together_is_written_together_or_not_at_all(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing():
        store.decide(SLUG, NOON, "科室", "", "waive", {"unit": "dongchen"})
        store.hear(reply("a" * 64))
        raise RuntimeError

    assert store.decisions(SLUG, EVENING) == ()
    assert store.heard(SLUG) == ()


# -- mails ------------------------------------------------------------------------------


def test_the_same_bytes_are_one_mail_that_came_at_the_earliest(store: Store) -> None:
    assert store.add_mail(place(7), "a" * 64, 10, NOON, EVENING)
    assert not store.add_mail(place(3, "其他"), "a" * 64, 10, MORNING, EVENING)

    (mail,) = store.mail_facts()

    assert (mail.received_at, mail.id) == (MORNING, 1)
    assert store.cursors("gk@qq.example") == {("INBOX", 1): 7, ("其他", 1): 3}


def test_a_guessed_arrival_counts_only_where_there_is_no_other(store: Store) -> None:
    store.add_import(place(1, "import"), ("a" * 64, 10), MORNING, EVENING, "arrival_guessed")
    assert [d["code"] for d in store.mail_facts()[0].doubts] == ["arrival_guessed"]

    store.add_mail(place(7), "a" * 64, 10, NOON, EVENING)

    (mail,) = store.mail_facts()
    assert (mail.received_at, mail.doubts) == (NOON, ())


def test_one_place_holds_one_mail(store: Store) -> None:
    store.add_mail(place(7), "a" * 64, 10, NOON, NOON)
    store.add_mail(place(7), "b" * 64, 10, NOON, NOON)

    assert [r["sha256"] for r in store.rows("mails")] == ["a" * 64]


def test_a_mail_that_did_not_come_is_asked_for_until_it_comes_or_is_gone(store: Store) -> None:
    for uid in (1, 2, 3, 4):
        store.skip_mail(place(uid), NOON, "no_answer")

    store.add_mail(place(1), "a" * 64, 10, NOON, EVENING)
    store.skip_mail(place(2), EVENING, GONE)
    store.add_erased(place(3), "c" * 64, EVENING)

    assert store.skipped("gk@qq.example") == [("INBOX", 1, 4)]
    assert [(n.uid, n.problem) for n in store.not_come()] == [(2, GONE), (4, "no_answer")]
    assert store.not_come(MORNING) == ()


def test_erased_bytes_do_not_take_the_place_of_a_mail(store: Store) -> None:
    store.add_mail(place(1), "a" * 64, 10, NOON, NOON)

    store.add_erased(place(1), "c" * 64, EVENING)

    assert [r["sha256"] for r in store.rows("mails")] == ["a" * 64]


def test_a_mail_that_did_not_change_is_the_same_object(store: Store) -> None:
    for n, sha in enumerate(("a" * 64, "b" * 64), start=1):
        store.add_mail(place(n), sha, 10, NOON, NOON)
        store.save_reading(sha, {"subject": "统计表"}, [], False, "1", NOON)
    first = store.mail_facts()

    store.save_reading("b" * 64, {"subject": "更正"}, [], False, "2", EVENING)

    again = store.mail_facts()
    assert again[0] is first[0]
    assert [m.subject for m in again] == ["统计表", "更正"]


def test_an_attempt_counts_before_it_is_made(store: Store) -> None:
    store.add_mail(place(1), "a" * 64, 10, NOON, NOON)
    assert [store.count_attempt("a" * 64) for _ in range(3)] == [1, 2, 3]

    store.fail_reading("a" * 64, "hang", {}, NOON)

    assert (store.pending(), store.mail_facts()[0].state) == ([], "failed")
    assert store.reread() == 1
    assert [sha for sha, _ in store.pending()] == ["a" * 64]
    assert store.count_attempt("a" * 64) == 1


# -- views of another time --------------------------------------------------------------


def test_what_came_after_a_time_does_not_exist_then(store: Store) -> None:
    store.add_mail(place(1), "a" * 64, 10, MORNING, EVENING)
    store.add_mail(place(2), "b" * 64, 10, EVENING, EVENING)
    store.decide(SLUG, EVENING, "科室", "", "waive", {})
    store.hear(reply("a" * 64))
    store.miss_duties(SLUG, ["reminder/dongchen/x/day"], NOON)
    for at, complete in ((MORNING, True), (NOON, False), (EVENING, True)):
        store.end_look(store.begin_look("gk", at), at, complete, 0, None)

    assert [m.sha256 for m in store.mail_facts(NOON)] == ["a" * 64]
    assert len(store.mail_facts()) == 2
    assert (store.decisions(SLUG, NOON), len(store.decisions(SLUG, EVENING))) == ((), 1)
    assert (store.heard(SLUG, MORNING), len(store.heard(SLUG, NOON))) == ((), 1)
    assert (store.settled(SLUG, NOON)[1], len(store.settled(SLUG)[1])) == ({}, 1)
    assert (store.last_complete_look(NOON), store.last_complete_look()) == (MORNING, EVENING)


# -- decisions --------------------------------------------------------------------------


def test_an_undone_undo_brings_the_decision_back(store: Store) -> None:
    first = store.decide(SLUG, MORNING, "科室", "会议", "waive", {"unit": "dongchen"})
    second = store.undo(SLUG, NOON, "科室", "", first)
    store.undo(SLUG, EVENING, "科室", "", second)

    def undone(at: str) -> list[bool]:
        return [d.undone for d in store.decisions(SLUG, moment(f"2021-06-08 {at}"))]

    assert (undone("09:00"), undone("12:00"), undone("18:00")) == ([False], [True], [False])
    assert store.decision_numbers(SLUG) == {3: True, 2: False, 1: True}


def test_numbers_belong_to_their_campaign(store: Store) -> None:
    number = store.decide(SLUG, NOON, "科室", "", "waive", {})

    assert store.has_decision(SLUG, number)
    assert not store.has_decision("july", number)
    assert store.decision_numbers("july") == {}


# -- letters ----------------------------------------------------------------------------


def test_a_letter_is_recorded_once_and_never_touched_after_it_left(store: Store) -> None:
    store.add_letter(letter("k", subject="第一次"), MORNING)
    store.add_letter(letter("k", subject="第二次"), NOON)
    assert [r.subject for r in store.letters(SLUG)] == ["第一次"]

    store.change_letter("k", state="sent", sent_at=NOON)
    store.add_letter(letter("k", subject="第三次"), EVENING)

    assert [(r.subject, r.state) for r in store.letters(SLUG)] == [("第一次", "sent")]


def test_a_withdrawn_letter_that_is_due_again_is_revived(store: Store) -> None:
    store.add_letter(letter("k"), MORNING)
    store.change_letter("k", state="withdrawn")

    store.add_letter(letter("k"), NOON)

    assert states(store) == {"k": "queued"}


def test_a_duty_is_settled_by_one_letter(store: Store) -> None:
    for key in ("one", "two"):
        store.add_letter(letter(key), MORNING)
    duties = [f"{SLUG}/d1", f"{SLUG}/d2"]
    assert store.begin_sending("one", duties[:1], NOON, tries=1)

    assert not store.begin_sending("two", duties, NOON, tries=1)

    assert states(store) == {"one": "sending", "two": "queued"}
    assert store.settled(SLUG) == (frozenset({"d1"}), {})


def test_a_missed_duty_can_still_be_said_but_a_said_one_is_not_missed(store: Store) -> None:
    store.add_letter(letter("one"), MORNING)
    store.miss_duties(SLUG, ["d1", "d2"], MORNING)

    assert store.begin_sending("one", [f"{SLUG}/d1"], NOON)
    store.miss_duties(SLUG, ["d1", "d2"], EVENING)

    assert store.settled(SLUG) == (frozenset({"d1"}), {"d2": EVENING})


def test_our_own_letters_are_known_by_id_and_token(store: Store) -> None:
    store.add_letter(letter("k", message_id="<1@qq>", token="ABCDEFGH"), NOON)

    assert store.knows_message_id(["<0@qq>", "<1@qq>"])
    assert not store.knows_message_id(["<0@qq>"])
    assert store.knows_token("回复：日报〔ABCDEFGH〕")
    assert not store.knows_token("回复：日报〔HGFEDCBA〕")


# -- heard and forgotten ----------------------------------------------------------------


def test_a_mail_is_heard_once_in_whichever_copy(store: Store) -> None:
    store.hear(reply("a" * 64))
    with pytest.raises(DoorShut):
        store.hear(reply("a" * 64))

    store.add_mail(place(1), "b" * 64, 10, NOON, NOON)
    head = {"from": "gk@qq.example", "message_id": f"<{'a' * 64}@x>"}
    store.save_reading("b" * 64, head, [], False, "1", NOON)

    assert store.is_heard(store.mail_facts()[0])


def test_an_erased_mail_stays_heard(store: Store) -> None:
    store.add_mail(place(1), "a" * 64, 10, NOON, NOON)
    store.hear(reply("a" * 64, message_id=None))

    mark = store.erase_mail("a" * 64, True, EVENING)
    store.blank_heard(mark, GONE, mail_too=True)

    (mail,), (heard,) = store.mail_facts(), store.heard(SLUG)
    assert (mail.state, store.is_heard(mail)) == ("erased", True)
    assert (heard.told["subject"], heard.told["lines"], heard.sender) == (GONE, [], None)


def test_scrubbing_reaches_every_table_but_spares_the_key_of_the_marks(store: Store) -> None:
    key = store.mark("mail", "x")
    store.set_meta("smtp_problem", "550 canary@units.example")
    store.hear(reply("a" * 64, sender="canary@units.example"))
    store.add_letter(letter("k", to=["canary@units.example"]), NOON)

    assert store.scrub(lambda text: text.replace("a", "?")) >= 3

    texts = [str(v) for t in store.tables() for r in store.rows(t) for v in r.values()]
    assert not any("canary" in t for t in texts)
    assert store.mark("mail", "x") == key
