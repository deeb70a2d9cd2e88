"""The words of a WordprocessingML paragraph as a reader sees them on paper.

Tracked changes stand as accepted, hidden and struck-out text is out, ticks drawn with symbol fonts or
check boxes become characters, text boxes are handed on to the caller (ECMA-376 part 1,
17.3 runs, 17.5.2 content controls, 17.13.5 revisions; [MS-DOCX] 2.6 for w14).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from parsers.formats import symbols

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_ALTERNATIVES = _MC + "AlternateContent"
_SYMBOLS = {
    f"{{http://schemas.microsoft.com/office/word/{year}/wordml/symex}}symEx"
    for year in (2015, 2016)
}
"""[MS-DOCX] 2.6.3: how Word keeps a sign such as ☑ that was put in as a symbol."""

_LEFT_OUT = {
    W + name
    for name in [
        "del",
        "moveFrom",
        "rPr",
        "pPr",
        "instrText",
        "delText",
        "delInstrText",
        "rt",
        "sectPr",
        "sdtPr",
        "sdtEndPr",
        "footnoteReference",
        "endnoteReference",
        "commentReference",
        "annotationRef",
        "softHyphen",
    ]
}
_SPOKEN = {W + "tab": "\t", W + "ptab": "\t", W + "br": "\n", W + "cr": "\n"} | {
    W + "noBreakHyphen": "-"
}
_MATH, _PLAIN_MATH = _M + "oMath", {_M + "r", _M + "ctrlPr"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_R, _T, _RPR, _VANISH = W + "r", W + "t", W + "rPr", W + "vanish"
_STRIKES = (W + "strike", W + "dstrike")
_ALIGN, _LINE = W + "vertAlign", W + "u"
_FONTS, _ASCII = W + "rFonts", W + "ascii"
_NOT_SHOWN = {_VANISH, *_STRIKES}
_CHANGING = {_ALIGN, _LINE, _FONTS}
"""Properties that change what a run says."""
_is_symbol_font = lru_cache(maxsize=256)(symbols.is_symbol_font)
_OFF = {"0", "false", "off", "none"}
BOX, TICKED = "□", "☑"


Style = Mapping[str, etree._Element]
"""The properties of a run or a cell, by their tag."""


@dataclass(slots=True)
class Runs:
    """One paragraph while it is walked: its words so far, the element that each comes
    from, and the text boxes met."""

    words: list[str] = field(default_factory=list)
    sources: list[etree._Element] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    instruction: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.words)

    def say(self, words: str, source: etree._Element) -> None:
        self.words.append(words)
        self.sources.append(source)


def is_on(element: etree._Element | None) -> bool:
    """Whether a toggle property stands and is not switched off."""
    return element is not None and element.get(W + "val", "1") not in _OFF


def walk(parent: etree._Element, runs: Runs) -> None:
    """Adds the words below `parent` to `runs`, in reading order."""
    for child in parent:
        tag = child.tag
        if tag == _R:
            _run(child, runs)
        elif tag == _MATH:
            runs.say(_formula(child), child)
        elif tag == W + "sdt":
            _control(child, runs)
        elif tag not in _LEFT_OUT and isinstance(tag, str):
            walk(chosen(child), runs)


def _formula(formula: etree._Element) -> str:
    """A formula's words (22.1): a number that was typed into one; what is more than a line
    of words, such as a fraction, has its parts held apart."""
    words = [text.text or "" for text in formula.iter(_M + "t")]
    is_plain = all(part.tag in _PLAIN_MATH for part in formula)
    return "".join(words) if is_plain else "／".join(words)


def chosen(element: etree._Element) -> etree._Element:
    """The one branch of an AlternateContent that counts; any other element is itself."""
    if element.tag != _ALTERNATIVES:
        return element
    for branch in element:
        if branch.tag == _MC + "Choice" and len(branch):
            return branch
    found = element.find(_MC + "Fallback")
    return element if found is None else found


def properties(style: etree._Element | None) -> Style:
    """What a properties element holds, by tag: one walk where each `find` would be another."""
    return {} if style is None else {part.tag: part for part in style}


def _run(run: etree._Element, runs: Runs) -> None:
    before, boxes, codes = len(runs.words), len(runs.boxes), len(runs.instruction)
    style: Style = {}
    for child in run:
        if child.tag == _RPR:
            style = properties(child)
        else:
            _piece(child, runs)
    if not _NOT_SHOWN.isdisjoint(style) and any(is_on(style.get(n)) for n in _NOT_SHOWN):
        del runs.words[before:], runs.sources[before:]
        if is_on(style.get(_VANISH)):
            del runs.boxes[boxes:], runs.instruction[codes:]
    elif len(runs.words) > before and not _CHANGING.isdisjoint(style):
        runs.words[before:] = _styled(runs.words[before:], style)


def struck_words(body: etree._Element) -> Iterator[str]:
    """The words that a line strikes out (17.3.2.37, 17.3.2.9), deleted ones apart."""
    for strike in body.iter(*_STRIKES):
        style = strike.getparent()
        run = None if style is None else style.getparent()
        if run is not None and run.tag == _R and is_on(strike):
            yield "".join(text.text or "" for text in run.iter(_T))


def _piece(child: etree._Element, runs: Runs) -> None:
    tag = child.tag
    if tag == _T:
        runs.say(child.text or "", child)
    elif tag in _SPOKEN:
        runs.say(_SPOKEN[tag], child)
    elif tag == W + "sym":
        code = int(child.get(W + "char", "0"), 16)
        runs.say(symbols.seen(child.get(W + "font", ""), code), child)
    elif tag == W + "fldChar":
        _field(child, runs)
    elif tag == W + "instrText":
        runs.instruction.append(child.text or "")
    elif tag == W + "ruby":
        walk(child, runs)
    elif tag == _ALTERNATIVES:
        _alternatives(child, runs)
    elif tag in _SYMBOLS:
        runs.say(chr(int(child.get(tag.replace("symEx", "char"), "FFFD"), 16)), child)
    elif tag not in _LEFT_OUT and isinstance(tag, str) and len(child):
        runs.boxes.extend(text_boxes(child))


def _alternatives(element: etree._Element, runs: Runs) -> None:
    """The first branch that says something to us: Word's newest ways may be unknown here."""
    for branch in element:
        before = len(runs.words), len(runs.boxes)
        for part in branch:
            _piece(part, runs)
        if (len(runs.words), len(runs.boxes)) != before:
            return


def _styled(words: list[str], style: Style) -> list[str]:
    """A run's words as its style shows them: symbol letters, raised figures (a note's mark
    is no digit of the number before it), and ruled blanks as underscores."""
    place = style.get(_ALIGN)
    if place is not None and place.get(W + "val") == "superscript":
        words = [text.translate(_RAISED) for text in words]
    fonts = style.get(_FONTS)
    if fonts is not None:
        font = fonts.get(_ASCII) or fonts.get(W + "hAnsi") or ""
        if _is_symbol_font(font):
            return ["".join(symbols.seen(font, ord(c)) or c for c in text) for text in words]
    text = "".join(words)
    if len(text) > 1 and not text.strip(" \u00a0\u3000\t") and "\n" not in text:
        line = style.get(_LINE)
        if line is not None and line.get(W + "val", "single") not in _OFF:
            return ["_" * len(part) for part in words]
    return words


def _field(mark: etree._Element, runs: Runs) -> None:
    """Old form fields (17.16.17): a check box has no text of its own, a list an index."""
    if mark.get(W + "fldCharType") == "end":
        runs.say(symbols.overlay("".join(runs.instruction)), mark)
        runs.instruction.clear()
        return
    box = mark.find(f"{W}ffData/{W}checkBox")
    if box is not None:
        state = box.find(W + "checked")
        state = box.find(W + "default") if state is None else state
        runs.say(TICKED if is_on(state) else BOX, mark)
    entries = mark.findall(f"{W}ffData/{W}ddList/{W}listEntry")
    if entries:
        at = mark.find(f"{W}ffData/{W}ddList/{W}result")
        index = int(at.get(W + "val", "0")) if at is not None else 0
        runs.say(entries[min(index, len(entries) - 1)].get(W + "val", ""), mark)


def _control(control: etree._Element, runs: Runs) -> None:
    content = control_content(control)
    if isinstance(content, str):
        runs.say(content, control)
    elif content is not None:
        walk(content, runs)


def control_content(control: etree._Element) -> etree._Element | str | None:
    """What a content control says: its state if it is a check box, nothing while it only
    shows its placeholder, else its content."""
    properties = control.find(W + "sdtPr")
    if properties is not None:
        box = properties.find(_W14 + "checkbox")
        if box is not None:
            state = box.find(_W14 + "checked")
            ticked = state is not None and state.get(_W14 + "val", "1") not in _OFF
            return TICKED if ticked else BOX
        if is_on(properties.find(W + "showingPlcHdr")):
            return None
    return control.find(W + "sdtContent")


def text_boxes(element: etree._Element) -> Iterator[etree._Element]:
    """The text boxes of a drawing, each once, whichever way it is drawn."""
    if element.tag == W + "txbxContent":
        yield element
        return
    for child in element:
        if isinstance(child.tag, str):
            yield from text_boxes(chosen(child))
