"""Parameters of Content-Type and Content-Disposition, above all the file name.

RFC 2045, RFC 2231 and what mail programs do instead: encoded-words with and without
quotes, both at once, percent-encoded plain names, quotes inside quotes, Windows paths.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from parsers.charsets import codec, decode
from parsers.encoded_words import decode_words, raw_text, readable, straight, unfold

_NAME = re.compile(r"[;\s]*([^=;\s\"]{1,80})\s*(=)?\s*")
_QUOTED_END = re.compile(r"\"\s*(?:;|$)")
_SECTION = re.compile(r"(.+?)\*(\d{1,3})(\*?)$")
_PERCENT = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")
_PATH = re.compile(r"(?:[A-Za-z]:|\\)\\")
_SUFFIX = re.compile(r"[^\s.]\.[A-Za-z0-9]{2,5}$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_MOST = 200


@dataclass(frozen=True, slots=True)
class Value:
    """A header with parameters: its main value in lower case, parameters as they stood."""

    main: str
    params: Mapping[str, str]

    def plain(self, name: str) -> str | None:
        """A parameter of ASCII nature: charset, boundary, format."""
        extended = self.params.get(f"{name}*")
        if name in self.params or extended is None:
            return self.params.get(name)
        return _extended([(0, True, extended)])


def parse(raw: bytes | None) -> Value:
    """Main value and parameters; of a parameter given twice the first counts."""
    text = unfold(raw_text(raw or b"").text)
    main, _, rest = text.partition(";")
    if "=" in main and "/" not in main:  # the main value itself is missing
        main, rest = "", text
    return Value(_without_comment(main).strip().strip("\"'").lower(), _params(rest))


def file_name(disposition: Value, content_type: Value) -> str | None:
    """The name of the file, by whichever parameter says it whole; None where none does."""
    candidates = [
        found
        for value, name in ((disposition, "filename"), (content_type, "name"))
        for found in _readings(value.params, name)
        if found.strip()
    ]
    whole = [c for c in candidates if "\ufffd" not in c]
    chosen = next(iter(whole or candidates), None)
    return None if chosen is None else _tidy(chosen)


def described(raw: bytes | None) -> str | None:
    """A Content-Description that is a file's name; a description in words is none."""
    name = _tidy(readable(raw).text) if raw else ""
    return name if _SUFFIX.search(name) else None


def _params(text: str) -> dict[str, str]:
    params: dict[str, str] = {}
    at = 0
    while at < len(text) and len(params) < _MOST:
        match = _NAME.match(text, at)
        if match is None:
            break
        if match[2] is None:
            end = text.find(";", match.end())
            at = len(text) if end < 0 else end
            continue
        value, at = _value(text, match.end())
        params.setdefault(match[1].lower(), value)
    return params


def _value(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] == '"':
        # a quote ends the value only before ";" or the end: names hold quotes of their own
        end = _QUOTED_END.search(text, at + 1)
        if end is not None:
            return _unescape(text[at + 1 : end.start()]), end.end()
        return _unescape(text[at + 1 :].rstrip('"')), len(text)
    end_at = text.find(";", at)
    end_at = len(text) if end_at < 0 else end_at
    value = text[at:end_at].strip()
    if len(value) > 1 and value[0] == value[-1] == "'":
        value = value[1:-1]
    return value, end_at + 1


def _unescape(value: str) -> str:
    """Only the escapes that are needed: a Windows path is full of other backslashes."""
    return re.sub(r"\\([\\\"])", r"\1", value) if not _PATH.match(value) else value


def _without_comment(value: str) -> str:
    return value.partition("(")[0]


def _readings(params: Mapping[str, str], name: str) -> list[str]:
    """RFC 2231 first, as its writers give the plain name only for old readers."""
    readings: list[str] = []
    if f"{name}*" in params:
        readings.append(_extended([(0, True, params[f"{name}*"])]))
    sections = []
    for key, value in params.items():
        match = _SECTION.match(key)
        if match and match[1] == name:
            sections.append((int(match[2]), bool(match[3]), value))
    if sections:
        readings.append(_extended(sorted(sections)))
    if name in params:
        readings.append(_plain(params[name]))
    return readings


def _extended(sections: list[tuple[int, bool, str]]) -> str:
    """RFC 2231, 3 and 4: the bytes of all sections together, as a character may be cut."""
    if not any(extended for _, extended, _ in sections):
        return _plain("".join(value for _, _, value in sections))
    charset, first = _charset(sections[0][2])
    data = b""
    for place, (_, extended, value) in enumerate(sections):
        piece = first if place == 0 else value
        if "=?" in piece:
            piece = decode_words(piece).text
        # some writers mark only the first section as encoded
        is_encoded = extended or bool(_PERCENT.search(piece))
        raw = piece.encode(codec(charset) or "utf-8", "replace")
        data += unquote_to_bytes(raw) if is_encoded else raw
    return decode(data, charset).text


def _charset(value: str) -> tuple[str | None, str]:
    charset, mark, rest = value.partition("'")
    _, second, text = rest.partition("'")
    if mark and second and re.fullmatch(r"[\w.:+-]{0,40}", charset):
        return charset or None, text
    return None, value


def _plain(value: str) -> str:
    words = decode_words(value).text
    if words == value and _PERCENT.search(value):
        data = unquote_to_bytes(value.encode("utf-8", "surrogatepass"))
        decoded = decode(data)
        if not decoded.lost:
            return decoded.text
    return words


def _tidy(name: str) -> str:
    """A name in one line; of a sender's Windows path the last step. Else untouched: it is
    data, and never becomes a path here."""
    name = _CONTROL.sub(" ", straight(name)).strip().strip('"').strip()
    if _PATH.match(name):
        name = name.replace("/", "\\").rpartition("\\")[2] or name
    return name
