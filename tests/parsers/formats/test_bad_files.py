"""Files made to hurt are refused within 2 seconds of work and 300 MB, with the reason.

Each runs in a child of its own, whose memory and time are held from outside.
"""

from __future__ import annotations

import io
import multiprocessing
import resource
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from parsers import containers, formats, images, sniff
from parsers.types import ParserError

SPECIMENS = Path(__file__).parents[2] / "specimens" / "forms"
SECONDS = 2.0
MEMORY = 300 * 1024 * 1024


def packed(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def with_member(specimen: str, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """A specimen with one of its members replaced."""
    with zipfile.ZipFile(SPECIMENS / specimen) as archive:
        entries = [(e.filename, archive.read(e)) for e in archive.infolist()]
    return packed(*((n, change(c) if n == member else c) for n, c in entries))


def far_cell(xml: bytes) -> bytes:
    return xml.replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )


def many_cells(xml: bytes) -> bytes:
    row = b"<w:tr>" + b"<w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc>" * 400 + b"</w:tr>"
    return xml.replace(b"<w:tbl>", b"<w:tbl>" + row * 400, 1)


def repeated_cells(xml: bytes) -> bytes:
    row = (
        b'<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        b'table:number-columns-repeated="16000" office:value-type="string"><text:p>1</text:p>'
        b"</table:table-cell></table:table-row></table:table>"
    )
    return xml.replace(b"</table:table>", row, 1)


def entities(xml: bytes) -> bytes:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "{"x" * 100}">{levels}]>'.encode()
    start = xml.index(b"?>") + 2
    return (
        xml[:start] + doctype + xml[start:].replace(b"<text:p", b"<text:p>&l9;</text:p><text:p", 1)
    )


def far_xls() -> bytes:
    content = bytearray((SPECIMENS / "f2_u1.xls").read_bytes())
    for kind in (0x00FD, 0x0203, 0x027E):
        mark = struct.pack("<HH", kind, 10 if kind != 0x0203 else 14)
        at = content.find(mark)
        if at > 0:
            struct.pack_into("<HH", content, at + 4, 65000, 255)
            return bytes(content)
    raise AssertionError("no cell")


def overlapping() -> bytes:
    raw = bytearray(packed(*((str(i), bytes(50_000)) for i in range(100))))
    first = raw.index(b"PK\x01\x02")
    at = first
    while at >= 0:
        raw[at + 42 : at + 46] = raw[first + 42 : first + 46]
        at = raw.find(b"PK\x01\x02", at + 1)
    return bytes(raw)


def gigapixel() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(20_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def overlapping_pieces() -> bytes:
    """A .doc whose piece table claims two thousand million characters."""
    content = (SPECIMENS / "f2_u1.doc").read_bytes()
    text_length = struct.pack("<I", 2551)
    return content.replace(
        b"\x02\x10\x00\x00\x00" + bytes(4) + text_length,
        b"\x02\x10\x00\x00\x00" + bytes(4) + b"\xff\xff\xff\x7f",
    )


BAD = {
    "bomb.zip": (lambda: packed(("a.txt", bytes(200_000_000))), "archive_ratio"),
    "zip of zips": (
        lambda: packed(("b.zip", packed(("c.zip", packed(("d.zip", packed(("e", b"1")))))))),
        "archive_too_deep",
    ),
    "overlapping.zip": (overlapping, "overlapping_entries"),
    "entries.zip": (lambda: packed(*((str(i), b"") for i in range(2_001))), "too_many_entries"),
    "cut.docx": (lambda: (SPECIMENS / "f2_u1.docx").read_bytes()[:20_000], "broken_docx"),
    "cut.doc": (lambda: (SPECIMENS / "f2_u1.doc").read_bytes()[:20_000], "damaged_doc"),
    "cells.docx": (
        lambda: with_member("f2_u1.docx", "word/document.xml", many_cells),
        "too_many_cells",
    ),
    "bomb.docx": (
        lambda: with_member("f2_u1.docx", "word/document.xml", lambda x: x + b" " * 200_000_000),
        "unpacked_too_large",
    ),
    "far.xlsx": (
        lambda: with_member("f2_u1.xlsx", "xl/worksheets/sheet1.xml", far_cell),
        "sheet_too_large",
    ),
    "far.xls": (far_xls, "sheet_too_large"),
    "far.ods": (lambda: with_member("f2_u1.ods", "content.xml", repeated_cells), "sheet_too_large"),
    "entities.odt": (lambda: with_member("f2_u1.odt", "content.xml", entities), None),
    "pieces.doc": (overlapping_pieces, "too_many_characters"),
    "cells.html": (lambda: b"<table><tr>" + b"<td>1" * 160_000, "too_many_cells"),
    "deep.html": (lambda: b"<html>" + b"<div>" * 100_000 + b"x", None),
    "cells.rtf": (
        lambda: (
            b"{\\rtf1"
            + (b"\\trowd" + b"\\cellx9" * 100 + b"\\intbl" + b"\\cell" * 100 + b"\\row") * 400
        ),
        "too_many_cells",
    ),
    "deep.rtf": (lambda: b"{\\rtf1" + b"{" * 1_000_000, "nested_too_deep"),
    "long.txt": (lambda: b"x" * 6_000_000, "too_many_characters"),
    "huge.png": (gigapixel, "image_too_large"),
}


def take_in(content: bytes, budget: containers.Budget) -> None:
    """What a reader does with a file, without the forms."""
    kind = sniff.kind(content)
    if kind == "image":
        images.size(content)
    elif kind in containers.MEMBERS:
        members = containers.MEMBERS[kind](content, budget)
        with budget.deeper():
            for member in members:
                take_in(member.content or b"x", budget)
    else:
        formats.read(content)


def watched(name: str, answer) -> None:
    content = BAD[name][0]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()  # on a busy machine others take the rest
    try:
        take_in(content, containers.Budget())
        code = "read"
    except ParserError as refusal:
        code = refusal.code
    seconds = time.process_time() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    answer.put((code, seconds, grown))


@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_file_is_refused_in_time_and_space(name):
    context = multiprocessing.get_context("fork")
    answer = context.SimpleQueue()
    child = context.Process(target=watched, args=(name, answer))
    child.start()
    child.join(20)
    if child.is_alive():
        child.kill()

    assert child.exitcode == 0
    code, seconds, grown = answer.get()
    assert code == BAD[name][1] or BAD[name][1] is None
    assert seconds < SECONDS
    assert grown < MEMORY
