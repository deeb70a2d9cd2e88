"""What kind of file these bytes are, by their own marks and never by their name.

Units rename .docx to .doc and .rtf to .doc; phones send `IMG_1` without a suffix.
Only marks are read here: nothing is unpacked, nothing is parsed.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile

import olefile

from parsers.foreign import BROKEN_BYTES

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"\x1f\x8b", "gzip"),
    (b"\x00\x05\x16\x07", "mac_resource"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"\xd7\xcd\xc6\x9a", "image"),
    (b"\x1a\x45\xdf\xa3", "video"),
    (b"FLV\x01", "video"),
    (b"\x00\x00\x01\xba", "video"),
    (b"\x00\x00\x01\xb3", "video"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video"),
    (b"ID3", "audio"),
    (b"OggS", "audio"),
    (b"fLaC", "audio"),
    (b"#!AMR", "audio"),
    (b"\xff\xfb", "audio"),
    (b"\xff\xf1", "audio"),
)
_NOTHING = b"\x00 \t\r\n\xef\xbb\xbf"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_IMAGE_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"}
_HEAD = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]?[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*")
_MAIL_HEADS = re.compile(
    rb"^(return-path|received|delivered-to|from|to|subject|date|message-id|mime-version|"
    rb"x-[a-z0-9-]+|dkim-signature|content-type|reply-to):",
    re.I,
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div|p)\b", re.I)
# files in letters: OpenPGP (RFC 9580, 6.2), a Mac's BinHex (RFC 1741)
_ARMOURS = (
    (b"-----BEGIN PGP MESSAGE-----", "encrypted"),
    (b"(This file must be converted with BinHex", "unknown"),
)
_OWNER_FILE_BYTES = (162, 165)


def kind(content: bytes) -> str:
    """Name the kind of a file: docx, doc, xlsx, …, encrypted, empty or unknown."""
    if not content[:64].strip(_NOTHING) and not content.strip(_NOTHING):
        return "empty"
    if content.startswith(_ZIP):
        return _zip_kind(content)
    if content.startswith(_OLE):
        return _ole_kind(content)
    return _binary_kind(content) or _text_kind(content)


def _binary_kind(content: bytes) -> str | None:
    for magic, name in _MAGIC:
        if content.startswith(magic) and not (name == "image" and _looks_like_text(content)):
            return name
    if content[4:8] == b"ftyp":
        return _brand_kind(content[8:12])
    if content[:4] == b"RIFF":
        return {b"AVI ": "video", b"WAVE": "audio", b"WEBP": "image"}.get(content[8:12], "unknown")
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        return "rtf"
    # BIFF2-5 sheets without a compound file: the BOF record, [MS-XLS] 2.4.21
    if (
        content[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
        and content[3:4] == b"\0"
    ):
        return "xls"
    if len(content) in _OWNER_FILE_BYTES and 0 < content[0] <= 54 and b"\x00" in content:
        return "owner_file"
    return None


def _brand_kind(brand: bytes) -> str:
    if brand in _IMAGE_BRANDS:
        return "image"
    return "audio" if brand.startswith(b"M4A") else "video"


def _zip_kind(content: bytes) -> str:
    office = _office_kind(_listed(content))
    if office is not None:
        return office
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            mimetype = _mimetype(archive) if "mimetype" in names else b""
    except BROKEN_BYTES:
        return _torn_zip_kind(content)
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    if b"opendocument.text" in mimetype:
        return "odt"
    return _office_kind({n.encode() for n in names}) or "zip"


def _office_kind(names: set[bytes]) -> str | None:
    if b"[Content_Types].xml" not in names:
        return None
    for folder, name in ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx")):
        if any(n.startswith(folder) for n in names):
            return name
    return None


def _listed(content: bytes) -> set[bytes]:
    """The names in a plain zip's directory (APPNOTE 4.3.12, 4.3.16), read without making an
    object of each entry; none where it is anything but plain."""
    names: set[bytes] = set()
    if content[-22:-18] != b"PK\x05\x06":
        return names
    count, size, at = struct.unpack_from("<HII", content, len(content) - 12)
    end = len(content) - 22
    if at + size != end:
        return names
    for _ in range(count):
        if at + 46 > end or content[at : at + 4] != b"PK\x01\x02":
            return set()
        name, extra, comment = struct.unpack_from("<HHH", content, at + 28)
        names.add(content[at + 46 : at + 46 + name])
        at += 46 + name + extra + comment
    return names


def _mimetype(archive: zipfile.ZipFile) -> bytes:
    try:
        with archive.open("mimetype") as member:
            return member.read(80)
    except BROKEN_BYTES:
        return b""


def _torn_zip_kind(content: bytes) -> str:
    """A truncated zip has lost its directory; its local headers still tell what it was."""
    for mark, name in ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx")):
        if b"[Content_Types].xml" in content[:65536] and mark in content:
            return name
    return "zip"


def _ole_kind(content: bytes) -> str:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            streams = {"/".join(path) for path in ole.listdir()}
            fib = ole.openstream("WordDocument").read(12) if "WordDocument" in streams else b""
    except BROKEN_BYTES:
        return _torn_ole_kind(content)
    if "EncryptedPackage" in streams:
        return "encrypted"
    if fib:
        # FibBase.fEncrypted, [MS-DOC] 2.5.2
        return "encrypted" if len(fib) > 11 and fib[11] & 0x01 else "doc"
    if streams & {"Workbook", "Book", "WORKBOOK", "BOOK"}:
        return "xls"
    if "PowerPoint Document" in streams:
        return "ppt"
    return "msg" if "__properties_version1.0" in streams else "unknown"


def _torn_ole_kind(content: bytes) -> str:
    for stream, name in (("WordDocument", "doc"), ("Workbook", "xls")):
        if stream.encode("utf-16-le") in content:
            return name
    return "doc"  # its directory is cut off: most are Word's, whose reader says damaged


def _text_kind(content: bytes) -> str:
    if not _looks_like_text(content):
        return "unknown"
    head = content[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    head = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    for armour, name in _ARMOURS:
        if head.startswith(armour):
            return name
    if _is_mail(head):
        return "eml"
    if b'progid="Excel.Sheet"' in head or b'progid="Word.Document"' in head:
        return "office_xml"
    if head[:1] == b"<" and _HTML.search(head):
        return "html"
    return "text"


def _is_mail(head: bytes) -> bool:
    """Two header lines of RFC 5322 at the very start; mbox's `From ` line may stand before."""
    if head.startswith(b"From "):
        head = head.partition(b"\n")[2]
    known, at = 0, 0
    while match := _HEAD.match(head, at):
        known += bool(_MAIL_HEADS.match(match.group()))
        at = match.end()
    return known >= 2


def _looks_like_text(content: bytes) -> bool:
    sample = content[:4096]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in sample)
    if controls:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            sample[: len(sample) - 4 or None].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start > len(sample) - 10:
                return True
            continue
        return True
    return False
