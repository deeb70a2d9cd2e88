"""The own reader of Word 97-2003: what the golden forms and the traps do not reach."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from parsers.formats import doc, word97
from parsers.types import Damaged, Encrypted, OverLimit, Unsupported

SPECIMENS = Path(__file__).parents[2] / "specimens"
FORM = (SPECIMENS / "forms" / "f2_u1.doc").read_bytes()


def with_fib(offset: int, value: int) -> bytes:
    """The golden form with two bytes of its FIB changed."""
    at = FORM.index(b"\xec\xa5")
    raw = bytearray(FORM)
    struct.pack_into("<H", raw, at + offset, value)
    return bytes(raw)


def test_a_password_is_recognised_by_its_flag():
    with pytest.raises(Encrypted):
        doc.read(with_fib(10, 0x1300))


def test_word_95_is_named_and_not_read():
    with pytest.raises(Unsupported) as refusal:
        doc.read(with_fib(2, 104))

    assert refusal.value.code == "old_word"


def test_a_file_cut_short_is_damaged_and_no_text_is_made_up():
    for size in range(512, len(FORM), 2048):
        with pytest.raises(Damaged):
            doc.read(FORM[:size])


def test_more_characters_than_the_limit_are_refused_before_reading(monkeypatch):
    monkeypatch.setattr("parsers.limits.DOCUMENT_CHARACTERS", 1000)

    with pytest.raises(OverLimit):
        doc.read(FORM)


def test_wps_is_the_same_format():
    wps = (SPECIMENS / "forms" / "f1_u1.wps").read_bytes()
    word = (SPECIMENS / "forms" / "f1_u1.doc").read_bytes()

    assert doc.read(wps).blocks == doc.read(word).blocks


@pytest.mark.parametrize("flags", [[1, 2, 2, 0], [2, 1, 1, 0]])
def test_cells_merged_across_whichever_mark_begins_the_run(flags):
    assert doc._across(flags) == {1, 2}


def test_two_merged_runs_side_by_side_stay_two():
    assert doc._across([1, 2, 1, 2]) == {1, 3}


def test_cells_merged_down_by_the_row_or_by_a_later_property():
    assert doc._down([0x60, 0x20, 0], b"") == {1}
    assert doc._down([0x60, 0x20, 0], bytes([2, 1, 1, 0])) == {2}


def test_a_row_without_a_definition_keeps_its_texts():
    row = doc._row(["甲", "乙"], {})

    assert [cell.text for cell in row] == ["甲", "乙"]
    assert row[0].right == row[1].left


def test_properties_are_read_by_their_operand_sizes():
    grpprl = bytes.fromhex("16240149660100000008d60500010a000b172401")

    found = word97._sprms(grpprl, b"")

    assert found[0x2416] == b"\x01"
    assert found[0x6649] == b"\x01\0\0\0"
    assert found[0x2417] == b"\x01"


def test_huge_properties_are_fetched_from_the_data_stream():
    data = b"\0\0" + b"\x03\x00" + b"\x16\x24\x01"

    assert word97._sprms(b"\x46\x66" + struct.pack("<I", 2), data) == {0x2416: b"\x01"}
