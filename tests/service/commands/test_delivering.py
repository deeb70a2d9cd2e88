"""A return by WeChat with its file: kept, read like an attachment, and gone when it is undone."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest

from service import answers
from service.moments import moment
from tests.service.office import Office

UNIT, DEADLINE = "huanwei-chu", "progress-0608"
LATER = "2030-01-01 12:00"
GIVEN = ("--when", "2021-06-08 16:40", "--how", "微信", "--by", "刘露璐")


@pytest.fixture
def filled(office: Office, tmp_path: Path) -> Path:
    """A form as a colleague's telephone has it: under a name that says nothing."""
    for mail in office.mails:
        read = email.message_from_bytes(mail.raw, policy=email.policy.default)
        for part in read.iter_attachments():
            if str(part.get_filename()).endswith(".docx") and "统计表" in str(read["Subject"]):
                file = tmp_path / "微信文件20210608.docx"
                file.write_bytes(part.get_payload(decode=True))
                return file
    raise AssertionError("no filled form in this office")


def received(office: Office, file: Path, deadline: str = DEADLINE) -> tuple[int, str]:
    return office.run("decide", "received", UNIT, deadline, *GIVEN, "--file", file)


def test_a_file_by_another_road_counts_until_it_is_undone(office: Office, filled: Path) -> None:
    assert office.outlook(LATER).ledger.cell(UNIT, DEADLINE).state == "missing"
    code, said = received(office, filled)
    outlook = office.outlook(LATER)
    cell = outlook.ledger.cell(UNIT, DEADLINE)
    (mail,) = (m for m in outlook.ledger.mails if m.source == "received")

    assert code == 0 and "已于 6月8日16:40 以微信方式收到" in said
    assert "附件“微信文件20210608.docx”读作“附件2 进展情况统计表”，52项中填了" in said
    assert "计入6月8日进展情况统计表。" in said
    assert (cell.state, cell.arrived_at, cell.days_late) == (
        "reported",
        moment("2021-06-08 16:40"),
        0,
    )
    assert cell.submission is not None
    assert (cell.submission.how, cell.submission.trust, cell.submission.sender) == (
        "微信",
        "staff",
        None,
    )
    assert not answers.answerable(outlook.campaign, mail)

    assert office.run("replay")[0] == 0
    assert office.outlook(LATER).ledger.cell(UNIT, DEADLINE).submission is not None

    office.run("decide", "undo", said.rpartition("undo ")[2].strip())
    after = office.outlook(LATER)
    assert after.ledger.cell(UNIT, DEADLINE).state == "missing"
    assert not [m for m in after.ledger.mails if m.source == "received"]


def test_what_is_another_form_or_none_is_said_so(office: Office, filled: Path) -> None:
    photo = filled.with_name("拍照.jpg")
    photo.write_bytes(b"\xff\xd8\xff\xe0 no picture after all")
    _, other = received(office, filled, "liaison")
    _, kept = received(office, photo)

    assert "不是“联络员反馈表”要的表，按内容计入6月8日进展情况统计表，请核对" in other
    assert office.outlook(LATER).ledger.cell(UNIT, "liaison").state == "late"
    assert "附件“拍照.jpg”已存档：" in kept
    assert office.outlook(LATER).ledger.cell(UNIT, DEADLINE).state == "reported"
