"""The database as the service knows it: one class, put together from its subjects."""

from __future__ import annotations

from service.store.decisions import Decisions
from service.store.derived import Derived
from service.store.keeping import Keeping
from service.store.letters import Letters
from service.store.mails import Mails


class Store(Mails, Keeping, Decisions, Letters, Derived):
    """One database file. Opened by one writer at a time (see service/lock.py)."""
