"""Address cards as phones and Outlook export them."""

from __future__ import annotations

from parsers import vcard

THREE = """BEGIN:VCARD\r
VERSION:3.0\r
FN:王小明\r
ORG:东陈镇综合执法局;办公室\r
EMAIL;TYPE=INTERNET:dong\r
 chen@mail.example\r
item1.EMAIL;TYPE=WORK:second@mail.example\r
TEL:139-0000-0001\r
END:VCARD\r
"""


def test_a_folded_card_of_version_three() -> None:
    (card,) = vcard.read(THREE.encode())

    assert card.organisation == ("东陈镇综合执法局", "办公室")
    assert card.names == ("王小明",)
    assert card.addresses == ("dongchen@mail.example", "second@mail.example")


def test_a_card_of_an_old_phone_is_quoted_printable_in_gbk() -> None:
    quoted = "".join(f"={b:02X}" for b in "白蒲镇".encode("gbk"))
    cut = quoted[:9] + "=\r\n" + quoted[9:]
    text = (
        f"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:{cut};;;\r\n"
        "EMAIL;INTERNET:baipu@mail.example\r\nEND:VCARD\r\n"
    )

    (card,) = vcard.read(text.encode("ascii"))

    assert card.names == ("白蒲镇",)
    assert card.addresses == ("baipu@mail.example",)


def test_commas_and_semicolons_that_are_escaped_part_nothing() -> None:
    text = "BEGIN:VCARD\nORG:甲\\;乙\nEMAIL:a@b.example\nEND:VCARD\nBEGIN:VCARD\nFN:丙\nEND:VCARD\n"

    one, two = vcard.read(text.encode())

    assert one.organisation == ("甲;乙",)
    assert two.addresses == ()


def test_what_is_no_card_gives_none() -> None:
    assert vcard.read(b"") == ()
    assert vcard.read(b"hello: world\nEMAIL") == ()
