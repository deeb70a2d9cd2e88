"""Lists of addresses: what binds, what is not sure, in whatever layout it comes."""

from __future__ import annotations

import io
from collections.abc import Sequence

import openpyxl
import pytest

from service import contacts
from service.types import Campaign


@pytest.fixture
def understood(shipped: Campaign):  # type: ignore[no-untyped-def]
    def of(content: bytes, **confirmed: Sequence[str]):  # type: ignore[no-untyped-def]
        pairs, unclear = contacts.understand(shipped, confirmed, contacts.rows(content))
        return [(p.unit, p.address) for p in pairs], [(u.row.number, u.code) for u in unclear]

    return of


def workbook(*rows: Sequence[str]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


LIST = (
    ("安全生产月联络员名册", "", "", ""),
    ("序号", "单位名称", "联络员", "电子邮箱"),
    ("1", "东陈镇", "王长江", "DongChen@mail.example"),
    ("2", "如皋市环卫处", "李开发", "hw1@mail.example；hw2@mail.example"),
    ("3", "某某局", "张三", "who@mail.example"),
    ("4", "丁堰镇综合执法局", "赵六", "dingyan#mail.example"),
    ("5", "白蒲镇", "钱七", "无"),
)
BOUND = [
    ("dongchen", "dongchen@mail.example"),
    ("huanwei-chu", "hw1@mail.example"),
    ("huanwei-chu", "hw2@mail.example"),
]


def test_a_workbook_binds_what_is_sure_and_tells_the_rest(understood) -> None:  # type: ignore[no-untyped-def]
    pairs, unclear = understood(workbook(*LIST))

    assert pairs == BOUND
    assert unclear == [(5, "no_unit"), (6, "bad_address")]


@pytest.mark.parametrize("charset", ["utf-8-sig", "gb18030"])
def test_a_csv_of_excel_reads_the_same(understood, charset: str) -> None:  # type: ignore[no-untyped-def]
    text = "\r\n".join(",".join(row) for row in LIST)

    assert understood(text.encode(charset)) == (BOUND, [(5, "no_unit"), (6, "bad_address")])


def test_two_bare_columns_need_no_heading(understood) -> None:  # type: ignore[no-untyped-def]
    assert understood("东陈 a@b.example\n白蒲镇\tc@d.example\n".encode()) == (
        [("dongchen", "a@b.example"), ("baipu", "c@d.example")],
        [],
    )


def test_cards_bind_by_their_organisation(understood) -> None:  # type: ignore[no-untyped-def]
    text = (
        "BEGIN:VCARD\nFN:王长江\nORG:如皋市东陈镇\nEMAIL:a@b.example\nEND:VCARD\n"
        "BEGIN:VCARD\nFN:王长江\nEMAIL:x@b.example\nEND:VCARD\n"
    )

    assert understood(text.encode()) == ([("dongchen", "a@b.example")], [(2, "no_unit")])


def test_an_address_of_another_unit_or_of_the_section_is_not_bound(understood) -> None:  # type: ignore[no-untyped-def]
    rows = workbook(
        ("东陈镇", "a@b.example"), ("白蒲镇", "a@b.example"), ("丁堰镇", "held@b.example"),
        ("搬经镇", "1137652316@qq.com"), ("江安镇", "own@b.example"),
    )  # fmt: skip

    pairs, unclear = understood(rows, baipu=("held@b.example",), jiangan=("own@b.example",))

    assert pairs == [("dongchen", "a@b.example"), ("jiangan", "own@b.example")]
    assert unclear == [(2, "taken"), (3, "taken"), (4, "own_address")]


def test_a_row_with_two_units_binds_neither(understood) -> None:  # type: ignore[no-untyped-def]
    assert understood(workbook(("东陈镇", "白蒲镇", "a@b.example"), ("", "", ""))) == (
        [],
        [(1, "several_units")],
    )


def test_a_qq_number_beside_its_name_is_a_mailbox(understood) -> None:  # type: ignore[no-untyped-def]
    book = workbook(
        ("各单位联系方式", "", ""),
        ("单位", "姓名", "联系方式（手机/QQ）"),
        ("东陈镇", "王小明", "139-0000-0001  QQ：12345678"),
        ("丁堰镇", "赵六", "139-0000-0002 qq87654321 dingyan@mail.example"),
        ("白蒲镇", "钱七", "139-0000-0003/7654321"),
        ("备注：如有变动请联系", "", "139-0000-0099"),
    )

    assert understood(book) == (
        [("dongchen", "12345678@qq.com"), ("dingyan", "dingyan@mail.example")], [],
    )  # fmt: skip
    assert understood(workbook(("单位", "QQ号"), ("东陈镇", "12345678")))[0] == [
        ("dongchen", "12345678@qq.com")
    ]


def test_a_card_may_name_the_unit_beside_the_person(understood) -> None:  # type: ignore[no-untyped-def]
    card = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:李丽（东陈镇）\r\nEMAIL:a@mail.example\r\nEND:VCARD\r\n"
    )

    assert understood(card.encode())[0] == [("dongchen", "a@mail.example")]
