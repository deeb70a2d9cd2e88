"""Options that are marked by their look alone (标色): □是□否 with 是 in red, underlined or on
yellow, and no tick. The reader sees no tick there and says none; a doubt says what was marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from parsers.formats.docx_runs import W
from parsers.types import Doubt

_LOOKS = {W + "highlight", W + "u", W + "shd", W + "color"}
_PLAIN = {None, "none", "auto", "clear", "nil", "000000"}
_P, _R, _T, _VAL, _FILL = W + "p", W + "r", W + "t", W + "val", W + "fill"
_BOXES, _TICKS = re.compile("[□☐]"), re.compile("[☑☒√✓✔■]")
_LONGEST = 12
"""Characters of an option with its box."""


def doubts(body: etree._Element) -> tuple[Doubt, ...]:
    """One doubt that shows the marked options; none where there is none."""
    marked = list(dict.fromkeys(_marked(body)))
    return (Doubt.of("marked_choice", "", raw="、".join(marked)),) if marked else ()


def _marked(body: etree._Element) -> Iterator[str]:
    for look in body.iter(*_LOOKS):
        run = _run(look)
        if run is None or (look.get(_VAL) in _PLAIN and look.get(_FILL) in _PLAIN):
            continue
        text = _text(run)
        before = run.getprevious()
        boxes = len(_BOXES.findall(text))
        follows_box = before is not None and bool(_BOXES.search(_text(before)[-1:]))
        if not text.strip() or len(text) > _LONGEST or boxes + follows_box != 1:
            continue
        line = _text(_paragraph(run))
        if len(_BOXES.findall(line)) > 1 and not _TICKS.search(line):
            yield text.strip()


def _run(look: etree._Element) -> etree._Element | None:
    style = look.getparent()
    run = None if style is None else style.getparent()
    return run if run is not None and run.tag == _R else None


def _paragraph(run: etree._Element) -> etree._Element:
    return next(run.iterancestors(_P), run)


def _text(element: etree._Element) -> str:
    return "".join(text.text or "" for text in element.iter(_T))
