"""The story of fetching keys (取公钥): which names to ask for, and what becomes of the answers.

Asks for the signers of mails that listed addresses sent, for the great mail providers, and
again for every name known. The name server and the day are given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date

from parsers.dkim_proof import aligned, key_name, signer
from service.key_lookup import LookupFailed
from service.keyring import Book, Keyring, learned
from service.store import Store

# as their mails to public mailing lists bear them, 2020-2026; 139.com signs no word of the
# body (l=0), which proves nothing, but may mend that
PROVIDERS = (
    ("s201512", "qq.com"),
    ("s201512", "foxmail.com"),
    ("s110527", "163.com"),
    ("s110527", "126.com"),
    ("s110527", "yeah.net"),
    ("201208", "sina.com"),
    ("mail", "sohu.com"),
    ("dkim", "139.com"),
)
_GIVE_UP_AFTER = 3
"""Names in a row without any answer: there is no name server to be reached."""

Ask = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """How many names were asked for and gave a key, which are new, which are gone; `problem`
    where the name servers were silent."""

    asked: int
    found: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    problem: str = ""


def names(book: Book, store: Store | None, addresses: Collection[str]) -> tuple[str, ...]:
    """The DNS names to ask for; `addresses` are those whose mails can be proved at all."""
    seen = _signers(store, addresses) if store is not None else ()
    pairs = (*PROVIDERS, *sorted(set(seen)))
    return tuple(dict.fromkeys((*(key_name(*p) for p in pairs), *book)))


def _signers(store: Store, addresses: Collection[str]) -> Iterator[tuple[str, str]]:
    for row in store.rows("readings"):
        mail = json.loads(row["message"] or "{}")
        sender = str(mail.get("from") or "")
        if sender not in addresses:
            continue
        for name, value in mail.get("headers") or ():
            pair = signer(value) if name.lower() == "dkim-signature" else None
            if pair and aligned(pair[1], sender.rpartition("@")[2]):
                yield pair


def fetch(wanted: Collection[str], ask: Ask, keyring: Keyring, today: date) -> Fetched:
    """Asks for each name and writes what was learned, also where the servers fall silent. A
    server that knows not one of them all knows nothing: by its word no key is withdrawn."""
    book = before = keyring.read()
    answers: dict[str, str | None] = {}
    silent, problem = 0, ""
    for name in wanted:
        try:
            answers[name] = _record(ask(name))
            silent = 0
        except LookupFailed as e:
            silent, problem = silent + 1, str(e)
            if silent == _GIVE_UP_AFTER:
                break
    found = sum(record is not None for record in answers.values())
    if found:
        for name, record in answers.items():
            book = learned(book, name, record, today)
        keyring.write(book)
    new = tuple(n for n in book if _current(book, n) and not _current(before, n))
    gone = tuple(n for n in before if _current(before, n) and not _current(book, n))
    return Fetched(len(answers), found, new, gone, problem)


def _record(text: str | None) -> str | None:
    """A record without a key says that the key was withdrawn (RFC 6376, 3.6.1)."""
    tags = [t.partition("=") for t in (text or "").split(";")]
    return text if any(n.strip() == "p" and v.strip() for n, _, v in tags) else None


def _current(book: Book, name: str) -> bool:
    return any(not s.gone for s in book.get(name, ()))
