"""Word files with the traces of work in them: what a reader sees on paper counts."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from parsers.formats.docx import read
from parsers.types import Damaged, Encrypted, Grid, OverLimit, ParserError

_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def packed(body: str, **members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>"
        )
        for name, content in members.items():
            archive.writestr(f"word/media/{name}.png", content)
    return target.getvalue()


def run(text: str, style: str = "") -> str:
    return f"<w:r><w:rPr>{style}</w:rPr><w:t>{text}</w:t></w:r>"


def line(inner: str) -> str:
    return read(packed(f"<w:p>{inner}</w:p>")).blocks[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("inner", "marked"),
    [
        (run("片□") + run("是", '<w:highlight w:val="yellow"/>') + run("□否"), "是"),
        (run("片") + run("□是", '<w:color w:val="FF0000"/>') + run("□否"), "是"),
        (run("片□是") + run("□否", '<w:u w:val="single"/>'), "否"),
        (run("片□是") + run("□否", '<w:u w:val="none"/><w:color w:val="000000"/>'), None),
        (run("片□是") + run("□否", "<w:b/>"), "否"),
        (run("参加：是") + run("□", '<w:shd w:val="clear" w:fill="FFFF00"/>') + run("否□"), "是"),
        (run("片") + run("是", '<w:color w:val="FF0000"/>') + run("（ ）、否（ ）"), "是"),
        (run("片") + run("☑是", '<w:color w:val="FF0000"/>') + run("□否"), None),
        (run("片") + run("□是□否", '<w:color w:val="FF0000"/>'), None),
        (run("参与") + run("12", '<w:u w:val="single"/>') + run("次□"), None),
    ],
)
def test_an_option_marked_by_its_look_alone_is_a_doubt(inner: str, marked: str | None) -> None:
    doubts = read(packed(f"<w:p>{inner}</w:p>")).doubts

    assert [dict(d.facts)["raw"] for d in doubts if d.code == "marked_choice"] == (
        [marked] if marked else []
    )


def cell(text: str, style: str = "") -> str:
    return f"<w:tc><w:tcPr>{style}</w:tcPr><w:p>{run(text)}</w:p></w:tc>"


def table(*rows: str) -> list[list[str]]:
    body = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    grid = read(packed(body)).blocks[0]
    assert isinstance(grid, Grid)
    return [[c.text for c in row] for row in grid.rows]


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ('<w:r><mc:AlternateContent><mc:Choice Requires="x"><w14:new/></mc:Choice><mc:Fallback><w:t>3</w:t></mc:Fallback></mc:AlternateContent></w:r>' + run("次"), "3次"),
        ('<w:r><mc:AlternateContent><mc:Choice Requires="x"><w:t>2</w:t></mc:Choice><mc:Fallback><w:t>2</w:t></mc:Fallback></mc:AlternateContent></w:r>' + run("次"), "2次"),
        ('<w:r><mc:AlternateContent><mc:Choice Requires="w16se"><w16se:symEx xmlns:w16se="http://schemas.microsoft.com/office/word/2015/wordml/symex" w16se:font="Segoe UI Symbol" w16se:char="2611"/></mc:Choice><mc:Fallback><w:t>☑</w:t></mc:Fallback></mc:AlternateContent></w:r>' + run("是"), "☑是"),
        ('<w:r><w:rPr><w:vanish/></w:rPr><w:instrText>XE 索引</w:instrText><w:t>藏</w:t></w:r><w:r><w:instrText>eq \\o\\ac(□,√)</w:instrText><w:fldChar w:fldCharType="end"/></w:r>', "☑"),
        (run("学习（") + f"<w:ins>{run('2')}</w:ins><w:del>{run('5')}</w:del>" + run("）次"), "学习（2）次"),
        (f"<w:moveFrom>{run('旧')}</w:moveFrom><w:moveTo>{run('新')}</w:moveTo>", "新"),
        (f"<w:sdt><w:sdtPr/><w:sdtContent>{run('31')}</w:sdtContent></w:sdt>", "31"),
        (f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('单击输入')}</w:sdtContent></w:sdt>", ""),
        ('<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent/></w:sdt>' + run("是"), "☑是"),
        ('<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="0"/></w14:checkbox></w:sdtPr><w:sdtContent/></w:sdt>' + run("否"), "□否"),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>' + run("是"), "☑是"),
        (run("R", '<w:rFonts w:ascii="Wingdings 2"/>') + run("是"), "☑是"),
        (run("秘密", "<w:vanish/>") + run("公开", '<w:vanish w:val="0"/>'), "公开"),
        (run("    ", '<w:u w:val="single"/>') + run("次"), "____次"),
        ("<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r>", "甲\t乙\n丙"),
        ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>' + run("1"), "1"),
        ('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>' + run("是"), "☑是"),
        (run("（11") + run("1", '<w:vertAlign w:val="superscript"/>') + run("）次"), "（11¹）次"),
        (f"{run('共')}<m:oMath><m:r><m:t>11</m:t></m:r></m:oMath>{run('次')}", "共11次"),
        ("<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>", "1／2"),
        ("<w:smartTag>" + run("6月8日") + "</w:smartTag><w:hyperlink>" + run("链接") + "</w:hyperlink>", "6月8日链接"),
        ("<w:r><w:ruby><w:rt>" + run("pin") + "</w:rt><w:rubyBase>" + run("拼") + "</w:rubyBase></w:ruby></w:r>", "拼"),
    ],
)  # fmt: skip
def test_a_line_as_it_is_read_on_paper(inner: str, text: str) -> None:
    assert line(inner) == text


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent><w:p>{run('框里')}</w:p></w:txbxContent>"
    body = (
        f"<w:p>{run('正文')}<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>"
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )

    assert [b.text for b in read(packed(body)).paragraphs] == ["正文", "框里"]


def test_a_deleted_paragraph_mark_joins_two_lines() -> None:
    body = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('参与')}</w:p><w:p>{run('人次')}</w:p>"

    assert [b.text for b in read(packed(body)).paragraphs] == ["参与人次"]


def test_merged_cells_stand_at_every_address() -> None:
    rows = table(
        cell("项目", '<w:vMerge w:val="restart"/>') + cell("甲", '<w:gridSpan w:val="2"/>'),
        cell("", "<w:vMerge/>") + cell("乙") + cell("丙"),
    )

    assert rows == [["项目", "甲", "甲"], ["项目", "乙", "丙"]]


def test_a_deleted_row_is_gone_and_an_inserted_one_is_here() -> None:
    rows = table(
        "<w:trPr><w:del/></w:trPr>" + cell("旧"),
        "<w:trPr><w:ins/></w:trPr>" + cell("新"),
    )

    assert rows == [["新"]]


def test_a_nested_table_is_text_of_its_cell() -> None:
    inner = f"<w:tbl><w:tr>{cell('次数')}{cell('3')}</w:tr></w:tbl>"
    rows = table(f"<w:tc><w:p>{run('外')}</w:p>{inner}<w:p/></w:tc>" + cell("旁"))

    assert rows == [["外\n次数\t3", "旁"]]


def test_pictures_come_along() -> None:
    assert [(p.name, p.content) for p in read(packed("<w:p/>", image1=b"\x89PNG")).images] == [
        ("image1.png", b"\x89PNG")
    ]


def test_a_password_is_named() -> None:
    content = bytearray(packed("<w:p/>"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 1)

    with pytest.raises(Encrypted):
        read(bytes(content))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", packed("<w:p/>")[:200], packed("<w:p>")])
def test_broken_files_are_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        read(content)


def test_entities_are_not_expanded() -> None:
    target = io.BytesIO()
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(
            "word/document.xml",
            f"{bomb}<w:document {_NAMES}><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>",
        )

    try:
        text = "".join(p.text for p in read(target.getvalue()).paragraphs)
    except ParserError:
        text = ""
    assert "aaaa" not in text


@pytest.mark.parametrize(
    "body",
    [
        "<w:tbl>" + f"<w:tr>{'<w:tc><w:p/></w:tc>' * 400}</w:tr>" * 400 + "</w:tbl>",
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>',
        "<w:p>" + " " * (70 * 1024 * 1024) + "</w:p>",
    ],
    ids=["160,000 cells", "a span without end", "70 MB of nothing"],
)
def test_what_would_cost_too_much_is_refused_at_once(body: str) -> None:
    content = packed(body)
    started = time.perf_counter()

    with pytest.raises(OverLimit):
        read(content)
    assert time.perf_counter() - started < 2
