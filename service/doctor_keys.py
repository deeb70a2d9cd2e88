"""The keys by which mail is proved (体检·公钥): fetched on demand, else only looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.decisions import confirmed, in_force
from service.doctor import Finding, Installed
from service.errors import ServiceError
from service.key_fetching import Ask, fetch, names
from service.keyring import Keyring
from service.settings import Settings
from service.store import Store

_OLD = timedelta(days=90)


def fetched(here: Installed, store: Store | None, ask: Ask, now: datetime) -> Iterator[Finding]:
    """Asks DNS for the keys of everybody whose mail could be proved."""
    keyring = Keyring(here.settings.keys_file)
    try:
        wanted = names(keyring.read(), store, _addresses(here, store, now))
        done = fetch(wanted, ask, keyring, now.date())
    except ServiceError as e:
        yield Finding("keys_damaged", "wrong", {"detail": e, "file": keyring.file})
        return
    if done.problem:
        yield Finding("dns_silent", "warn", {"detail": done.problem})
    elif not done.found:
        yield Finding("dns_empty", "warn", {"asked": done.asked})
    if done.found:
        facts = {"asked": done.asked, "new": len(done.new), "gone": len(done.gone)}
        yield Finding("keys_fetched", "ok", facts)


def _addresses(here: Installed, store: Store | None, now: datetime) -> frozenset[str]:
    """Listed or bound addresses and the staff's: nobody else's mail needs a proof."""
    found = {here.settings.account}
    for one in here.campaigns:
        decided = in_force(store.decisions(one.slug) if store else ())
        found.update(a for some in confirmed(one, decided).values() for a in some)
        found.update((*one.staff.addresses, *one.staff.head))
    return frozenset(found)


def kept(settings: Settings, now: datetime) -> Iterator[Finding]:
    """How many keys there are, and whether they were looked at lately."""
    keyring = Keyring(settings.keys_file)
    try:
        book = keyring.read()
    except ServiceError as e:
        yield Finding("keys_damaged", "wrong", {"detail": e, "file": keyring.file})
        return
    seen = [s.seen for some in book.values() for s in some if not s.gone]
    if not seen:
        yield Finding("no_keys", "note")
    elif max(seen) < (now - _OLD).date():
        yield Finding("keys_old", "note", {"count": len(seen), "last": max(seen)})
    else:
        yield Finding("keys", "ok", {"count": len(seen), "last": max(seen)})
