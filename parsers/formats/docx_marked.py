"""Which words of a .docx look other than plain print: coloured, shaded, underlined, bold.

ECMA-376 part 1, 17.3.2.1 b, 17.3.2.6 color, 17.3.2.15 highlight, 17.3.2.32 shd, 17.3.2.40 u.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from parsers.formats.docx_runs import Runs, W, is_on, walk
from parsers.formats.marked import Piece

_BOLD = W + "b"
_LOOKS = (W + "highlight", W + "u", W + "shd", W + "color", _BOLD)
_PLAIN = {None, "none", "auto", "clear", "nil", "000000", "FFFFFF"}
_P, _R, _RPR, _VAL, _FILL = W + "p", W + "r", W + "rPr", W + "val", W + "fill"


def lines(body: etree._Element) -> Iterator[list[Piece]]:
    """The paragraphs in which any words have such a look."""
    marked = (_paragraph(look) for look in body.iter(*_LOOKS) if _is_mark(look))
    for paragraph in dict.fromkeys(p for p in marked if p is not None):
        runs = Runs()
        walk(paragraph, runs)
        said = zip(runs.words, runs.sources, strict=True)
        yield [(words, _is_marked(source)) for words, source in said]


def _is_mark(look: etree._Element) -> bool:
    if look.tag == _BOLD:
        return is_on(look)
    return look.get(_VAL) not in _PLAIN or look.get(_FILL) not in _PLAIN


def _paragraph(look: etree._Element) -> etree._Element | None:
    """The paragraph around a run's property; None where it is a style's or a mark's."""
    style = look.getparent()
    run = None if style is None else style.getparent()
    return None if run is None or run.tag != _R else next(run.iterancestors(_P), None)


def _is_marked(source: etree._Element) -> bool:
    run = source.getparent()
    style = None if run is None else run.find(_RPR)
    return style is not None and any(look.tag in _LOOKS and _is_mark(look) for look in style)
