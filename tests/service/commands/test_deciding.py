"""Decisions of the staff: understood, numbered, undone; a slip of the pen is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.commands.deciding import decide
from service.errors import UsageError
from service.moments import moment
from service.store import Store
from tests.service import machines
from tests.service.report import stories

SLUG = stories.FOLDER.name


@pytest.fixture
def settings(tmp_path: Path) -> str:
    file = tmp_path / "settings.toml"
    text = f'data = "data"\ncampaigns = ["{stories.FOLDER}"]\n[mailbox]\nuser = "gk@qq.example"\n'
    file.write_text(text, encoding="utf-8")
    store = Store(tmp_path / "data" / "baosong.db")
    raw = machines.wire([machines.form(SLUG, "progress", "东陈镇")], sender="x@other.example")
    outcome = machines.Readers().read_mail(raw)
    part = {"path": "1", "name": "表", "outcome": "form", "form": f"{SLUG}/progress", "text": ""}
    part |= {"content_type": None, "size": 1, "part_sha256": None, "read": "{}"}
    store.add_mail(
        ("a", "INBOX", 1, 1), "ab" * 32, 1, moment("2021-06-08 09:00"), moment("2021-06-08 09:01")
    )
    store.save_reading("ab" * 32, outcome["mail"], [part], False, "1", moment("2021-06-08 09:02"))
    store.close()
    return str(file)


def run(settings: str, *words: str) -> Result:
    done = CliRunner().invoke(decide, [*words, "--by", "刘露璐"], obj=settings)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_decision_says_what_was_understood_and_how_to_undo_it(settings: str) -> None:
    said = run(settings, "waive", "东陈", "progress-0624", "--why", "合并报送").output

    assert said.splitlines() == [
        "东陈镇综合执法局 6月24日进展情况统计表 免报",
        "决定编号 1；撤销请运行：run.py decide undo 1",
    ]
    assert "决定 1 已撤销" in run(settings, "undo", "1").output
    assert "（已撤销）" in run(settings, "list").output


GOOD = [
    ("unwaive", "dongchen", "progress-0608"),
    ("extend", "progress-0608", "2021-06-11 12:00"),
    ("extend", "progress-0608", "2021-06-11", "--unit", "如皋港"),
    ("assign", "1/1", "--unit", "dongchen", "--deadline", "progress-0608"),
    ("correct", "东陈镇", "progress-0608", "1.1", "12"),
    ("accept", "1/1"),
    ("reject", "1/1"),
    ("bind", "dongchen", "A@qq.com"),
    ("unbind", "dongchen", "a@qq.com"),
    ("received", "dongchen", "progress-0608", "--when", "2021-06-08 16:00", "--how", "微信"),
    ("paper", "dongchen"),
    ("release",),
    ("retry", "1"),
]


@pytest.mark.parametrize("words", GOOD, ids=lambda w: w[0])
def test_every_verb_is_recorded(settings: str, words: tuple[str, ...]) -> None:
    assert "决定编号 1；" in run(settings, *words).output
    assert words[0] in GOOD_VERBS and run(settings, "list").output.startswith("1　")


GOOD_VERBS = {g[0] for g in GOOD}

WRONG = [
    (("waive", "东陈派出所", "liaison"), "UNIT_UNKNOWN"),
    (("waive", "东陈镇", "progress-0609"), "DEADLINE_UNKNOWN"),
    (("waive", "安全科", "liaison"), "NOT_OWED"),
    (("accept", "9/9"), "DOUBT_UNKNOWN"),
    (("assign", "9/9", "--unit", "dongchen"), "DOUBT_UNKNOWN"),
    (("correct", "东陈镇", "progress-0608", "99.1", "3"), "FIELD_UNKNOWN"),
    (("extend", "progress-0608", "下周"), "TIME_WRONG"),
    (("extend", "progress-0608", "2021-06-08 17:30"), "NOT_LATER"),
    (("extend", "progress-0608", "2021-06-05", "--unit", "如皋港"), "NOT_LATER"),
    (("withdraw", "nothing"), "LETTER_UNKNOWN"),
    (("undo", "7"), "DECISION_UNKNOWN"),
    (("retry", "9"), "MAIL_UNKNOWN"),
]


@pytest.mark.parametrize(
    ("words", "code"), WRONG, ids=lambda w: w[0] if isinstance(w, tuple) else w
)
def test_what_there_is_not_cannot_be_decided(
    settings: str, words: tuple[str, ...], code: str
) -> None:
    with pytest.raises(UsageError) as e:
        run(settings, *words)

    assert e.value.code == code and e.value.exit_code == 2
    assert run(settings, "list").output == ""
