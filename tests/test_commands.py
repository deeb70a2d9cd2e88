"""The command line as a contract: what it prints, what it leaves, with which exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import run
from service import demo, demo_paper
from service import settings as settings_
from service.demo_servers import EmbeddedImap, SmtpSink
from service.moments import moment

ROOT = Path(run.__file__).parent
FORMS = ROOT / "tests" / "specimens" / "forms"
REPORTS = {
    "汇总.xlsx", "附件2-汇总.docx", "经验做法汇编.docx", "通报.docx", "联络员名册.docx", "index.html",
}  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's first nine days, as `run.py demo` leaves them."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    demo.play(folder, lambda *_: None, moment("2021-06-09 12:00"))
    return folder


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run.run([str(a) for a in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# -- read -----------------------------------------------------------------------


def truth(name: str) -> dict[str, str]:
    given = json.loads((FORMS / "truth.json").read_text(encoding="utf-8"))[name]
    return dict(given.get("fields", given))


def test_read_gives_every_field_of_a_word_and_an_excel_form(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [FORMS / n for n in ("f1_u1.docx", "f1_u1.xlsx", "f2_u1.docx", "f2_u1.xlsx")]

    assert call(capsys, "read", *files[:2])[0] == 0
    code, out, _ = call(capsys, "read", *files, "--json")

    assert code == 1  # the checks ask about rows 1 and 4 of the progress form
    for file, got in zip(files, objects(out), strict=True):
        assert got["outcome"] == "form"
        assert {k: str(f["value"]) for k, f in got["fields"].items()} == truth(file.stem)
        assert set(got) == {
            "file", "outcome", "form", "score", "margin", "header", "fields", "doubts",
        }  # fmt: skip


def test_read_says_what_is_wrong_with_bad_files(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    campaign = settings_.load_campaign(settings_.SHIPPED / demo.SLUG)
    blank = campaign.blank("progress")
    files = {
        "summary.docx": demo_paper.document(["活动总结", "正文"]),
        "cut.docx": (FORMS / "f2_u1.docx").read_bytes()[:8000],
        "blank.docx": blank.content,
        "nameless.docx": demo_paper.form(blank, {}, demo_paper.numbers(blank.form, "x")),
        "empty.docx": b"",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)

    code, out, _ = call(capsys, "read", *(tmp_path / n for n in files), "--json")

    got = {Path(o["file"]).name: o for o in objects(out)}
    assert code == 1
    assert {n: o["outcome"] for n, o in got.items()} == {
        "summary.docx": "material",
        "cut.docx": "damaged",
        "blank.docx": "blank_form",
        "nameless.docx": "form",
        "empty.docx": "empty",
    }
    assert "header/填报单位" in [d["where"] for d in got["nameless.docx"]["doubts"]]
    assert all(d["said"] for o in got.values() for d in o["doubts"])


def test_read_goes_on_after_a_file_that_is_not_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = call(capsys, "read", tmp_path / "no.docx", FORMS / "f1_u1.docx", "--json")

    assert code == 2
    assert [o["form"] for o in objects(out)] == ["liaison"]
    assert "FILE_UNREADABLE" in err


# -- demo and what can be tried on it ----------------------------------------------


def test_the_demo_leaves_everything(played: Path) -> None:
    assert {p.name for p in (played / "reports" / "06-09").iterdir()} == REPORTS
    assert (played / "settings.toml").is_file()
    assert (played / "data" / "baosong.db").is_file()
    assert len(list((played / "letters").glob("*.eml"))) > 50
    assert list((played / "data" / "raw").rglob("*"))


def test_the_demo_does_not_empty_a_folder_of_somebody_else(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "precious.txt").touch()

    code, _, err = call(capsys, "demo", "--out", tmp_path)

    assert code == 2
    assert "DEMO_FOLDER" in err
    assert (tmp_path / "precious.txt").exists()


def test_preview_shows_the_letters_due_at_a_time(
    played: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("preview", "--settings", played / "settings.toml", "--json", "--at")

    code, out, _ = call(capsys, *given, "2021-06-08 09:00")

    letters = objects(out)
    reminded = {x["unit"] for x in letters if x["kind"] == "reminder"}
    assert code == 0
    assert {"chengnan", "huanwei-chu"} <= reminded
    assert not {"chengbei", "dongchen"} & reminded
    assert set(letters[0]) == {
        "key", "kind", "unit", "deadline", "stage", "to", "cc", "subject", "text",
    }  # fmt: skip
    assert objects(call(capsys, *given, "2021-06-12 09:00")[1]) == [] or all(
        x["kind"] != "reminder" for x in objects(call(capsys, *given, "2021-06-12 09:00")[1])
    )


def test_status_is_as_it_stood_then(played: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def state(at: str) -> str:
        _, out, _ = call(
            capsys, "status", "--settings", played / "settings.toml", "--at", at, "--json"
        )
        units = {u["id"]: u for u in objects(out)[0]["units"]}
        assert len(units) == 20
        return str(units["xiayuan"]["cells"]["progress-0608"]["state"])

    assert state("2021-06-03 12:00") == "not_due"
    assert state("2021-06-08 12:00") == "open"
    assert state("2021-06-09 10:30") == "missing"
    assert state("2021-06-09 11:00") == "late"


def test_report_writes_the_files_of_the_contract(
    played: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, _ = call(
        capsys, "report", "--settings", played / "settings.toml", "--at", "2021-06-09 09:00",
        "--out", tmp_path / "out",
    )  # fmt: skip

    assert code == 0
    assert {p.name for p in (tmp_path / "out").iterdir()} >= REPORTS


def test_a_decision_is_said_numbered_and_undone(
    played: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--settings", played / "settings.toml", "--by", "科员")

    code, out, _ = call(capsys, "decide", "waive", "环卫处", "liaison", *given, "--why", "会议")
    number = re.search(r"undo (\d+)", out)
    assert code == 0
    assert "环卫处 联络员反馈表 免报" in out
    assert number is not None
    assert call(capsys, "decide", "undo", number[1], *given)[0] == 0
    assert "（已撤销）" in call(capsys, "decide", "list", *given)[1]


# -- what can go wrong ----------------------------------------------------------------


def test_a_wrong_time_unit_or_deadline_is_named(
    played: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--settings", played / "settings.toml")

    for arguments, code_word in (
        (("status", "--at", "明天"), "TIME_WRONG"),
        (("decide", "waive", "某某局", "liaison"), "UNIT_UNKNOWN"),
        (("decide", "waive", "环卫处", "progress"), "DEADLINE_UNKNOWN"),
    ):
        code, _, err = call(capsys, *arguments, *given)
        assert (code, code_word in err) == (2, True)


def test_wrong_settings_name_the_key_and_the_mend(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('data = "d"\ncampaigns = ["c"]\n[mailbox]\nport = "x"\n', encoding="utf-8")

    code, _, err = call(capsys, "status", "--settings", file)

    assert code == 2
    assert "mailbox.user：缺少这一项" in err
    assert "mailbox.port：应为整数，现为 x" in err


def test_no_settings_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = call(capsys, "tick", "--settings", tmp_path / "none.toml")

    assert code == 2
    assert "NO_SETTINGS" in err


def test_no_server_is_a_shut_door(played: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "tick", "--settings", played / "settings.toml")

    assert code == 3
    assert "IMAP_UNREACHABLE" in err


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Path, EmbeddedImap, SmtpSink]]:
    """Settings of a fresh installation on running servers whose password is `right`."""
    campaign = settings_.load_campaign(settings_.SHIPPED / demo.SLUG)
    users = {campaign.mailbox: "right"}
    with EmbeddedImap(users) as imap, SmtpSink(users) as sink:
        text = demo.SETTINGS.format(
            slug=demo.SLUG, imap=imap.port, smtp=sink.port, user=campaign.mailbox
        )
        (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
        (tmp_path / "campaigns").symlink_to(settings_.SHIPPED)
        (tmp_path / "authcode").write_text("right", encoding="ascii")
        yield tmp_path, imap, sink


def test_a_wrong_password_is_a_shut_door(
    servers: tuple[Path, EmbeddedImap, SmtpSink], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _, _ = servers
    (folder / "authcode").write_text("wrong", encoding="ascii")

    code, _, err = call(capsys, "tick", "--settings", folder / "settings.toml")
    (folder / "authcode").write_text("right", encoding="ascii")
    again, _, resting = call(capsys, "tick", "--settings", folder / "settings.toml")

    assert (code, again) == (3, 3)
    assert "IMAP_AUTH_REFUSED" in err
    assert "以后再试" not in err
    assert "以后再试" in resting  # too many logins lock the account: not even a right code
