"""`run.py units import`: shown first, bound with --yes, undone by number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import run
from service import demo
from service import settings as settings_


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A fresh installation with the shipped campaign, in which nobody has an address."""
    text = demo.SETTINGS.format(slug=demo.SLUG, imap=1, smtp=1, user="1137652316@qq.com")
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    (tmp_path / "campaigns").symlink_to(settings_.SHIPPED)
    return tmp_path / "settings.toml"


def call(
    capsys: pytest.CaptureFixture[str], settings: Path, *arguments: object
) -> tuple[int, str, str]:
    code = run.run(["--settings", str(settings), *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_list_is_shown_then_bound_then_undone(
    settings: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text("单位,邮箱\n东陈镇,a@b.example\n白蒲镇,c@d.example\n", encoding="utf-8")

    code, shown, _ = call(capsys, settings, "units", "import", file)
    assert code == 0
    assert "第2行：东陈镇综合执法局 ← a@b.example" in shown
    assert "可绑定 2 个" in shown and "--yes" in shown
    assert "名单里没有邮箱的单位 18 个" in shown
    assert "bind" not in call(capsys, settings, "decide", "list")[1]

    code, bound, _ = call(capsys, settings, "units", "import", file, "--yes", "--by", "科员")
    numbers = re.findall(r"undo (\d+)", bound)
    assert (code, len(numbers)) == (0, 2)
    assert (
        "科员　东陈镇综合执法局 的邮箱 a@b.example 已确认"
        in call(capsys, settings, "decide", "list")[1]
    )

    again = call(capsys, settings, "units", "import", file, "--yes")[1]
    assert "绑定 0 个；原已绑定 2 个" in again
    assert call(capsys, settings, "decide", "undo", numbers[0])[0] == 0
    assert "可绑定 1 个；原已绑定 1 个" in call(capsys, settings, "units", "import", file)[1]


def test_rows_not_understood_are_told_and_give_code_one(
    settings: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "cards.vcf"
    file.write_text("BEGIN:VCARD\nORG:某某局\nEMAIL:a@b.example\nEND:VCARD\n", encoding="utf-8")

    code, out, _ = call(capsys, settings, "units", "import", file, "--yes")

    assert code == 1
    assert "第1张名片没看懂：看不出是哪个单位（某某局）。" in out


def test_a_file_that_cannot_be_read_is_a_wrong_call(
    settings: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04 not a workbook")

    assert call(capsys, settings, "units", "import", tmp_path / "bad.xlsx")[0] == 2
    code, _, err = call(capsys, settings, "units", "import", tmp_path / "none.csv")
    assert (code, "FILE_UNREADABLE" in err) == (2, True)
