"""Wording from templates/: letters (subject, text, html), pages and papers.

Autoescape is on for html and off for plain text; a letter is one file with three blocks,
each rendered in the environment that fits it. An unknown name in a template is an error.
"""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from service import words
from service.report import plain


def _environment(*, escaping: bool, trimming: bool = True) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(words.TEMPLATES),
        # not select_autoescape: it goes by the file's last suffix and misses .j2
        autoescape=escaping,
        undefined=StrictUndefined,
        trim_blocks=trimming,
        lstrip_blocks=trimming,
    )
    environment.filters["line"] = plain.line
    environment.filters["masked"] = plain.masked
    environment.filters["discreet"] = plain.discreet
    return environment


_PLAIN = _environment(escaping=False)
_HTML = _environment(escaping=True)
_LOOSE = tuple(_environment(escaping=e, trimming=False) for e in (False, True))


def letter(name: str, **facts: object) -> tuple[str, str, str]:
    """Subject, text and html of templates/letters/<name>.j2."""
    return _letter(name, facts, (_PLAIN, _HTML))


def loose_letter(name: str, facts: dict[str, object]) -> tuple[str, str, str]:
    """The same of a file whose line breaks stand as they are written, also behind its tags."""
    return _letter(name, facts, _LOOSE)


def _letter(
    name: str, facts: dict[str, object], environments: tuple[Environment, ...]
) -> tuple[str, str, str]:
    plain_one, html_one = (e.get_template(f"letters/{name}.j2") for e in environments)
    subject = plain.line(_block(plain_one, "subject", facts))
    text = _block(plain_one, "text", facts).strip() + "\n"
    return subject, plain.text(text, len(text)), _clean(_block(html_one, "html", facts))


def page(name: str, **facts: object) -> str:
    """The html of templates/desk/<name>.html."""
    return _clean(_HTML.get_template(f"desk/{name}.html").render(facts))


def lines(name: str, **facts: object) -> tuple[str, ...]:
    """The non-empty lines of templates/desk/<name>.txt."""
    return tuple(s for s in _PLAIN.get_template(f"desk/{name}.txt").render(facts).splitlines() if s)


def _block(template: Template, name: str, facts: dict[str, object]) -> str:
    return "".join(template.blocks[name](template.new_context(facts)))


def _clean(html: str) -> str:
    return plain.text(html.strip() + "\n", len(html) + 1)
