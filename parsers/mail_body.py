"""The words of a mail: which parts are its body, and their text.

Of an alternative the plain version speaks, unless it is empty; html becomes text with a
line for each block and a tab between cells, so that a pasted table stays a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from parsers import limits
from parsers.charsets import Decoded, codec, decode
from parsers.mail_params import file_name
from parsers.mime import Leaf
from parsers.transfer import undo

_TEXT_BYTES = 2 * limits.MIB
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "tr",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "hr",
        "section",
        "article",
        "header",
        "footer",
        "address",
        "center",
        "form",
        "fieldset",
        "title",
        "caption",
    ]
)
_SILENT = frozenset({"script", "style", "head", "noscript", "template", "object"})
_TAG = re.compile(r"<[^>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Body:
    """A body part, read: `lost` holds the first bytes that were no text."""

    leaf: Leaf
    text: str
    html: str | None
    lost: bytes = b""


def is_body(leaf: Leaf) -> bool:
    """Text that stands in the mail itself; a named or attached text is a file."""
    return (
        leaf.content_type.main in ("text/plain", "text/html")
        and leaf.disposition.main != "attachment"
        and file_name(leaf.disposition, leaf.content_type) is None
    )


def read(leaf: Leaf, data: bytes) -> Body:
    """One body part's text."""
    content = undo(
        data[leaf.start : min(leaf.end, leaf.start + _TEXT_BYTES)], leaf.transfer_encoding
    )
    return of_bytes(leaf, content.content)


def of_bytes(leaf: Leaf, content: bytes) -> Body:
    """The same for a body whose transfer encoding is undone already."""
    label = leaf.content_type.plain("charset")
    if leaf.content_type.main != "text/html":
        decoded = _lines(decode(content, label))
        text = _unflowed(decoded.text, leaf) if _is_flowed(leaf) else decoded.text
        return Body(leaf, text, None, decoded.lost)
    if codec(label) is None:
        meta = _META.search(content[:4096])
        label = meta[1].decode("ascii", "replace") if meta else None
    decoded = decode(content, label)
    return Body(leaf, html_text(decoded.text), decoded.text, decoded.lost)


def text_of(bodies: Sequence[Body]) -> str:
    """All that is said, once: the plain version of each alternative, else the html."""
    spoken = {_alternative(b.leaf) for b in bodies if b.html is None and b.text.strip()}
    said = [
        body.text.strip()
        for body in bodies
        if body.html is None or not (_alternative(body.leaf) in spoken and _alternative(body.leaf))
    ]
    return "\n".join(text for text in said if text)


def html_text(html: str) -> str:
    """Html as people see it, in lines."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return _TAG.sub(" ", html).strip()
    return _tidy(_words(root))


def _words(root: etree._Element) -> Iterable[str]:
    silent: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start" and silent is None:
            if tag in _SILENT:
                silent = element
                continue
            yield from _opening(tag)
            yield _collapsed(element.text)
        elif event != "start":
            if silent is None:
                yield from _closing(tag)
            elif silent is element:
                silent = None
            if silent is None:
                yield _collapsed(element.tail)


def _opening(tag: str) -> Iterable[str]:
    if tag in _BLOCKS or tag == "br":
        yield "\n"


def _closing(tag: str) -> Iterable[str]:
    if tag in ("td", "th"):
        yield "\t"
    elif tag in _BLOCKS:
        yield "\n"


def _collapsed(text: str | None) -> str:
    return re.sub(r"[ \t\r\n\xa0]+", " ", text) if text else ""


def _tidy(words: Iterable[str]) -> str:
    lines = [
        re.sub(r" *\t[ \t]*", "\t", line).strip(" ").rstrip("\t")
        for line in "".join(words).split("\n")
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _lines(decoded: Decoded) -> Decoded:
    return Decoded(decoded.text.replace("\r\n", "\n").replace("\r", "\n"), decoded.lost)


def _is_flowed(leaf: Leaf) -> bool:
    return (leaf.content_type.params.get("format") or "").lower() == "flowed"


def _unflowed(text: str, leaf: Leaf) -> str:
    """RFC 3676: a line that ends in a space goes on in the next; DelSp drops that space."""
    drop = (leaf.content_type.params.get("delsp") or "").lower() == "yes"
    out: list[str] = []
    is_open = False
    for line in text.split("\n"):
        line = line.removeprefix(" ")
        goes_on = line.endswith(" ") and line != "-- "
        piece = line[:-1] if goes_on and drop else line
        if is_open and not line.startswith(">"):
            out[-1] += piece
        else:
            out.append(piece)
        is_open = goes_on
    return "\n".join(out)


def _alternative(leaf: Leaf) -> str:
    """The innermost multipart/alternative around a part, by its path; empty if none."""
    for depth in range(len(leaf.parents), 0, -1):
        if leaf.parents[depth - 1] == "alternative":
            return ".".join(leaf.path.split(".")[: depth - 1]) or "root"
    return ""
